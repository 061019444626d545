"""Perturbation: windows and groups worked by hand, slow versions from the definition, bounded memory."""

import itertools
import sys

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.core.sampling import generator
from xaikit.inputs.masks import soft_grid

from .. import networks
from ..bench.memory import peak
from ..networks import DEVICE, Function, tensor

pytestmark = pytest.mark.usefixtures("one_thread")  # small work, and others may run beside it


def pair() -> tuple[torch.nn.Module, torch.Tensor]:
    """Three times the sum of a 5×5 picture with ones at (1, 1) and (3, 3)."""
    x = torch.zeros(1, 5, 5, device=DEVICE)
    x[0, 1, 1] = x[0, 3, 3] = 1
    return networks.linear(torch.full((1, 5, 5), 3.0)), x


# Occlusion by hand -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "options", "expected"),
    [
        ((20, 50, 30), {"window": 1}, [80, 200, 120]),
        ((20, 50, 30), {"window": 1, "baseline": 10}, [40, 160, 80]),
        ((20, 50, 30), {"window": 2, "stride": 1}, [280, 300, 320]),
        ((20, 50, 30), {"window": 2, "stride": 2}, [280, 280, 120]),
        ((20, 50, 30), {"window": 2, "stride": 1, "baseline": 10}, [200, 220, 240]),
        ((20, 50, 30), {"window": 2, "stride": 2, "baseline": 10}, [200, 200, 80]),
        ((2, 10, 3), {"window": 1}, [8, 35, 12]),
        ((2, 10, 3), {"window": 2, "stride": 1}, [41, 42.5, 44]),
        ((2, 10, 3), {"window": 2, "stride": 2}, [41, 41, 12]),
    ],
)
def test_windows_over_a_row_give_the_figures_worked_by_hand(x, options, expected):
    found = xk.occlusion(networks.m4(), tensor(*map(float, x)), target=0, **options)
    assert found.attribution.tolist() == pytest.approx(expected, abs=1e-4)


def test_the_mean_over_windows_times_their_number_is_the_sum_of_the_published_test():
    """saliency adds up what the windows took; ours is that sum over the number of windows on a pixel."""
    model, x = pair()
    found = xk.occlusion(model, x, window=3, stride=1)
    counts = found["windows"].float().sum(0)
    assert counts.tolist() == [
        [1, 2, 3, 2, 1], [2, 4, 6, 4, 2], [3, 6, 9, 6, 3], [2, 4, 6, 4, 2], [1, 2, 3, 2, 1]
    ]  # fmt: skip
    published = [[3, 6, 6, 3, 0], [6, 15, 18, 12, 3], [6, 18, 24, 18, 6], [3, 12, 18, 15, 6], [0, 3, 6, 6, 3]]
    torch.testing.assert_close(found.attribution.cpu() * counts.cpu(), torch.tensor(published).float())


def test_a_feature_that_holds_the_score_down_counts_negative_alone_and_positive_in_a_larger_window():
    model, x = networks.p3(), tensor(3.0, 1.0)
    assert xk.occlusion(model, x, window=1).attribution.tolist() == [1, -1]
    assert xk.occlusion(model, x, window=2).attribution.tolist() == [1, 1]


def test_the_last_windows_are_cut_off_at_the_edges():
    x = torch.zeros(1, 5, 4, device=DEVICE)
    found = xk.occlusion(networks.linear(torch.ones(1, 5, 4)), x, window=(2, 3), stride=(2, 3))["windows"]
    assert found.shape == (6, 5, 4)
    assert found.flatten(1).sum(1).tolist() == [6, 2, 6, 2, 3, 1]
    assert found.sum(0).unique().tolist() == [1], "without overlap every pixel is hidden once"


def test_between_windows_that_are_far_apart_nothing_is_said():
    x = tensor(1.0, 2, 3, 4, 5)
    found = xk.occlusion(networks.linear([1.0] * 5), x, window=1, stride=2).attribution
    assert found.tolist() == [1, 0, 3, 0, 5]


@pytest.mark.parametrize("build", [networks.small_cnn, networks.functional_relu_cnn])
@pytest.mark.parametrize(("window", "stride"), [((3, 4), (2, 3)), (5, 5), (1, 1), (9, 2)])
def test_occlusion_is_what_its_definition_says(build, window, stride):
    model, x = build().double(), networks.random(3, 9, 10, dtype=torch.float64)
    x0 = networks.random(3, 9, 10, seed=4, dtype=torch.float64)
    high, wide = window if isinstance(window, tuple) else (window, window)
    down, across = stride if isinstance(stride, tuple) else (stride, stride)
    total, count = torch.zeros(9, 10).to(x), torch.zeros(9, 10).to(x)
    lost, top = [], 0
    with torch.no_grad():
        while True:
            left = 0
            while True:
                hidden = x.clone()
                hidden[:, top : top + high, left : left + wide] = x0[:, top : top + high, left : left + wide]
                lost.append((model(x[None]) - model(hidden[None]))[0, 2])
                total[top : top + high, left : left + wide] += lost[-1]
                count[top : top + high, left : left + wide] += 1
                if left + wide >= 10:
                    break
                left += across
            if top + high >= 9:
                break
            top += down
    options = {"target": 2, "baseline": x0, "window": window, "stride": stride, "batch_size": 5}
    found = xk.occlusion(model, x, **options)
    torch.testing.assert_close(found["differences"], torch.stack(lost))
    torch.testing.assert_close(found.attribution, total / count)


