"""Against captum: Saliency, InputXGradient and NoiseTunnel. `agreement` explains the tolerances."""

import pytest
import torch

import xaikit as xk

from .. import networks
from .agreement import SMALL, ZOO, close, close_in_single_precision, doubled, everywhere

TYPES = {"smoothgrad": "smoothgrad", "smoothgrad_squared": "smoothgrad_sq", "vargrad": "vargrad"}


@everywhere
def test_saliency_is_captums(network, zoo_model, peer):
    model, x = doubled(network, zoo_model)
    ours = xk.saliency(model, x, target=1)
    close(ours.attribution, peer.Saliency(model).attribute(x[None], target=1))
    close(ours["gradient"], peer.Saliency(model).attribute(x[None], target=1, abs=False))


@everywhere
def test_input_x_gradient_is_captums(network, zoo_model, peer):
    model, x = doubled(network, zoo_model)
    ours = xk.input_x_gradient(model, x, target=2)
    close(ours.attribution, peer.InputXGradient(model).attribute(x[None], target=2))


@pytest.mark.parametrize("network", ZOO)
def test_single_precision_agrees_as_far_as_float32_allows(network, zoo_model, peer):
    model, x = zoo_model(network)
    slope = xk.saliency(model, x, target=1)["gradient"]
    close_in_single_precision(slope, peer.Saliency(model).attribute(x[None], target=1, abs=False))
    ours = xk.input_x_gradient(model, x, target=1)
    close_in_single_precision(ours.attribution, peer.InputXGradient(model).attribute(x[None], target=1))


@pytest.mark.parametrize("name", TYPES)
@everywhere
def test_with_the_same_noise_the_samplers_are_captums_noise_tunnel(
    name, network, zoo_model, peer, monkeypatch
):
    """captum draws with torch.normal: here it is handed the noise of our own noisy inputs."""
    model, x = doubled(network, zoo_model)
    ours = getattr(xk, name)(model, x, target=0, n_samples=4, noise_std=0.1)
    noise = ours["noisy_inputs"] - x
    monkeypatch.setattr(torch, "normal", lambda mean, std: noise.reshape(std.shape).clone())
    tunnel = peer.NoiseTunnel(peer.Saliency(model))
    theirs = tunnel.attribute(x[None], nt_type=TYPES[name], nt_samples=4, stdevs=0.1, target=0, abs=False)
    # captum's variance is the mean square less the squared mean: it loses digits where they nearly cancel.
    close(ours.attribution, theirs, 1e-5)


@pytest.mark.parametrize("name", ["smoothgrad", "smoothgrad_squared"])
@pytest.mark.parametrize("network", SMALL)
def test_without_noise_the_samplers_are_captums_noise_tunnel(name, network, zoo_model, peer):
    model, x = doubled(network, zoo_model)
    ours = getattr(xk, name)(model, x, target=0, n_samples=3, noise_std=0)
    tunnel = peer.NoiseTunnel(peer.Saliency(model))
    theirs = tunnel.attribute(x[None], nt_type=TYPES[name], nt_samples=3, stdevs=0.0, target=0, abs=False)
    close(ours.attribution, theirs)


@pytest.mark.parametrize("name", TYPES)
def test_with_noise_of_their_own_the_samplers_agree_in_distribution(name, peer):
    """Ten runs on either side, 400 samples each: in no input do the means lie five standard errors apart."""
    model, x = networks.smooth_mlp(), networks.random(8, dtype=torch.float64)
    tunnel = peer.NoiseTunnel(peer.Saliency(model))
    options = {"nt_type": TYPES[name], "nt_samples": 400, "stdevs": 0.15, "target": 0, "abs": False}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        theirs = torch.stack([tunnel.attribute(x[None], **options)[0].detach() for _ in range(10)])
    ours = torch.stack(
        [
            getattr(xk, name)(model, x, target=0, n_samples=400, seed=k, keep="result").result
            for k in range(10)
        ]
    )
    error = (ours.var(0) / 10 + theirs.var(0) / 10).sqrt()
    assert ((ours.mean(0) - theirs.mean(0)).abs() < 5 * error).all()
