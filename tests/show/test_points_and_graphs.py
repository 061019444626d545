"""Points in a plane and graphs: what is read out of a value, how it is laid out, drawn, sent and saved."""

import numpy as np
import pandas
import pytest
import torch

import xaikit as xk
from xaikit.show import painters
from xaikit.show.context import Context
from xaikit.show.graph import graph_of, laid_out
from xaikit.show.points import points_of
from xaikit.show.sheet import Sheet
from xaikit.widgets import Player, wire

from ._examples import ROUGH, badly_placed

FLOWERS = pandas.DataFrame(
    {
        "PC 1": [0.0, 1, 2, 3],
        "PC 2": [1.0, 0, 3, 2],
        "name": ["a", "b", "c", "d"],
        "group": ["x", "y", "x", "z"],
    }
)
TREE = {"nodes": ["all", "left", "right", "leaf"], "edges": [(0, 1, 0.5), (0, 2, -0.25), (1, 3, 1.0)]}
CIRCLE = {"nodes": ["a", "b"], "edges": [(0, 1, 1.0), (1, 0, 1.0)], "values": torch.tensor([1.0, -2.0])}
VALUES = {
    "points": [FLOWERS, torch.rand(50, 2), torch.rand(1, 2), torch.ones(5, 2), torch.zeros(0, 2), np.eye(2)],
    "graph": [
        TREE,
        CIRCLE,
        {"nodes": ["alone"], "edges": []},
        {"nodes": [ROUGH] * 12, "edges": [(0, 11, 0.0)]},
    ],
}
CASES = [(kind, k) for kind, values in VALUES.items() for k in range(len(values))]


def test_a_table_gives_its_first_two_columns_its_names_and_its_groups():
    found = points_of(FLOWERS)
    assert found.xy.tolist() == [[0, 1], [1, 0], [2, 3], [3, 2]]
    assert found.axes == ("PC 1", "PC 2")
    assert (found.names, found.groups) == (["a", "b", "c", "d"], [0, 1, 0, 2])
    assert found.group_names == ["x", "y", "z"]


def test_every_edge_of_a_tree_goes_down_and_a_layer_is_spread_evenly():
    assert graph_of(TREE).places.tolist() == [[0.5, 0], [0.25, 0.5], [0.75, 0.5], [0.5, 1]]


def test_children_stand_under_their_parents():
    edges = [(0, 1, 1.0), (0, 2, 1.0), (2, 3, 1.0), (1, 4, 1.0)]
    x = laid_out(5, edges)[:, 0]
    assert x[1] < x[2]
    assert x[4] < x[3], "no two lines cross"


def test_a_circle_and_an_edge_to_itself_have_a_layout_too():
    for edges in ([(0, 1, 1.0), (1, 0, 1.0)], [(0, 0, 1.0)], [(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)]):
        places = laid_out(3, edges)
        assert ((places >= 0) & (places <= 1)).all()
        assert len({tuple(place) for place in places}) == 3, "no two nodes stand on each other"


@pytest.mark.parametrize(("kind", "k"), CASES)
@pytest.mark.parametrize("dark", [False, True])
def test_they_are_drawn_whatever_they_are(kind, k, dark):
    sheet = Sheet(6, 3, dark)
    painters.paint(sheet.axes(0.3, 0.3, 5, 2), kind, VALUES[kind][k], Context(dark=dark))
    assert not badly_placed(sheet.figure)


@pytest.mark.parametrize(("kind", "k"), CASES)
def test_a_step_of_this_kind_is_sent_shown_and_saved(kind, k, tmp_path):
    step = xk.Step("it", VALUES[kind][k], r"x", "a step", kind=kind)
    e = xk.Explanation("own", torch.rand(3), torch.rand(3), {"it": step})
    sent = wire.step(step, e)
    assert sent["view"] == kind
    assert Player(e).state["steps"][0]["view"] == kind
    e.plot("it"), e.plot_steps()
    e.save(tmp_path / "it.safetensors")
    read = xk.load(tmp_path / "it.safetensors")
    again = wire.step(read.steps["it"], read)
    assert again == sent


def test_what_is_sent_of_a_graph_is_its_layout_its_values_and_its_edges():
    sent = wire.graph(CIRCLE)
    assert [node["name"] for node in sent["nodes"]] == ["a", "b"]
    assert [node["value"] for node in sent["nodes"]] == [1, -2]
    assert sent["edges"] == [[0, 1, 1.0], [1, 0, 1.0]]
    assert sent["signed"]


def test_a_matrix_is_sent_with_its_numbers_and_says_which_rows_they_are():
    value = torch.arange(400.0).reshape(100, 4)
    sent = wire.matrix(value, ["a ", "b", "c", "d"])
    assert sent["of"] == [100, 4]
    assert sent["columns"] == ["a", "b", "c", "d"]
    assert sent["matrix"]["shape"] == [64, 4]
    numbers = np.frombuffer(sent["matrix"]["view"], "<f4").reshape(64, 4)
    for label, row in zip(sent["rows"], numbers, strict=True):
        assert row.tolist() == value[int(label.split()[1])].tolist()
    assert "rows" not in wire.matrix(value[:10])
