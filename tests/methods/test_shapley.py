"""Shapley values: games worked by hand, the axioms, all orders one by one, and what it costs."""

import functools
import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import xaikit as xk
from xaikit.methods.shapley.kernel import kernel_samples

from .. import networks
from ..bench.memory import peak
from ..networks import DEVICE, Function, tensor

pytestmark = pytest.mark.usefixtures("one_thread")  # small work, and others may run beside it

METHODS = (xk.exact_shapley, xk.shapley_sampling, xk.kernel_shap)
every_method = pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
bounded = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def table(**values):
    """A game from its values: `table(_=0, T=2, C=5, TC=6)`; the players have one letter, `_` is nobody."""
    worth = {frozenset(who.replace("_", "")): value for who, value in values.items()}
    return worth.__getitem__


def phi(game, players, method=xk.exact_shapley, **options) -> list[float]:
    return method(game, list(players), **options).attribution.tolist()


def by_all_orders(game, players) -> list[float]:
    """The mean of what each adds, over all n! orders, as the definition says."""
    total = dict.fromkeys(players, 0.0)
    orders = list(itertools.permutations(players))
    for order in orders:
        for k, player in enumerate(order):
            total[player] += game(frozenset(order[: k + 1])) - game(frozenset(order[:k]))
    return [total[p] / len(orders) for p in players]


def random_game(n: int, seed: int):
    """A game with random values, and the names of its players."""
    players, random = [f"p{k}" for k in range(n)], np.random.default_rng(seed)
    sets = [frozenset(c) for size in range(n + 1) for c in itertools.combinations(players, size)]
    return dict(zip(sets, random.normal(size=len(sets)), strict=True)).__getitem__, players


# By hand ---------------------------------------------------------------------------------------------------

COOKING = {"A": 4, "B": 3, "C": 2, "AB": 9, "AC": 8, "BC": 7, "ABC": 15}
RAIN = {"T": 2, "C": 4, "H": 5, "TC": 6, "TH": 8, "CH": 10, "TCH": 15}


def synergies(members) -> float:
    """Five players with worths of their own, and three pairs that are worth more together."""
    alone = dict(zip("12345", (0, 0.2, -0.1, -0.9, 0), strict=True))
    together = {"12": 0.4, "24": 0.3, "35": 1}
    return sum(alone[p] for p in members) + sum(v for who, v in together.items() if set(who) <= members)


WORKED = (
    "rain", "rain and hail", "glove", "majority", "airport", "and", "or", "xor", "cooking", "cooking from 10",
    "five", "constant", "alone",
)  # fmt: skip


@pytest.mark.parametrize(
    ("game", "players", "expected"),
    [
        (table(_=0, T=2, C=5, TC=6), "TC", [1.5, 4.5]),
        (table(_=3, **RAIN), "TCH", [13 / 6, 25 / 6, 17 / 3]),
        (lambda S: float("1" in S and len(S) > 1), "123", [2 / 3, 1 / 6, 1 / 6]),
        (lambda S: float(4 * ("a" in S) + 2 * ("b" in S) + ("c" in S) >= 5), "abc", [2 / 3, 1 / 6, 1 / 6]),
        (lambda S: max([0, *({"a": 8, "b": 11, "c": 13}[p] for p in S)]), "abc", [8 / 3, 25 / 6, 37 / 6]),
        (lambda S: float(len(S) == 2), "ab", [0.5, 0.5]),
        (lambda S: float(len(S) > 0), "ab", [0.5, 0.5]),
        (lambda S: float(len(S) == 1), "ab", [0, 0]),
        (table(_=0, **COOKING), "ABC", [6, 5, 4]),
        (table(_=10, **COOKING), "ABC", [8 / 3, 5 / 3, 2 / 3]),
        (synergies, "12345", [0.2, 0.55, 0.4, -0.75, 0.5]),
        (lambda S: 7.0, "abc", [0, 0, 0]),
        (lambda S: 3.0 * len(S), "a", [3]),
    ],
    ids=WORKED,
)
@every_method
def test_games_have_the_values_worked_by_hand(method, game, players, expected):
    """Kernel SHAP draws every coalition here, and 600 orders come within a few standard errors."""
    if method is xk.shapley_sampling:
        found = method(game, list(players), n_permutations=600)
        apart = (found.attribution - torch.tensor(expected, dtype=torch.float64)).abs()
        assert (apart <= 5 * found["standard_error"] + 1e-12).all()
    else:
        assert phi(game, players, method) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("formula", "x", "expected"),
    [
        (lambda x: x[:, 0] * x[:, 1] + x[:, 2], (2, 3, 5), [3, 3, 5]),
        (lambda x: x.amin(1), (2, -2), [0, -2]),
        (lambda x: x.amin(1), (4, 2), [1, 1]),
    ],
)
@pytest.mark.parametrize("method", [xk.exact_shapley, xk.kernel_shap], ids=lambda m: m.name)
def test_formulas_have_the_values_worked_by_hand(method, formula, x, expected):
    found = method(Function(lambda rows: formula(rows)[:, None]), tensor(*map(float, x)))
    assert found.attribution.tolist() == pytest.approx(expected, abs=1e-5)


