"""What the methods do to pictures: blur them, and lead them from nothing to themselves along a path."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from .stack import along


def gaussian_blur(x: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian blur by `sigma` pixels (a standard deviation), edges mirrored; exact down to sigma = 0.

    (C, H, W) and a number give (C, H, W); n numbers give (n, C, H, W). In the frequency domain a Gaussian is
    a Gaussian, so no kernel is cut off, and the blurred picture can be differentiated by sigma.
    """
    if x.dtype in (torch.float16, torch.bfloat16):  # there is no Fourier transform in half precision
        return gaussian_blur(x.float(), sigma).to(x.dtype)
    mirrored = torch.cat([x, x.flip(-1)], -1)
    mirrored = torch.cat([mirrored, mirrored.flip(-2)], -2)
    height, width = mirrored.shape[-2:]
    vertical = torch.fft.fftfreq(height, device=x.device, dtype=x.dtype)[:, None]
    horizontal = torch.fft.rfftfreq(width, device=x.device, dtype=x.dtype)
    frequency = 2 * math.pi * torch.sqrt(vertical**2 + horizontal**2)
    s = sigma.to(x) if sigma.dim() == 0 else along(sigma.to(x), x)
    passed = torch.exp(-((s * frequency) ** 2) / 2)
    blurred = torch.fft.irfft2(torch.fft.rfft2(mirrored) * passed, s=(height, width))
    return blurred[..., : x.shape[-2], : x.shape[-1]]


def lightness(x: Tensor) -> Tensor:
    """The L of HSL, (max + min) / 2 over the colour channels: (C, H, W) → (1, H, W)."""
    return (x.amax(0, keepdim=True) + x.amin(0, keepdim=True)) / 2


def line(x: Tensor, x0: Tensor) -> Callable[[Tensor], Tensor]:
    """Straight from the baseline to the picture, x0 + α (x - x0)."""
    distance = x - x0
    return lambda alphas: torch.addcmul(x0, along(alphas, x), distance)  # in one pass over the memory


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
    return line(x, lightness(x).expand_as(x))


def sharpening(x: Tensor, sigma_max: float | None = None) -> Callable[[Tensor], Tensor]:
    """The picture comes into focus: blurred by `sigma_max` (a quarter of the shorter side), then less."""
    widest = min(x.shape[-2:]) / 4 if sigma_max is None else sigma_max
    return lambda alphas: gaussian_blur(x, widest * (1 - alphas))
