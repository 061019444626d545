"""Against captum and zennit: deconvnet, guided backpropagation, LRP, DeepLIFT, DeepSHAP.

Where they differ, and why:
- captum's hooks miss functional ReLUs and refuse modules that are used twice; on module ReLUs the two agree
  to the last bit, given the same layout in memory.
- captum's DeepLIFT loses the multiplier where two nonlinear modules follow each other directly (its tensor
  hooks then run in the wrong order, and its own convergence delta is not zero), and it undoes overlapping
  windows of a maximum by overwriting. Here the copy that captum sees has a factor of 1 around its maxima.
- zennit's merged batch norms still divide by sqrt(1 + eps): eps is 0 here. Its w_square counts the bias.
"""

import copy
import warnings

import pytest
import torch
import torchvision
from torch import nn

import xaikit as xk

from .. import networks
from .agreement import close, doubled


@pytest.fixture(scope="module")
def zennit():
    return pytest.importorskip("zennit")


def narrow_vgg() -> nn.Module:
    """VGG-11 with an eighth of its channels and 64 hidden units: all of its layers, and little work."""
    with torch.device("meta"):  # VGG makes a classifier of 120 million numbers, which is replaced
        model = torchvision.models.VGG(nn.Sequential())
    eighth = [8, "M", 16, "M", 32, 32, "M", 64, 64, "M", 64, 64, "M"]
    model.features = torchvision.models.vgg.make_layers(eighth)
    sizes = {0: (64 * 49, 64), 3: (64, 64), 6: (64, 10)}
    for k, (inputs, outputs) in sizes.items():
        model.classifier[k] = nn.Linear(inputs, outputs)
    return model


def bare_network(name, zoo_model):
    """A network without the wrapper, so that both sides see the same input, in double precision."""
    if name in ("shapes", "photos"):
        model, x = doubled(name, zoo_model)
        return model.model, ((x - model.mean) / model.std).detach()
    if name == "squeezenet1_0":
        model, x = doubled(name, zoo_model)
        return model.model, ((x - model.mean) / model.std)[:, 60:156, 60:156].detach()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = (
            narrow_vgg() if name == "vgg11" else torchvision.models.get_model(name, weights=None)
        ).double()
        model = model.eval().to(networks.DEVICE)
    for k, m in enumerate(m for m in model.modules() if isinstance(m, nn.BatchNorm2d)):
        m.eps = 0.0
        for values, low in (
            (m.running_mean, -0.1),
            (m.running_var, 0.5),
            (m.weight.data, 0.7),
            (m.bias.data, -0.1),
        ):
            values.copy_(networks.random(len(values), seed=k, dtype=torch.float64) * 0.5 + low)
    return model, networks.random(3, 64, 64, dtype=torch.float64)


# Guided backpropagation and deconvnet --------------------------------------------------------------------

CAPTUM = {"guided_backprop": "GuidedBackprop", "deconvnet": "Deconvolution"}