@every_method
def test_a_product_and_a_background_of_four_rows(method):
    """x1 x2 + 2 x1 at (3, 2): the base value is 1.75 and the output 12."""
    background = tensor([0.0, 0], [1, 1], [2, 0], [0, 4])
    model = Function(lambda x: (x[:, 0] * x[:, 1] + 2 * x[:, 0])[:, None])
    found = method(model, tensor(3.0, 2), background=background)
    assert found.attribution.tolist() == pytest.approx([8.5, 1.75], abs=1e-5)
    (check, *_) = found.checks
    assert (check.name, check.right) == ("efficiency", pytest.approx(12 - 1.75))


@every_method
def test_on_a_linear_model_each_gets_its_weight_times_its_distance_from_the_mean(method):
    background = tensor([0.0, 1, 2], [2, 3, 0])
    found = method(networks.linear([1, 2, -3]), tensor(3.0, 1, 1), background=background)
    assert found.attribution.tolist() == pytest.approx([2, -2, 0], abs=1e-5)


@every_method
def test_of_two_equal_columns_only_the_one_that_the_model_reads_is_paid(method):
    """Absent values are drawn independently of the others: the model is explained, not the world."""
    found = method(networks.linear([1, 0, 0]), tensor(1.0, 1, 0))
    assert found.attribution.tolist() == pytest.approx([1, 0, 0], abs=1e-6)


def test_kernel_shap_on_the_kit_network():
    found = xk.kernel_shap(networks.m4(), tensor(20.0, 50, 30), target=0, background=tensor(10.0, 20, 10))
    assert found.attribution.tolist() == pytest.approx([40, 120, 80], abs=1e-4)


@every_method
def test_from_nothing_the_first_one_pays_for_the_threshold(method):
    """out0 is 4 s - 8 from s = 10 on and 2 at 0: who comes first adds ten less than four times its own."""
    options, within = ({"n_permutations": 600}, 1.0) if method is xk.shapley_sampling else ({}, 1e-3)
    found = method(networks.m4(), tensor(20.0, 50, 30), target=0, **options)
    assert found.attribution.tolist() == pytest.approx([80 - 10 / 3, 200 - 10 / 3, 120 - 10 / 3], abs=within)


@every_method
def test_groups_of_features_that_are_only_true_or_false(method):
    model = networks.m4()
    ten = Function(lambda x: model(10 * x))
    found = method(ten, tensor(1.0, 0, 1), target=0, groups=torch.tensor([0, 0, 1]))
    assert found.attribution.tolist() == pytest.approx([35, 35, 35], abs=1e-4)


