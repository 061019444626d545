"""Weighted lines, against scikit-learn and scipy."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from sklearn.linear_model import LinearRegression, Ridge

from xaikit.methods.shapley.kernel import with_sum
from xaikit.methods.surrogates.line import ridge

from ..networks import random

SHAPES = [(60, 5), (12, 40), (7, 7)]  # tall, wide, square


def problem(rows: int, columns: int):
    Z = (random(rows, columns, seed=1) > 0.4).cpu().double()
    return Z, random(rows, seed=2).cpu().double() * 3 - 1, random(rows, seed=3).cpu().double() + 0.1


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("penalty", [0.01, 1.0, 50.0])
def test_the_ridge_is_that_of_scikit_learn(shape, penalty):
    Z, y, w = problem(*shape)
    fit = ridge(Z, y, w, penalty)
    other = Ridge(alpha=penalty, solver="svd").fit(Z.numpy(), y.numpy(), sample_weight=w.numpy())
    np.testing.assert_allclose(fit.coefficients.numpy(), other.coef_, atol=1e-9)
    assert fit.intercept.item() == pytest.approx(other.intercept_, abs=1e-9)
    np.testing.assert_allclose(fit.fitted.numpy(), other.predict(Z.numpy()), atol=1e-9)
    assert fit.r2.item() == pytest.approx(
        other.score(Z.numpy(), y.numpy(), sample_weight=w.numpy()), abs=1e-9
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_without_penalty_it_is_the_smallest_of_the_least_squares(shape):
    Z, y, w = problem(*shape)
    other = LinearRegression().fit(Z.numpy(), y.numpy(), sample_weight=w.numpy())
    np.testing.assert_allclose(ridge(Z, y, w, 0).coefficients.numpy(), other.coef_, atol=1e-7)


def test_scores_that_are_all_alike_are_explained_by_a_flat_line():
    Z, y, w = problem(20, 4)
    fit = ridge(Z, torch.full_like(y, 0.3), w, 1.0)
    assert fit.coefficients.abs().max() < 1e-12
    assert fit.intercept.item() == pytest.approx(0.3)
    assert fit.r2.item() == 1


@pytest.mark.parametrize("shape", [(60, 5), (30, 8)])
def test_slopes_with_a_given_sum_are_the_constrained_least_squares(shape):
    Z, y, w = problem(*shape)
    found = with_sum(Z, y, w, torch.tensor(2.5))
    a, b, weights = Z.numpy(), y.numpy(), w.numpy()
    other = minimize(
        lambda beta: (weights * (b - a @ beta) ** 2).sum(),
        np.zeros(shape[1]),
        jac=lambda beta: -2 * a.T @ (weights * (b - a @ beta)),
        constraints={"type": "eq", "fun": lambda beta: beta.sum() - 2.5, "jac": np.ones_like},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    np.testing.assert_allclose(found.numpy(), other.x, atol=1e-5)
    assert found.sum().item() == pytest.approx(2.5)


def test_the_sum_is_kept_also_where_samples_are_few():
    Z, y, w = problem(3, 10)
    assert with_sum(Z, y, w, torch.tensor(-0.7)).sum().item() == pytest.approx(-0.7)
    nobody = torch.zeros(0, 4), torch.zeros(0), torch.zeros(0)
    assert with_sum(*nobody, torch.tensor(2.0)).tolist() == [0.5, 0.5, 0.5, 0.5]
