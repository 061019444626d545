"""Explanations in files: what comes back, and what is said of a file that is none."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import xaikit as xk

from .. import networks


@pytest.fixture
def explanation():
    return xk.integrated_gradients(networks.small_cnn(), networks.random(3, 8, 8), n_steps=4)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_every_precision_comes_back_bit_by_bit(dtype, tmp_path):
    explanation = xk.saliency(networks.small_cnn().to(dtype), networks.random(3, 8, 8))
    explanation.save(tmp_path / "it")
    read = xk.load(tmp_path / "it")
    assert read.attribution.dtype == dtype
    assert torch.equal(read.attribution, explanation.attribution.cpu())


def test_parameters_come_back_as_plain_values_and_tensors(tmp_path):
    x = networks.random(3, 8, 8)
    explanation = xk.integrated_gradients(
        networks.small_cnn(),
        x,
        target=np.int64(2),
        baseline=torch.full_like(x, 0.5),
        n_steps=4,
        score="probability",
    )
    explanation.save(tmp_path / "it")
    read = xk.load(tmp_path / "it").parameters
    assert (read["target"], read["n_steps"], read["tolerance"], read["score"]) == (2, 4, None, "probability")
    assert torch.equal(read["baseline"], torch.full((3, 8, 8), 0.5))


def test_a_function_comes_back_as_its_name(tmp_path):
    def first_class(output):
        return output[:, 0]

    explanation = xk.saliency(networks.small_cnn(), networks.random(3, 8, 8), target=first_class)
    explanation.save(tmp_path / "it")
    assert xk.load(tmp_path / "it").parameters["target"] == "first_class"
    assert xk.load(tmp_path / "it").target == "first_class"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(xk.errors.FileError, match="there is no file"):
        xk.load(tmp_path / "nothing")


def test_a_folder_that_is_not_there_is_named(tmp_path, explanation):
    with pytest.raises(xk.errors.FileError, match="could not be written"):
        explanation.save(tmp_path / "nowhere" / "it")


@pytest.mark.parametrize("content", [b"", b"GIF89a", bytes(64), b"\xff" * 200])
def test_a_file_of_another_kind_is_refused(content, tmp_path):
    (tmp_path / "it").write_bytes(content)
    with pytest.raises(xk.errors.FileError):
        xk.load(tmp_path / "it")


def test_a_file_that_was_cut_short_is_refused(tmp_path, explanation):
    explanation.save(tmp_path / "it")
    whole = (tmp_path / "it").read_bytes()
    for share in (0.1, 0.5, 0.99):
        (tmp_path / "part").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(xk.errors.FileError):
            xk.load(tmp_path / "part")


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {"format": "pt"},
        {"format": "xaikit 1"},
        {"format": "xaikit 1", "explanation": "{"},
        {"format": "xaikit 1", "explanation": "{}"},
        {"format": "xaikit 1", "explanation": '{"method": "saliency", "x": {"tensor": "y"}, "steps": []}'},
    ],
)
def test_tensors_that_are_no_explanation_are_refused(metadata, tmp_path):
    save_file({"x": torch.zeros(2)}, tmp_path / "it", metadata=metadata)
    with pytest.raises(xk.errors.FileError):
        xk.load(tmp_path / "it")