def test_the_price_of_a_house_order_by_order():
    """Park +30, no cats -50, 50 m² more +20, and the park is worth 12 less where cats are forbidden."""

    def price(S) -> float:
        return (
            300
            + 30 * ("park" in S)
            - 50 * ("no cats" in S)
            + 20 * ("area" in S)
            - 12 * ({"park", "no cats"} <= S)
        )

    found = xk.exact_shapley(price, ["park", "no cats", "area"])
    assert found.attribution.tolist() == pytest.approx([24, -56, 20])
    paths = found["paths"]
    rows = {
        order: numbers.tolist()
        for order, numbers in zip(paths["order"], paths.iloc[:, 1:].to_numpy(), strict=True)
    }
    assert rows == {
        "park → no cats → area": [30, -62, 20],
        "park → area → no cats": [30, -62, 20],
        "no cats → park → area": [18, -50, 20],
        "no cats → area → park": [18, -50, 20],
        "area → park → no cats": [30, -62, 20],
        "area → no cats → park": [18, -50, 20],
    }
    values = found["coalitions"].set_index("members")["value"].to_dict()
    assert values == {
        "∅": 300, "{park}": 330, "{no cats}": 250, "{area}": 320, "{park, no cats}": 268, "{park, area}": 350,
        "{no cats, area}": 270, "{park, no cats, area}": 288,
    }  # fmt: skip
    added = found["marginal_contributions"]
    park = added[added.feature == "park"].set_index("coalition")
    assert park.contribution.to_dict() == {"∅": 30, "{no cats}": 18, "{area}": 30, "{no cats, area}": 18}
    assert park.weight.to_dict() == pytest.approx(
        {"∅": 1 / 3, "{no cats}": 1 / 6, "{area}": 1 / 6, "{no cats, area}": 1 / 3}
    )


# The axioms ------------------------------------------------------------------------------------------------


@st.composite
def games(draw):
    """A game of one to five players: a value for every set of them."""
    players = [f"p{k}" for k in range(draw(st.integers(1, 5)))]
    sets = [frozenset(c) for size in range(len(players) + 1) for c in itertools.combinations(players, size)]
    numbers = st.floats(-100, 100, allow_subnormal=False)
    return players, dict(
        zip(sets, draw(st.lists(numbers, min_size=len(sets), max_size=len(sets))), strict=True)
    )


@given(games())
@bounded
def test_values_are_the_mean_over_all_orders_and_share_out_everything(game):
    players, worth = game
    found = xk.exact_shapley(worth.__getitem__, players)
    assert found.attribution.tolist() == pytest.approx(by_all_orders(worth.__getitem__, players), abs=1e-8)
    assert found.attribution.sum().item() == pytest.approx(
        worth[frozenset(players)] - worth[frozenset()], abs=1e-8
    )
    assert all(check.holds for check in found.checks)
    assert phi(worth.__getitem__, players, xk.kernel_shap) == pytest.approx(
        found.attribution.tolist(), abs=1e-6
    )


@given(games())
@bounded
def test_two_who_add_the_same_everywhere_get_the_same(game):
    players, worth = game
    twin = lambda S: worth[frozenset(players[0] if p == "twin" else p for p in S)]  # noqa: E731
    found = phi(twin, [*players, "twin"])
    assert found[0] == pytest.approx(found[-1], abs=1e-8)


@given(games())
@bounded
def test_who_adds_nothing_gets_nothing_and_changes_nothing(game):
    players, worth = game
    found = phi(lambda S: worth[S - {"idle"}], [*players, "idle"])
    assert found[-1] == pytest.approx(0, abs=1e-8)
    assert found[:-1] == pytest.approx(phi(worth.__getitem__, players), abs=1e-8)


@given(games(), st.integers(0, 99))
@bounded
def test_the_values_of_a_sum_of_games_are_the_sums_of_the_values(game, seed):
    players, worth = game
    random = np.random.default_rng(seed)
    other = {S: random.normal() for S in worth}
    both = phi(lambda S: worth[S] + 3 * other[S], players)
    parts = zip(phi(worth.__getitem__, players), phi(other.__getitem__, players), strict=True)
    assert both == pytest.approx([a + 3 * b for a, b in parts], abs=1e-7)


