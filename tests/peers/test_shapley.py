"""Against shap: Exact and Kernel; against captum: ShapleyValueSampling and ShapleyValues, on the same orders.

shap's KernelExplainer keeps ten features by default (`l1_reg`), whatever the others are worth; without that
it is the regression that ours is. captum counts in single precision whatever the model does.
"""

import importlib
import itertools
import warnings

import numpy as np
import pytest
import torch

import xaikit as xk

from .. import networks
from .agreement import SMALL, close, doubled

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def shap():
    """shap, which colours its maps with functions that matplotlib will drop, and says so when imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return importlib.import_module("shap")


def mlp(n: int = 12):
    """A network in double precision, an example, twenty rows of background, and the network for numpy."""
    model = networks.smooth_mlp(n, seed=2)
    x, background = (
        networks.random(n, dtype=torch.float64),
        networks.random(20, n, seed=1, dtype=torch.float64),
    )

    def of_arrays(rows):
        with torch.no_grad():
            return model(torch.from_numpy(np.ascontiguousarray(rows)).to(x))[:, 1].cpu().numpy()

    return model, x, background, of_arrays


def test_exact_values_are_shaps(shap):
    model, x, background, of_arrays = mlp()
    ours = xk.exact_shapley(model, x, target=1, background=background)
    masker = shap.maskers.Independent(background.cpu().numpy(), max_samples=20)
    theirs = shap.explainers.Exact(of_arrays, masker)(x[None].cpu().numpy(), max_evals=2**12)
    close(ours.attribution, torch.from_numpy(theirs.values), 1e-6)
    assert theirs.base_values[0] == pytest.approx(ours["coalitions"]["value"][0])


@pytest.mark.parametrize("n", [2, 5, 12])
def test_with_every_coalition_kernel_shap_is_shaps(n, shap):
    """shap inverts the same matrix with its last feature put in by hand, so the two differ by rounding."""
    model, x, background, of_arrays = mlp(n)
    ours = xk.kernel_shap(model, x, target=1, background=background, n_samples=2**n)
    explainer = shap.KernelExplainer(of_arrays, background.cpu().numpy())
    theirs = explainer.shap_values(x.cpu().numpy(), nsamples=2**n - 2, l1_reg=False, silent=True)
    close(ours.attribution, torch.from_numpy(theirs), 1e-6)
    assert explainer.expected_value == pytest.approx(of_arrays(background.cpu().numpy()).mean())


def test_as_it_is_shap_keeps_ten_features_and_we_keep_all(shap):
    model, x, background, of_arrays = mlp()
    explainer = shap.KernelExplainer(of_arrays, background.cpu().numpy())
    theirs = explainer.shap_values(x.cpu().numpy(), nsamples=2**12 - 2, silent=True)
    ours = xk.kernel_shap(model, x, target=1, background=background, n_samples=2**12).attribution
    assert (theirs != 0).sum() == 10
    assert (ours != 0).sum() == 12
    assert theirs.sum() == pytest.approx(ours.sum().item()), "what the two would have had goes to the ten"


def test_given_shaps_own_coalitions_and_weights_the_line_is_shaps(shap):
    """Not all coalitions, so that the matrices are no longer even: the regression alone is compared."""
    from xaikit.methods.shapley.kernel import with_sum

    _, x, background, of_arrays = mlp()
    state = np.random.get_state()
    np.random.seed(3)
    explainer = shap.KernelExplainer(of_arrays, background.cpu().numpy())
    explainer.shap_values(x.cpu().numpy(), nsamples=400, l1_reg=False, silent=True)
    np.random.set_state(state)
    S, weights, values, v0, v1 = (
        torch.tensor(np.asarray(getattr(explainer, name)), dtype=torch.float64).squeeze()
        for name in ("maskMatrix", "kernelWeights", "ey", "fnull", "fx")
    )
    theirs, _ = explainer.solve(400 / 4094, 0)
    found = with_sum(S, values - v0, weights, v1 - v0)
    close(found, torch.from_numpy(theirs), 1e-6)


# captum ----------------------------------------------------------------------------------------------------


def sampled(peer, model, orders):
    """captum's sampler on given orders."""
    explainer = peer.ShapleyValueSampling(model)
    explainer.permutation_generator = lambda n, count: map(tuple, orders)
    return explainer


@pytest.mark.parametrize("network", ["shapes", "photos", *SMALL])
def test_sampled_values_of_superpixels_are_captums_on_the_same_orders(network, zoo_model, peer):
    model, x = doubled(network, zoo_model)
    side = -(-x.shape[-1] // 3)
    groups = torch.arange(x.shape[1])[:, None] // side * 3 + torch.arange(x.shape[2]) // side
    x0 = networks.random(*x.shape, seed=7, dtype=torch.float64)
    ours = xk.shapley_sampling(model, x, target=1, background=x0, groups=groups, n_permutations=8, seed=3)
    orders = ours["permutations"].tolist()
    theirs = sampled(peer, model, orders).attribute(
        x[None], x0[None], target=1, feature_mask=groups[None, None].to(x.device), n_samples=len(orders),
        perturbations_per_eval=9,
    )  # fmt: skip
    close(ours.attribution, theirs[0, 0])


@pytest.mark.parametrize("groups", [None, [0, 1, 1, 2, 0, 3]])
def test_sampled_values_of_a_row_are_captums_on_the_same_orders(groups, peer):
    model, x = networks.smooth_mlp(6), networks.random(6, dtype=torch.float64)
    given = None if groups is None else torch.tensor(groups)
    ours = xk.shapley_sampling(model, x, target=2, groups=given, n_permutations=30)
    mask = None if groups is None else given[None].to(x.device)
    theirs = sampled(peer, model, ours["permutations"].tolist()).attribute(
        x[None], target=2, n_samples=30, feature_mask=mask
    )
    close(ours.attribution, theirs)


def test_exact_values_are_captums_over_every_order(peer):
    """captum walks through all 120 orders, 601 calls of the model; ours asks for 32 sets."""
    model, x = networks.smooth_mlp(5), networks.random(5, dtype=torch.float64)
    ours = xk.exact_shapley(model, x, target=0)
    close(ours.attribution, peer.ShapleyValues(model).attribute(x[None], target=0))
    assert ours.cost["forward"] == 33


def test_all_orders_given_to_captums_sampler_are_our_exact_values(peer):
    model, x = networks.smooth_mlp(4), networks.random(4, dtype=torch.float64)
    every = list(itertools.permutations(range(4)))
    theirs = sampled(peer, model, every).attribute(x[None], target=1, n_samples=24)
    close(xk.exact_shapley(model, x, target=1).attribution, theirs)
