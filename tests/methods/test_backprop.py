"""Backward rules against the reference figures and against slow loops straight from the definitions."""

import pytest
import torch
import torch.nn.functional as nnf
from torch import nn

import xaikit as xk

from .. import networks
from ..networks import same_state, state, tensor

DECONV = tensor([2.0, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1])
GUIDED = tensor([1.0, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1])


class TwiceAndFunctional(nn.Module):
    """CONV again, its ReLUs as functions, as one module used twice, or in place."""

    def __init__(self, way: str) -> None:
        super().__init__()
        made = networks.conv()
        self.conv, self.fc, self.way, self.relu = made.conv, made.fc, way, nn.ReLU(inplace=way == "in place")

    def rectify(self, x):
        if self.way == "functional":
            return nnf.relu(x)
        if self.way == "method":
            return x.relu_()
        if self.way == "clamp":
            return x.clamp(min=0)
        if self.way == "written over":
            nnf.relu_(x)
            return x
        return self.relu(x)

    def forward(self, x):
        return self.rectify(self.fc(self.rectify(self.conv(x)).flatten(1)))


WAYS = ["module twice", "functional", "method", "clamp", "in place", "written over"]


# Deconvnet and guided backpropagation --------------------------------------------------------------------


def test_deconvnet_on_the_reference_network():
    torch.testing.assert_close(
        xk.deconvnet(networks.conv(), networks.ramp(), target=0).attribution[0], DECONV
    )


def test_guided_backprop_on_the_reference_network():
    ours = xk.guided_backprop(networks.conv(), networks.ramp() + 1, target=0)
    torch.testing.assert_close(ours.attribution[0], GUIDED)


@pytest.mark.parametrize("way", WAYS)
def test_however_a_relu_is_written_the_rule_meets_it(way):
    model = TwiceAndFunctional(way).to(networks.DEVICE)
    deconv = xk.deconvnet(model, networks.ramp(), target=0)
    torch.testing.assert_close(deconv.attribution[0], DECONV)
    guided = xk.guided_backprop(model, networks.ramp() + 1, target=0)
    torch.testing.assert_close(guided.attribution[0], GUIDED)
    assert len(guided["relu_signals"]) == 2


def test_a_signal_is_what_arrived_and_what_was_handed_on():
    signals = xk.guided_backprop(networks.conv(), networks.ramp(), target=0)["relu_signals"]
    assert list(signals) == ["r1", "r2"]
    arrived, handed_on = signals["r1"]
    # The gradient of the score at r1 is 1 in the first channel and (1, -1, -1, -1) in the second.
    torch.testing.assert_close(arrived, tensor([[1.0, 1], [1, 1]], [[1, -1], [-1, -1]]))
    # r1 is open at 4, 31, 40 and at 6, 15; only what is positive goes on.
    torch.testing.assert_close(handed_on, tensor([[0.0, 1], [1, 1]], [[0, 0], [0, 0]]))


def test_the_switches_are_where_the_maxima_were_found():
    model = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(4, 1)).to(networks.DEVICE)
    x = networks.random(1, 4, 4)
    switches = xk.deconvnet(model, x)["switches"]["1"]
    places = nnf.max_pool2d(x[None], 2, return_indices=True)[1][0]
    assert torch.equal(switches, places)


@pytest.mark.parametrize("name", ["deconvnet", "guided_backprop"])
@pytest.mark.parametrize("build", [networks.m4, networks.smooth_mlp])
def test_a_network_without_a_relu_is_an_error_and_no_silent_gradient(name, build):
    model = build()
    if build is networks.m4:
        model.relu = nn.Identity()
    x = networks.random(3 if build is networks.m4 else 8, dtype=next(model.parameters()).dtype)
    with pytest.raises(xk.errors.ModelError, match="no ReLU"):
        getattr(xk, name)(model, x)


def test_relu6_is_a_relu_with_a_ceiling():
    model = nn.Sequential(nn.Linear(1, 1, bias=False), nn.ReLU6())
    with torch.no_grad():
        model[0].weight.fill_(1)
    model.to(networks.DEVICE)
    slopes = [xk.guided_backprop(model, tensor(v)).attribution.item() for v in (-1.0, 3, 7)]
    assert slopes == [0, 1, 0]


# LRP -----------------------------------------------------------------------------------------------------


