"""The storyboard and the single figures: complete, legible, and on their own."""

import matplotlib as mpl
import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.core.explanation import Explanation
from xaikit.core.steps import Check, Step
from xaikit.core.walk import nest
from xaikit.show import compare, plot, plot_steps
from xaikit.show.prepare import shown_steps

from ._examples import ROUGH, badly_placed, example, explain, network, texts


def written(figure) -> str:
    """Every text of a figure."""
    return "\n".join(text.get_text() for text, _ in texts(figure))


SHAPES = [(3, 24, 24), (1, 60, 20), (3, 10, 90), (2, 100), (30,), (4,), (3, 4, 4), (3, 1, 1), (3, 130, 130)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_no_text_is_cut_off_or_lies_on_another(shape):
    explanation, dark = explain(*shape), len(shape) == 3
    assert not badly_placed(plot_steps(explanation, dark=dark))
    assert not badly_placed(plot(explanation, dark=dark))


@pytest.mark.parametrize("step", ["alphas", "interpolated", "gradients", "average_gradient"])
@pytest.mark.parametrize("shape", SHAPES[:5], ids=str)
def test_one_step_alone_is_legible(shape, step):
    figure = plot(explain(*shape), step)
    assert not badly_placed(figure)
    assert step.replace("_", " ") in written(figure)


@pytest.mark.parametrize("name", ["saliency", "input_x_gradient", "smoothgrad", "vargrad"])
def test_the_other_methods_are_legible_too(name):
    explanation = getattr(xk, name)(network(3, 16, 16), example(3, 16, 16))
    assert not badly_placed(plot_steps(explanation, dark=True))
    assert not badly_placed(plot(explanation))


def test_the_storyboard_says_everything():
    explanation = explain(3, 16, 16, labels=["cat", "dog", "bird"], target="dog")
    said = written(plot_steps(explanation))
    for name in explanation.steps:
        assert name.replace("_", " ") in said
    check = explanation.checks[0]
    assert "Integrated Gradients" in said
    assert "dog" in said
    assert "Completeness" in said
    assert f"{abs(check.left):.4g}" in said
    assert f"{abs(check.right):.4g}" in said
    assert "backward samples" in said
    assert xk.integrated_gradients.question in said


def test_only_the_steps_asked_for_are_shown_in_the_order_of_the_walk():
    said = written(plot_steps(explain(3, 8, 8), steps=["scores", "interpolated"]))
    assert said.index("interpolated") < said.index("scores")
    assert "gradients" not in said


@pytest.mark.parametrize("kind", [plot, plot_steps])
def test_a_rough_label_stays_plain_text(kind):
    figure = kind(explain(3, 8, 8, labels=[ROUGH] * 3))
    assert not badly_placed(figure)
    assert "price $5_a & $x^2$" in written(figure)


def test_a_zero_picture_and_a_constant_one_are_drawn():
    for x in (torch.zeros(3, 6, 6), torch.ones(3, 6, 6)):
        figure = plot_steps(explain(3, 6, 6, x=x))
        assert not badly_placed(figure)
    assert "all zero" in written(plot(explain(3, 6, 6, x=torch.zeros(3, 6, 6))))


def test_steps_that_were_not_kept_cannot_be_shown_and_the_error_says_what_to_try():
    explanation = explain(3, 8, 8, keep="result")
    with pytest.raises(xk.errors.OptionError, match='keep="all"'):
        plot_steps(explanation)
    assert not badly_placed(plot(explanation))


def test_an_unknown_step_gets_the_nearest_name():
    explanation = explain(3, 8, 8)
    with pytest.raises(xk.errors.OptionError, match="Did you mean 'gradients'"):
        plot(explanation, "gradient_s")
    with pytest.raises(xk.errors.OptionError, match="Did you mean 'scores'"):
        plot_steps(explanation, steps=["scoers"])


def test_maps_in_the_same_units_share_a_scale_and_others_do_not():
    ready = {s.step.name: s for s in shown_steps(explain(3, 16, 16))}
    assert ready["cumulative"].limit == ready["attribution"].limit
    assert ready["gradients"].limit == ready["average_gradient"].limit
    assert ready["gradients"].limit != ready["attribution"].limit


def test_a_nested_explanation_stands_in_the_storyboard_and_its_steps_can_be_plotted():
    def both(model, x):
        inner = yield from nest("black", xk.integrated_gradients.walk(model, x, n_steps=3))
        return inner.result

    walk = both(network(3, 8, 8), example(3, 8, 8))
    steps = [item for item in walk if isinstance(item, Step) and "." not in item.name]
    outer = Explanation("both", example(3, 8, 8), steps[0].value.result, {s.name: s for s in steps})
    assert not badly_placed(plot_steps(outer))
    said = written(plot(outer, "black.gradients"))
    assert "gradients" in said
    assert "α = 0.17" in said


def test_results_that_are_no_picture_are_drawn_too():
    rows = {"word": ["good", "bad"], "weight": [0.5, -0.25]}
    for result in (rows, 0.25, "a sentence", torch.randn(5), torch.randn(4, 4)):
        explanation = Explanation("own", torch.rand(5), result, {}, (Check("sum", 1.0, -2.0, r"\sum_i x_i"),))
        figure = plot(explanation)
        assert not badly_placed(figure)
        assert "does not hold" in written(figure)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("shape", [(3, 16, 16), (6,)], ids=str)
def test_any_number_of_explanations_stand_side_by_side(n, shape):
    explanation = explain(*shape)
    figure = compare([explanation] * n, dark=bool(n % 2), overlay=n > 2)
    assert not badly_placed(figure)


def test_explanations_by_one_method_are_told_apart_by_what_differs():
    said = written(compare([explain(3, 8, 8, baseline=b) for b in ("black", "white")]))
    assert "baseline black" in said
    assert "baseline white" in said


def test_compare_takes_titles_of_your_own_and_refuses_nothing_to_compare():
    assert "my $title_" in written(compare({"my $title_": explain(3, 8, 8)}))
    with pytest.raises(xk.errors.InputError, match="list of explanations"):
        compare([])


@pytest.mark.filterwarnings("default::matplotlib.MatplotlibDeprecationWarning")
def test_the_users_settings_are_neither_changed_nor_followed():
    explanation = explain(3, 8, 8)
    plain = pixels(plot(explanation))
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "text.usetex": True, "figure.dpi": 50}):
        before = dict(mpl.rcParams)
        theirs = pixels(plot(explanation))
        assert dict(mpl.rcParams) == before
    assert np.array_equal(plain, theirs)


def pixels(figure) -> np.ndarray:
    """What is drawn."""
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())


def test_dark_is_dark_and_light_is_light():
    explanation = explain(3, 8, 8)
    assert pixels(plot(explanation, dark=True))[..., :3].mean() < 90
    assert pixels(plot(explanation))[..., :3].mean() > 180


def test_the_walks_values_are_not_touched():
    explanation = explain(3, 8, 8)
    before = {name: explanation[name].clone() for name in explanation.steps}
    plot_steps(explanation), plot(explanation), compare([explanation])
    assert all(torch.equal(before[name], explanation[name]) for name in before)
