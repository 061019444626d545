"""Against lime: the line through the same samples, for pictures, rows and texts, with all features kept.

What lime draws differs from ours for rows (a normal distribution cut off at the bin, ours takes values that
occur) and its `feature_selection` fits other lines with fewer features; given our samples and "none" for the
selection, both fit the same ridge.
"""

import importlib

import numpy as np
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier

import xaikit as xk
from xaikit.inputs.regions import superpixels

from .agreement import close

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def lime():
    """`lime(name)` is one of its modules."""
    return lambda name: importlib.import_module(f"lime.lime_{name}")


class Drawn:
    """In place of a random generator: it gives what was drawn already."""

    def __init__(self, z: np.ndarray) -> None:
        self.z, self.rows = z, iter(z[1:])

    def randint(self, low: int, high: int, size: int) -> np.ndarray:
        """All coins of the pictures, or how many words go in each text but the first."""
        return self.z.astype(int).ravel() if low == 0 else (self.z.shape[1] - self.z[1:].sum(1)).astype(int)

    def choice(self, words: range, size: int, replace: bool) -> np.ndarray:
        """The words that go."""
        (gone,) = np.nonzero(next(self.rows) == 0)
        assert len(gone) == size
        return gone


def slopes(explanation, label: int, n: int) -> torch.Tensor:
    """lime's (feature, slope) pairs in the order of the features."""
    pairs = dict(explanation.local_exp[label])
    return torch.tensor([pairs[k] for k in range(n)], dtype=torch.float64)


def same_line(ours: xk.Explanation, theirs, label: int) -> None:
    """Slopes, intercept and R² to 1e-4 of the largest slope."""
    table = ours["regression"].set_index("term")["value"]
    found = torch.tensor(table.iloc[:-2].to_numpy())
    close(found, slopes(theirs, label, len(found)), 1e-4)
    assert table["intercept"] == pytest.approx(theirs.intercept[label], abs=1e-6)
    assert table["R²"] == pytest.approx(theirs.score, abs=1e-6)


# Pictures --------------------------------------------------------------------------------------------------


def asked(model, x):
    """The network's probabilities for pictures (n, H, W, C) in numpy."""

    def probabilities(pictures):
        with torch.no_grad():
            batch = torch.from_numpy(np.moveaxis(pictures, -1, 1).copy()).to(x)
            return model(batch).softmax(1).cpu().numpy()

    return probabilities


@pytest.mark.parametrize("hidden", ["mean", 0.25])
@pytest.mark.parametrize("network", ["shapes", "photos"])
def test_lime_on_pictures_is_limes_on_the_same_samples(network, hidden, zoo_model, lime):
    model, x = zoo_model(network)
    ours = xk.lime_image(model, x, target=1, segments="quickshift", hidden=hidden, n_samples=150, seed=4)
    segments, z = ours["segments"].numpy(), ours["samples"].numpy()
    explainer = lime("image").LimeImageExplainer(feature_selection="none")
    explainer.random_state = Drawn(z)
    theirs = explainer.explain_instance(
        np.moveaxis(x.cpu().double().numpy(), 0, -1), asked(model, x), labels=(1,), top_labels=None,
        hide_color=None if hidden == "mean" else hidden, num_samples=len(z), random_seed=1,
        segmentation_fn=lambda picture: segments,
    )  # fmt: skip
    same_line(ours, theirs, 1)


@pytest.mark.parametrize("photo", ["cat", "coffee", "rocket"])
def test_at_224_pixels_our_quickshift_is_limes(photo, lime):
    """Elsewhere ours keeps the width of its kernel in proportion to the picture, lime's stays at 4 pixels."""
    x = xk.data.photo(photo, 224).double()
    cut = importlib.import_module("lime.wrappers.scikit_image").SegmentationAlgorithm
    theirs = cut("quickshift", kernel_size=4, max_dist=200, ratio=0.2, random_seed=42)
    assert np.array_equal(superpixels(x, "quickshift").numpy(), theirs(np.moveaxis(x.numpy(), 0, -1)))


# Rows ------------------------------------------------------------------------------------------------------