@pytest.mark.parametrize("precision", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", CAPTUM)
@pytest.mark.parametrize("network", ["shapes", "photos", "squeezenet1_0", "small"])
def test_on_module_relus_both_agree_to_the_last_bit(name, network, precision, zoo_model, peer, one_thread):
    if network == "small":
        model, x = networks.small_cnn(), networks.random(3, 16, 16)
    else:
        model, x = zoo_model(network)
    model, x = copy.deepcopy(model).to(precision), x.to(precision)
    ours = getattr(xk, name)(model, x, target=1)
    theirs = copy.deepcopy(model)
    for m in theirs.modules():
        if isinstance(m, nn.ReLU):
            m.inplace = False  # captum's hooks do not survive it
    leaf = x[None].contiguous(memory_format=torch.channels_last)  # the layout in which ours runs
    expected = getattr(peer, CAPTUM[name])(theirs).attribute(leaf, target=1)[0]
    assert torch.equal(ours.attribution, expected)


@pytest.mark.parametrize("name", CAPTUM)
def test_where_captum_sees_no_relu_it_gives_the_plain_gradient_and_ours_the_rule(name, peer):
    model, x = networks.functional_relu_cnn().double(), networks.random(3, 8, 8, dtype=torch.float64)
    silent = getattr(peer, CAPTUM[name])(model).attribute(x[None], target=1)[0]
    slope = xk.saliency(model, x, target=1)["gradient"]
    torch.testing.assert_close(silent, slope)
    ours = getattr(xk, name)(model, x, target=1).attribution
    assert (ours - slope).abs().max() > 0.01 * slope.abs().max()


def test_a_residual_network_with_functional_relus_is_the_one_with_modules(peer):
    class Block(nn.Module):
        def __init__(self, functional: bool) -> None:
            super().__init__()
            made = networks.functional_relu_cnn().double()
            self.first, self.second, self.last = made.first, made.second, made.last
            self.functional, self.one, self.two = functional, nn.ReLU(), nn.ReLU()

        def forward(self, x):
            one, two = (nn.functional.relu, torch.relu) if self.functional else (self.one, self.two)
            hidden = nn.functional.max_pool2d(one(self.first(x)), 2)
            hidden = two(hidden + self.second(hidden))
            return self.last(nn.functional.adaptive_avg_pool2d(hidden, 2).flatten(1))

    x = networks.random(3, 8, 8, dtype=torch.float64)
    modules, functional = (Block(f).to(networks.DEVICE) for f in (False, True))
    for name, theirs in CAPTUM.items():
        ours = getattr(xk, name)(functional, x, target=1).attribution
        close(ours, getattr(peer, theirs)(modules).attribute(x[None], target=1))


def test_guided_grad_cam_is_captums(zoo_model, peer):
    model, x = doubled("photos", zoo_model)
    layer = model.get_submodule(model.feature_layer)
    ours = xk.guided_grad_cam(model, x, target=1)
    close(ours.attribution, peer.GuidedGradCam(model, layer).attribute(x[None], target=1))


# LRP -----------------------------------------------------------------------------------------------------

NETWORKS = ["shapes", "vgg11", "resnet18"]


def relevance(zennit, model, x, composite, target=1):
    from zennit.attribution import Gradient

    leaf = x[None].clone().requires_grad_()
    seed = lambda out: torch.eye(out.shape[1]).to(out)[[target]] * out  # noqa: E731
    with Gradient(model, composite) as attributor:
        return attributor(leaf, seed)[1][0]


def canonizers(network):
    from zennit.torchvision import ResNetCanonizer, VGGCanonizer

    return {"resnet18": [ResNetCanonizer], "vgg11": [VGGCanonizer]}.get(network, [])


def single(rule):
    """A composite with one rule for every layer with weights; for z_box: for the first, epsilon elsewhere."""
    from zennit.composites import LayerMapComposite, SpecialFirstLayerMapComposite, layer_map_base
    from zennit.rules import AlphaBeta, Epsilon, Flat, Gamma, WSquare, ZBox, ZPlus
    from zennit.types import Linear

    rules = {
        "epsilon": Epsilon(1e-6), "gamma": Gamma(0.25), "alpha_beta": AlphaBeta(2, 1), "z_plus": ZPlus(),
        "flat": Flat(), "w_square": WSquare(zero_params="bias"),
    }  # fmt: skip
    base = layer_map_base()
    if rule == "z_box":
        first = [(Linear, ZBox(low=-3.0, high=3.0))]
        return lambda canonizers: SpecialFirstLayerMapComposite(
            [*base, (Linear, Epsilon(1e-6))], first, canonizers=canonizers
        )
    return lambda canonizers: LayerMapComposite([*base, (Linear, rules[rule])], canonizers=canonizers)


@pytest.mark.parametrize("rule", ["epsilon", "gamma", "alpha_beta", "z_plus", "flat", "w_square", "z_box"])
@pytest.mark.parametrize("network", NETWORKS)
def test_each_rule_is_zennits(rule, network, zoo_model, zennit):
    model, x = bare_network(network, zoo_model)
    first = next(n for n, m in model.named_modules() if isinstance(m, nn.Conv2d))
    options = {"rules": {first: "z_box"}, "box": (-3.0, 3.0)} if rule == "z_box" else {"rules": rule}
    ours = xk.lrp(model, x, target=1, keep="result", **options)
    composite = single(rule)([c() for c in canonizers(network)])
    close(ours.attribution, relevance(zennit, model, x, composite))


COMPOSITES = {
    "epsilon-plus": "EpsilonPlus",
    "epsilon-plus-flat": "EpsilonPlusFlat",
    "epsilon-gamma-box": "EpsilonGammaBox",
    "epsilon-alpha2-beta1": "EpsilonAlpha2Beta1",
    "epsilon-alpha2-beta1-flat": "EpsilonAlpha2Beta1Flat",
}


@pytest.mark.parametrize("name", COMPOSITES)
@pytest.mark.parametrize("network", NETWORKS)
def test_each_composite_is_zennits(name, network, zoo_model, zennit):
    import zennit.composites

    model, x = bare_network(network, zoo_model)
    options = {"low": -3.0, "high": 3.0} if name == "epsilon-gamma-box" else {}
    build = getattr(zennit.composites, COMPOSITES[name])
    composite = build(canonizers=[c() for c in canonizers(network)], **options)
    ours = xk.lrp(model, x, target=1, rules=name, box=(-3.0, 3.0), keep="result")
    close(ours.attribution, relevance(zennit, model, x, composite))


def test_with_the_box_of_the_picture_the_wrapper_moves_it_as_zennit_is_told(zoo_model, zennit):
    from zennit.composites import EpsilonGammaBox

    model, x = doubled("photos", zoo_model)
    low, high = ((v - model.mean[None]) / model.std[None] for v in (0.0, 1.0))
    composite = EpsilonGammaBox(low=low, high=high)
    theirs = relevance(zennit, model.model, (x - model.mean) / model.std, composite)
    close(xk.lrp(model, x, target=1, rules="epsilon-gamma-box").attribution, theirs)


def test_deep_taylor_is_zennits_z_plus_without_biases_and_its_box(zoo_model, zennit):
    from zennit.composites import SpecialFirstLayerMapComposite, layer_map_base
    from zennit.rules import ZBox, ZPlus
    from zennit.types import Linear

    model, x = bare_network("shapes", zoo_model)
    layers = [*layer_map_base(), (Linear, ZPlus(zero_params="bias"))]
    composite = SpecialFirstLayerMapComposite(layers, [(Linear, ZBox(low=-3.0, high=3.0))])
    ours = xk.deep_taylor(model, x, target=1, box=(-3.0, 3.0))
    close(ours.attribution, relevance(zennit, model, x, composite))


# DeepLIFT and DeepSHAP -----------------------------------------------------------------------------------


class Once(nn.Module):
    """Times one: an operation of its own between two nonlinear modules."""

    def forward(self, x):
        return x * 1


def apart(model: nn.Module) -> nn.Module:
    """A copy in which no nonlinear module follows another directly."""
    copied = copy.deepcopy(model)
    for parent in list(copied.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.MaxPool2d):
                setattr(parent, name, nn.Sequential(Once(), child, Once()))
    return copied


@pytest.mark.parametrize("network", ["shapes", "photos", "vgg11"])
def test_deep_lift_is_captums(network, zoo_model, peer):
    model, x = bare_network(network, zoo_model)
    x0 = 0.1 * networks.random(*x.shape, seed=5, dtype=torch.float64)
    theirs, delta = peer.DeepLift(apart(model)).attribute(
        x[None], x0[None], target=1, return_convergence_delta=True
    )
    assert delta.abs().item() < 1e-8
    close(xk.deep_lift(model, x, target=1, baseline=x0).attribution, theirs)


def test_captums_own_delta_shows_that_it_loses_a_multiplier(zoo_model, peer):
    """ReLU, then MaxPool: if this fails, captum has mended it, and `apart` can go."""
    model, x = bare_network("shapes", zoo_model)
    x0 = 0.1 * networks.random(*x.shape, seed=5, dtype=torch.float64)
    _, delta = peer.DeepLift(copy.deepcopy(model)).attribute(
        x[None], x0[None], target=1, return_convergence_delta=True
    )
    assert delta.abs().item() > 1e-3
    assert abs(xk.deep_lift(model, x, target=1, baseline=x0).checks[0].difference) < 1e-9


@pytest.mark.parametrize("network", ["shapes", "photos"])
def test_deep_shap_is_captums(network, zoo_model, peer):
    model, x = bare_network(network, zoo_model)
    background = networks.random(4, *x.shape, seed=6, dtype=torch.float64)
    ours = xk.deep_shap(model, x, target=1, background=background, batch_size=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peer.DeepLiftShap(apart(model)).attribute(x[None], background, target=1)
    close(ours.attribution, theirs)


def test_the_reference_case_of_deep_shap(peer):
    """Backgrounds of the reference figures: (0.6, -1.9333), where exact Shapley values are (-1/6, -7/6)."""
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1)).double()
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[1.0, -1], [2, 1]])), net[0].bias.copy_(torch.tensor([0.0, -1]))
        net[2].weight.copy_(torch.tensor([[3.0, -1]])), net[2].bias.fill_(0.5)
    net.to(networks.DEVICE)
    x = networks.tensor(2.0, 1, dtype=torch.float64)
    background = torch.tensor([[0.0, 0], [1, 0], [0, 2]], dtype=torch.float64, device=x.device)
    ours = xk.deep_shap(net, x, background=background)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = peer.DeepLiftShap(net).attribute(x[None], background, target=0)
    close(ours.attribution, theirs)
    expected = networks.tensor(0.6, -1.933333, dtype=torch.float64)
    torch.testing.assert_close(ours.attribution, expected, atol=1e-5, rtol=0)
    rows = [networks.tensor(*row, dtype=torch.float64) for row in ((2.8, -3.8), (1.0, -4.0), (-2.0, 2.0))]
    torch.testing.assert_close(ours["per_reference"], torch.stack(rows), atol=1e-5, rtol=0)