def test_the_checks_see_when_an_axiom_is_broken():
    """The measures themselves, on values that somebody got wrong."""
    from xaikit.methods.shapley import axioms
    from xaikit.methods.shapley.exact import shapley_of

    v = torch.tensor([0.0, 1, 1, 2, 0, 1, 1, 2], dtype=torch.float64)  # players 0 and 1 add 1, 2 adds nothing
    right, wrong = torch.tensor([1.0, 1, 0]).double(), torch.tensor([1.5, 0.5, 0.25]).double()
    for measure, by in ((axioms.asymmetry, 1), (axioms.paid_for_nothing, 0.25)):
        assert measure(v, right) == 0
        assert measure(v, wrong) == by
    assert axioms.not_additive(v, right, shapley_of) == pytest.approx(0, abs=1e-12)
    assert axioms.not_additive(v, wrong, shapley_of) == pytest.approx(0.5)


# Slow versions ---------------------------------------------------------------------------------------------


def value_by_loops(model, x, background, target, member_of, members) -> float:
    """The mean score over the background, with the members' values taken from x, one row after the other."""
    scores = []
    for row in background:
        seen = row.clone()
        for k in members:
            seen[member_of == k] = x[member_of == k]
        scores.append(model(seen[None])[0, target].item())
    return float(np.mean(scores))


@pytest.mark.parametrize("grouped", [False, True])
def test_exact_values_of_a_network_are_the_mean_over_all_orders(grouped):
    model, x = networks.smooth_mlp(6), networks.random(6, dtype=torch.float64)
    background = networks.random(4, 6, seed=3, dtype=torch.float64)
    member_of = torch.tensor([0, 1, 1, 2, 3, 0]) if grouped else torch.arange(6)
    n = int(member_of.max()) + 1
    game = functools.cache(lambda S: value_by_loops(model, x, background, 1, member_of, S))

    expected = torch.tensor(by_all_orders(game, list(range(n))), dtype=torch.float64)[member_of]
    options = {"groups": member_of} if grouped else {}
    found = xk.exact_shapley(model, x, target=1, background=background, batch_size=7, **options)
    torch.testing.assert_close(found.attribution.cpu(), expected)


def test_sampled_values_are_what_their_orders_say():
    model, x = networks.smooth_mlp(5), networks.random(5, dtype=torch.float64)
    background = networks.random(3, 5, seed=3, dtype=torch.float64)
    found = xk.shapley_sampling(model, x, target=2, background=background, n_permutations=14, seed=6)
    orders, values, added = found["permutations"], found["coalition_values"], found["contributions"]
    expected = torch.zeros(14, 5, dtype=torch.float64)
    for k, order in enumerate(orders.tolist()):
        assert sorted(order) == list(range(5))
        before = value_by_loops(model, x, background, 2, torch.arange(5), [])
        assert values[k, 0].item() == pytest.approx(before)
        for place, player in enumerate(order):
            after = value_by_loops(model, x, background, 2, torch.arange(5), order[: place + 1])
            assert values[k, place + 1].item() == pytest.approx(after)
            expected[k, player] = after - before
            before = after
    torch.testing.assert_close(added, expected)
    torch.testing.assert_close(found.attribution.cpu(), expected.mean(0))
    torch.testing.assert_close(found["running_mean"][9], expected[:10].mean(0))
    pairs = expected.reshape(7, 2, 5).mean(1).numpy()
    error = torch.from_numpy(pairs.std(0, ddof=1) / math.sqrt(7))
    torch.testing.assert_close(found["standard_error"].cpu(), error)


