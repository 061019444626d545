"""Against captum: IntegratedGradients, rule by rule.

captum's trapezoid weights sum to (n - 1)/n, its own tests hold them so; ours sum to one, as the integral
asks. The two differ by that factor and nothing else. `agreement` explains the tolerances.
"""

import pytest
import torch

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
    x0 = torch.zeros_like(x)
    ours = xk.integrated_gradients(model, x, target=1, rule=rule, n_steps=n, keep="result")
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