def one_layer(bias=(0.0, 0.0)) -> nn.Module:
    layer = nn.Linear(3, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, -1, 2], [0, 3, -1]]))
        layer.bias.copy_(torch.tensor(bias))
    return nn.Sequential(layer).to(networks.DEVICE)


#: W = [[1, -1, 2], [0, 3, -1]], x = (1, 2, 3), z = (5, 3), relevance (10, 6); from the reference figures.
ONE_LAYER = [
    ({"rules": "zero"}, (2, 8, 6)),
    ({"rules": "epsilon", "epsilon": 0.0}, (2, 8, 6)),
    ({"rules": "epsilon", "epsilon": 1.0}, (1.666667, 5.666667, 5.5)),
    ({"rules": "z_plus"}, (1.428571, 6, 8.571429)),
    ({"rules": "alpha_beta", "alpha": 2.0}, (2.857143, 2, 11.142857)),
    ({"rules": "gamma", "gamma": 0.25}, (1.851852, 7.037037, 7.111111)),
    ({"rules": "gamma", "gamma": 1.0}, (1.666667, 6.333333, 8)),
    ({"rules": "z_box", "box": (0, 4)}, (1.111111, 7.365079, 7.523810)),
    ({"rules": "w_square"}, (1.666667, 7.066667, 7.266667)),
    ({"rules": "flat"}, (16 / 3, 16 / 3, 16 / 3)),
    ({"rules": {"0": "flat"}}, (16 / 3, 16 / 3, 16 / 3)),
]


@pytest.mark.parametrize(("options", "expected"), ONE_LAYER)
def test_every_rule_on_one_layer(options, expected):
    # The output is (5, 3); twice its sum is a score in which (10, 6) is the relevance of the two.
    target = lambda out: 2 * out.sum(1)  # noqa: E731
    ours = xk.lrp(one_layer(), tensor(1.0, 2, 3), target=target, **options)
    torch.testing.assert_close(ours.attribution, tensor(*map(float, expected)), atol=1e-4, rtol=0)


def test_epsilon_on_the_reference_networks():
    slrp = xk.lrp(networks.slrp(), tensor(1.0, 2, 3), rules="epsilon")
    torch.testing.assert_close(slrp.attribution, tensor(18.0, 36, 54), atol=1e-3, rtol=0)
    assert slrp.checks[0].holds
    thrice = xk.lrp(networks.slrp(), tensor(3.0, 6, 9), rules="epsilon")
    torch.testing.assert_close(thrice.attribution, tensor(54.0, 108, 162), atol=1e-3, rtol=0)
    m4 = xk.lrp(networks.m4(), tensor(1.0, 2, 3), target=0, rules="epsilon")
    torch.testing.assert_close(m4.attribution, tensor(3.0, 6, 9), atol=1e-4, rtol=0)


def lrp2() -> nn.Module:
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 2))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[1, -2, 0.5], [2, 1, -1]]))
        net[0].bias.copy_(torch.tensor([0.5, -1]))
        net[2].weight.copy_(torch.tensor([[1.0, -1], [-2, 3]]))
        net[2].bias.copy_(torch.tensor([0.25, -0.5]))
    return net.to(networks.DEVICE)


def test_what_biases_take_is_missing_at_the_input():
    ours = xk.lrp(lrp2(), tensor(2.0, -1, 3), target=0, rules="epsilon")
    torch.testing.assert_close(ours.attribution, tensor(2.0, 2, 1.5), atol=1e-4, rtol=0)
    assert ours.checks[0].difference == pytest.approx(
        -0.75, abs=1e-4
    )  # 0.25 of one bias and 0.5 of the other
    assert not ours.checks[0].holds


