"""The noise lab: one noisy gradient beside the mean of all so far, and the error that shrinks."""

from typing import Any

import torch
import traitlets

from ..core.explanation import Explanation
from ..methods.gradients.noise import running_mean
from . import wire
from .base import STATIC, Lab

SIGMAS = (0.05, 0.15, 0.3)
MOST_SAMPLES = 32


class NoiseLab(Lab):
    """SmoothGrad and SmoothGrad², one sample at a time.

    frame   the number of samples averaged so far, less one
    run     which σ is shown, an index into `state["runs"]`
    """

    methods = ("smoothgrad", "smoothgrad_squared")
    _esm = STATIC / "noise.js"
    run = traitlets.Int(0).tag(sync=True)
    shared = (*Lab.shared, "run")

    def __init__(self, explanation: Explanation, *, alternatives: bool = True) -> None:
        self.explanation = explanation
        own = explanation.parameters["noise_std"]
        live = explanation.model is not None
        wanted = sorted({own, *SIGMAS}) if live and alternatives else [own]
        runs = [self._run(explanation if s == own else self.explain(noise_std=s)) for s in wanted]
        state = {
            **wire.heading(explanation),
            "input": wire.pictures(decimated(explanation.x[None, :3]), 700_000),
            "noise": self._noise(len(runs[0]["frames"])),
            "summand": wire.mathml(self._summand),
            "mean": wire.mathml(r"\frac{1}{k} \sum_{j \leq k} " + self._summand.replace("k", "j")),
            "runs": runs,
        }
        frame = len(runs[0]["frames"]) - 1
        super().__init__(lab="noise", state=state, live=live, run=wanted.index(own), frame=frame)

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the explanation is of a picture, and its gradients were kept."""
        return explanation.x.dim() == 3 and {"noisy_inputs", "gradients"} <= set(explanation.steps)

    def answer(self, request: dict[str, Any]) -> None:
        """Another σ: compute it, and show it."""
        run = self._run(self.explain(noise_std=float(request["noise_std"])))
        others = [r for r in self.state["runs"] if r["noise_std"] != run["noise_std"]]
        own = self.explanation.parameters["noise_std"]
        while len(others) > 5:  # the learner's own σ stays
            others.remove(next(r for r in others if r["noise_std"] != own))
        runs = sorted([*others, run], key=lambda r: r["noise_std"])
        self.run = 0  # until the new state is there, whatever is shown exists
        self.state = {**self.state, "runs": runs}
        self.run = runs.index(run)

    @property
    def _squared(self) -> bool:
        return self.explanation.method == "smoothgrad_squared"

    @property
    def _summand(self) -> str:
        return "g_k^2" if self._squared else "g_k"

    def _run(self, explanation: Explanation) -> dict[str, Any]:
        """One σ as the page needs it: the summands, whose running mean the page computes, and the error."""
        gradients = explanation["gradients"][:MOST_SAMPLES]
        summands = gradients**2 if self._squared else gradients
        mean = summands.mean(0).sum(0)
        return {
            "noise_std": explanation.parameters["noise_std"],
            "frames": list(range(len(summands))),
            "gradients": wire.maps(summands, 1_000_000),
            "limit": wire.limit_of(wire.as_array(mean)),
            "errors": wire.numbers(errors(summands)),
        }

    def _noise(self, n: int) -> dict[str, Any]:
        """The noise ε_k itself, (n, H, W, C): x + σ ε_k is mixed in the page, for every σ."""
        e = self.explanation
        noise = (e["noisy_inputs"][:n] - e.x) / (e.parameters["noise_std"] or 1.0)
        return wire.pictures(decimated(noise[:, :3]), 1_300_000)


def errors(rows: torch.Tensor) -> torch.Tensor:
    """The standard error of the mean of the first k rows beside the mean of all: ‖SE_k‖ / ‖φ‖, k = 2 … n."""
    flat = rows.flatten(1)
    mean = running_mean(flat)
    variance = (running_mean(flat**2) - mean**2).clamp_min(0).sum(1)[1:]
    counts = torch.arange(2, len(flat) + 1).to(flat)
    return (variance / (counts - 1)).sqrt() / mean[-1].norm().clamp_min(1e-30)


def decimated(frames: torch.Tensor, most: int = 112) -> torch.Tensor:
    """Every second or third pixel of a large picture: an average would hide the noise that is to be seen."""
    stride = -(-max(frames.shape[-2:]) // most)
    return frames[..., ::stride, ::stride]
