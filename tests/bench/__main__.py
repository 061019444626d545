"""`python -m tests.bench [family …]`: every method against bare calls of the model, and against its peer.

Contenders run in turn in one process, and a ratio is that of the medians: below 1 means that xaikit is
faster. The bare calls have the batch size that is best for them (1 where each point needs the one before),
the peer (captum, saliency, shap, lime …) the internal batch size that is best for it, where it has one.
They are gradients where the method needs gradients, otherwise forward calls alone. Where no call of the model
is needed, "bare" is the work that cannot be left out: six segmentations for XRAI with its base attribution
given, a sum over the map for a metric. Coalitions, orders and samples of rows and texts are as many as by
default, whatever n is. How exact Kernel SHAP is, `python -m tests.bench.accuracy` measures.
"""

import argparse
import os
import subprocess
import sys
from typing import Any

os.environ.setdefault("TQDM_DISABLE", "1")

import torch

import xaikit as xk

from .families import FAMILIES, Contest, bare, bare_forward, copies, quietly
from .memory import peak
from .networks import COLUMNS, NAMES, PICTURES, TABLE, TEXTS, available, network
from .timing import best, in_turn

BATCHES = [1, 2, 4, 8, 16, 32]
OF_ROWS = [64, 512, 4096, 32768]  # and of texts


def measure(contest: Contest, model: torch.nn.Module, x: Any, n: int, rounds: int, batches: list[int]):
    """Milliseconds of ours, the ratios to the bare calls and to the peer, and their batch sizes."""
    count = contest.calls(n)
    choices = [b for b in batches if b <= count] or [count]
    if contest.floor is not None:
        bare_size, necessary = None, lambda: contest.floor(x)
    else:
        points, call = copies(x, count), bare_forward if contest.forward else bare
        one_by_one = [1] if contest.sequential else choices
        bare_size = best(one_by_one, lambda size: call(model, points, size))
        necessary = lambda: call(model, points, bare_size)  # noqa: E731
    contenders = {"bare": necessary, "ours": lambda: contest.ours(model, x, n)}
    peer_size = None
    if contest.peer is not None:
        if contest.batched:
            peer_size = best(choices, lambda size: quietly(lambda: contest.peer(model, x, n, size)))
        contenders["peer"] = lambda: quietly(lambda: contest.peer(model, x, n, peer_size or 1))
    times = in_turn(contenders, rounds)
    to_peer = times["ours"] / times["peer"] if "peer" in times else float("nan")
    return times["ours"] * 1000, times["ours"] / times["bare"], bare_size, to_peer, peer_size


def import_seconds(rounds: int) -> tuple[float, float]:
    """Seconds until `import torch`, and until `import xaikit`, in fresh processes that take turns."""

    def run(module: str):
        return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True)

    times = in_turn({"torch": run("torch"), "xaikit": run("xaikit")}, rounds)
    return times["torch"], times["xaikit"]


def memory_rows(model: torch.nn.Module, x: torch.Tensor, steps: list[int]):
    """Peak megabytes of Integrated Gradients by number of steps, with the result alone and with all."""
    for n in steps:
        lean, full = (
            peak(lambda n=n, k=k: xk.integrated_gradients(model, x, n_steps=n, batch_size=4, keep=k)) / 1e6
            for k in ("result", "all")
        )
        yield n, lean, full


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("family", nargs="*", help=f"of {', '.join(FAMILIES)}; all by default")
    parser.add_argument("--networks", nargs="+", choices=NAMES, help="all that are at hand by default")
    parser.add_argument("-n", type=int, default=50, help="points: n_steps, n_samples (50)")
    parser.add_argument("--rounds", type=int, default=5, help="runs of each contender (5)")
    parser.add_argument(
        "--batches", type=int, nargs="+", default=BATCHES, help="batch sizes to try for the others"
    )
    parser.add_argument("--threads", type=int, help="threads of torch")
    parser.add_argument("--quick", action="store_true", help="bundled models alone, 4 points, 1 round")
    parser.add_argument("--no-extras", action="store_true", help="neither import time nor memory")
    chosen = parser.parse_args()
    unknown = set(chosen.family) - set(FAMILIES)
    if unknown:
        parser.error(f"there is no family {', '.join(sorted(unknown))}; there is {', '.join(FAMILIES)}")
    if chosen.quick:
        chosen.networks = chosen.networks or ["shapes", COLUMNS, TABLE, TEXTS]
        chosen.n, chosen.rounds, chosen.batches = 4, 1, [4]
    chosen.family = chosen.family or list(FAMILIES)
    chosen.networks = chosen.networks or available()
    return chosen


def main() -> None:
    """Print the tables."""
    chosen = options()
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    print(
        f"torch {torch.__version__}, threads {torch.get_num_threads()}, n {chosen.n}, rounds {chosen.rounds}"
    )
    print(f"{'network':<15}{'method':<29}{'ms':>9}{'÷ bare':>9}{'batch':>7}{'÷ peer':>10}{'batch':>7}")
    loaded = {name: network(name) for name in chosen.networks}
    for name, (model, x) in loaded.items():
        for family in chosen.family:
            for title, contest in FAMILIES[family].items():
                if name not in contest.on:
                    continue
                batches = chosen.batches if name in PICTURES else OF_ROWS
                ms, to_bare, size, to_peer, peer_size = measure(
                    contest, model, x, chosen.n, chosen.rounds, batches
                )
                ours = f"{name:<15}{title:<29}{ms:>9.1f}{to_bare:>9.2f}{size or '-':>7}"
                row = f"{ours}{to_peer:>10.2f}{peer_size or '-':>7}"
                print(row, flush=True)
    if chosen.no_extras:
        return
    bare_import, ours = import_seconds(chosen.rounds)
    print(f"\nimport: torch {bare_import:.2f} s, xaikit {ours:.2f} s ({1000 * (ours - bare_import):+.0f} ms)")
    pictures = [name for name in chosen.networks if name in PICTURES]
    if not pictures:
        return
    model, x = loaded[pictures[0]]
    print(f"\npeak of Integrated Gradients on {pictures[0]}, four at a time, MB in tensors")
    print(f"{'n_steps':>8}{'result':>10}{'all':>10}")
    for n, lean, full in memory_rows(model, x, [chosen.n, 4 * chosen.n, 8 * chosen.n]):
        print(f"{n:>8}{lean:>10.1f}{full:>10.1f}")


if __name__ == "__main__":
    main()
