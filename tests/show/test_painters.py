"""Every kind that a method yields has a painter, and every painter takes what it may be given."""

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.core.steps import KINDS, Step
from xaikit.show import painters
from xaikit.show.context import Context
from xaikit.show.sheet import Sheet

from .. import networks
from ._examples import badly_placed, explain


def draw(kind, value, context=None):
    """A value drawn into a middle-sized place; gives the figure and the scale."""
    sheet = Sheet(6, 3)
    scale = painters.paint(sheet.axes(0.3, 0.3, 5, 2), kind, value, context or Context())
    sheet.figure.draw_without_rendering()
    return sheet.figure, scale


def test_every_kind_has_a_painter():
    assert set(KINDS) <= set(painters.PAINTERS)


def test_a_kind_without_a_painter_is_named_in_words():
    figure, _ = draw("of tomorrow", [1, 2, 3])
    assert any("list" in t.get_text() for t in figure.axes[0].texts)


@pytest.mark.parametrize("name", xk.METHODS)
def test_every_formula_of_every_method_is_read_by_matplotlib(name):
    from xaikit.show.words import formula_size

    method = xk.METHODS[name]
    if method.formula:
        assert formula_size(method.formula, 12), method.formula
    model, x, options = networks.subject(name)
    explanation = method(model, x, **options)
    for item in [*explanation.steps.values(), *explanation.checks]:
        assert not item.formula or formula_size(item.formula, 12), item.formula
    assert {step.kind for step in explanation.steps.values()} <= set(painters.PAINTERS)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("scalar", torch.tensor(-2.5)),
        ("scalar", 3),
        ("curve", torch.zeros(1)),
        ("curve", torch.full((40,), 7.0)),
        ("curve", np.array([1e-9, 1e9])),
        ("image", torch.rand(3, 4, 4)),
        ("image", torch.rand(1, 5, 50)),
        ("image", torch.rand(2, 90)),
        ("image", torch.rand(6)),
        ("image", torch.randn(3, 500, 400) * 100),
        ("images", torch.rand(1, 3, 1, 1)),
        ("images", torch.rand(40, 6)),
        ("heatmap", torch.zeros(3, 7, 7)),
        ("heatmap", torch.randn(500)),
        ("heatmap", torch.randn(7, 9)),
        ("heatmaps", torch.randn(9, 3, 300, 200)),
        ("heatmaps", torch.randn(9, 12, 12)),
        ("heatmaps", torch.randn(3, 2)),
        ("masks", torch.rand(12, 8, 8) > 0.5),
        ("segments", torch.arange(64).reshape(8, 8) // 5),
        ("matrix", torch.randn(2, 60)),
        ("table", [{"word": "a $5 _b_", "weight": 0.25}, {"word": "c", "weight": -1.0}]),
        ("table", {"weight": [0.5] * 40, **{f"column {k}": [k] * 40 for k in range(9)}}),
        ("table", torch.randn(3, 3)),
        ("text", "one $x_ line " * 40),
    ],
)
def test_a_painter_draws_what_it_is_given(kind, value):
    figure, scale = draw(kind, value)
    assert not badly_placed(figure)
    assert scale is None or np.isfinite(scale.limit)


def test_a_strip_shows_the_first_and_the_last_and_writes_their_alpha():
    alphas = np.linspace(0, 1, 50)
    figure, _ = draw("images", torch.rand(50, 3, 8, 8), Context(alphas=alphas))
    labels = [t.get_text() for t in figure.axes[0].texts]
    assert labels[0] == "α = 0.00"
    assert labels[-1] == "α = 1.00"
    assert len(labels) == 5


def test_frames_without_an_alpha_are_counted_from_one():
    figure, _ = draw("images", torch.rand(3, 3, 8, 8))
    assert [t.get_text() for t in figure.axes[0].texts] == ["k = 1", "k = 2", "k = 3"]


def test_a_stack_of_maps_has_one_scale_for_all():
    stack = torch.zeros(4, 1, 6, 6)
    stack[3] = 5.0
    _, scale = draw("heatmaps", -stack)
    assert scale.limit == 5.0
    assert scale.signed


def test_bars_write_the_largest_values_with_their_sign_and_count_the_rest():
    values = torch.arange(-14.0, 16.0)
    sheet = Sheet(7, 7)
    painters.paint(sheet.axes(0.3, 0.3, 6, 6), "heatmap", values, Context())
    written = [t.get_text() for t in sheet.figure.axes[0].texts]
    assert written[:4] == ["feature 29", "+15", "feature 0", "−14"]
    assert written[-1] == "and 10 more"


def test_a_nested_explanation_is_drawn_by_its_result():
    inner = explain(3, 8, 8)
    step = Step("black", inner, kind="explanation")
    _, scale = draw("explanation", step.value, Context(x=inner.x.numpy()))
    assert scale is not None
    assert scale.limit > 0


def test_a_map_keeps_the_proportion_of_its_picture_where_its_pixels_are_averaged():
    sheet = Sheet(6, 3)
    ax = sheet.axes(0.3, 0.3, 5, 2)
    painters.paint(ax, "heatmap", torch.randn(3, 350, 500), Context())
    left, right, bottom, top = ax.images[0].get_extent()
    assert (right - left) / (bottom - top) == pytest.approx(500 / 350)
