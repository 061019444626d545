"""Surrogates: lines worked by hand, scikit-learn's ridge as the oracle, pictures, rows and texts."""

import itertools
import unicodedata

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import xaikit as xk
from xaikit.inputs.text import tokens
from xaikit.methods.surrogates import neighbours
from xaikit.methods.surrogates.line import ridge

from .. import networks
from ..networks import DEVICE, Function

pytestmark = pytest.mark.usefixtures("one_thread")  # small work, and others may run beside it

CUBE = torch.tensor(list(itertools.product([0.0, 1], repeat=3)), dtype=torch.float64)
LINE = CUBE @ torch.tensor([2, -1, 0.5], dtype=torch.float64)
TEXT = "The rocket launched today, and the crowd cheered."


def kernel(distances: np.ndarray, width: float) -> np.ndarray:
    """√exp(-d²/σ²), as the authors' code has it."""
    return np.sqrt(np.exp(-(distances**2) / width**2))


def oracle(found: xk.Explanation, width: float, penalty: float = 1.0):
    """scikit-learn's ridge on the samples, the distances and the predictions that the walk showed."""
    from sklearn.linear_model import LinearRegression, Ridge

    z = found["same_bin" if "same_bin" in found else "samples"].double().numpy()
    weights = kernel(found["distances"].cpu().numpy(), width)
    line = Ridge(alpha=penalty) if penalty else LinearRegression()
    y = found["predictions"].cpu().numpy()
    line.fit(z, y, sample_weight=weights)
    return line, line.score(z, y, sample_weight=weights), weights


def agrees(found: xk.Explanation, width: float, penalty: float = 1.0) -> None:
    """The line, its R² and the weights are the oracle's."""
    line, r2, weights = oracle(found, width, penalty)
    table = found["regression"].set_index("term")["value"]
    assert table.iloc[:-2].tolist() == pytest.approx(line.coef_.tolist(), abs=1e-6)
    assert table["intercept"] == pytest.approx(line.intercept_, abs=1e-6)
    assert table["R²"] == pytest.approx(r2, abs=1e-6)
    assert found["sample_weights"].tolist() == pytest.approx(weights.tolist(), abs=1e-6)
    (check,) = found.checks
    assert (check.name, check.left) == ("fidelity", pytest.approx(1 - r2, abs=1e-6))
    assert check.holds == (r2 >= 0.5)


# The line --------------------------------------------------------------------------------------------------


def test_without_a_penalty_a_line_is_found_whatever_the_weights():
    for seed in range(3):
        fit = ridge(CUBE, LINE + 7, networks.random(8, seed=seed, dtype=torch.float64).cpu() + 0.01, 0)
        assert fit.coefficients.tolist() == pytest.approx([2, -1, 0.5])
        assert fit.intercept.item() == pytest.approx(7)
        assert fit.r2.item() == pytest.approx(1)


def test_a_penalty_of_one_shrinks_the_slopes_to_the_published_figures():
    """All eight samples of three pieces, weighed by their cosine distance with a width of 0.25."""
    weights = torch.from_numpy(kernel(neighbours.cosine(CUBE).numpy(), 0.25))
    fit = ridge(CUBE, LINE, weights, 1)
    assert fit.coefficients.tolist() == pytest.approx([0.932136, -0.570395, 0.180871], abs=1e-6)


def test_the_cosine_distance_is_that_of_the_vectors():
    from sklearn.metrics.pairwise import cosine_distances

    found = neighbours.cosine(CUBE)
    assert found.tolist() == pytest.approx(cosine_distances(CUBE.numpy(), np.ones((1, 3))).ravel().tolist())


