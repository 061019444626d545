"""Against captum: Occlusion, FeatureAblation and FeaturePermutation, given the same windows, groups, orders.

captum's Occlusion says the same of every channel, since its windows, like ours, hide all channels together.
saliency adds up what the windows over a pixel took; captum and we divide by their number.
"""

import numpy as np
import pytest
import torch

import xaikit as xk

from .. import networks
from .agreement import SMALL, ZOO, close, doubled, everywhere

SMALLER = [n for n in [*ZOO, *SMALL] if n != "squeezenet1_0"]  # a hundred windows in double precision
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize(("share", "overlap"), [(5, 2), (4, 1), (3, 3)])
@pytest.mark.parametrize("network", SMALLER)
def test_occlusion_is_captums(share, overlap, network, zoo_model, peer):
    """Windows of a fifth, a quarter, a third of a side; those at the far edges are cut off on both sides."""
    model, x = doubled(network, zoo_model)
    side = max(2, x.shape[-1] // share)
    stride = max(1, side // overlap)
    x0 = networks.random(*x.shape, seed=7, dtype=torch.float64)
    ours = xk.occlusion(model, x, target=1, window=side, stride=stride, baseline=x0)
    theirs = peer.Occlusion(model).attribute(
        x[None], (3, side, side), strides=(3, stride, stride), baselines=x0[None], target=1,
        perturbations_per_eval=8,
    )  # fmt: skip
    for channel in theirs[0]:
        close(ours.attribution, channel)


def test_a_window_and_a_stride_that_are_no_squares_are_captums(peer):
    model, x = networks.small_cnn().double(), networks.random(3, 15, 11, dtype=torch.float64)
    ours = xk.occlusion(model, x, target=0, window=(4, 3), stride=(3, 2))
    theirs = peer.Occlusion(model).attribute(x[None], (3, 4, 3), strides=(3, 3, 2), baselines=0, target=0)
    close(ours.attribution, theirs[0, 0])


@pytest.mark.parametrize(("window", "stride"), [(1, 1), (2, 1), (3, 2)])
def test_occlusion_of_a_row_is_captums(window, stride, peer):
    model, x = networks.smooth_mlp(8), networks.random(8, dtype=torch.float64)
    ours = xk.occlusion(model, x, target=2, window=window, stride=stride, baseline="mean")
    options = {"strides": (stride,), "baselines": x.mean().item(), "target": 2}
    close(ours.attribution, peer.Occlusion(model).attribute(x[None], (window,), **options))


def test_what_saliency_adds_up_is_our_mean_times_the_number_of_windows(pair):
    from saliency.core import Occlusion

    x = networks.random(3, 9, 9, dtype=torch.float64)
    model = networks.small_cnn().double()

    def asked(rows, call_model_args=None, expected_keys=None):
        with torch.no_grad():
            batch = torch.from_numpy(np.moveaxis(rows, -1, 1).copy()).to(x)
            return {"OUTPUT_LAYER_VALUES": model(batch)[:, 1].cpu().numpy()}

    theirs = Occlusion().GetMask(np.moveaxis(x.cpu().numpy(), 0, -1), asked, size=3, value=0)
    ours = xk.occlusion(model, x, target=1, window=3, stride=1)
    counts = ours["windows"].to(x).sum(0)
    for channel in np.moveaxis(theirs, -1, 0):
        close(ours.attribution * counts, torch.from_numpy(channel))


@pytest.mark.parametrize("per_channel", [False, True])
@everywhere
def test_feature_ablation_is_captums(per_channel, network, zoo_model, peer):
    model, x = doubled(network, zoo_model)
    shape = x.shape if per_channel else (1, *x.shape[1:])
    side = x.shape[-1] // 4
    row, column = torch.arange(x.shape[1])[:, None] // side, torch.arange(x.shape[2]) // side
    groups = (row * 5 + column).expand(shape).clone()
    if per_channel:
        groups = groups + 25 * torch.arange(3)[:, None, None]
        groups[groups > 40] = 3  # and some that lie apart
    _, groups = groups.unique(return_inverse=True)
    x0 = networks.random(*x.shape, seed=7, dtype=torch.float64)
    ours = xk.feature_ablation(model, x, target=1, baseline=x0, groups=groups)
    mask = groups[None].to(x.device)
    theirs = peer.FeatureAblation(model).attribute(
        x[None], baselines=x0[None], target=1, feature_mask=mask, perturbations_per_eval=8
    )
    close(ours.attribution, theirs[0] if per_channel else theirs[0, 0])


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("kind", ["rows", "pictures"])
def test_feature_permutation_is_captums_with_the_same_orders(kind, grouped, peer):
    """captum shuffles by `perm_func(x, mask)`: here it looks up our order of the group in the mask."""
    if kind == "rows":
        model, X = networks.smooth_mlp(6), networks.random(9, 6, dtype=torch.float64)
        groups = torch.tensor([0, 1, 1, 2, 0, 3]) if grouped else torch.arange(6)
    else:
        model, X = SMALL["module ReLUs"]().double(), networks.random(5, 3, 8, 8, dtype=torch.float64)
        groups = torch.arange(64).reshape(1, 8, 8) // 11 if grouped else torch.arange(192).reshape(3, 8, 8)
    ours = xk.feature_permutation(model, X, target=1, groups=groups, seed=5)
    orders = ours["permutations"]

    def shuffled(x, mask):
        (j,) = groups[mask[0].cpu()].unique().tolist()
        return torch.where(mask, x[orders[j]], x)

    theirs = peer.FeaturePermutation(model, shuffled).attribute(
        X, target=1, feature_mask=groups[None].to(X.device)
    )
    close(ours.attribution, theirs.expand(X.shape))
