"""The tables: scikit-learn's numbers, readable names, one split."""

import subprocess
import sys

import pytest
import sklearn.datasets
import torch

from xaikit.core.errors import OptionError, XaikitError
from xaikit.data import TABLES, table

SHAPES = {"iris": (150, 4, 3), "wine": (178, 13, 3), "breast_cancer": (569, 30, 2), "diabetes": (442, 10, 1)}


def original(name: str):
    options = {"scaled": False} if name == "diabetes" else {}
    return getattr(sklearn.datasets, f"load_{name}")(**options)


def sorted_rows(X: torch.Tensor, y: torch.Tensor) -> list[list[float]]:
    return sorted(torch.cat([X, y[:, None].float()], 1).tolist())


def test_there_are_four_tables():
    assert set(TABLES) == set(SHAPES)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_names_for_its_columns_and_classes(name):
    rows, columns, classes = SHAPES[name]
    train, test = table(name), table(name, "test")
    assert len(train) + len(test) == rows
    for part in (train, test):
        assert part.X.shape == (len(part), columns)
        assert part.y.shape == (len(part),)
        assert part.X.dtype == torch.float32
        assert part.y.dtype == (torch.float32 if name == "diabetes" else torch.int64)
        assert len(part.features) == len(set(part.features)) == columns
        assert len(part.labels) == classes
        assert not any("_" in feature for feature in part.features)


@pytest.mark.parametrize("name", TABLES)
def test_both_parts_together_are_what_scikit_learn_ships(name):
    data, parts = original(name), [table(name, split) for split in ("train", "test")]
    whole = sorted_rows(torch.tensor(data.data).float(), torch.tensor(data.target))
    assert sorted_rows(torch.cat([p.X for p in parts]), torch.cat([p.y for p in parts])) == whole


@pytest.mark.parametrize("name", TABLES)
def test_a_quarter_is_for_testing_and_each_class_has_its_share(name):
    train, test = table(name), table(name, "test")
    assert abs(len(test) / (len(train) + len(test)) - 0.25) < 0.01
    if name != "diabetes":
        shares = [part.y.bincount() / len(part) for part in (train, test)]
        assert (shares[0] - shares[1]).abs().max() < 0.03
    else:
        medians = [part.y.median() for part in (train, test)]
        assert abs(medians[0] - medians[1]) < 10


@pytest.mark.parametrize("name", TABLES)
def test_the_split_is_the_same_every_time(name):
    assert torch.equal(table(name, "test").X, table(name, "test").X)
    assert torch.equal(table(name).y, table(name).y)


def test_iris_is_in_centimetres_and_classes_have_their_names():
    train = table("iris")
    assert train.features[3] == "petal width (cm)"
    assert train.labels == ("setosa", "versicolor", "virginica")
    setosa = train.X[train.y == 0]
    assert 1.4 < setosa[:, 2].mean() < 1.5  # Fisher 1936: 1.462 cm
    assert train.categorical == ()


def test_diabetes_is_in_readable_units_and_sex_is_a_code():
    train = table("diabetes")
    assert train.labels == ("disease progression",)
    assert train.categorical == ("sex",)
    columns = dict(zip(train.features, train.X.T, strict=True))
    assert set(columns["sex"].tolist()) == {1.0, 2.0}
    assert 19 <= columns["age"].min() < columns["age"].max() <= 79  # years
    assert 18 <= columns["body mass index"].min() < columns["body mass index"].max() < 43
    ratio = columns["total cholesterol"] / columns["HDL"]
    rounded = (ratio - columns["total cholesterol / HDL"]).abs() <= 0.501  # most were noted as whole numbers
    assert rounded.float().mean() > 0.95
    y = torch.cat([train.y, table("diabetes", "test").y])
    assert (y.min(), y.max()) == (25, 346)


@pytest.mark.parametrize("arguments", [("irises",), ("wine", "tset"), (None,), (["iris"],)])
def test_a_bad_name_is_refused(arguments):
    with pytest.raises(OptionError, match="is one of"):
        table(*arguments)


def test_a_near_miss_gets_a_suggestion():
    with pytest.raises(XaikitError, match="Did you mean 'breast_cancer'"):
        table("breast-cancer")


def test_importing_the_data_does_not_import_scikit_learn():
    code = "import sys, xaikit.data, xaikit.zoo; print('sklearn' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
