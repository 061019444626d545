"""Against captum: IntegratedGradients, rule by rule, and GradientShap; against saliency: Blur-IG, Guided IG.

captum's trapezoid weights sum to (n - 1)/n, its own tests hold them so; ours sum to one, as the integral
asks. The two differ by that factor and nothing else. `agreement` explains the tolerances.
"""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

import xaikit as xk

from .. import networks
from .agreement import SMALL, ZOO, close, close_in_single_precision, doubled, everywhere

RULES = {
    "left": "riemann_left",
    "right": "riemann_right",
    "midpoint": "riemann_middle",
    "trapezoid": "riemann_trapezoid",
    "gauss_legendre": "gausslegendre",
}


def nearly_black(x):
    """A baseline of faint noise: at a flat one whole regions tie, and the last bit of a kernel decides."""
    return 0.05 * networks.random(*x.shape, seed=7, dtype=x.dtype)


def theirs(captum, model, x, x0, rule, n, target=1):
    found = captum.IntegratedGradients(model).attribute(
        x[None], x0[None], target=target, n_steps=n, method=RULES[rule], internal_batch_size=8
    )
    return found * n / (n - 1) if rule == "trapezoid" else found


@pytest.mark.parametrize("rule", RULES)
@everywhere
def test_integrated_gradients_is_captums(rule, network, zoo_model, peer):
    model, x = doubled(network, zoo_model)
    n = 3 if network == "squeezenet1_0" else 12
    x0 = nearly_black(x) if rule in ("left", "trapezoid") else torch.zeros_like(x)
    ours = xk.integrated_gradients(model, x, target=1, baseline=x0, rule=rule, n_steps=n, keep="result")
    close(ours.attribution, theirs(peer, model, x, x0, rule, n))


@pytest.mark.parametrize("rule", RULES)
def test_with_another_baseline_it_is_captums_too(rule, zoo_model, peer):
    model, x = doubled("shapes", zoo_model)
    x0 = networks.random(*x.shape, seed=7, dtype=torch.float64)
    ours = xk.integrated_gradients(model, x, target=1, baseline=x0, rule=rule, n_steps=9)
    close(ours.attribution, theirs(peer, model, x, x0, rule, 9))


@pytest.mark.parametrize("network", ZOO)
def test_single_precision_agrees_as_far_as_float32_allows(network, zoo_model, peer):
    model, x = zoo_model(network)
    n = 3 if network == "squeezenet1_0" else 20
    ours = xk.integrated_gradients(model, x, target=1, n_steps=n, keep="result")
    close_in_single_precision(ours.attribution, theirs(peer, model, x, torch.zeros_like(x), "midpoint", n))


def test_the_trapezoid_rule_of_captum_undersums_and_ours_does_not(peer):
    model, x = networks.linear([3, -2], 5), networks.tensor(2, 3)
    ours = xk.integrated_gradients(model, x, rule="trapezoid", n_steps=4).attribution
    unscaled = peer.IntegratedGradients(model).attribute(
        x[None], target=0, n_steps=4, method="riemann_trapezoid"
    )
    assert ours.tolist() == pytest.approx([6, -6])
    assert unscaled[0].tolist() == pytest.approx([4.5, -4.5])


@pytest.mark.parametrize("network", SMALL)
def test_the_completeness_check_is_captums_convergence_delta(network, zoo_model, peer):
    model, x = doubled(network, zoo_model)
    (check,) = xk.integrated_gradients(model, x, target=1, n_steps=10).checks
    _, delta = peer.IntegratedGradients(model).attribute(
        x[None], target=1, n_steps=10, method="riemann_middle", return_convergence_delta=True
    )
    assert check.difference == pytest.approx(delta.item(), rel=1e-6, abs=1e-10)