@pytest.mark.parametrize("n", [2, 3, 6, 7])
def test_kernel_shap_is_the_weighted_regression_through_all_coalitions(n):
    """numpy's least squares, with the two ends weighed a million times as much as the rest."""
    game, players = random_game(n, n)
    Z = np.array(list(itertools.product([0, 1], repeat=n)), float)
    y = np.array([game(frozenset(p for p, z in zip(players, row, strict=True) if z)) for row in Z])
    size = Z.sum(1).astype(int)
    w = [1e8 if s in (0, n) else (n - 1) / (math.comb(n, s) * s * (n - s)) for s in size]
    root = np.sqrt(w)
    line, *_ = np.linalg.lstsq(np.column_stack([np.ones(len(Z)), Z]) * root[:, None], y * root, rcond=None)
    assert phi(game, players, xk.kernel_shap) == pytest.approx(line[1:], abs=1e-5)


def test_kernel_shap_with_some_coalitions_is_the_regression_through_those():
    """Efficiency put in by hand: the last slope is what the others leave."""
    game, players = random_game(8, 0)
    found = xk.kernel_shap(game, players, n_samples=60, seed=2)
    rows = found["coalitions"]
    assert len(rows) == 60
    Z = np.array(
        [[p in members.strip("{}").split(", ") for p in players] for members in rows["members"]], float
    )
    v0, v1 = game(frozenset()), game(frozenset(players))
    root = np.sqrt(rows["weight"].to_numpy())
    y = rows["value"].to_numpy() - v0 - Z[:, -1] * (v1 - v0)
    line, *_ = np.linalg.lstsq((Z[:, :-1] - Z[:, -1:]) * root[:, None], y * root, rcond=None)
    assert found.attribution.tolist() == pytest.approx([*line, v1 - v0 - line.sum()], abs=1e-9)


# How they get there ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_a_game_is_asked_once_for_each_of_its_coalitions(n):
    asked = []
    xk.exact_shapley(lambda S: asked.append(S) or len(S) ** 1.5, [f"p{k}" for k in range(n)])
    assert len(asked) == len(set(asked)) == 2**n


def test_a_network_sees_each_coalition_once_with_each_row_of_the_background():
    counts = []
    model = Function(lambda x: counts.append(len(x)) or x.sum(1, keepdim=True))
    background = networks.random(5, 7)
    found = xk.exact_shapley(model, networks.random(7), target=0, background=background)
    assert found.cost["forward"] == sum(counts) == 1 + 2**7 * 5, "once more to learn what the output is"


def test_sixteen_features_are_asked_in_bounded_batches():
    """2^16 coalitions with four rows of background are 262,144 rows of sixteen numbers, 17 MB at once."""
    largest, total = [0], [0]

    def model(x):
        largest[0], total[0] = max(largest[0], len(x)), total[0] + len(x)
        return x.sum(1, keepdim=True)

    background, x = networks.random(4, 16), networks.random(16)
    used = peak(
        lambda: xk.exact_shapley(Function(model), x, target=0, background=background, batch_size=2048)
    )
    assert total[0] == 4 * 2**16 + 1
    assert largest[0] <= 2048
    assert used < 17e6


def test_seventeen_are_too_many_to_ask_for_every_coalition():
    with pytest.raises(xk.errors.OptionError, match=r"17 players have 2\^17.*16.*Try kernel_shap"):
        xk.exact_shapley(lambda S: 0.0, [f"p{k}" for k in range(17)])


@pytest.mark.parametrize("count", [2, 7, 50])
def test_each_second_order_is_the_one_before_it_backwards(count):
    game, players = random_game(6, 1)
    orders = xk.shapley_sampling(game, players, n_permutations=count, seed=4)["permutations"]
    assert len(orders) == count // 2 * 2
    assert torch.equal(orders[0::2], orders[1::2].flip(1))
    assert len(orders[0::2].unique(dim=0)) > count // 4


def test_orders_forwards_and_backwards_leave_no_noise_where_only_pairs_work_together():
    """In a game of single worths and pairs, one comes after its partner in exactly one of two orders."""
    found = xk.shapley_sampling(synergies, list("12345"), n_permutations=2)
    assert found.attribution.tolist() == pytest.approx([0.2, 0.55, 0.4, -0.75, 0.5])


