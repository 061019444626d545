"""What the methods do to pictures: blur them, enlarge maps to their size, read their lightness."""

from typing import Any

import torch
from torch import Tensor

from ..core.errors import one_of


def gaussian_blur(x: Tensor, sigma: Tensor, edges: str = "mirrored") -> Tensor:
    """Gaussian blur by `sigma` pixels (a standard deviation), exact down to sigma = 0.

    (C, H, W) and a number give (C, H, W); n numbers give (n, C, H, W). Beyond its edges the picture is
    mirrored, or black. A blur is a matrix product on the rows and one on the columns; no kernel is cut off.
    """
    if x.dtype in (torch.float16, torch.bfloat16):
        return gaussian_blur(x.float(), sigma, edges).to(x.dtype)
    kernel, _ = gaussian(sigma.to(x).reshape(-1, 1), max(x.shape[-2:]))
    rows, columns = (spread(kernel, n, edges) for n in x.shape[-2:])
    blurred = on_both_sides(rows, x, columns)
    return blurred[0] if sigma.dim() == 0 else blurred


def blur_speed(x: Tensor, sigma: Tensor, edges: str) -> Tensor:
    """How the blurred picture changes with sigma, its derivative: (C, H, W) and n numbers → (n, C, H, W)."""
    if x.dtype in (torch.float16, torch.bfloat16):
        return blur_speed(x.float(), sigma, edges).to(x.dtype)
    kernel, change = gaussian(sigma.to(x).reshape(-1, 1), max(x.shape[-2:]))
    (rows, d_rows), (columns, d_columns) = (
        (spread(kernel, n, edges), spread(change, n, edges)) for n in x.shape[-2:]
    )
    return on_both_sides(d_rows, x, columns) + on_both_sides(rows, x, d_columns)


def gaussian(sigma: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """A Gaussian of sum 1, as far out as a line of n pixels needs it, and its derivative by sigma.

    n numbers (k, 1) give (k, 2 reach + 1) with the middle at distance 0.
    """
    sigma = sigma.clamp_min(1e-6)
    reach = n + int(9 * float(sigma.max()))  # beyond nine sigma there is nothing, in double precision too
    distance = torch.arange(-reach, reach + 1, device=sigma.device).to(sigma)
    kernel = torch.exp(-((distance / sigma) ** 2) / 2)
    # What rounding hides is zero: a product with nearly nothing takes a processor fifty times as long.
    kernel = kernel * (kernel > torch.finfo(kernel.dtype).eps ** 2)
    kernel = kernel / kernel.sum(-1, keepdim=True)
    spread_out = kernel * (distance / sigma) ** 2 / sigma
    return kernel, spread_out - kernel * spread_out.sum(-1, keepdim=True)


def spread(kernel: Tensor, n: int, edges: str) -> Tensor:
    """How much pixel j gives to pixel i along a line of n: kernels (k, 2 reach + 1) → (k, n, n)."""
    reach = kernel.shape[-1] // 2
    i = torch.arange(n, device=kernel.device)
    if edges == "black":
        return kernel[:, reach + (i[:, None] - i).abs()]
    place = torch.arange(-reach, reach + 1, device=kernel.device) % (2 * n)
    folded = kernel.new_zeros(len(kernel), 2 * n).index_add(
        -1, place, kernel
    )  # mirrors repeat every 2n pixels
    return folded[:, (i[:, None] - i) % (2 * n)] + folded[:, (i[:, None] + i + 1) % (2 * n)]


def on_both_sides(rows: Tensor, x: Tensor, columns: Tensor) -> Tensor:
    """rows · x · columnsᵀ for each of n: (n, H, H), (C, H, W) and (n, W, W) → (n, C, H, W)."""
    n, (channels, height, width) = len(rows), x.shape
    half = rows.reshape(-1, height) @ x.movedim(0, 1).reshape(height, -1)  # one large product, which is fast
    whole = half.reshape(n, height * channels, width) @ columns.mT
    return whole.reshape(n, height, channels, width).movedim(2, 1)


def lightness(x: Tensor) -> Tensor:
    """The L of HSL, (max + min) / 2 over the colour channels: (C, H, W) → (1, H, W)."""
    return (x.amax(0, keepdim=True) + x.amin(0, keepdim=True)) / 2


def resized(maps: Tensor, x: Tensor, upsample: str) -> Tensor:
    """Maps (n, h, w) at the size of the picture, (n, H, W). OptionError for an unknown way to enlarge."""
    one_of("upsample", upsample, ("bilinear", "nearest"))
    options: dict[str, Any] = {"align_corners": False} if upsample == "bilinear" else {}
    return torch.nn.functional.interpolate(maps[None], size=x.shape[1:], mode=upsample, **options)[0]


def stretched(maps: Tensor) -> Tensor:
    """Each map from its lowest value, 0, to its highest, 1; one that is flat becomes 0."""
    low, high = (getattr(maps.flatten(1), end)(1).values[:, None, None] for end in ("min", "max"))
    return (maps - low) / (high - low + 1e-8)