class InChannelsLast(torch.nn.Module):
    """A model asked as xaikit asks it: the sums inside a convolution are then formed in the same order."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x.clone(memory_format=torch.channels_last))


@pytest.mark.parametrize("network", ZOO)
@pytest.mark.parametrize("rule", RULES)
def test_given_the_same_points_and_layout_single_precision_agrees_to_1e5(
    rule, network, zoo_model, peer, monkeypatch
):
    """What is left otherwise are ties: equal numbers in a flat region, where the last bit of α decides."""
    from captum.attr._core import integrated_gradients as captum_ig

    model, x = zoo_model(network)
    n = 8 if network == "squeezenet1_0" else 30
    ours = xk.integrated_gradients(model, x, target=1, rule=rule, n_steps=n)
    alphas, weights = ours["alphas"].tolist(), ours["weights"].tolist()
    sizes, points = captum_ig.approximation_parameters(RULES[rule])
    scale = n / (n - 1) if rule == "trapezoid" else 1
    assert points(n) == pytest.approx(alphas, abs=1e-6)
    assert [scale * s for s in sizes(n)] == pytest.approx(weights, abs=1e-6)

    same = (lambda n: weights), (lambda n: alphas)
    monkeypatch.setattr(captum_ig, "approximation_parameters", lambda method: same)
    explainer = peer.IntegratedGradients(InChannelsLast(model))
    options = {"target": 1, "n_steps": n, "method": "riemann_left"}  # all points in one batch, as ours here
    theirs_then = explainer.attribute(x[None], **options)
    ours = xk.integrated_gradients(model, x, target=1, rule=rule, n_steps=n, batch_size=n, keep="result")
    close(ours.attribution, theirs_then)


# Blur-IG ---------------------------------------------------------------------------------------------------

AS_SALIENCY = {"spacing": "linear", "rule": "right"}  # it counts σ up from 0, we count it down to 0


def last(x):
    """(C, H, W) → (H, W, C), as saliency has its pictures."""
    return np.moveaxis(x.cpu().numpy(), 0, -1)


def first(mask):
    """(H, W, C) → (C, H, W)."""
    return torch.from_numpy(np.moveaxis(mask, -1, 0))


def blur_cut_off_at(truncate):
    """scipy's blur, black beyond the edges, its kernel cut off at that many σ (saliency leaves it at 4)."""

    def blur(image, sigma):
        if sigma == 0:
            return image
        return gaussian_filter(image, sigma=[sigma, sigma, 0], mode="constant", truncate=truncate)

    return blur


@pytest.mark.parametrize("max_sigma", [2.0, 8.0])
@pytest.mark.parametrize("network", [n for n in [*ZOO, *SMALL] if n != "squeezenet1_0"])
def test_blur_ig_is_saliencys_with_a_whole_kernel_and_a_derivative(
    network, max_sigma, zoo_model, pair, asked, monkeypatch
):
    model, x = doubled(network, zoo_model)
    monkeypatch.setattr(pair.blur_ig, "gaussian_blur", blur_cut_off_at(14))
    given = {"max_sigma": max_sigma, "steps": 12, "grad_step": 1e-7, "batch_size": 4}
    theirs = pair.BlurIG().GetMask(last(x), asked(model), **given)
    ours = xk.blur_integrated_gradients(
        model, x, target=1, max_sigma=max_sigma, n_steps=12, **AS_SALIENCY, keep="result"
    )
    close(ours.attribution, first(theirs))


def test_blur_ig_is_saliencys_on_squeezenet(zoo_model, pair, asked, monkeypatch):
    model, x = doubled("squeezenet1_0", zoo_model)
    monkeypatch.setattr(pair.blur_ig, "gaussian_blur", blur_cut_off_at(14))
    theirs = pair.BlurIG().GetMask(last(x), asked(model), max_sigma=5.0, steps=3, grad_step=1e-7)
    options = {"max_sigma": 5.0, "n_steps": 3, "keep": "result"}
    close(
        xk.blur_integrated_gradients(model, x, target=1, **options, **AS_SALIENCY).attribution, first(theirs)
    )


@pytest.mark.parametrize("network", ["shapes", "photos", *SMALL])
def test_as_it_is_saliencys_blur_ig_differs_by_its_cut_off_and_its_difference_quotient(
    network, zoo_model, pair, asked
):
    """Of the largest value, measured: the kernel's end at 4 σ up to 1.1 %, the difference over 0.01 up to 2.

    The difference looks forward, so it is the slope at σ + 0.005, which is off most where σ is small and the
    slope changes fast. The kernel that ends at 4 σ lacks 0.006 % of its mass, but far out lies much of what
    ∂/∂σ adds: it grows there with the square of the distance.
    """
    model, x = doubled(network, zoo_model)
    theirs = pair.BlurIG().GetMask(last(x), asked(model), max_sigma=8.0, steps=12)
    ours = xk.blur_integrated_gradients(model, x, target=1, max_sigma=8.0, n_steps=12, **AS_SALIENCY)
    close(ours.attribution, first(theirs), relative=0.025)
    pair_of_maps = torch.stack([ours.attribution.flatten(), first(theirs).to(x).flatten()])
    assert torch.corrcoef(pair_of_maps)[0, 1] > 0.9999


# Guided IG -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_distance", [0.0, 0.02, 0.3, 1.0])
@pytest.mark.parametrize("fraction", [0.1, 0.25, 1.0])
@pytest.mark.parametrize("network", ["shapes", *SMALL])
def test_guided_ig_is_saliencys(network, fraction, max_distance, zoo_model, pair, asked):
    model, x = doubled(network, zoo_model)
    x0 = networks.random(*x.shape, seed=7, dtype=torch.float64) if network in SMALL else torch.zeros_like(x)
    given = {"fraction": fraction, "x_steps": 12, "max_dist": max_distance, "x_baseline": last(x0)}
    theirs = pair.GuidedIG().GetMask(last(x), asked(model), **given)
    options = {"n_steps": 12, "fraction": fraction, "max_distance": max_distance, "keep": "result"}
    ours = xk.guided_integrated_gradients(model, x, target=1, baseline=x0, **options)
    close(ours.attribution, first(theirs))


