"""Examples that cannot be explained: the answer says what to try."""

import pytest
import torch

import xaikit as xk

from .. import networks
from ..networks import example
from .cases import CASES, explain
from .compare import helps

#: What cannot be explained, whatever the model, where an example of a kind is wanted.
UNFIT = {
    "picture": {
        "NaN": lambda x: x * float("nan"),
        "infinite": lambda x: x / 0,
        "empty": lambda x: x[:, :0],
        "no axis at all": lambda x: x[0, 0, 0],
        "one channel too many": lambda x: networks.random(4, 8, 8),
        "a batch of two": lambda x: networks.random(2, 3, 8, 8),
        "features where a picture belongs": lambda x: networks.random(10),
        "whole numbers": lambda x: (x * 255).to(torch.uint8),
        "a list": lambda x: x.tolist(),
    },
    "row": {
        "NaN": lambda x: x * float("nan"),
        "empty": lambda x: x[:0],
        "one number": lambda x: x[0],
        "a column too many": lambda x: networks.random(7),
        "two rows": lambda x: torch.stack([x, x]),
        "whole numbers": lambda x: (x * 255).long(),
        "numbers in a list": lambda x: x.tolist(),
    },
    "rows": {
        "NaN": lambda x: x * float("nan"),
        "empty": lambda x: x[:0],
        "one of them": lambda x: x[0],
        "a batch of one": lambda x: x[:1],
        "one row": lambda x: networks.random(6),
        "whole numbers": lambda x: (x * 255).to(torch.uint8),
        "a list": lambda x: list(x),
        "a text": lambda x: "four pictures",
    },
    "text": {
        "empty": lambda x: "",
        "spaces": lambda x: " \n\t ",
        "points": lambda x: "... !",
        "bytes": lambda x: x.encode(),
        "words in a list": lambda x: [[word] for word in x.split()],
        "nothing": lambda x: None,
        "ten thousand words": lambda x: "word " * 10_000,
    },
    "players": {
        "nobody": lambda x: [],
        "somebody twice": lambda x: [*x, x[0]],
        "numbers": lambda x: [1.0, 2.0],
        "rows": lambda x: [[1.0, 2.0], [3.0, 4.0]],
    },
}


@pytest.mark.parametrize(
    ("name", "case"), [(name, case) for name in CASES for case in UNFIT[networks.kind_of(name)]]
)
def test_an_example_that_does_not_fit_is_answered_with_what_to_try(name, case):
    x = UNFIT[networks.kind_of(name)][case](example(name))
    with pytest.raises(xk.errors.XaikitError) as caught:
        explain(name, networks.small_cnn(), x)
    helps(caught.value)


@pytest.mark.parametrize("name", [case for case in CASES if networks.kind_of(case) == "players"])
@pytest.mark.parametrize(
    "game", [lambda members: {}[members], lambda members: None, lambda members: float("nan"), lambda: 0, 3]
)
def test_a_game_that_names_no_worth_is_named_as_the_trouble(name, game):
    with pytest.raises(xk.errors.ModelError) as caught:
        explain(name, game, [f"a player with a long name, number {k}" for k in range(9)])
    helps(caught.value)


def test_a_text_too_long_for_words_is_explained_by_its_sentences():
    text = "The cat sat. " * 1_000
    with pytest.raises(xk.errors.InputError, match="unit='sentence'"):
        explain("lime_text", networks.small_cnn(), text)
    explanation = explain("lime_text", networks.small_cnn(), text, unit="sentence", n_samples=10)
    assert explanation.attribution.shape == (1_000,)