def test_additivity_holds_on_a_linear_model_when_every_pixel_is_hidden_equally_often():
    w = networks.random(3, 8, 8, seed=3) - 0.5
    (check,) = xk.occlusion(networks.linear(w, 2), networks.random(3, 8, 8), window=2, stride=2).checks
    assert check.holds
    assert check.left == pytest.approx(check.right, rel=1e-4)


# Ablation --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "options", "expected"),
    [
        ((20, 50, 30), {}, [80, 200, 120]),
        ((20, 50, 30), {"groups": [0, 0, 1]}, [280, 280, 120]),
        ((20, 50, 30), {"baseline": 4}, [64, 184, 104]),
        ((20, 50, 30), {"groups": [0, 0, 1], "baseline": 4}, [248, 248, 104]),
        ((2, 10, 3), {"groups": [0, 0, 1]}, [41, 41, 12]),
        ((20, 50, 30), {"groups": [1, 1, 0]}, [280, 280, 120]),
        ((20, 50, 30), {"groups": [7, 7, -2]}, [280, 280, 120]),
    ],
)
def test_groups_of_a_row_give_the_figures_worked_by_hand(x, options, expected):
    options = {k: torch.tensor(v) if k == "groups" else v for k, v in options.items()}
    found = xk.feature_ablation(networks.m4(), tensor(*map(float, x)), target=0, **options)
    assert found.attribution.tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("base", "expected"), [(0, [40, 40, 40]), (1, [-40, -40, 0])])
def test_features_that_are_only_true_or_false(base, expected):
    model = networks.m4()
    found = xk.feature_ablation(
        Function(lambda x: model(10 * x)), tensor(1.0, 0, 1), target=0, baseline=base,
        groups=torch.tensor([0, 0, 1]),
    )  # fmt: skip
    assert found.attribution.tolist() == pytest.approx(expected)


def test_with_a_metric_the_attribution_says_how_much_of_the_loss_goes():
    """F = x1 + 2 x2 = 5 at (1, 2), the truth is 4: the loss is 1; without x1 0, without x2 9."""
    loss = lambda out: (out[:, 0] - 4) ** 2  # noqa: E731
    found = xk.feature_ablation(networks.linear([1, 2]), tensor(1.0, 2), metric=loss)
    assert found["scores"].tolist() == pytest.approx([0, 9])
    assert found.attribution.tolist() == pytest.approx([1, -8])


@pytest.mark.parametrize("whole", [False, True], ids=["a map of groups", "groups like the picture"])
def test_feature_ablation_is_what_its_definition_says(whole):
    model, x = networks.small_cnn().double(), networks.random(3, 6, 7, dtype=torch.float64)
    x0 = networks.random(3, 6, 7, seed=8, dtype=torch.float64)
    shape = (3, 6, 7) if whole else (6, 7)
    groups = (networks.random(*shape, seed=5).cpu() * 5).long()
    expected = torch.zeros(shape).to(x)
    with torch.no_grad():
        for k in groups.unique():
            member = (groups == k).expand(3, 6, 7).to(x.device)
            ablated = torch.where(member, x0, x)
            expected[(groups == k).to(x.device)] = (model(x[None]) - model(ablated[None]))[0, 1]
    found = xk.feature_ablation(model, x, target=1, baseline=x0, groups=groups, batch_size=2)
    torch.testing.assert_close(found.attribution, expected)
    assert found["ablated"].shape == (len(groups.unique()), 3, 6, 7)


def test_ablation_of_a_linear_model_adds_up_to_the_whole_change():
    (check,) = xk.feature_ablation(networks.linear([1.0, -2, 3], 5), tensor(2.0, 1, 1)).checks
    assert check.left == pytest.approx(3)
    assert check.right == pytest.approx(3)


def test_without_groups_a_picture_is_cut_into_superpixels():
    found = xk.feature_ablation(networks.small_cnn(), xk.data.photo("cat", 64).to(DEVICE))
    pieces = found["groups"]
    assert pieces.shape == (64, 64)
    assert 30 <= len(pieces.unique()) <= 70
    for piece in pieces.unique():
        assert len(found.attribution[pieces.to(DEVICE) == piece].unique()) == 1