@pytest.mark.parametrize("network", ["photos", "squeezenet1_0"])
def test_guided_ig_is_saliencys_on_larger_pictures(network, zoo_model, pair, asked):
    model, x = doubled(network, zoo_model)
    n = 3 if network == "squeezenet1_0" else 12
    theirs = pair.GuidedIG().GetMask(last(x), asked(model), x_steps=n)
    close(
        xk.guided_integrated_gradients(model, x, target=1, n_steps=n, keep="result").attribution,
        first(theirs),
    )


@pytest.mark.parametrize("network", ["shapes", "photos", *SMALL])
@pytest.mark.parametrize("fraction", [0.1, 1.0])
def test_tied_to_the_line_guided_ig_is_captums_left_riemann_sum(network, fraction, zoo_model, peer):
    model, x = doubled(network, zoo_model)
    x0 = nearly_black(x)
    options = {"max_distance": 0, "fraction": fraction, "n_steps": 12, "keep": "result"}
    ours = xk.guided_integrated_gradients(model, x, target=1, baseline=x0, **options)
    close(ours.attribution, theirs(peer, model, x, x0, "left", 12))


# Expected gradients ----------------------------------------------------------------------------------------

DRAWS = 2000


@pytest.fixture
def theirs_seeded():
    """captum draws from the global generators of numpy and torch; they are put back as they were."""
    numpy_state = np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        np.random.seed(5), torch.manual_seed(5)
        yield
    np.random.set_state(numpy_state)


@pytest.mark.parametrize("rows", [1, 2, 5])
@pytest.mark.parametrize("network", SMALL)
def test_expected_gradients_are_captums_within_their_standard_errors(
    network, rows, zoo_model, peer, theirs_seeded
):
    """Two independent means of 2,000 draws each: their difference has √2 times the error of one."""
    model, x = doubled(network, zoo_model)
    background = networks.random(rows, *x.shape, seed=3, dtype=torch.float64)
    ours = xk.gradient_shap(model, x, target=1, background=background, n_samples=DRAWS, seed=1)
    explainer = peer.GradientShap(model)
    given = {"n_samples": DRAWS, "stdevs": 0.0, "target": 1}
    theirs_then = explainer.attribute(x[None], background, **given)[0].detach().to(x)

    apart = (ours.attribution - theirs_then).abs() / (2**0.5 * ours["standard_error"])
    assert (apart <= 3).double().mean() > 0.98, "of a normal distribution 99.7 % lie within three"
    assert apart.max() < 6
    sums = ours["samples"].flatten(1).sum(1)
    difference = (ours.attribution.sum() - theirs_then.sum()).abs()
    assert difference <= 3 * 2**0.5 * sums.std() / DRAWS**0.5


@pytest.mark.parametrize("network", ["shapes"])
def test_on_a_trained_network_expected_gradients_are_captums_too(network, zoo_model, peer, theirs_seeded):
    model, x = zoo_model(network)
    background = xk.data.shapes(4, seed=1).images.to(x)
    options = {"target": 1, "background": background, "n_samples": 300, "seed": 2}
    ours = xk.gradient_shap(model, x, **options)
    explainer = peer.GradientShap(model)
    theirs_then = explainer.attribute(x[None], background, n_samples=300, stdevs=0.0, target=1)[0].detach()
    apart = (ours.attribution - theirs_then).abs() / (2**0.5 * ours["standard_error"] + 1e-12)
    assert (apart <= 3).double().mean() > 0.97
    sums = ours["samples"].flatten(1).sum(1)
    difference = (ours.attribution.sum() - theirs_then.sum()).abs()
    assert difference <= 3 * 2**0.5 * sums.std() / 300**0.5


@pytest.mark.parametrize("n", [2, 7])
def test_on_a_linear_model_captum_and_we_say_the_same_for_any_number_of_draws(n, peer):
    model, x = networks.linear([1, -2, 3]), networks.tensor(1, 2, 3)
    ours = xk.gradient_shap(model, x, background=torch.zeros(1, 3), n_samples=n)
    theirs_then = peer.GradientShap(model).attribute(x[None], torch.zeros(1, 3), n_samples=n, target=0)
    assert ours.attribution.tolist() == pytest.approx([1, -4, 9])
    close(ours.attribution, theirs_then)