@pytest.mark.parametrize("penalty", [0.0, 0.5, 10.0])
@pytest.mark.parametrize(("rows", "columns"), [(40, 7), (9, 9), (12, 30)])
def test_the_line_is_scikit_learns(rows, columns, penalty):
    from sklearn.linear_model import Ridge

    Z = (networks.random(rows, columns, dtype=torch.float64) > 0.5).double().cpu()
    y, w = networks.random(2, rows, seed=4, dtype=torch.float64).cpu()
    fit = ridge(Z, y, w, penalty)
    # numpy's smallest solution where there are many; scikit-learn's otherwise
    if penalty == 0:
        share = w / w.sum()
        A, b = (Z - share @ Z) * w.sqrt()[:, None], (y - share @ y) * w.sqrt()
        slopes = np.linalg.lstsq(A.numpy(), b.numpy(), rcond=1e-9)[0]
    else:
        slopes = Ridge(alpha=penalty).fit(Z.numpy(), y.numpy(), sample_weight=w.numpy()).coef_
    assert fit.coefficients.tolist() == pytest.approx(slopes.tolist(), abs=1e-7)


def test_where_every_sample_has_the_same_score_the_flat_line_says_all_of_it():
    fit = ridge(CUBE, torch.full((8,), 3.0), torch.ones(8), 1.0)
    assert (fit.coefficients.abs().max().item(), fit.r2.item()) == (pytest.approx(0, abs=1e-12), 1)
    assert fit.intercept.item() == pytest.approx(3)


# Pictures --------------------------------------------------------------------------------------------------

QUARTERS = torch.tensor([[0, 1], [2, 3]]).repeat_interleave(6, 0).repeat_interleave(6, 1)


def linear_in_pieces(weights) -> torch.nn.Module:
    """A sum over pixels in which each quarter of a 12×12 picture has its own weight."""
    return networks.linear(torch.tensor(weights)[QUARTERS].expand(3, 12, 12) / 108)


@pytest.mark.parametrize("hidden", [0, "gray", "mean"])
def test_a_sum_over_superpixels_is_recovered_without_a_penalty(hidden):
    """What is hidden in each quarter is worth w times the difference to what is shown instead."""
    x = torch.tensor([0.2, 0.9, 0.4, 1.0])[QUARTERS].expand(3, 12, 12).to(DEVICE)
    instead = {0: torch.zeros(4), "gray": torch.full((4,), 0.5), "mean": torch.tensor([0.2, 0.9, 0.4, 1.0])}
    expected = torch.tensor([3.0, -2, 1, 4]) * (torch.tensor([0.2, 0.9, 0.4, 1.0]) - instead[hidden])
    found = xk.lime_image(
        linear_in_pieces([3.0, -2, 1, 4]), x, segments=QUARTERS, hidden=hidden, score="logit", penalty=0,
        n_samples=60,
    )  # fmt: skip
    torch.testing.assert_close(found.attribution.cpu(), expected[QUARTERS], atol=1e-4, rtol=1e-4)
    assert found.checks[0].holds


def test_what_is_not_seen_has_the_mean_colour_of_its_piece():
    x = networks.random(3, 12, 12)
    found = xk.lime_image(networks.small_cnn(), x, segments=QUARTERS, n_samples=12)
    for z, seen in zip(found["samples"], found["perturbed"], strict=True):
        for k in range(4):
            inside = (k == QUARTERS).to(DEVICE)
            mean = x[:, inside].mean(1, keepdim=True).expand(3, 36)
            torch.testing.assert_close(seen[:, inside], x[:, inside] if z[k] else mean)
    assert found["samples"][0].tolist() == [1] * 4, "the first is the picture itself"


@pytest.mark.parametrize("segments", ["quickshift", "slic", "felzenszwalb", "given"])
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_lime_on_a_picture_is_the_ridge_of_what_it_shows(segments, penalty):
    x = xk.data.photo("cat", 48).to(DEVICE).double()
    chosen = torch.arange(48 * 48).reshape(48, 48) // 400 if segments == "given" else segments
    found = xk.lime_image(
        networks.small_cnn().double(), x, target=1, segments=chosen, n_samples=300, penalty=penalty, seed=3
    )
    pieces = found["segments"]
    assert pieces.shape == found.attribution.shape == (48, 48)
    assert pieces.unique().tolist() == list(range(int(pieces.max()) + 1))
    z = found["samples"]
    assert z.shape == (300, int(pieces.max()) + 1)
    assert z[1:].mean().item() == pytest.approx(0.5, abs=0.03)
    agrees(found, 0.25, penalty)
    slopes = torch.tensor(found["regression"]["value"][:-2].to_numpy())
    torch.testing.assert_close(found.attribution.cpu(), slopes[pieces])


