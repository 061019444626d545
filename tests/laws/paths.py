"""The records of the methods that follow a path from a baseline to the input."""

import torch
from scipy.ndimage import gaussian_filter

import xaikit as xk
from xaikit.methods.paths.quadrature import quadrature

from .. import networks
from .gradients import slope
from .linear import mean_over_halves
from .record import Record, call

ON_A_PATH = (
    "alphas weights interpolated scores gradients gradient_magnitudes cumulative average_gradient attribution"
)
XRAI = "attribution_black attribution_white base_attribution segmentations region_gains order attribution"


def blurred_by_hand(x: torch.Tensor) -> torch.Tensor:
    """A quarter of the shorter side wide, black beyond the edges, as scipy does it."""
    sigma = min(x.shape[1:]) / 4
    return networks.tensor(*[
        gaussian_filter(c, sigma, mode="constant", truncate=12).tolist() for c in x.double().cpu().numpy()
    ])  # fmt: skip


def along_the_line(explanation: xk.Explanation, F) -> torch.Tensor | None:
    """An oracle of Integrated Gradients: its sum, point by point; None where a tolerance sets the size."""
    x, given = explanation.x, explanation.parameters
    if given["tolerance"] is not None:
        return None
    alphas, weights = quadrature(given["rule"], given["n_steps"], x)
    x0 = xk.baselines.make(given["baseline"], x)
    return (x - x0) * sum(w * slope(F, x0 + a * (x - x0)) for a, w in zip(alphas, weights, strict=True))


def best_gain_of_a_half(w: torch.Tensor, x: torch.Tensor, x0: torch.Tensor) -> torch.Tensor:
    """XRAI from black and white: the largest channel of each pixel, as a mean over its region."""
    return mean_over_halves((w * (x - 0.5)).amax(0))


def xrai(name: str, **more) -> Record:
    """Both versions of XRAI differ in how regions are grown, and not at all on two halves."""
    return Record(
        name,
        steps=XRAI,
        rosetta=best_gain_of_a_half,
        open_checks=("completeness",),  # the parts are the largest channels, which sum to more, on any model
        quick={"n_steps": 3, "min_pixels": 2},
        refuses_rows=True,
        one_a_pixel=True,
        **more,
    )


RECORDS = (
    Record(
        "integrated_gradients",
        steps=ON_A_PATH,
        rosetta=lambda w, x, x0: w * (x - x0),
        quick={"n_steps": 5},
        variants=(
            call(tolerance=0.01),
            call(rule="gauss_legendre", n_steps=64),
            call(score="probability", baseline="white", n_steps=64),
        ),
        oracle=along_the_line,
    ),
    Record(
        "path_integrated_gradients",
        steps=ON_A_PATH,
        rosetta=lambda w, x, x0: w * (x - (x.amax(0) + x.amin(0)) / 2),  # from a grey of the same lightness
        told=lambda x, x0: {"path": "saturation"},
        quick={"n_steps": 5},
        refuses_rows=True,
        variants=(
            call(path="blur", n_steps=2048),
            call(path="luminosity", n_steps=512),
            call(path="saturation", tolerance=0.01),
        ),
    ),
    Record(
        "blur_integrated_gradients",
        steps="sigmas blurred scores gradients attribution",
        rosetta=lambda w, x, x0: w * (x - blurred_by_hand(x)),
        told=lambda x, x0: {"n_steps": 400},
        quick={"n_steps": 5},
        refuses_rows=True,
        variants=(call(edges="mirrored", spacing="linear", n_steps=200),),
    ),
    Record(
        "guided_integrated_gradients",
        steps="path frozen_fraction scores gradients attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
        quick={"n_steps": 4},
        variants=(call(rule="trapezoid", max_distance=1.0, n_steps=20),),
    ),
    Record(
        "gradient_shap",
        steps="baselines alphas points gradients samples standard_error attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
        quick={"n_samples": 5},
    ),
    xrai("xrai", variants=(call(base_attribution=networks.random(8, 8, seed=9), min_pixels=5),)),
    xrai("xrai_fast"),
)
