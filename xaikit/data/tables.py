"""Four small tables that ship with scikit-learn: three with classes, one with a number to be predicted."""

from dataclasses import dataclass

import torch
from torch import Tensor

from xaikit.core.errors import one_of

TABLES = ("iris", "wine", "breast_cancer", "diabetes")

SPLITS = ("train", "test")
DIABETES = (
    "age",
    "sex",
    "body mass index",
    "blood pressure",
    "total cholesterol",
    "LDL",
    "HDL",
    "total cholesterol / HDL",
    "log triglycerides",
    "blood sugar",
)
CULTIVARS = ("cultivar 1", "cultivar 2", "cultivar 3")


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """`n` rows of a table, as measured: nothing is scaled.

    X            (n, features) float32, each column in its own unit
    y            (n,) int64, the class of each row, counted in `labels`; or float32, the number to predict
    features     the names of the columns
    labels       the names of the classes; or one name, of what the number measures
    categorical  the names of those columns whose numbers are only codes
    """

    X: Tensor
    y: Tensor
    features: tuple[str, ...]
    labels: tuple[str, ...]
    categorical: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.X)

    def __repr__(self) -> str:
        return f"Table({len(self)} rows × {len(self.features)} columns: {', '.join(self.labels)})"


def table(name: str, split: str = "train") -> Table:
    """A table by its name, three quarters of its rows for training or the other quarter for testing.

    name   "iris", "wine", "breast_cancer" (classes), or "diabetes": the progression of the disease after a
           year, 25 to 346, from ten measurements; its column "sex" holds the codes 1 and 2
    split  "train" or "test"; the same rows every time, with as large a share of each class (of each
           quarter of the numbers) in both

    Raises OptionError for an unknown name or split.
    """
    one_of("name", name, TABLES)
    one_of("split", split, SPLITS)
    from sklearn.model_selection import train_test_split

    X, y, features, labels = _diabetes() if name == "diabetes" else _classes(name)
    strata = y.argsort().argsort() * 4 // len(y) if name == "diabetes" else y
    parts = train_test_split(range(len(y)), test_size=0.25, random_state=0, stratify=strata)
    rows = torch.tensor(parts[SPLITS.index(split)])
    return Table(X[rows], y[rows], features, labels, ("sex",) if name == "diabetes" else ())


def _classes(name: str) -> tuple[Tensor, Tensor, tuple[str, ...], tuple[str, ...]]:
    """A whole table with classes: X, y, the names of its columns and of its classes."""
    import sklearn.datasets

    data = getattr(sklearn.datasets, f"load_{name}")()
    features = tuple(str(feature).replace("_", " ") for feature in data.feature_names)
    labels = CULTIVARS if name == "wine" else tuple(str(label) for label in data.target_names)
    return torch.tensor(data.data, dtype=torch.float32), torch.tensor(data.target), features, labels


def _diabetes() -> tuple[Tensor, Tensor, tuple[str, ...], tuple[str, ...]]:
    """The whole table of diabetes, in the units in which it was measured."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes(scaled=False)
    X, y = (torch.tensor(values, dtype=torch.float32) for values in (data.data, data.target))
    return X, y, DIABETES, ("disease progression",)