def test_tanh_is_passed_and_a_sum_is_shared():
    net = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Tanh(), nn.Linear(3, 1, bias=False))
    with torch.no_grad():
        net[0].weight.fill_(0.1), net[2].weight.fill_(0.1)
    ours = xk.lrp(net.to(networks.DEVICE), tensor(1.0, 2, 3), rules="epsilon", epsilon=0.0)
    torch.testing.assert_close(ours.attribution, tensor(0.0269, 0.0537, 0.0806), atol=1e-4, rtol=0)

    class Skip(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(2, 2, bias=False)
            with torch.no_grad():
                self.linear.weight.fill_(5)

        def forward(self, x):
            return self.linear(x) + x

    ours = xk.lrp(Skip().to(networks.DEVICE), tensor(2.0, 3), target=1, rules="epsilon")
    torch.testing.assert_close(ours.attribution, tensor(10.0, 18), atol=1e-3, rtol=0)


def test_a_maximum_hands_its_relevance_to_the_winner():
    class Pool(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Conv1d(1, 1, 1, bias=False)
            with torch.no_grad():
                self.scale.weight.fill_(2)

        def forward(self, x):
            return nnf.max_pool1d(self.scale(x.reshape(-1, 1, 4)), 2).flatten(1)

    ours = xk.lrp(Pool().to(networks.DEVICE), tensor(1.0, 2, 5, 6), target=1, rules="epsilon")
    torch.testing.assert_close(ours.attribution, tensor(0.0, 0, 0, 12), atol=1e-4, rtol=0)


# Each rule once more, with loops -------------------------------------------------------------------------


def slow(rule, x, W, b, R, low=0.0, high=1.0):
    """Σ_j share_ij R_j, one weight after the other, from the definitions of the papers."""
    z = [sum(x[i] * W[j][i] for i in range(len(x))) + b[j] for j in range(len(W))]
    up, down = (lambda v: max(v, 0.0)), (lambda v: min(v, 0.0))
    handed = [0.0] * len(x)
    for j, w in enumerate(W):
        contribution = [x[i] * w[i] for i in range(len(x))]
        if rule == "zero":
            shares = [c / z[j] for c in contribution]
        elif rule == "epsilon":
            shares = [c / (z[j] + (1e-6 if z[j] >= 0 else -1e-6)) for c in contribution]
        elif rule == "z_plus":
            whole = sum(map(up, contribution)) + up(b[j]) or 1.0  # nothing raises it: nobody gets a share
            shares = [up(c) / whole for c in contribution]
        elif rule == "alpha_beta":
            raised, lowered = sum(map(up, contribution)) + up(b[j]), sum(map(down, contribution)) + down(b[j])
            shares = [2 * up(c) / (raised or 1) - down(c) / (lowered or 1) for c in contribution]
        elif rule == "gamma":
            part = up if z[j] > 0 else down
            lifted = [c + 0.25 * part(c) for c in contribution]
            shares = [v / (sum(lifted) + b[j] + 0.25 * part(b[j])) for v in lifted]
        elif rule == "z_box":
            boxed = [x[i] * w[i] - low * up(w[i]) - high * down(w[i]) for i in range(len(x))]
            shares = [v / sum(boxed) for v in boxed]
        elif rule == "flat":
            shares = [1 / len(x)] * len(x)
        else:
            shares = [v**2 / sum(u**2 for u in w) for v in w]
        handed = [h + s * R[j] for h, s in zip(handed, shares, strict=True)]
    return handed


@pytest.mark.parametrize("rule", ["zero", "epsilon", "z_plus", "alpha_beta", "gamma", "flat", "w_square"])
@pytest.mark.parametrize("negative", [False, True])
def test_every_rule_is_its_definition_on_a_network_of_two_layers(rule, negative):
    net = networks.seeded(lambda: nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3)), seed=3).double()
    x = networks.random(5, seed=2, dtype=torch.float64) - (0.5 if negative else 0)
    hidden = net[1](net[0](x))
    output = net[2](hidden)
    R = [0.0, float(output[1].detach()), 0.0]
    lists = lambda layer: (layer.weight.tolist(), layer.bias.tolist())  # noqa: E731
    middle = slow(rule, hidden.tolist(), *lists(net[2]), R)
    expected = slow(rule, x.tolist(), *lists(net[0]), middle)
    ours = xk.lrp(net, x, target=1, rules=rule)
    torch.testing.assert_close(
        ours["relevances"]["0"].cpu(), torch.tensor(middle).double(), rtol=1e-4, atol=1e-7
    )
    torch.testing.assert_close(ours.attribution.cpu(), torch.tensor(expected).double(), rtol=1e-4, atol=1e-7)


