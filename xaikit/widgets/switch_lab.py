"""The superpixels lab and the text lab: switch pieces off, read the score, see the line."""

from typing import Any

import torch
import traitlets
from torch import Tensor

from ..core.explanation import Explanation
from ..core.sampling import generator
from ..core.score import Score, score
from ..inputs.players import Players, group_index, players_of, word_players
from ..methods.shapley.game import Value
from ..methods.shapley.kernel import kernel_samples
from ..methods.surrogates import neighbours
from . import wire
from .base import STATIC, Lab

MOST_CELLS = 400_000  # zeros and ones that travel to the page
MOST_PIECES = 300  # that can be switched and fitted in the page


class SwitchLab(Lab):
    """LIME or Kernel SHAP on superpixels, words or columns.

    frame    how many samples the line is fitted to
    off      the pieces that are switched off
    sample   the sample that is looked at
    answers  what the model said of sets that were asked for, by their zeros and ones
    """

    methods = ("lime_image", "lime_text", "lime_tabular", "kernel_shap")
    _esm = STATIC / "switch.js"
    off = traitlets.List(traitlets.Int()).tag(sync=True)
    sample = traitlets.Int(0).tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)
    shared = (*Lab.shared, "off", "sample", "answers")

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = e = explanation
        live = e.model is not None and e.model.module is not None
        self._ask, board = asking(e) if live else (None, plain_board(e))
        z, y, w, ends = sampled(e)
        most = max(2, min(len(z), MOST_CELLS // z.shape[1]))
        state = {
            **wire.heading(e),
            **board,
            "samples": wire.labels(z[:most, None].numpy()),
            "scores": wire.numbers(y[:most]),
            "weights": wire.numbers(w[:most]),
            "ends": [float(v) for v in ends],
            "penalty": float(e.parameters.get("penalty", 0.0)),
            "sums": "penalty" not in e.parameters,  # whether the slopes must add up
            "of": len(z),
        }
        n = z.shape[1]
        beforehand = {"1" * n: float(ends[1]), "0" * n: float(ends[0])}
        if self._ask is not None:
            one_out = 1 - torch.eye(n)
            sets = torch.cat([one_out, torch.eye(n)]) if n <= 64 else one_out
            beforehand |= dict(zip(map(key_of, sets), self._ask(sets).tolist(), strict=True))
        answers = beforehand if e.method != "lime_tabular" else {}
        super().__init__(lab="switch", state=state, live=live, frame=most, answers=answers)

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the samples were kept, and the pieces are few enough to be switched."""
        e = explanation
        lime = {"samples", "predictions", "sample_weights"} <= set(e.steps)
        kernel = {"coalitions", "values"} <= set(e.steps)
        picture = getattr(e.x, "ndim", 1) == 3
        known = lime or (kernel and (e.model is not None or not picture))
        return known and not isinstance(e.x, list) and 1 < pieces_in(e) <= MOST_PIECES

    def answer(self, request: dict[str, Any]) -> None:
        """The score of any set of pieces."""
        if self._ask is not None:
            key = str(request["set"])
            value = float(self._ask(torch.tensor([[float(c) for c in key]]))[0])
            self.answers = {**self.answers, key: value}


def pieces_in(e: Explanation) -> int:
    """How many pieces can be switched."""
    if "same_bin" in e:
        return e["same_bin"].shape[1]
    return e["samples"].shape[1] if "samples" in e else len(e["regression"]) - 1


def key_of(row: Tensor) -> str:
    """The zeros and ones of a set."""
    return "".join("1" if v > 0 else "0" for v in row.tolist())


def sampled(e: Explanation) -> tuple[Tensor, Tensor, Tensor, tuple[Any, Any]]:
    """The samples as zeros and ones, their scores and weights, the scores of nothing and everything."""
    if "coalitions" in e:
        slopes, wanted = e["regression"]["weight"], e.parameters["n_samples"]
        n = len(slopes) - 1
        S, weights = kernel_samples(n, 2 * n + 2048 if wanted is None else wanted, e.parameters["seed"])
        k = generator(0).permutation(len(S))  # they came by size: the first ones must be of all sizes
        return S[k].float(), e["values"][k], weights[k], (float(slopes.iloc[0]), float(slopes.sum()))
    z = e["same_bin"] if "same_bin" in e else e["samples"]
    intercept = e["regression"].set_index("term")["value"]["intercept"]
    return z, e["predictions"], e["sample_weights"], (float(intercept), float(e["predictions"][0]))


def asking(e: Explanation) -> tuple[Any, dict[str, Any]]:
    """How to ask the model for sets of pieces, and what the pieces look like on the page."""
    assert e.model is not None
    p, model = e.parameters, e.model
    target = p["target"] if p["target"] is not None or e.prediction is None else e.prediction.index
    if e.method == "lime_tabular":
        return None, plain_board(e)
    if "coalitions" in e:
        players = players_of(model, e.x, p["groups"], p["background"])
        value = Value(model, e.x, target, players)
        board = board_of(e, players.index, shown_without(players, e), players.pieces)
        return lambda sets: value(sets > 0), board
    F: Score = score(model, e.x, target)
    if isinstance(e.x, str):
        players = word_players(e.x, p["unit"])
        return lambda sets: F(players.inputs(sets)), board_of(e, None, None, players.pieces)
    index = group_index(p["segments"], e.x).to(e.x.device)
    instead = neighbours.covered(p["hidden"], e.x, index)
    ask = lambda sets: F(torch.where(sets.to(e.x.device)[:, index] > 0, e.x, instead))  # noqa: E731
    return ask, board_of(e, index, instead, ())


def shown_without(players: Players, e: Explanation) -> Tensor | None:
    """The picture with everybody absent: of a background its first example."""
    if getattr(e.x, "ndim", 1) != 3:
        return None
    return players.inputs(torch.zeros(1, len(players), dtype=torch.bool))[0]


def plain_board(e: Explanation) -> dict[str, Any]:
    """The pieces of an explanation whose model is not at hand."""
    if "segments" in e:
        return board_of(e, e["segments"][None], None, ())
    if isinstance(e.x, str):
        return board_of(e, None, None, e.names or ())
    terms = e["regression"]["term"].tolist()
    names = terms[:-2] if "discretised" in e else terms[1:]  # beside the intercept, and R²
    return {"view": "row", "tokens": names, "names": names}


def board_of(e: Explanation, index: Tensor | None, instead: Tensor | None, pieces: Any) -> dict[str, Any]:
    """A picture with its regions, or the pieces of a text, or the columns of a row."""
    if isinstance(e.x, str):
        return {"view": "text", "tokens": list(pieces), "names": [p.strip() for p in pieces]}
    if e.x.dim() != 3 or index is None:
        return plain_board(e)
    gray = torch.full_like(e.x, 0.5) if instead is None else instead
    regions = torch.broadcast_to(index.cpu(), (1, *e.x.shape[1:]))
    return {
        "view": "picture",
        "input": wire.pictures(e.x[None, :3], 10**9),
        "instead": wire.pictures(gray[None, :3], 10**9),
        "regions": wire.labels(regions.numpy()),
        "names": [f"segment {k}" for k in range(int(index.max()) + 1)],
    }