def rows():
    """Sixty rows of four numbers and two categories, and a forest that reads them."""
    random = np.random.default_rng(3)
    X = np.column_stack([random.normal(size=(60, 4)), random.integers(0, 3, 60), random.integers(0, 2, 60)])
    return X, RandomForestClassifier(10, random_state=0).fit(X, (X[:, 0] + X[:, 4] > 1).astype(int))


@pytest.mark.parametrize("categorical", [(), (4, 5)])
@pytest.mark.parametrize("width", [None, 0.8])
def test_lime_on_rows_is_limes_on_the_same_samples(categorical, width, lime, monkeypatch):
    X, forest = rows()
    options = {"background": X, "categorical": categorical, "kernel_width": width, "n_samples": 300}
    ours = xk.lime_tabular(forest, X[5], target=1, **options)
    samples, z = ours["samples"].numpy(), ours["same_bin"].double().numpy()
    explainer = lime("tabular").LimeTabularExplainer(
        X, categorical_features=list(categorical), kernel_width=width, feature_selection="none"
    )
    numeric = [i for i in range(6) if i not in categorical]
    bins = explainer.discretizer.discretize(samples)
    assert np.array_equal(z[:, numeric], (bins == bins[0])[:, numeric]), "our bins are lime's"
    monkeypatch.setattr(explainer, "_LimeTabularExplainer__data_inverse", lambda row, count: (z, samples))
    theirs = explainer.explain_instance(X[5], forest.predict_proba, labels=(1,), num_samples=300)
    same_line(ours, theirs, 1)


def test_what_lime_draws_itself_gives_a_similar_line(lime):
    """Its own values within the bins, ours from the data; a forest hardly sees the difference."""
    X, forest = rows()
    ours = xk.lime_tabular(forest, X[5], target=1, background=X, categorical=(4, 5)).attribution
    explainer = lime("tabular").LimeTabularExplainer(
        X, categorical_features=[4, 5], feature_selection="none", random_state=1
    )
    theirs = slopes(explainer.explain_instance(X[5], forest.predict_proba, labels=(1,)), 1, 6)
    assert torch.corrcoef(torch.stack([ours, theirs]))[0, 1] > 0.98


# Texts -----------------------------------------------------------------------------------------------------

TEXT = "The rocket reached orbit today while engineers watched every signal from the ground station"


def counted(texts) -> np.ndarray:
    """A score that words push up and down, two of them together, as probabilities of two classes."""
    weights = {"rocket": 1.5, "orbit": 1.0, "engineers": -0.7, "signal": 0.4, "station": -0.2}
    score = [
        sum(w for word, w in weights.items() if word in text.split())
        - 2.0 * ("rocket" in text.split() and "signal" in text.split())
        for text in texts
    ]
    up = 1 / (1 + np.exp(-np.array(score, dtype=float)))
    return np.column_stack([1 - up, up])


def test_lime_on_texts_is_limes_on_the_same_samples(lime):
    """No word stands twice but for its capital, so that a word to lime is a word to us."""
    ours = xk.lime_text(lambda texts: torch.from_numpy(counted(texts)), TEXT, target=1, n_samples=300)
    explainer = lime("text").LimeTextExplainer(feature_selection="none")
    explainer.random_state = Drawn(ours["samples"].numpy())
    theirs = explainer.explain_instance(TEXT, counted, labels=(1,), num_samples=300)
    same_line(ours, theirs, 1)


def test_a_word_that_stands_twice_is_one_to_lime_and_two_to_us(lime):
    text = "good actors good music"
    told = lambda texts: np.array([[1 - 0.1 * t.count("good"), 0.1 * t.count("good")] for t in texts])  # noqa: E731
    ours = xk.lime_text(lambda texts: torch.from_numpy(told(texts)), text, target=1, penalty=0.0)
    theirs = lime("text").LimeTextExplainer(random_state=0).explain_instance(text, told, labels=(1,))
    assert ours.attribution.tolist() == pytest.approx([0.1, 0, 0.1, 0], abs=1e-6)
    assert len(theirs.local_exp[1]) == 3
    by_position = lime("text").LimeTextExplainer(bow=False, random_state=0)
    assert len(by_position.explain_instance(text, told, labels=(1,)).local_exp[1]) == 4