def test_where_no_line_follows_the_model_the_check_says_so():
    """Exclusive or of two halves: no sum over them comes near it."""
    halves = (torch.arange(8) >= 4)[:, None].expand(8, 8).long()
    model = Function(lambda x: ((x[:, 0, 0, 0] > 0.5) ^ (x[:, 0, 7, 0] > 0.5)).to(x)[:, None])
    found = xk.lime_image(
        model, torch.ones(3, 8, 8, device=DEVICE), segments=halves, hidden=0, score="logit", kernel_width=100
    )
    (check,) = found.checks
    assert not check.holds
    assert check.left > 0.9


def unstable(explain, count: int) -> float:
    """How far the slopes lie apart over ten seeds, on average."""
    found = torch.stack([explain(count, seed).attribution for seed in range(10)])
    return found.std(0).mean().item()


def test_with_more_samples_the_seed_matters_less():
    """Sixteen times the samples: about a quarter of the spread."""
    x = networks.random(3, 12, 12)
    pieces = torch.arange(144).reshape(12, 12) // 12
    model = networks.small_cnn()
    on_pictures = lambda n, seed: xk.lime_image(  # noqa: E731
        model, x, target=0, segments=pieces, hidden=0, n_samples=n, seed=seed, keep="result"
    )
    assert unstable(on_pictures, 1600) < 0.4 * unstable(on_pictures, 100)

    rows = networks.random(50, 4, seed=2, dtype=torch.float64)
    mlp = networks.smooth_mlp(4)
    on_rows = lambda n, seed: xk.lime_tabular(  # noqa: E731
        mlp, rows[0], target=0, background=rows, n_samples=n, seed=seed, keep="result"
    )
    assert unstable(on_rows, 3200) < 0.4 * unstable(on_rows, 200)


# Rows ------------------------------------------------------------------------------------------------------


def table(rows: int = 60) -> torch.Tensor:
    """Four columns: uniform, uniform, one of three numbers that are names, one of two."""
    random = np.random.default_rng(5)
    numbers = random.random((rows, 2))
    names = np.column_stack([random.integers(0, 3, rows), random.integers(0, 2, rows)])
    return torch.tensor(np.column_stack([numbers, names]), device=DEVICE)


def test_the_bins_are_the_quarters_of_the_column_and_a_category_is_its_own():
    data = table()
    x = data[7]
    model = Function(lambda rows: rows[:, :2])
    model.features = ["length", "width", "colour", "sex"]
    found = xk.lime_tabular(model, x, target=0, background=data, categorical=("colour", 3), n_samples=400)
    samples, z = found["samples"].cpu().numpy(), found["same_bin"].numpy()
    for i in range(4):
        if i < 2:
            edges = np.percentile(data[:, i].cpu().numpy(), [25, 50, 75])
            place = lambda v, edges=edges: (v[..., None] > edges).sum(-1)  # noqa: E731
            assert (z[:, i] == (place(samples[:, i]) == place(x[i].cpu().numpy()))).all()
            assert 0.15 < z[:, i].mean() < 0.35
        else:
            assert (z[:, i] == (samples[:, i] == x[i].item())).all()
        assert set(samples[:, i]) <= set(data[:, i].cpu().tolist()), "every value is one of the data"
    assert samples[0].tolist() == x.tolist()
    described = found["discretised"]
    assert described["feature"].tolist() == ["length", "width", "colour", "sex"]
    assert described["bin"].tolist()[2:] == ["category"] * 2
    assert described["condition"][2] == f"colour = {x[2].item():.4g}"


