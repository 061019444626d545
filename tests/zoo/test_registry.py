"""Models by name: from a folder, from the cache, or one clear sentence why not."""

import os
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from xaikit.core.errors import FileError, OptionError, UnavailableError
from xaikit.core.preprocessed import Preprocessed
from xaikit.data import photo
from xaikit.network.spatial import find_feature_layer
from xaikit.zoo import load, names
from xaikit.zoo.registry import OWN

REAL = os.environ.get("XAIKIT_WEIGHTS")


def untrained(name: str, **options) -> torch.nn.Module:
    import torchvision

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torchvision.models.get_model(name, weights=None, **options).eval()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of weights with an untrained SqueezeNet in it; and an empty cache of torchvision's."""
    weights = tmp_path / "weights"
    weights.mkdir()
    save_file(untrained("squeezenet1_0").state_dict(), weights / "squeezenet1_0.safetensors")
    monkeypatch.setenv("XAIKIT_WEIGHTS", str(weights))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    return weights


@pytest.fixture
def offline(monkeypatch):
    def refuse(*_arguments, **_options):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


def test_a_torchvision_model_comes_from_the_folder_that_the_variable_names(folder, offline):
    model = load("squeezenet1_0")
    assert isinstance(model, Preprocessed)
    assert not any(m.training for m in model.modules())
    assert model.labels[285] == "Egyptian cat"
    assert model.feature_layer == "model.features.12"
    assert model.input_size == (224, 224)
    assert torch.allclose(model.mean.flatten(), torch.tensor([0.485, 0.456, 0.406]))
    x = photo("cat", 224, crop="classic")[None]
    direct = untrained("squeezenet1_0")
    assert torch.allclose(model(x), direct((x - model.mean) / model.std), atol=1e-5)


@pytest.mark.skipif(not REAL, reason="needs XAIKIT_WEIGHTS with the real squeezenet1_0.safetensors")
def test_the_real_squeezenet_sees_an_egyptian_cat():
    if not (Path(REAL) / "squeezenet1_0.safetensors").is_file():
        pytest.skip("the folder has no squeezenet1_0")
    model = load("squeezenet1_0")
    with torch.inference_mode():
        chances = model(photo("chelsea", 224, crop="classic")[None]).softmax(1)[0]
    assert model.labels[int(chances.argmax())] == "Egyptian cat"
    assert abs(chances.max().item() - 0.71) < 0.01


def test_a_torchvision_model_comes_from_torchvisions_cache(folder, offline, tmp_path):
    from torchvision.models import SqueezeNet1_1_Weights

    cache = tmp_path / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    direct = untrained("squeezenet1_1")
    file = cache / SqueezeNet1_1_Weights.DEFAULT.url.rsplit("/", 1)[-1]
    torch.save(direct.state_dict(), file)
    assert names() == [*OWN, "squeezenet1_0", "squeezenet1_1"]
    model = load("squeezenet1_1")
    x = torch.rand(1, 3, 64, 64)
    assert torch.allclose(model(x), direct((x - model.mean) / model.std), atol=1e-5)
    file.write_bytes(b"no weights")
    with pytest.raises(FileError, match=r"is broken .* Delete it"):
        load("squeezenet1_1")


def test_a_file_in_the_folder_may_not_hide_a_bundled_model(folder):
    (folder / "shapes.safetensors").write_bytes(b"")
    assert load("shapes").labels[0] == "circle"


def test_offline_one_sentence_says_what_works(folder, offline, capsys):
    with pytest.raises(UnavailableError) as caught:
        load("resnet18")
    message = str(caught.value)
    assert "'resnet18' are not on this machine and cannot be downloaded" in message
    assert all(name in message for name in OWN)
    assert "XAIKIT_WEIGHTS" in message
    assert message.count(". ") == 0
    assert "\n" not in message
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("shape", "shapes"), ("newz", "news"), ("iris_forrest", "iris_forest"), ("resnet-18", "resnet18")],
)
def test_an_unknown_name_gets_the_nearest(wrong, right):
    with pytest.raises(OptionError, match=f"no model '{wrong}'. Did you mean '{right}'"):
        load(wrong)


def test_a_broken_file_of_weights_is_said_to_be_broken(folder):
    file = folder / "squeezenet1_0.safetensors"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(FileError, match="is not a whole safetensors file"):
        load("squeezenet1_0")


def test_weights_of_another_network_are_refused(folder):
    os.rename(folder / "squeezenet1_0.safetensors", folder / "alexnet.safetensors")
    with pytest.raises(FileError, match="belongs to another network: it lacks"):
        load("alexnet")


def test_weights_of_other_shapes_are_refused(folder):
    file = folder / "squeezenet1_0.safetensors"
    parameters = load_file(file)
    parameters["classifier.1.bias"] = torch.zeros(7)
    save_file(parameters, file)
    with pytest.raises(FileError, match=r"another shape of 'classifier\.1\.bias'"):
        load("squeezenet1_0")


def test_googlenet_answers_with_one_tensor_and_its_own_normalisation(folder):
    save_file(untrained("googlenet", init_weights=False).state_dict(), folder / "googlenet.safetensors")
    model = load("googlenet")
    assert model.model.transform_input
    assert model.model.aux1 is None
    assert model.feature_layer == "model.inception5b"
    for mode in (False, True):
        assert isinstance(model.train(mode)(torch.rand(2, 3, 64, 64)), torch.Tensor)


def test_the_device_is_the_arguments_or_the_variables(monkeypatch):
    monkeypatch.setenv("XAIKIT_DEVICE", "meta")
    assert load("shapes").mean.device.type == "meta"
    assert load("shapes", device="cpu").mean.device.type == "cpu"
    with pytest.raises(OptionError, match="device 'gpu' cannot be used here"):
        load("shapes", device="gpu")


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("alexnet", "features.11"),
        ("vgg11", "features.19"),
        ("resnet18", "layer4.1"),
        ("squeezenet1_1", "features.12"),
        ("densenet121", "features.norm5"),
        ("mobilenet_v2", "features.18"),
        ("shufflenet_v2_x0_5", "conv5.2"),
        ("vit_b_16", None),
    ],
)
def test_the_feature_layer_is_the_one_that_papers_use(name, layer):
    with torch.device("meta"):  # shapes without numbers: nothing is computed
        import torchvision

        model = torchvision.models.get_model(name, weights=None).eval()
    assert find_feature_layer(model, torch.zeros(3, 224, 224)) == layer
    assert not any(module._forward_hooks for module in model.modules())
