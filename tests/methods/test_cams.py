"""Class activation maps against hand cases and against what the theory says."""

import pytest
import torch
from torch import nn

import xaikit as xk

from .. import networks
from ..networks import random, tensor

A = tensor([[1.0, 2], [3, 4]], [[4, 0], [0, 1]])
G = tensor([[1.0, 0], [0, 1]], [[-1, 2], [0, 0]])


def looked_at(weight: torch.Tensor, bias: float = 0.0) -> nn.Module:
    """A layer that changes nothing, "0", and a score that is linear in it with the given slopes."""
    layer = nn.Conv2d(len(weight), len(weight), 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(len(weight))[:, :, None, None])
    return nn.Sequential(layer.to(networks.DEVICE), networks.linear(weight, bias))


def map_of(method, **options) -> torch.Tensor:
    return method(looked_at(G), A, layer="0", target=0, **options)["cam"]


def test_the_hand_case():
    grad = xk.grad_cam(looked_at(G), A, layer="0", target=0)
    torch.testing.assert_close(grad["channel_weights"], tensor(0.5, 0.25))
    torch.testing.assert_close(grad["combination"], tensor([1.5, 1], [1.5, 2.25]))
    torch.testing.assert_close(grad["weighted_maps"].sum(0), grad["combination"])
    torch.testing.assert_close(map_of(xk.hires_cam), tensor([-3.0, 0], [0, 4]))
    torch.testing.assert_close(map_of(xk.layer_cam), tensor([1.0, 0], [0, 4]))
    plus = xk.grad_cam_plus_plus(looked_at(G), A, layer="0", target=0)
    torch.testing.assert_close(plus["channel_weights"], tensor(1 / 6, 1 / 6), atol=1e-4, rtol=0)
    torch.testing.assert_close(plus["cam"], tensor([0.8333, 0.3333], [0.5, 0.8333]), atol=1e-4, rtol=0)
    expected = tensor([[1 / 12, 0], [0, 1 / 12]], [[-1 / 3, 1 / 12], [0, 0]])
    torch.testing.assert_close(plus["alphas"], expected, atol=1e-4, rtol=0)


def test_the_case_of_pair():
    rows = torch.tensor([[1.0, 2, 3, 2, 1]]) * torch.tensor([[-1.0], [1], [0], [1], [-1]])
    slopes = torch.zeros(5, 5)
    slopes[0, 0] = slopes[4, 4] = 2
    slopes[1, 1:4] = slopes[4, 1:4] = 3
    # As the original has it: corners 2 and rows 1 and 4, columns 1 to 3, are 3; together 22 of 25 cells.
    ours = xk.grad_cam(looked_at(slopes[None].to(networks.DEVICE)), rows[None].to(networks.DEVICE), layer="0")
    assert ours["channel_weights"].item() == pytest.approx(0.88)
    expected = torch.zeros(5, 5)
    expected[1] = expected[3] = torch.tensor([1 / 3, 2 / 3, 1, 2 / 3, 1 / 3])
    torch.testing.assert_close((ours["cam"] / ours["cam"].max()).cpu(), expected, atol=1e-4, rtol=0)


def test_on_the_reference_network():
    ours = xk.grad_cam(nn.Sequential(nn.Identity(), networks.conv()), networks.ramp(), layer="0", target=0)
    torch.testing.assert_close(ours["combination"], 0.5625 * networks.ramp()[0])  # the mean slope is 9/16
    # M4's layers as convolutions of one pixel: 4 · 100 at l0, 90 + 3 · 101 behind l1.
    m4 = networks.m4()
    as_pixels = nn.Sequential(*(one_by_one(layer) for layer in (m4.l0, m4.l1, m4.relu, m4.l2)), nn.Flatten())
    x = tensor(0.0, 100, 0).reshape(3, 1, 1)
    assert xk.grad_cam(as_pixels, x, layer="0", target=0)["cam"].item() == pytest.approx(400)
    assert xk.grad_cam(as_pixels, x, layer="1", target=0)["cam"].item() == pytest.approx(393)


def one_by_one(layer: nn.Module) -> nn.Module:
    if not isinstance(layer, nn.Linear):
        return layer
    convolution = nn.Conv2d(layer.in_features, layer.out_features, 1)
    with torch.no_grad():
        convolution.weight.copy_(layer.weight[:, :, None, None])
        convolution.bias.copy_(layer.bias)
    return convolution.to(networks.DEVICE)


