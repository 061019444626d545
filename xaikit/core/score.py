"""F, the one number that is explained: asked for, differentiated, and stacked in bounded batches."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from .blackbox import sums_to_one
from .errors import InputError, ModelError, first_line
from .model import Model
from .notes import notes
from .stack import Derived, Lazy, Stack
from .targets import Prediction, by_function, classes_of, finite, label_of, picked, resolve_target
from .types import Rules, ScoreKind, Target


class Score:
    """F: the one number that is explained, for a model, an example and a target.

    F(x) is the score of one example, a number; F(batch) those of several, (n,); F.with_gradients(points) the
    scores and their gradients, (n,) and (n, …). Nothing is computed before it is needed.
    """

    def __init__(self, model: Model, x: Any, target: Target) -> None:
        self.model, self.x, self.target = model, x, target
        self._pick: Callable[[Any], Tensor] | None = None
        self._at_x: Tensor | None = None
        self._prediction: Prediction | None = None

    # What F is ------------------------------------------------------------------------------------------

    def _resolve(self) -> None:
        """Ask the model about x once, to learn what its output is and which class is meant."""
        if self._pick is None:
            with torch.no_grad():  # not inference_mode: the model may cache a tensor for later
                self._learn(self.model(alone(self.x)))

    def _learn(self, output: Any) -> None:
        """The class that is meant, and its score, from the model's output for x alone."""
        index = None
        if callable(self.target):
            pick = by_function(self.target)
        else:
            scores = classes_of(output, rows=1)
            index = resolve_target(self.target, scores, self.model.labels)
            if not isinstance(self.model.module, nn.Module) and sums_to_one(scores):
                self.model.probabilities = True
                if self.model.score_kind == "logit":  # it has none to give
                    self.model.score_kind = "probability"
            pick = lambda out: self._picked(out, index, self.model.score_kind)  # noqa: E731
        self._at_x = pick(output)[0].detach()
        self._prediction = self._describe(index, output)
        self._pick = pick

    def _picked(self, output: Any, index: int, kind: ScoreKind) -> Tensor:
        return picked(classes_of(output), index, kind, self.model.probabilities)

    def _describe(self, index: int | None, output: Any) -> Prediction:
        assert self._at_x is not None
        if index is None:
            name = getattr(self.target, "__name__", "function")
            label = "a function of the output" if name == "<lambda>" else name
            return Prediction(None, label, float(self._at_x), None)
        label = label_of(index, self.model.labels)
        probability = float(self._picked(output, index, "probability")[0].detach())
        classes = output.dim() > 1 and output.shape[-1] > 1
        return Prediction(index, label, float(self._at_x), probability if classes else None)

    @property
    def resolved(self) -> bool:
        """Whether the model has been asked yet which class is meant."""
        return self._pick is not None

    @property
    def prediction(self) -> Prediction:
        """The class that is explained, and what the model says about it for x."""
        self._resolve()
        assert self._prediction is not None
        return self._prediction

    # Values on the way ----------------------------------------------------------------------------------

    @property
    def at_once(self) -> int:
        """How many examples like x go into one batch."""
        return self.model.rows_at_once(self.x)

    def rows(self, n: int, compute: Callable[[slice], Tensor]) -> Stack:
        """n rows, computed a batch at a time when somebody looks, and kept if the walk keeps its steps."""
        return Stack(n, compute, batch_size=self.at_once, keep=notes().keeps_rows)

    def cheap_rows(self, n: int, compute: Callable[[slice], Any]) -> Derived:
        """n rows that cost next to nothing: made anew whenever somebody looks, and never kept."""
        return Derived(n, compute, batch_size=self.at_once)

    # What F gives ---------------------------------------------------------------------------------------

    def __call__(self, inputs: Any) -> Tensor:
        """One example → a number; a batch of n, a list of n texts or a stack of n rows → (n,)."""
        self._resolve()
        if inputs is self.x:
            assert self._at_x is not None
            return self._at_x.clone()
        one = isinstance(inputs, str) or (isinstance(inputs, Tensor) and inputs.dim() == self.x.dim())
        rows = alone(inputs) if one else inputs
        parts = []
        for part in batches_of(rows, self.at_once):
            with torch.no_grad():
                parts.extend(in_halves(part, self.ask))
        scores = torch.cat(parts).detach().clone()
        return scores[0] if one else scores

    def with_gradients(self, points: "Stack | Tensor", rules: Rules | None = None) -> tuple[Lazy, Stack]:
        """Scores (n,) and gradients (n, …) at n points, from one pass in bounded batches, maybe under rules.

        Both are put off until one of them is looked at. The gradients are kept if the walk keeps its steps;
        otherwise a sum over them (`weighted_sum`, `moments`) runs through in the memory of one batch.
        """
        points = Stack.of(points, self.at_once)
        scores: list[Tensor | None] = [None] * len(points)

        def gradients_at(where: slice) -> Tensor:
            batch_scores, batch_gradients = self.differentiate(points[where], rules)
            scores[where] = batch_scores.unbind()
            return batch_gradients

        gradients = self.rows(len(points), gradients_at)

        def all_scores() -> Tensor:
            if None in scores:
                for _ in gradients.batches():
                    pass
            return torch.stack(scores)  # type: ignore[arg-type]

        return Lazy(all_scores, once=True), gradients

    def gradient(self, x: Tensor, rules: Rules | None = None) -> tuple[Tensor, Tensor]:
        """The score and its gradient at one example, or what the rules make of it: a number and (…)."""
        scores, gradients = self.differentiate(x[None], rules)
        return scores[0], gradients[0]

    def differentiate(self, rows: Tensor, rules: Rules | None = None) -> tuple[Tensor, Tensor]:
        """Scores (n,) and gradients (n, …) at n points, now and in one batch (halves if memory is short).

        Under `rules` the gradient is what they make of it.
        """
        if len(rows) > 1 or not torch.equal(rows[0], self.x):  # at x itself one pass does both
            self._resolve()
        parts = in_halves(rows, lambda some: self._differentiate(some, rules))
        return torch.cat([s for s, _ in parts]), torch.cat([g for _, g in parts])

    def ask(self, batch: Any, rules: Rules | None = None) -> Tensor:
        """The scores of one batch, (n,), on the graph if gradients are on."""
        return self.ask_rows(batch, len(batch), rules)

    def ask_rows(self, batch: Any, n: int, rules: Rules | None = None) -> Tensor:
        """The same where n scores are expected, since a hook adds rows on the way through the network."""
        output = self.model(batch) if rules is None else rules(self.model, batch)
        if self._pick is None and n > 1 and not isinstance(output, Tensor):
            self._resolve()  # a tuple or a dict cannot be cut to the row that is x alone
        if self._pick is None:  # the first row is x alone: see differentiate
            self._learn(output if n == 1 else output[:1])
        assert self._pick is not None
        scores = self._pick(output)
        if scores.shape != (n,):
            raise ModelError(
                f"the model must answer each sample on its own: {n} went in, {len(scores)} came out. "
                "Try a model that keeps the batch axis."
            )
        return finite(scores, "score")

    def _differentiate(self, rows: Tensor, rules: Rules | None = None) -> tuple[Tensor, Tensor]:
        with torch.inference_mode(False), torch.enable_grad():
            batch = (rows.clone() if rows.is_inference() else rows.detach()).requires_grad_()
            scores = self.ask(batch, rules)
            gradients = None
            if scores.requires_grad:
                gradients = slope(scores, batch)
        if gradients is None:
            raise ModelError(
                "no gradient reaches the input: the model ignores it, detaches it, or uses an operation "
                "without a gradient (argmax, rounding, numpy). Try a differentiable score."
            )
        self.model.backward_samples += len(rows)
        return scores.detach(), finite(gradients, "gradient")