def test_sampling_stops_at_a_tolerance():
    game, players = random_game(6, 1)
    found = xk.shapley_sampling(game, players, n_permutations=5000, tolerance=0.05)
    used = len(found["permutations"])
    assert 40 <= used < 2000
    assert found["standard_error"].max() <= 0.05
    before = xk.shapley_sampling(game, players, n_permutations=used - 20)
    assert used == 40 or before["standard_error"].max() > 0.05, "twenty orders less would not have done"
    torch.testing.assert_close(before["contributions"], found["contributions"][:-20])
    least = xk.shapley_sampling(game, players, n_permutations=30, tolerance=1e-9)
    assert len(least["permutations"]) == 30, "no more than were asked for, whatever the error"


def test_the_standard_error_is_honest():
    """Over 200 seeds, about 95 % of the sampled values lie within two standard errors of the exact ones."""
    game, players = random_game(5, 3)
    exact = torch.tensor(by_all_orders(game, players), dtype=torch.float64)
    inside, apart, errors = [], [], []
    for seed in range(200):
        found = xk.shapley_sampling(
            game, players, n_permutations=60, seed=seed, keep=lambda s: s.name == "standard_error"
        )
        apart.append(found.attribution - exact)
        errors.append(found["standard_error"])
        inside.append(apart[-1].abs() <= 2 * errors[-1])
    share = torch.stack(inside).double().mean().item()
    assert 0.90 < share < 0.985
    spread = torch.stack(apart).std(0) / torch.stack(errors).square().mean(0).sqrt()
    assert (0.85 < spread).all()
    assert (spread < 1.15).all()


@pytest.mark.parametrize("n", [3, 6, 10])
def test_with_every_coalition_kernel_shap_is_exact_and_says_so(n):
    game, players = random_game(n, 7)
    found = xk.kernel_shap(game, players)
    assert len(found["coalitions"]) == 2**n - 2
    assert found.attribution.tolist() == pytest.approx(phi(game, players), abs=1e-6)
    assert [c.name for c in found.checks] == ["efficiency", "exactness"]
    assert all(c.holds for c in found.checks)


def test_with_more_coalitions_kernel_shap_comes_closer():
    game, players = random_game(11, 5)
    exact = torch.tensor(phi(game, players))
    errors = [
        np.median(
            [
                (xk.kernel_shap(game, players, n_samples=k, seed=s).attribution - exact).norm()
                for s in range(9)
            ]
        )
        for k in (60, 250, 1000)
    ]
    assert errors[0] > 1.5 * errors[1] > 2.25 * errors[2]


