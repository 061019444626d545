"""Black boxes: whatever can be asked for a batch is a model."""

import numpy as np
import pandas
import pytest
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

import xaikit as xk

from ..networks import random, tensor

X = random(40, 3, seed=3).cpu().double().numpy()
CLASSES = np.where(X.sum(1) > 1.5, "high", "low")
ROW = tensor(0.2, 0.9, 0.4)
W = np.array([[1.0, -1.0], [2.0, 0.5], [0.0, 3.0]])


def change(F, i: int) -> float:
    """F at the row, less F with column i at nought: what ablation says of a column."""
    rows = ROW.cpu().double().numpy()[None].repeat(2, 0)
    rows[1, i] = 0
    there, gone = F(rows)
    return there - gone


def ablated(model, **options) -> list[float]:
    return xk.feature_ablation(model, ROW, **options).attribution.tolist()


def test_a_function_may_speak_tensors_or_arrays():
    as_tensors = ablated(lambda rows: rows @ torch.from_numpy(W).to(rows), target=1)
    as_arrays = ablated(lambda rows: rows.astype(np.float64) @ W, target=1)
    by_hand = [0.2 * -1, 0.9 * 0.5, 0.4 * 3]
    assert as_tensors == pytest.approx(by_hand, abs=1e-6)
    assert as_arrays == pytest.approx(by_hand, abs=1e-6)


def test_a_function_may_answer_one_number_a_row_in_a_list():
    assert ablated(lambda rows: [float(row[0] * 5) for row in rows]) == pytest.approx([1, 0, 0], abs=1e-6)


def test_an_estimator_is_asked_for_its_probabilities():
    forest = RandomForestClassifier(20, random_state=0).fit(X, CLASSES)
    explanation = xk.feature_ablation(forest, ROW, target="low")
    by_hand = [change(lambda rows: forest.predict_proba(rows)[:, 1], i) for i in range(3)]
    assert explanation.attribution.tolist() == pytest.approx(by_hand, abs=1e-6)
    assert explanation.unit == "probability"
    assert explanation.prediction.label == "low"
    assert explanation.prediction.probability == pytest.approx(
        forest.predict_proba(ROW.cpu().numpy()[None])[0, 1]
    )


def test_a_method_of_an_estimator_is_as_good_as_the_estimator():
    forest = RandomForestClassifier(20, random_state=0).fit(X, CLASSES)
    assert ablated(forest.predict_proba, target=1) == ablated(forest, target=1)


def test_an_estimator_of_a_data_frame_is_asked_with_its_columns():
    """Warnings are errors here: scikit-learn would warn of an array without names."""
    columns = ["length", "width", "height"]
    fitted = LogisticRegression().fit(pandas.DataFrame(X, columns=columns), CLASSES)
    plain = LogisticRegression().fit(X, CLASSES)
    by_hand = [change(lambda rows: plain.predict_proba(rows)[:, 0], i) for i in range(3)]
    for model in (fitted, fitted.predict_proba):
        explanation = xk.feature_ablation(model, pandas.Series(ROW.cpu().numpy(), columns), target=0)
        assert explanation.attribution.tolist() == pytest.approx(by_hand, abs=1e-6)
    assert xk.feature_ablation(fitted, ROW).names == columns


def test_answers_that_sum_to_one_are_probabilities_and_others_are_not():
    share = lambda rows: torch.stack([rows[:, 0], 1 - rows[:, 0]], 1)  # noqa: E731
    explanation = xk.feature_ablation(share, ROW, target=0)
    assert explanation.unit == "probability"
    assert explanation.attribution[0].item() == pytest.approx(0.2)
    explanation = xk.feature_ablation(share, ROW, target=0, score="log_probability", baseline=0.1)
    assert explanation.attribution[0].item() == pytest.approx(np.log(0.2 / 0.1), abs=1e-6)
    assert xk.feature_ablation(lambda rows: rows * 2, ROW, target=0).unit == "logit"


def test_a_network_that_sums_to_one_by_chance_is_not_taken_for_probabilities():
    network = torch.nn.Linear(3, 2)
    with torch.no_grad():
        network.weight.copy_(torch.tensor([[1.0, 0, 0], [-1, 0, 0]]))
        network.bias.copy_(torch.tensor([0.0, 1]))
    explanation = xk.feature_ablation(network.to(ROW.device), ROW, target=0)
    assert explanation.unit == "logit"
    assert explanation.attribution[0].item() == pytest.approx(0.2)


def test_a_regression_has_a_unit():
    line = LinearRegression().fit(X, X @ W[:, 0])
    explanation = xk.feature_ablation(line, ROW)
    assert explanation.attribution.tolist() == pytest.approx([0.2, 1.8, 0], abs=1e-5)
    assert explanation.unit == "prediction"
    line.unit = "mg/dl"
    assert xk.feature_ablation(line, ROW).unit == "mg/dl"
    assert xk.rise.score == xk.lime_tabular.score == "probability"
    assert xk.lime_tabular(line, ROW, background=X, n_samples=50).unit == "mg/dl"


def test_an_answer_of_a_wrong_kind_is_named():
    for answer in ("high", None, [[1.0], [2.0, 3.0]], {"p": 1}, np.array(["high"])):
        with pytest.raises(xk.errors.ModelError):
            xk.feature_ablation(lambda rows, answer=answer: answer, ROW)
    with pytest.raises(xk.errors.ModelError, match="a function or a scikit-learn estimator"):
        xk.feature_ablation(object(), ROW)
    with pytest.raises(xk.errors.ModelError, match="Ridge"):
        xk.feature_ablation(Ridge(), ROW)


def test_arrays_that_must_not_be_written_to_are_read_without_a_warning():
    row, away = ROW.cpu().numpy().copy(), np.full(3, 0.1, np.float32)
    groups = np.array([0, 0, 1])
    for array in (row, away, groups):
        array.setflags(write=False)
    explanation = xk.exact_shapley(lambda rows: rows.sum(1), row, background=away, groups=groups)
    assert explanation.attribution.tolist() == pytest.approx([0.9, 0.9, 0.3], abs=1e-6)
    several = np.stack([away, away + 0.1])
    several.setflags(write=False)
    assert xk.exact_shapley(lambda rows: rows.sum(1), row, background=several).attribution.sum() > 0


def test_the_probability_of_a_text_and_of_several():
    texts = ["The team won.", "The probe found ice."]
    model = xk.zoo.load("news")
    expected = model(texts).detach().softmax(1)[:, 1]
    torch.testing.assert_close(xk.probability(model, texts, "science"), expected)
    torch.testing.assert_close(xk.probability(model, texts[0], "science"), expected[0])