# Permutation -----------------------------------------------------------------------------------------------

ROLLED = torch.tensor([[2, 0, 1]] * 3)  # each row takes its value from the row above, the first from the last


def test_rolled_by_one_row_the_figures_are_those_of_the_published_test():
    X = tensor([1.0, 2, 3], [4, 5, 6], [7, 9, 11])
    found = xk.feature_permutation(networks.linear([1, -2, 3]), X, permutations=ROLLED)
    assert found.attribution.tolist() == [[-6, 14, -24], [3, -6, 9], [3, -8, 15]]


def test_a_column_that_never_changes_loses_nothing():
    X = tensor([1.0, 7, 3], [4, 7, 6], [7, 7, 11])
    found = xk.feature_permutation(networks.sum_of_squares(), X, permutations=ROLLED).attribution
    assert found[:, 1].tolist() == [0, 0, 0]
    assert bool(found[:, 0].any())


def test_over_all_orders_the_loss_grows_by_twice_the_squared_weight_times_the_variance():
    """y = 3a - b is the third column, and the model hands it on, so that a metric of the output knows it."""
    X = np.array([[1, 5], [2, 3], [4, 4], [5, 0.0]])
    rows = torch.tensor(np.column_stack([X, X @ [3, -1]]), device=DEVICE)
    model = Function(lambda x: torch.stack([3 * x[:, 0] - x[:, 1], x[:, 2]], 1))
    grows = []
    for order in itertools.permutations(range(4)):
        found = xk.feature_permutation(
            model, rows, metric=lambda out: -((out[:, 0] - out[:, 1]) ** 2),
            permutations=torch.tensor([order] * 3),
        )  # fmt: skip
        grows.append(found.attribution.mean(0)[:2].tolist())
    assert len(grows) == 24
    assert np.mean(grows, 0) == pytest.approx([45, 7], abs=1e-9)
    assert [2 * 9 * X[:, 0].var(), 2 * X[:, 1].var()] == [45, 7]


@pytest.mark.parametrize(
    ("shape", "grouped"), [((5, 4), None), ((5, 4), (4,)), ((4, 3, 6, 6), (3, 6, 6)), ((4, 3, 6, 6), (6, 6))]
)
def test_feature_permutation_is_what_its_definition_says(shape, grouped):
    X = networks.random(*shape, dtype=torch.float64)
    model = networks.smooth_mlp(4) if len(shape) == 2 else networks.small_cnn().double()
    groups = None
    if grouped:
        groups = (networks.random(*grouped, seed=2).cpu() * 3).long()
    found = xk.feature_permutation(model, X, target=1, groups=groups, seed=3, batch_size=3)
    orders = found["permutations"]
    whose = torch.arange(shape[1]) if groups is None else groups.unique(return_inverse=True)[1]
    whose = whose.expand(shape[1:])
    expected = torch.zeros(shape).to(X)
    with torch.no_grad():
        before = model(X)[:, 1]
        for j in range(int(whose.max()) + 1):
            for k in range(shape[0]):
                row = X[k].clone()
                row[whose == j] = X[orders[j, k]][whose == j]
                expected[k][whose == j] = before[k] - model(row[None])[0, 1]
    torch.testing.assert_close(found.attribution, expected)
    for order in orders.tolist():
        assert sorted(order) == list(range(shape[0]))


def test_more_rows_than_fit_into_a_batch_are_shuffled_all_the_same():
    X = networks.random(11, 4, dtype=torch.float64)
    whole = xk.feature_permutation(networks.smooth_mlp(4), X, target=0, seed=1)
    in_threes = xk.feature_permutation(networks.smooth_mlp(4), X, target=0, seed=1, batch_size=3)
    torch.testing.assert_close(whole.attribution, in_threes.attribution)


# RISE ------------------------------------------------------------------------------------------------------