@pytest.mark.parametrize(("n", "count"), [(4, 9), (7, 40), (12, 500), (30, 2108), (64, 200)])
def test_coalitions_are_different_come_with_their_complements_and_weigh_what_their_size_weighs(n, count):
    S, w = kernel_samples(n, count, seed=3)
    rows = {tuple(row) for row in S.tolist()}
    assert len(rows) == len(S) <= count
    assert len(S) >= count - 1
    assert all(tuple(not b for b in row) in rows for row in rows)
    size = S.sum(1)
    for s in range(1, n // 2 + 1):
        found = w[(size == s) | (size == n - s)]
        if len(found):
            assert found.sum().item() == pytest.approx((n - 1) / (s * (n - s)) * (1 if 2 * s == n else 2))


# What they explain -----------------------------------------------------------------------------------------


@every_method
def test_superpixels_play_and_every_pixel_gets_the_value_of_its_piece(method):
    model, x = networks.small_cnn().double(), networks.random(3, 12, 12, dtype=torch.float64)
    pieces = (torch.arange(144).reshape(12, 12) % 12 // 4) + 3 * (torch.arange(144).reshape(12, 12) // 72)
    found = method(model, x, target=1, background="mean", groups=pieces)
    mean = x.mean((1, 2), keepdim=True).expand_as(x)

    @functools.cache
    def game(S):
        present = torch.isin(pieces, torch.tensor(sorted(S), dtype=torch.long)).to(x.device)
        with torch.no_grad():
            return model(torch.where(present, x, mean)[None])[0, 1].item()

    exact = torch.tensor(by_all_orders(game, range(6)), dtype=torch.float64)[pieces]
    assert found.attribution.shape == (12, 12)
    if method is xk.shapley_sampling:
        assert ((found.attribution.cpu() - exact).abs() <= 5 * found["standard_error"].cpu() + 1e-9).all()
    else:
        torch.testing.assert_close(found.attribution.cpu(), exact, rtol=1e-6, atol=1e-9)


@every_method
def test_words_play_and_an_absent_word_is_taken_out(method):
    """Good is worth 3, unless there is a not, which turns it round; the rest are dummies."""

    def model(texts):
        return torch.tensor([[3.0 * ("good" in t) * (-1 if "not" in t else 1)] for t in texts])

    found = method(model, "This is not good.", target=0)
    assert [name.strip() for name in found.names] == ["This", "is", "not", "good."]
    assert found.attribution.tolist() == pytest.approx([0, 0, -3, 0], abs=1e-5)


def test_columns_are_called_by_their_names_and_groups_by_their_numbers():
    model = networks.linear([1.0, 2, 3])
    model.features = ["age", "size", "price"]
    found = xk.exact_shapley(model, tensor(1.0, 1, 1))
    assert found.names == ["age", "size", "price"]
    assert found["coalitions"]["members"].tolist()[:4] == ["∅", "{age}", "{size}", "{age, size}"]
    grouped = xk.exact_shapley(model, tensor(1.0, 1, 1), groups=torch.tensor([0, 1, 1]))
    assert grouped["coalitions"]["members"].tolist() == ["∅", "{group 0}", "{group 1}", "{group 0, group 1}"]
    assert grouped.attribution.tolist() == pytest.approx([1, 5, 5])


def test_what_the_model_saw_can_be_looked_at():
    x, background = tensor(1.0, 2), tensor([10.0, 20], [30, 40])
    found = xk.kernel_shap(networks.linear([1, 1]), x, background=background)
    members = found["coalitions"]["members"].tolist()
    rows = found["perturbed"].tolist()
    both = {"{feature 0}": [[1, 20], [1, 40]], "{feature 1}": [[10, 2], [30, 2]]}
    assert rows == [row for who in members for row in both[who]]


@every_method
def test_a_forest_and_a_function_of_arrays_are_games_too(method):
    from sklearn.ensemble import RandomForestClassifier

    X = np.random.default_rng(0).random((60, 4))
    forest = RandomForestClassifier(7, random_state=0).fit(X, (X[:, 0] + X[:, 1] > 1).astype(int))

    @functools.cache
    def game(S):
        rows = X[:6].copy()
        rows[:, sorted(S)] = X[50, sorted(S)]
        return forest.predict_proba(rows)[:, 1].mean()

    expected = by_all_orders(game, range(4))
    for model in (forest, forest.predict_proba, lambda rows: forest.predict_proba(np.asarray(rows))):
        found = method(model, X[50], target=1, background=X[:6])
        assert found.unit == "probability"
        if method is xk.shapley_sampling:
            apart = np.abs(found.attribution.numpy() - expected)
            assert (apart <= 5 * found["standard_error"].numpy() + 1e-6).all()
        else:
            assert found.attribution.tolist() == pytest.approx(expected, abs=1e-6)


def test_the_probability_is_shared_out_if_it_is_asked_for():
    model, x = networks.smooth_mlp(4), networks.random(4, dtype=torch.float64)
    found = xk.exact_shapley(model, x, target=2, score="probability")
    with torch.no_grad():
        change = (model(x[None]).softmax(1) - model(0 * x[None]).softmax(1))[0, 2]
    assert found.attribution.sum().item() == pytest.approx(change.item())
    assert found.attribution.device.type == DEVICE.type