@pytest.mark.parametrize("name", ["shapes", "photos"])
def test_where_a_global_average_and_one_layer_follow_all_of_them_are_one(name, zoo_model):
    model, x = zoo_model(name)
    cam, grad, hires = (m(model, x, target=1) for m in (xk.cam, xk.grad_cam, xk.hires_cam))
    cells = cam["cam"].numel()
    torch.testing.assert_close(grad["combination"] * cells, cam["cam"], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(hires["cam"], grad["combination"], rtol=1e-4, atol=1e-6)
    bias = model.model.classifier.bias[1].item()
    logit = model(x[None])[0, 1].item()
    assert cam["cam"].mean().item() == pytest.approx(logit - bias, abs=1e-3)
    for explanation in (cam, grad, hires):
        assert all(check.holds for check in explanation.checks)


def test_in_an_earlier_layer_the_map_no_longer_adds_up_and_the_check_says_so(zoo_model):
    model, x = zoo_model("photos")
    for method in (xk.grad_cam, xk.hires_cam):
        check = method(model, x, target="cat", layer="model.features.4").checks[0]
        assert check.name == "linearity"
        assert not check.holds


def test_a_layer_may_be_a_module_or_a_name_or_left_out(zoo_model):
    model, x = zoo_model("shapes")
    last = model.model.features[-1]
    assert model.feature_layer == "model.features.16"
    three = [xk.grad_cam(model, x, layer=layer).attribution for layer in (None, "model.features.16", last)]
    assert torch.equal(three[0], three[1])
    assert torch.equal(three[0], three[2])
    plain = nn.Sequential(*model.model.children())  # no feature_layer to look up
    normalised = (x - model.mean) / model.std
    torch.testing.assert_close(xk.grad_cam(plain, normalised).attribution, three[0])


def test_an_in_place_relu_does_not_write_over_what_was_recorded():
    kept, written = networks.small_cnn(), networks.small_cnn(inplace=True)
    x = random(3, 8, 8)
    for layer in ("0", "3"):
        one, other = (xk.grad_cam(net, x, layer=layer, target=1) for net in (kept, written))
        assert (one["feature_maps"] < 0).any(), "before the ReLU there is something negative"
        torch.testing.assert_close(one["feature_maps"], other["feature_maps"])
        torch.testing.assert_close(one.attribution, other.attribution)


def test_without_the_relu_the_map_keeps_what_speaks_against():
    both = xk.grad_cam(looked_at(-G), A, layer="0", target=0, relu=False)
    assert torch.equal(both["cam"], both["combination"])
    assert (both["cam"] < 0).any()


def test_nearest_repeats_cells_and_bilinear_goes_between_them():
    net, x = networks.small_cnn(), random(3, 8, 8)
    cells = xk.grad_cam(net, x, upsample="nearest")
    torch.testing.assert_close(
        cells.attribution, cells["cam"].repeat_interleave(2, 0).repeat_interleave(2, 1)
    )
    smooth = xk.grad_cam(net, x).attribution
    expected = nn.functional.interpolate(cells["cam"][None, None], (8, 8), mode="bilinear")[0, 0]
    torch.testing.assert_close(smooth, expected)


# Those without a gradient --------------------------------------------------------------------------------


def test_score_cam_weighs_by_what_each_channel_lets_through():
    net, x = networks.small_cnn(), random(3, 8, 8)
    ours = xk.score_cam(net, x, target=2, layer="4")
    masks = nn.functional.interpolate(ours["feature_maps"][None], (8, 8), mode="bilinear")[0]
    scores = []
    for mask in masks:
        span = mask.max() - mask.min()
        stretched = (mask - mask.min()) / span if span > 0 else torch.zeros_like(mask)
        scores.append(net((x * stretched)[None])[0, 2].detach())
    torch.testing.assert_close(ours["scores"], torch.stack(scores), rtol=1e-4, atol=1e-5)
    weights = torch.stack(scores).softmax(0)
    expected = (weights[:, None, None] * ours["feature_maps"]).sum(0).clamp(min=0)
    torch.testing.assert_close(ours["cam"], expected, rtol=1e-4, atol=1e-5)
    assert ours.cost["backward"] == 0


def test_eigen_cam_is_the_same_for_every_class(zoo_model):
    model, x = zoo_model("photos")
    maps = [xk.eigen_cam(model, x, target=k).attribution for k in (0, 5)]
    assert torch.equal(*maps)


# Why this rather than that -------------------------------------------------------------------------------


def test_a_contrast_is_the_slope_of_the_loss_of_saying_the_other():
    net, x = networks.small_cnn(), random(3, 8, 8)
    ours = xk.contrastive_grad_cam(net, x, target=0, contrast=2, layer="4")
    loss = -net(x[None])[0].log_softmax(0)[2]
    assert ours["loss"].item() == pytest.approx(loss.item(), rel=1e-5)
    with xk.probe(net, "4") as seen:
        loss = -net(x[None])[0].log_softmax(0)[2]
    (slope,) = torch.autograd.grad(loss, seen.one("4"))
    weights = slope[0].mean((1, 2))
    expected = (weights[:, None, None] * seen.one("4")[0]).sum(0).clamp(min=0).detach()
    torch.testing.assert_close(ours["cam"], expected)


def test_the_runner_up_is_the_contrast_if_none_is_given():
    net, x = networks.small_cnn(), random(3, 8, 8)
    second = int(net(x[None])[0].argsort()[-2])
    given = xk.contrastive_grad_cam(net, x, contrast=second)
    assert torch.equal(xk.contrastive_grad_cam(net, x).attribution, given.attribution)


# Segmentation --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def slices():
    model = xk.zoo.load("unet").to(networks.DEVICE)
    return model, xk.data.slices(4, seed=0).images[3].to(networks.DEVICE)


def test_one_pixel_is_the_slope_of_its_own_score(slices):
    model, x = slices
    ours = xk.seg_grad_cam(model, x, target="lesion", region="pixel", at=(70, 40), relu=False)
    with xk.probe(model, model.feature_layer) as seen:
        y = model(x[None])[0, 3, 70, 40]
    (slope,) = torch.autograd.grad(y, seen.one(model.feature_layer))
    torch.testing.assert_close(ours["gradients"], slope[0], rtol=1e-4, atol=1e-7)
    expected = (slope[0].mean((1, 2))[:, None, None] * seen.one(model.feature_layer)[0]).sum(0).detach()
    torch.testing.assert_close(ours["cam"], expected, rtol=1e-3, atol=1e-6)
    assert ours.prediction.label == "lesion, 1 pixel"


def test_the_objects_of_a_class_are_its_connected_parts(slices):
    model, x = slices
    whole = xk.seg_grad_cam(model, x, target="lesion")
    assert torch.equal(whole["region"][0], whole["mask_prediction"] == 3)
    largest = xk.seg_grad_cam(model, x, target="lesion", region="object")["region"][0]
    other = whole["region"][0] & ~largest
    assert largest.sum() > other.sum() > 0
    place = tuple(other.nonzero()[0].tolist())
    assert torch.equal(xk.seg_grad_cam(model, x, target=3, region="object", at=place)["region"][0], other)
    given = xk.seg_grad_cam(model, x, target=3, region=other)
    assert torch.equal(given["region"][0], other)


def test_a_whole_class_is_the_sum_of_its_parts_before_the_relu(slices):
    """Everything up to the ReLU is linear in the region."""
    model, x = slices
    maps = [xk.seg_grad_cam(model, x, target=3, relu=False)["cam"]]
    largest = xk.seg_grad_cam(model, x, target=3, region="object", relu=False)
    rest = (largest["mask_prediction"] == 3) & ~largest["region"][0]
    maps += [largest["cam"], xk.seg_grad_cam(model, x, target=3, region=rest, relu=False)["cam"]]
    torch.testing.assert_close(maps[0], maps[1] + maps[2], rtol=1e-3, atol=1e-4)


BAD = [
    ({"region": "lesions"}, "one of class"),
    ({"region": "pixel", "at": (96, 0)}, r"\(row, column\)"),
    ({"region": "pixel", "at": "left"}, r"\(row, column\)"),
    ({"region": "object", "at": (0, 0)}, "no pixel of the class"),
    ({"region": torch.zeros(96, 96)}, "at least one pixel"),
    ({"region": torch.ones(9, 9)}, "shape"),
    ({"target": "lesoin"}, "Did you mean 'lesion'"),
    ({"target": lambda out: out[:, 0].sum((1, 2))}, "for a class"),
]


@pytest.mark.parametrize(("options", "words"), BAD)
def test_what_cannot_be_picked_is_said(slices, options, words):
    model, x = slices
    with pytest.raises(xk.errors.XaikitError, match=words):
        xk.seg_grad_cam(model, x, **{"target": "lesion", **options})


def test_a_class_that_is_not_seen_is_said():
    model = xk.zoo.load("unet").to(networks.DEVICE)
    x = xk.data.slices(1, seed=0, n_lesions=0).images[0].to(networks.DEVICE)
    with pytest.raises(xk.errors.TargetError, match="sees no lesion"):
        xk.seg_grad_cam(model, x, target="lesion")


# What is said of layers ----------------------------------------------------------------------------------


def test_a_layer_without_height_and_width_is_answered_with_one_that_has_them():
    with pytest.raises(xk.errors.LayerError, match=r"'7' gave \(3,\).*Try layer='4'"):
        xk.grad_cam(networks.small_cnn(), random(3, 8, 8), layer="7")


def test_a_layer_that_is_not_there_is_answered_with_the_nearest():
    with pytest.raises(xk.errors.LayerError, match="Did you mean"):
        xk.grad_cam(networks.functional_relu_cnn(), random(3, 8, 8), layer="secnd")


def test_cam_says_that_it_needs_an_average_and_one_layer():
    with pytest.raises(xk.errors.LayerError, match="global average"):
        xk.cam(networks.small_cnn(), random(3, 8, 8))


def test_guided_grad_cam_is_the_product_of_its_parents(zoo_model):
    model, x = zoo_model("photos")
    ours = xk.guided_grad_cam(model, x, target="cat")
    guided, coarse = ours["guided_backprop"].attribution, ours["grad_cam"].attribution
    assert torch.equal(ours.attribution, guided * coarse)
    assert torch.equal(guided, xk.guided_backprop(model, x, target="cat").attribution)
    assert torch.equal(coarse, xk.grad_cam(model, x, target="cat", upsample="nearest").attribution)