def test_over_all_masks_rise_is_the_figure_worked_by_hand(monkeypatch):
    """(1/16) Σ F M / p over the sixteen masks of a 2×2 picture of ones, F = (1, 2, 3, 4) · mask, p = 1/2."""
    every = torch.tensor(list(itertools.product([0.0, 1], repeat=4)), device=DEVICE).reshape(16, 2, 2)
    rise = sys.modules["xaikit.methods.perturbation.rise"]
    monkeypatch.setattr(rise, "soft_grid", lambda *_: lambda where: every[where])
    model = networks.linear(torch.tensor([[[1.0, 2], [3, 4]]]))
    found = xk.rise(model, torch.ones(1, 2, 2, device=DEVICE), n_samples=16, cells=2, score="logit")
    assert found.attribution.flatten().tolist() == pytest.approx([5.5, 6, 6.5, 7])
    (check,) = found.checks
    assert check.left == check.right == 0.5


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_rise_is_what_its_definition_says_of_the_masks_it_shows(p):
    model, x = networks.small_cnn().double(), networks.random(3, 12, 14, dtype=torch.float64)
    found = xk.rise(model, x, target=2, n_samples=60, cells=4, p=p, seed=5, batch_size=7)
    total, running = torch.zeros(12, 14).to(x), []
    with torch.no_grad():
        for mask, score in zip(found["masks"], found["scores"], strict=True):
            assert model((x * mask)[None]).softmax(1)[0, 2] == pytest.approx(score.item())
            total = total + score * mask
            running.append(total / (len(running) + 1) / p)
    torch.testing.assert_close(found.attribution, total / 60 / p)
    frames = found["running_map"]
    torch.testing.assert_close(frames[-1], found.attribution)
    for frame in frames:
        assert any(torch.allclose(frame, mean) for mean in running)


def test_the_masks_of_rise_are_those_of_the_paper():
    """A grid of cells, enlarged bilinearly to one cell more than the picture, cut out at a random place."""
    x = torch.zeros(3, 30, 41, device=DEVICE, dtype=torch.float64)
    shown = soft_grid(x, 5, 0.4, 3)(slice(0, 6)).cpu()
    for k, mask in enumerate(shown):
        random = generator(3, k)
        grid = torch.from_numpy(random.random((6, 6)) < 0.4)[None, None].double()
        large = torch.nn.functional.interpolate(grid, size=(6 * 6, 6 * 9), mode="bilinear")[0, 0]
        row, column = int(random.integers(6)), int(random.integers(9))
        torch.testing.assert_close(mask, large[row : row + 30, column : column + 41])


def test_masks_are_soft_and_show_a_share_p_of_the_picture():
    shown = xk.rise(networks.small_cnn(), networks.random(3, 28, 28), n_samples=1500, p=0.3)["masks"]
    assert shown.min() >= 0
    assert shown.max() <= 1
    assert ((shown > 0.01) & (shown < 0.99)).float().mean() > 0.3, "hardly any edge is hard"
    means = shown.mean(0)
    assert means.mean().item() == pytest.approx(0.3, abs=0.01)
    assert means.std() < 0.02, "no place is shown more often than others"
    assert shown.diff(dim=-1).abs().max() <= 1 / 4 + 1e-6, "from one cell to the next over 28/7 pixels"


def test_a_mask_is_the_same_whatever_the_batch():
    x = networks.random(3, 28, 28)
    one, other = (
        xk.rise(networks.small_cnn(), x, n_samples=40, seed=2, batch_size=b)["masks"] for b in (1, 32)
    )
    torch.testing.assert_close(one, other)


def test_four_thousand_masks_of_a_photograph_take_the_memory_of_a_batch():
    """4,000 masks of 224×224 are 0.8 GB, 4,000 masked pictures 2.4: neither is ever there at once."""
    x = networks.random(3, 224, 224)
    model = Function(lambda x: x[:, :, ::56, ::56].mean((2, 3)))
    assert peak(lambda: xk.rise(model, x, target=0, n_samples=4000)) < 300e6


# Black boxes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["occlusion", "feature_ablation"])
def test_a_function_of_arrays_is_explained_like_a_network(name):
    weights = np.array([2.0, -1, 0.5])
    found = xk.METHODS[name](lambda rows: np.asarray(rows) @ weights, tensor(1.0, 2, 4))
    assert found.attribution.tolist() == pytest.approx([2, -2, 2])


def test_a_forest_is_explained_in_probabilities():
    from sklearn.ensemble import RandomForestClassifier

    X = np.random.default_rng(0).random((80, 4))
    forest = RandomForestClassifier(10, random_state=0).fit(X, (X[:, 0] > 0.5).astype(int))
    found = xk.feature_permutation(forest, X[:20], target=1, seed=4)
    orders = found["permutations"].numpy()
    before = forest.predict_proba(X[:20])[:, 1]
    for j in range(4):
        rows = X[:20].copy()
        rows[:, j] = X[:20][orders[j], j]
        expected = before - forest.predict_proba(rows)[:, 1]
        assert found.attribution[:, j].tolist() == pytest.approx(expected)
    alone = xk.occlusion(forest, X[0], window=1, baseline=torch.from_numpy(X.mean(0)))
    assert alone.unit == "probability"
    hidden = X[0].copy()
    hidden[0] = X[:, 0].mean()
    lost = forest.predict_proba(X[:1]) - forest.predict_proba(hidden[None])
    assert alone.attribution[0].item() == pytest.approx(lost[0, alone.target])