def test_values_on_an_edge_belong_to_the_lower_bin():
    """The quarters of 0 … 4 are 1, 2, 3: at most 1, at most 2, at most 3, more."""
    data = torch.arange(5.0, device=DEVICE)[:, None]
    for value, count, condition in (
        (0, 2, "feature 0 ≤ 1"),
        (1, 2, "feature 0 ≤ 1"),
        (2, 1, "1 < feature 0 ≤ 2"),
        (4, 1, "3 < feature 0"),
    ):
        found = xk.lime_tabular(networks.linear([1.0]), data[value], background=data, n_samples=50)
        samples = found["samples"].unique().tolist()
        same = found["samples"][found["same_bin"].bool().to(DEVICE)].unique()
        assert samples == [0, 1, 2, 3, 4]
        assert len(same) == count
        assert found["discretised"]["condition"][0] == condition


def test_a_column_with_one_value_is_in_its_bin_always_and_gets_nothing():
    data = table()
    data[:, 1] = 3.5
    found = xk.lime_tabular(networks.linear([1.0, 5, 0, 0]), data[0], background=data, score="logit")
    assert found["same_bin"][:, 1].unique().tolist() == [1]
    assert found.attribution[1].item() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("kind", ["network", "estimator", "function"])
@pytest.mark.parametrize("categorical", [(), (2, 3)])
def test_lime_on_a_row_is_the_ridge_of_what_it_shows(kind, categorical):
    from sklearn.ensemble import RandomForestClassifier

    data = table()
    forest = RandomForestClassifier(8, random_state=0).fit(
        data.cpu().numpy(), (data[:, 0] > 0.5).cpu().numpy()
    )
    model = {
        "network": networks.smooth_mlp(4),
        "estimator": forest,
        "function": lambda rows: forest.predict_proba(np.asarray(rows)),
    }[kind]
    options = {"background": data, "categorical": categorical, "n_samples": 500}
    found = xk.lime_tabular(model, data[3], target=1, seed=2, **options)
    assert found.unit == "probability"
    assert found["distances"].tolist() == pytest.approx(
        [(4 - sum(row)) ** 0.5 for row in found["same_bin"].tolist()], abs=1e-6
    )
    agrees(found, 0.75 * 2)
    assert found.attribution.tolist() == pytest.approx(found["regression"]["value"][:-2].tolist(), abs=1e-6)
    narrow = xk.lime_tabular(model, data[3], target=1, kernel_width=0.6, penalty=0.0, **options)
    agrees(narrow, 0.6, 0.0)


def test_a_sum_of_indicators_is_recovered_without_a_penalty():
    """2 if the colour is that of x, -1 if the sex is: the line is the model itself."""
    data = table()
    x = data[0]
    model = Function(lambda rows: (2.0 * (rows[:, 2] == x[2]) - 1.0 * (rows[:, 3] == x[3]))[:, None].double())
    found = xk.lime_tabular(model, x, background=data, categorical=(2, 3), score="logit", penalty=0)
    assert found.attribution.tolist() == pytest.approx([0, 0, 2, -1], abs=1e-9)
    assert found["regression"].set_index("term")["value"]["R²"] == pytest.approx(1)


# Texts -----------------------------------------------------------------------------------------------------


def worth(weights):
    """A score that is a sum over the words that a text has."""
    return lambda texts: torch.tensor([[sum(w for word, w in weights.items() if word in t)] for t in texts])


def test_a_sum_over_words_is_recovered_without_a_penalty():
    model = worth({"rocket": 2.0, "crowd": -1.5, "nobody": 9.0})
    found = xk.lime_text(model, TEXT, score="logit", penalty=0)
    by_word = dict(zip([t.strip(" ,.") for t in found["tokens"]], found.attribution.tolist(), strict=True))
    expected = {**dict.fromkeys(by_word, 0.0), "rocket": 2.0, "crowd": -1.5}
    assert by_word == pytest.approx(expected, abs=1e-5)
    assert found.checks[0].holds


