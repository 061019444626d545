"""Routes: curved paths from nothing to the picture, and how fast each pixel moves on them.

γ(α)  the path, γ(1) = x      γ'(α)  its velocity
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from ...core.admit import picture_shape
from ...core.errors import InputError, OptionError, one_of
from ...core.sums import along
from ...core.types import Path
from ...inputs.pictures import blur_speed, gaussian_blur, lightness

PATHS = ("luminosity", "saturation", "blur")


@dataclass(frozen=True)
class Route:
    """A path γ to x: `at(alphas)` gives its points, `velocity(alphas)` how fast each pixel moves."""

    x: Tensor
    at: Callable[[Tensor], Tensor]
    speed: Callable[[Tensor], Tensor] | None = None  # γ', where it is known

    @property
    def start(self) -> Tensor:
        """γ(0), the baseline that the path brings along."""
        return self.at(torch.zeros(1).to(self.x))[0]

    def velocity(self, alphas: Tensor) -> Tensor:
        """γ'(α), row by row: known, or the derivative of the path."""
        if self.speed is not None:
            return self.speed(alphas)
        try:
            pair = torch.autograd.functional.jvp(self.at, alphas, torch.ones_like(alphas), strict=True)
            return cast("Tensor", pair[1])
        except RuntimeError as error:
            raise OptionError(
                "the path must be differentiable in alpha. Try torch operations on alpha, not float(alpha)."
            ) from error


def route(path: Path, x: Tensor) -> Route:
    """The path by name or function. Raises OptionError for an unknown one, InputError for a misfit."""
    if callable(path):
        return Route(x, own_path(path, x))
    one_of("path", path, PATHS)
    picture_shape(x, f"path {path!r}")
    if path == "luminosity":
        return Route(x, luminosity(x))
    if path == "saturation":
        return Route(x, saturation(x))
    focus = Focus(min(x.shape[-2:]) / 4, power=2)
    return Route(x, lambda alphas: focus.at(alphas, x), lambda alphas: focus.speed(alphas, x))


def luminosity(x: Tensor) -> Callable[[Tensor], Tensor]:
    """The light is turned up: HSL lightness grows from 0 to its own value, hue and saturation stay."""
    light = lightness(x)
    room = (1 - (2 * light - 1).abs()).clamp_min(1e-6)  # how much colour a pixel of this lightness can carry

    def at(alphas: Tensor) -> Tensor:
        dimmed = along(alphas, x) * light
        colour = (1 - (2 * dimmed - 1).abs()) / room
        return torch.where(room > 1e-6, dimmed + (x - light) * colour, along(alphas, x) * x)

    return at


def saturation(x: Tensor) -> Callable[[Tensor], Tensor]:
    """The colour is turned up: HSL saturation grows from 0 (a grey picture) to its own value."""
    grey = lightness(x).expand_as(x)
    return lambda alphas: torch.addcmul(grey, along(alphas, x), x - grey)


@dataclass(frozen=True)
class Focus:
    """The picture comes into focus: blurred by σ = widest · (1 − α)^power pixels."""

    widest: float
    power: int
    edges: str = "mirrored"  # what lies beyond the picture: black, or mirrored

    def sigma(self, alphas: Tensor) -> Tensor:
        """σ(α)."""
        return self.widest * (1 - alphas) ** self.power

    def at(self, alphas: Tensor, x: Tensor) -> Tensor:
        """The blurred pictures L_σ, (n, C, H, W)."""
        return gaussian_blur(x, self.sigma(alphas), self.edges)

    def speed(self, alphas: Tensor, x: Tensor) -> Tensor:
        """dL/dα = dσ/dα · ∂L/∂σ, (n, C, H, W)."""
        by_alpha = -self.power * self.widest * (1 - alphas) ** (self.power - 1)
        return along(by_alpha, x) * blur_speed(x, self.sigma(alphas), self.edges)


def own_path(path: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[Tensor], Tensor]:
    """A learner's function alpha → image, for many alphas; it must end at x."""

    def at(alphas: Tensor) -> Tensor:
        try:
            images = [path(alpha) for alpha in alphas.cpu()]  # a number on the CPU fits pictures anywhere
        except Exception as error:
            raise OptionError(
                f"the path failed: {type(error).__name__}: {error}. Try lambda alpha: x0 + alpha * (x - x0)."
            ) from error
        if any(not isinstance(image, Tensor) or image.shape != x.shape for image in images):
            given = getattr(images[0], "shape", type(images[0]).__name__)
            raise InputError(
                f"the path must give tensors of shape {tuple(x.shape)}; it gave {given}. "
                "Try lambda alpha: x0 + alpha * (x - x0)."
            )
        return torch.stack([image.to(x) for image in images])

    end = at(torch.ones(1).to(x))[0]
    if not torch.allclose(end, x, atol=1e-4):
        raise InputError("the path must end at the input: path(1) is not x. Try x0 + alpha * (x - x0).")
    return at
