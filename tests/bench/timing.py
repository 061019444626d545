"""Clocks: contenders in turn, medians, and the ratio to the first."""

import gc
import statistics
import time
from collections.abc import Callable

import torch


def seconds(work: Callable[[], object]) -> float:
    """One run, until the device is done."""
    synchronise()
    start = time.perf_counter()
    work()
    synchronise()
    return time.perf_counter() - start


def synchronise() -> None:
    """Wait for the accelerator, if there is one."""
    if torch.accelerator.is_available():
        torch.accelerator.synchronize()


def in_turn(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Medians over `rounds` of A B C A B C …, each contender warmed up once; the collector waits."""
    for work in contenders.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, work in contenders.items():
                times[name].append(seconds(work))
    finally:
        gc.enable()
    return {name: statistics.median(runs) for name, runs in times.items()}


def best(choices: list[int], work: Callable[[int], object], rounds: int = 1) -> int:
    """The choice with which the work takes the least time; one that does not fit into memory is left out."""
    found = {}
    for choice in choices:
        try:
            work(choice)
            found[choice] = min(seconds(lambda c=choice: work(c)) for _ in range(rounds))
        except torch.OutOfMemoryError:
            break
    return min(found, key=found.__getitem__)