@pytest.mark.parametrize(("unit", "n"), [("word", 8), ("sentence", 1), ("line", 1)])
def test_lime_on_a_text_is_the_ridge_of_what_it_shows(unit, n):
    found = xk.lime_text(worth({"rocket": 2.0, "to": 1.0}), TEXT, unit=unit, n_samples=400, seed=1)
    z = found["samples"]
    assert z.shape == (400, n)
    agrees(found, 25)
    cosine = [1 - sum(row) / (sum(row) * n) ** 0.5 if sum(row) else 1 for row in z.tolist()]
    assert found["distances"].tolist() == pytest.approx([100 * d for d in cosine], abs=1e-4)
    for row, text in zip(z.tolist(), found["perturbed_texts"], strict=True):
        kept = [t for t, stays in zip(found["tokens"], row, strict=True) if stays]
        assert text == "".join(kept).strip()
    assert found["perturbed_texts"][0] == TEXT


def test_as_many_words_go_as_the_die_says():
    """One word, two words, … all of them: each number as often as any other."""
    z = xk.lime_text(worth({"rocket": 2.0}), TEXT, n_samples=4001)["samples"]
    gone = (8 - z[1:].sum(1)).long().bincount(minlength=9)
    assert gone[0] == 0
    assert ((gone[1:] - 500).abs() < 5 * 500**0.5).all()
    assert z[0].tolist() == [1] * 8


def test_a_pipeline_on_texts_is_explained_in_probabilities():
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = ["good film", "a good story", "bad film", "a bad bad story"]
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, ["yes", "yes", "no", "no"])
    found = xk.lime_text(model, "A good but long film.", target="yes")
    words = dict(zip([t.strip() for t in found["tokens"]], found.attribution.tolist(), strict=True))
    assert max(words, key=words.get) == "good"
    assert found.unit == "probability"
    assert found.prediction.score == pytest.approx(model.predict_proba(["A good but long film."])[0, 1])


SCRIPTS = {
    "שלום עולם, זה טוב!": ["שלום", "עולם,", "זה", "טוב!"],
    "مرحبا بالعالم، كيف الحال؟": ["مرحبا", "بالعالم،", "كيف", "الحال؟"],
    "Great 👍🏽 movie 👨‍👩‍👧 🇩🇪!": ["Great", "👍🏽", "movie", "👨‍👩‍👧", "🇩🇪!"],
    "नमस्ते दुनिया": ["नमस्ते", "दुनिया"],
    "今天好。": ["今", "天", "好。"],
    "“Well,” he said: it's fine…": ["“Well,”", "he", "said:", "it's", "fine…"],
    "(one) two": ["(one)", "two"],
}


@pytest.mark.parametrize("text", SCRIPTS)
def test_texts_in_any_script_are_cut_into_words(text):
    """An accent, a skin tone, a joined family and a flag stay whole; punctuation goes with its word."""
    found = xk.lime_text(lambda texts: torch.tensor([[float(len(t))] for t in texts]), text, n_samples=50)
    assert [piece.strip() for piece in found["tokens"]] == SCRIPTS[text]
    assert found.attribution.shape == (len(SCRIPTS[text]),)


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.sampled_from(["word", "sentence", "line"]))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_the_pieces_joined_are_the_text_to_the_last_character(text, unit):
    try:
        cut = tokens(text, unit)
    except xk.errors.InputError:
        if unit == "word":
            assert not any(unicodedata.category(c) in ("Lu", "Ll", "Nd", "So") for c in text)
        else:
            assert not text.strip()
        return
    assert "".join(cut.pieces) == text
    assert all(piece.strip() for piece in cut.pieces)
    everything = torch.ones(len(cut), dtype=torch.bool)
    assert cut.without(everything) == text.strip()
    assert cut.without(~everything) == ""