def test_the_box_is_its_definition_and_moves_with_the_preprocessing():
    net = networks.seeded(
        lambda: nn.Sequential(nn.Conv2d(3, 4, 2), nn.Flatten(), nn.Linear(4, 1)), seed=5
    ).double()
    x = networks.random(3, 2, 2, seed=6, dtype=torch.float64)
    mean, std = (0.4, 0.5, 0.6), (0.2, 0.3, 0.25)
    ours = xk.lrp(xk.Preprocessed(net, mean, std), x, rules={"model.0": "z_box", "model.2": "epsilon"})
    m, s = (torch.tensor(v, dtype=torch.float64, device=x.device).reshape(3, 1, 1) for v in (mean, std))
    seen, low, high = ((v.expand(3, 2, 2) - m) / s for v in (x, torch.zeros_like(x), torch.ones_like(x)))
    expected = torch.zeros(12, dtype=torch.float64)
    for j in range(4):
        w = net[0].weight[j].detach().flatten()
        parts = seen.flatten() * w - low.flatten() * w.clamp(min=0) - high.flatten() * w.clamp(max=0)
        hidden = (seen.flatten() * w).sum() + net[0].bias[j].detach()
        arriving = hidden * net[2].weight[0, j].detach()
        expected += (parts / parts.sum() * arriving).cpu()
    torch.testing.assert_close(ours.attribution.flatten().cpu(), expected, rtol=1e-4, atol=1e-8)


def test_a_batch_norm_is_one_layer_with_its_convolution():
    def build():
        return nn.Sequential(
            nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.ReLU(), nn.Flatten(), nn.Linear(180, 2, bias=False)
        )

    net = networks.seeded(build).double()
    with torch.no_grad():
        for values in (net[1].running_mean, net[1].running_var, net[1].weight, net[1].bias):
            values.copy_(networks.random(5, seed=values.numel() + 1, dtype=torch.float64) + 0.3)
    merged = nn.Sequential(nn.utils.fuse_conv_bn_eval(net[0], net[1]), *net[2:])
    x = networks.random(3, 8, 8, dtype=torch.float64)
    for rule in ("epsilon", "z_plus", "gamma", "alpha_beta", "w_square"):
        one, other = (xk.lrp(model, x, target=1, rules=rule) for model in (net, merged))
        torch.testing.assert_close(one.attribution, other.attribution)
        assert "1" not in one["relevances"], "the two are one layer"


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (nn.MultiheadAttention(4, 1), "rule"),
        (nn.LayerNorm(4), "layer_norm"),
        (nn.Softmax(1), "softmax"),
        (nn.GroupNorm(2, 4), "group_norm"),
    ],
)
def test_what_relevance_has_no_rule_for_is_named_with_its_place(module, words):
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.first = module, nn.Linear(4, 4)

        def forward(self, x):
            x = self.first(x)
            return self.inner(x, x, x)[0] if isinstance(self.inner, nn.MultiheadAttention) else self.inner(x)

    for name in ("lrp", "deep_lift"):
        with pytest.raises(xk.errors.ModelError, match=words) as caught:
            getattr(xk, name)(Net().to(networks.DEVICE), networks.random(4))
        assert "inner" in str(caught.value)
        assert "integrated_gradients" in str(caught.value)


def test_a_layer_may_be_given_by_module_and_includes_what_lies_in_it():
    net = networks.small_cnn()
    x = networks.random(3, 8, 8)
    by_module = xk.lrp(net, x, rules={net[0]: "flat", "": "z_plus"})
    by_name = xk.lrp(net, x, rules={"0": "flat", "": "z_plus"})
    assert torch.equal(by_module.attribution, by_name.attribution)
    assert not torch.equal(by_name.attribution, xk.lrp(net, x, rules="z_plus").attribution)


BAD = [
    {"rules": "epsilonn"},
    {"rules": {"0": "plus"}},
    {"rules": {"nowhere": "flat"}},
    {"rules": 3},
    {"epsilon": -1},
    {"gamma": "big"},
    {"alpha": 0.5},
    {"box": (1, 0)},
    {"box": 1},
    {"rules": "z_box"},
    {"rules": {"0": "z_box"}, "box": (0.4, 0.6)},
]


@pytest.mark.parametrize("options", BAD)
def test_bad_options_of_lrp_say_what_to_try(options):
    with pytest.raises(xk.errors.XaikitError) as caught:
        xk.lrp(networks.small_cnn(), networks.random(3, 8, 8), **options)
    assert networks.SUGGESTION.search(str(caught.value)), str(caught.value)


