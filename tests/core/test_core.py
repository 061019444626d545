"""The words on a page, the reading of a layer, and the picture tools."""

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.core.stack import Stack
from xaikit.core.sums import moments, weighted_sum
from xaikit.inputs.pictures import blur_speed, gaussian_blur

from .. import networks
from ..networks import tensor


def test_the_text_of_an_explanation_is_the_same_on_every_run():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    model.labels = ["<b>", "&", "c"]
    one, other = (xk.integrated_gradients(model, x, target="<b>") for _ in range(2))
    assert repr(one) == repr(other)
    assert "0x" not in repr(one)
    assert repr(one).startswith("Integrated Gradients")


def test_the_html_of_an_explanation_is_escaped_and_names_no_outside_resource():
    model = networks.small_cnn()
    model.labels = ["<script>alert(1)</script>", "b", "c"]
    html = xk.saliency(model, networks.random(3, 8, 8), target=0)._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "http" not in html


def test_a_check_says_whether_its_sides_agree():
    assert xk.Check("c", 1.0, 1.04).holds
    assert not xk.Check("c", 1.0, 1.06).holds
    assert xk.Check("c", torch.tensor(2.0), 1).difference == 1
    assert "≠" in str(xk.Check("c", 2, 1))


def test_a_step_has_a_short_note_and_a_known_kind():
    with pytest.raises(ValueError, match="at most 40"):
        xk.Step("s", 1, note="x" * 41)
    with pytest.raises(ValueError, match="kind is one of"):
        xk.Step("s", 1, kind="picture")


def test_probe_reads_a_layer_and_leaves_no_trace():
    model, x = networks.training_net(), networks.random(3, 8, 8)
    before = networks.state(model)
    with xk.probe(model, "conv", model.relu) as activations:
        model.eval()(x[None])
        model.train(), model.relu.eval()
    torch.testing.assert_close(activations.one("conv"), model.conv(x[None] - model.offset))
    assert activations.one("relu").shape == (1, 4, 8, 8)
    assert networks.same_state(before, networks.state(model))


def test_probe_leaves_no_trace_of_a_failure():
    model = networks.training_net()
    before = networks.state(model)
    with pytest.raises(KeyboardInterrupt), xk.probe(model, "conv"):
        raise KeyboardInterrupt
    with pytest.raises(xk.errors.LayerError, match="Did you mean 'conv'"), xk.probe(model, "fc", "conf"):
        pass
    assert networks.same_state(before, networks.state(model))


def test_probe_says_which_layers_cannot_be_read():
    model = networks.small_cnn()
    with pytest.raises(xk.errors.LayerError, match="is not a part"), xk.probe(model, torch.nn.ReLU()):
        pass
    with xk.probe(model, "0") as activations:
        pass
    with pytest.raises(xk.errors.LayerError, match="ran 0 times"):
        activations.one("0")


@pytest.mark.parametrize("rows_at_once", [1, 3, 7, 100])
def test_a_sum_and_the_moments_are_the_same_in_any_batches(rows_at_once):
    rows = networks.random(7, 2, 3, dtype=torch.float64)
    weights = networks.random(7, seed=2, dtype=torch.float64)
    stack = Stack(7, lambda where: rows[where], batch_size=rows_at_once, keep=False)
    torch.testing.assert_close(weighted_sum(weights, stack), torch.einsum("n,nij->ij", weights, rows))
    mean, variance = moments(stack)
    assert np.allclose(mean.cpu(), rows.cpu().numpy().mean(0))
    assert np.allclose(variance.cpu(), rows.cpu().numpy().var(0))


def test_the_variance_of_numbers_far_from_zero_is_not_lost():
    rows = networks.random(1000, 1, dtype=torch.float64) + 1e9
    _, variance = moments(Stack(1000, lambda where: rows[where], batch_size=10, keep=False))
    assert variance.item() == pytest.approx(rows.cpu().numpy().var(), rel=1e-6)


@pytest.mark.parametrize(("edges", "theirs"), [("mirrored", "reflect"), ("black", "constant")])
@pytest.mark.parametrize("sigma", [0.0, 0.2, 0.7, 1.5, 5.0, 60.0])
def test_a_blur_is_scipys_whose_kernel_is_not_cut_off(edges, theirs, sigma):
    ndimage = pytest.importorskip("scipy.ndimage")
    x = networks.random(2, 15, 22, dtype=torch.float64)
    cut = {"mode": theirs, "truncate": 14}
    expected = [ndimage.gaussian_filter(c, sigma, **cut) if sigma else c for c in x.cpu().numpy()]
    blurred = gaussian_blur(x, torch.tensor(sigma, dtype=torch.float64), edges)
    assert np.abs(blurred.cpu().numpy() - expected).max() < 1e-12 if sigma != 0.7 else 1e-7