def slope(scores: Tensor, batch: Tensor) -> Tensor | None:
    """The gradient of each score at its own row, (n, …), or None if they do not depend on it."""
    try:
        return torch.autograd.grad(scores.sum(), batch, allow_unused=True)[0]
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        raise ModelError(
            f"the model's gradient could not be computed: {first_line(error)}. "
            "Try a model of differentiable operations, none of which overwrites what another needs."
        ) from error


def score(model: Model, x: Any, target: Target = None) -> Score:
    """F for this model, example and target. The first one that a method asks for is what it explains."""
    F = Score(model, x, target)
    own = notes()
    own.explained = own.explained or F
    return F


def alone(x: Any) -> Any:
    """A batch of this one example."""
    return x[None] if isinstance(x, Tensor) else [x]


def batches_of(rows: Any, at_once: int) -> Iterator[Any]:
    """Rows of a tensor, a list or a stack, in batches."""
    if isinstance(rows, Stack):
        yield from (batch for _, batch in rows.batches())
    else:
        yield from (rows[k : k + at_once] for k in range(0, len(rows), at_once))


def in_halves(rows: Any, work: Callable[[Any], Any]) -> list[Any]:
    """`work` on all rows at once, or on halves of halves where the accelerator's memory is short."""
    try:
        return [work(rows)]
    except torch.OutOfMemoryError:
        if len(rows) == 1:
            raise
    half = -(-len(rows) // 2)
    return in_halves(rows[:half], work) + in_halves(rows[half:], work)


def probability(model: Any, inputs: Any, target: Target = None) -> Tensor:
    """What the model says about a class, in [0, 1]: a number for one example, (n,) for n of them or n texts.

    With target=None the class is the one that is predicted for the first.
    """
    asked = Model(model, "probability")
    if isinstance(inputs, str) or (isinstance(inputs, list) and inputs and isinstance(inputs[0], str)):
        return Score(asked, inputs if isinstance(inputs, str) else inputs[0], target)(inputs)
    inputs = asked.admit(torch.as_tensor(inputs))
    if inputs.dim() not in (1, 2, 3, 4) or inputs.numel() == 0:
        raise InputError(f"expected a row, a picture or a batch of them, not {tuple(inputs.shape)}. Try x.")
    x = inputs if inputs.dim() in (1, 3) else inputs[0]
    return Score(asked, x, target)(x if inputs.dim() in (1, 3) else inputs)
