"""`python -m tests.bench.accuracy`: how far Kernel SHAP is off at so many evaluations, ours and shap's.

The network for breast cancer, 30 columns, 20 rows of background. What is right comes from a long run of its
own seed, by Kernel SHAP or from orders: the two together say how right it is. The error is the length of
the difference as a share of the length of the values; medians over the seeds. shap keeps all features.
"""

import argparse
import os
import statistics

os.environ.setdefault("TQDM_DISABLE", "1")

import numpy as np
import torch
from torch import Tensor

import xaikit as xk

from .families import TARGET, of_arrays, quietly
from .networks import TABLE, background

COUNTS = [100, 300, 1000, 2108, 5000]
REFERENCE = 200_000  # coalitions
SEED = 1_000_000  # of the long runs


def theirs(model: torch.nn.Module, x: Tensor, count: int, seed: int) -> Tensor:
    """shap's values from so many coalitions; it draws from the global generator."""
    import shap

    np.random.seed(seed)
    explain = shap.KernelExplainer(of_arrays(model, lambda out: out[:, TARGET]), background(len(x)).numpy())
    return torch.from_numpy(explain.shap_values(x.numpy(), nsamples=count, l1_reg=False, silent=True))


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy", description=__doc__)
    parser.add_argument("--rows", type=int, default=2, help="rows of the table that are explained (2)")
    parser.add_argument("--seeds", type=int, default=20, help="runs of each (20)")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, help="coalitions that are asked for")
    parser.add_argument("--reference", type=int, default=REFERENCE, help="coalitions of the long run")
    return parser.parse_args()


def main() -> None:
    """Print the table."""
    chosen = options()
    model = xk.zoo.load(TABLE).double()
    print(f"{'row':>3}{'coalitions':>12}{'ours %':>10}{'shap %':>10}{'ours ÷ shap':>13}")
    for k, x in enumerate(xk.data.table(TABLE, "test").X[: chosen.rows].double()):
        given = {"target": TARGET, "background": background(len(x)).double(), "keep": "result"}
        right = xk.kernel_shap(model, x, n_samples=chosen.reference, seed=SEED, **given).attribution
        other = xk.shapley_sampling(
            model, x, n_permutations=chosen.reference // len(x), seed=SEED, **given
        ).attribution

        def error(values: Tensor, right: Tensor = right) -> float:
            return float((values - right).norm() / right.norm())

        for count in chosen.counts:
            ours, peer = [], []
            for seed in range(chosen.seeds):
                found = xk.kernel_shap(model, x, n_samples=count, seed=seed, **given)
                ours.append(error(found.attribution))
                peer.append(error(quietly(lambda c=count, s=seed, x=x: theirs(model, x, c, s))))
            a, b = statistics.median(ours), statistics.median(peer)
            print(f"{k:>3}{count:>12}{100 * a:>10.2f}{100 * b:>10.2f}{a / b:>13.2f}", flush=True)
        print(f"{k:>3}  the long run from orders differs by {100 * error(other):.2f} %")


if __name__ == "__main__":
    main()