def test_two_blurs_are_one_larger_one():
    """Variances add up: 1.5² + 2² = 2.5²; with less than a pixel a sampled Gaussian is none any more."""
    x = networks.random(2, 15, 22, dtype=torch.float64)
    twice = gaussian_blur(gaussian_blur(x, torch.tensor(1.5)), torch.tensor(2.0))
    torch.testing.assert_close(twice, gaussian_blur(x, torch.tensor(2.5)), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("edges", ["mirrored", "black"])
def test_the_speed_of_a_blur_is_its_difference_quotient(edges):
    x = networks.random(2, 15, 22, dtype=torch.float64)
    sigma, h = torch.tensor([0.3, 0.9, 2.0, 7.0], dtype=torch.float64), 1e-5
    quotient = (gaussian_blur(x, sigma + h, edges) - gaussian_blur(x, sigma - h, edges)) / (2 * h)
    torch.testing.assert_close(blur_speed(x, sigma, edges), quotient, rtol=1e-6, atol=1e-8)


def test_a_probability_is_that_of_the_softmax():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    p = model(x[None]).softmax(1)[0]
    assert xk.probability(model, x, 1).item() == pytest.approx(p[1].item())
    batch = networks.random(4, 3, 8, 8)
    torch.testing.assert_close(xk.probability(model, batch, 2), model(batch).softmax(1)[:, 2].detach())


def test_pictures_are_normalised_inside_the_model():
    inner = networks.small_cnn()
    model = xk.Preprocessed(inner, mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7), labels=["a", "b", "c"])
    model, x = model.to(networks.DEVICE), networks.random(3, 8, 8)
    mean, std = tensor(0.1, 0.2, 0.3)[:, None, None], tensor(0.5, 0.6, 0.7)[:, None, None]
    outside = xk.saliency(inner, (x - mean) / std, target=0)["gradient"]
    torch.testing.assert_close(xk.saliency(model, x, target="a")["gradient"], outside / std)


def test_names_of_classes_may_be_any_sequence():
    x = networks.random(3, 8, 8)
    for labels in (("a", "b", "c"), np.array(["a", "b", "c"]), ["a", "b", "c"]):
        model = networks.small_cnn()
        model.labels = labels
        assert xk.saliency(model, x, target="b").target == 1
    model = networks.small_cnn()
    model.register_buffer("labels", torch.zeros(3))  # something else of that name
    assert xk.saliency(model, x, target=1).prediction.label == "class 1"


def test_two_classes_of_one_name_must_be_told_apart():
    model = networks.small_cnn()
    model.labels = ["crane", "dog", "crane"]
    with pytest.raises(xk.errors.TargetError, match=r"\[0, 2\]"):
        xk.saliency(model, networks.random(3, 8, 8), target="crane")


def test_a_model_that_caches_a_tensor_at_its_first_call_can_be_trained_afterwards():
    class Caching(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.mask = torch.nn.Linear(4, 2), None

        def forward(self, x):
            if self.mask is None:
                self.mask = torch.full((1, 4), 0.5, device=x.device)
            return self.layer(x * self.mask)

    model = Caching()
    assert xk.integrated_gradients(model, torch.rand(4)).checks[0].holds
    model(torch.rand(3, 4)).sum().backward()
    assert model.layer.weight.grad is not None


def test_preprocessed_follows_the_precision_of_the_network_it_wraps():
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2)).bfloat16()
    model = xk.Preprocessed(network, mean=[0.5, 0.5, 0.5], std=[0.2, 0.2, 0.2])
    assert model.mean.dtype == torch.bfloat16
    assert xk.saliency(model, torch.rand(3, 2, 2)).attribution.shape == (3, 2, 2)


def test_one_sample_says_nothing_of_its_error():
    e = xk.smoothgrad(torch.nn.Linear(4, 2), torch.rand(4), n_samples=1)
    assert e.checks[0].left == float("inf")
    assert not e.checks[0].holds
    assert str(e.checks[0]) == "standard_error: inf > 0.1"


def test_a_numpy_baseline_survives_saving(tmp_path):
    e = xk.integrated_gradients(torch.nn.Linear(4, 2), torch.rand(4), baseline=np.full(4, 0.25))
    e.save(tmp_path / "e.safetensors")
    assert xk.load(tmp_path / "e.safetensors").parameters["baseline"].tolist() == [0.25] * 4


@pytest.mark.parametrize("given", [np.ones(4, np.float32), torch.ones(3, 4), torch.ones(4)])
def test_probability_takes_a_row_a_batch_and_arrays(given):
    shape = xk.probability(torch.nn.Linear(4, 2), given, 0).shape
    assert shape == ((3,) if len(given) == 3 else ())


@pytest.mark.parametrize("shape", [(), (0, 4), (1, 1, 1, 1, 1)])
def test_probability_refuses_what_is_no_example(shape):
    with pytest.raises(xk.errors.InputError):
        xk.probability(torch.nn.Linear(4, 2), torch.ones(shape))