def test_deep_taylor_is_never_negative_for_a_positive_score_and_keeps_the_whole_of_it():
    model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=3).images[0]
    model.to(networks.DEVICE)
    ours = xk.deep_taylor(model, x.to(networks.DEVICE))
    assert [c.name for c in ours.checks] == ["conservation", "positivity"]
    assert all(c.holds for c in ours.checks)
    assert ours.attribution.min() >= 0
    for R in ours["relevances"].values():
        assert R.sum().item() == pytest.approx(ours.prediction.score, rel=1e-3)


# DeepLIFT ------------------------------------------------------------------------------------------------


def test_deep_lift_on_the_reference_case():
    net = networks.Function(lambda x: 2 * nnf.relu(x[:, :1]) + 2 * nnf.relu(x[:, 1:] - 1.5))
    ours = xk.deep_lift(net, tensor(1.0, 2))
    torch.testing.assert_close(ours.attribution, tensor(2.0, 1))
    assert ours.checks[0].difference == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("x0", "expected"), [((1.0, 2, 3, 9), (0.0, 0, 0, -8)), ((4.0, 8, 6, 7), (0.0, -7, 0, 0))]
)
def test_a_maximum_belongs_to_the_place_of_the_higher_one(x0, expected):
    net = networks.Function(lambda x: nnf.max_pool1d(x[:, None], 4)[:, 0])
    ours = xk.deep_lift(net, torch.ones(4, device=networks.DEVICE), baseline=tensor(*x0))
    torch.testing.assert_close(ours.attribution, tensor(*expected))


def test_overlapping_windows_still_sum_to_the_difference():
    net = networks.seeded(
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.Flatten(), nn.Linear(64, 2)
        )
    ).double()
    x = networks.random(3, 9, 9, dtype=torch.float64)
    ours = xk.deep_lift(net, x, baseline=networks.random(3, 9, 9, seed=3, dtype=torch.float64), target=1)
    assert ours.checks[0].difference == pytest.approx(0, abs=1e-9)


MINIMUM = {
    "function": lambda: networks.Function(lambda x: x[:, :1] - nnf.relu(x[:, :1] - x[:, 1:])),
    "layers": lambda: by_layers(),
}


def by_layers() -> nn.Module:
    net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[1.0, 0], [1, -1]]))
        net[2].weight.copy_(torch.tensor([[1.0, -1]]))
    return net.to(networks.DEVICE)


@pytest.mark.parametrize("build", MINIMUM)
@pytest.mark.parametrize("x", [(4.0, 2.0), (2.0, 4.0), (3.0, 3.0)])
def test_reveal_cancel_gives_both_their_half_of_a_minimum(build, x):
    """The worked example of the paper: min(x1, x2) = x1 - relu(x1 - x2), reference 0."""
    ours = xk.deep_lift(MINIMUM[build](), tensor(*x), rule="reveal_cancel")
    torch.testing.assert_close(ours.attribution, tensor(min(x) / 2, min(x) / 2))


def test_rescale_gives_all_of_a_minimum_to_one():
    ours = xk.deep_lift(MINIMUM["function"](), tensor(4.0, 2), rule="rescale")
    torch.testing.assert_close(ours.attribution, tensor(0.0, 2))


def slow_reveal_cancel(net, x, x0):
    """Two dense layers and a ReLU, the contributions followed one by one."""
    W, V = net[0].weight.detach(), net[2].weight.detach()[0]
    d = x - x0
    y0 = net[0](x0).detach()
    attribution = torch.zeros_like(x)
    for k in range(len(y0)):
        c = W[k] * d
        up, down = c.clamp(min=0).sum(), c.clamp(max=0).sum()
        f = nnf.relu
        raised = (f(y0[k] + up) - f(y0[k]) + f(y0[k] + up + down) - f(y0[k] + down)) / 2
        lowered = (f(y0[k] + down) - f(y0[k]) + f(y0[k] + up + down) - f(y0[k] + up)) / 2
        m_up, m_down = raised / up if up else 0, lowered / down if down else 0
        attribution += V[k] * (c.clamp(min=0) * m_up + c.clamp(max=0) * m_down)
    return attribution


def test_reveal_cancel_is_its_definition():
    net = networks.seeded(lambda: nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 1))).double()
    x, x0 = (networks.random(6, seed=k, dtype=torch.float64) - 0.5 for k in (1, 2))
    ours = xk.deep_lift(net, x, baseline=x0, rule="reveal_cancel")
    torch.testing.assert_close(ours.attribution, slow_reveal_cancel(net, x, x0))


def dls() -> nn.Module:
    net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[1.0, -1], [2, 1]]))
        net[0].bias.copy_(torch.tensor([0.0, -1]))
        net[2].weight.copy_(torch.tensor([[3.0, -1]]))
        net[2].bias.fill_(0.5)
    return net.to(networks.DEVICE)


def test_two_layers_account_for_the_difference_at_every_depth():
    net = networks.small_cnn().double()
    x = networks.random(3, 8, 8, dtype=torch.float64)
    for rule in ("rescale", "reveal_cancel"):
        ours = xk.deep_lift(net, x, baseline="white", rule=rule)
        for name, C in ours["contributions"].items():
            assert C.sum().item() == pytest.approx(ours.checks[0].right, abs=1e-9), name


def test_a_model_that_branches_on_its_input_cannot_be_compared():
    class Branches(nn.Module):
        def forward(self, x):
            return nnf.relu(x) if float(x.detach().sum()) > 0 else nnf.relu(nnf.relu(x) - 1)

    with pytest.raises(xk.errors.ModelError, match="other operations"):
        xk.deep_lift(Branches(), tensor(1.0, 2), baseline=tensor(-1.0, -2))


# The mechanism -------------------------------------------------------------------------------------------


def test_no_pass_leaves_a_tensor_behind():
    """The records of a pass and the graph must not hold each other in memory."""
    import gc
    import weakref

    from xaikit.core.model import Model
    from xaikit.core.score import Score
    from xaikit.methods.backprop.relevance import Relevance
    from xaikit.methods.backprop.relevance_rules import Settings

    net, x = networks.small_cnn(), networks.random(3, 8, 8)
    F = Score(Model(net), x, 1)
    gc.collect()
    gc.disable()
    try:
        rules = Relevance(net, Settings())
        seen = []
        net.register_forward_hook(lambda _m, _i, out: seen.append(weakref.ref(out)))
        F.differentiate(x[None], rules)
        assert seen
        assert seen[0]() is None, "the output of the pass is still there"
    finally:
        gc.enable()


@pytest.mark.parametrize("name", ["deconvnet", "guided_backprop", "lrp", "deep_taylor", "deep_lift"])
def test_the_hooks_of_all_modules_are_as_they_were(name):
    from torch.nn.modules import module

    before = len(module._global_forward_pre_hooks), len(module._global_forward_hooks)
    getattr(xk, name)(networks.small_cnn(), networks.random(3, 8, 8))
    with pytest.raises(xk.errors.XaikitError):
        getattr(xk, name)(networks.Fails(0, ValueError), networks.random(3, 8, 8))
    assert (len(module._global_forward_pre_hooks), len(module._global_forward_hooks)) == before


@pytest.mark.parametrize(
    "name", ["squeezenet1_1", "resnet18", "vgg11", "vgg11_bn", "densenet121", "mobilenet_v2"]
)
def test_torchvisions_networks_are_explained_and_left_alone(name):
    import torchvision

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = torchvision.models.get_model(name, weights=None).eval().to(networks.DEVICE)
        for m in model.modules():
            if isinstance(m, nn.BatchNorm2d):  # as after training: nothing dies on the way
                m.weight.data.fill_(1.5), m.bias.data.fill_(0.1)
    before, x = state(model), networks.random(3, 64, 64)
    for method in (xk.guided_backprop, xk.deconvnet, xk.deep_taylor, xk.deep_lift):
        explanation = method(model, x, target=5)
        assert torch.isfinite(explanation.attribution).all()
        # Deep Taylor's promise is for layers behind a ReLU, which MobileNet's linear bottlenecks are not.
        kept = not (name == "mobilenet_v2" and method is xk.deep_taylor)
        if explanation.checks[0].name in method.promises and kept:
            assert explanation.checks[0].holds, f"{method.name}: {explanation.checks[0]}"
    relevance = xk.lrp(model, x, target=5, rules="epsilon")
    assert relevance.checks[0].right == pytest.approx(relevance.prediction.score)
    assert same_state(before, state(model))
