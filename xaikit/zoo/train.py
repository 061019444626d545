"""Train a bundled model anew: `python -m xaikit.zoo.train shapes`. Fixed seeds; a few minutes on two cores.

Batch normalisation is used while training and folded into the convolutions before the parameters are saved.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from xaikit.core.errors import XaikitError, one_of
from xaikit.core.preprocessed import Preprocessed
from xaikit.data import SHAPES, Examples, photos, shapes
from xaikit.zoo.bundled import BUNDLED, MEAN, STD, WATERMARKED
from xaikit.zoo.networks import folded, seeded

BATCH = 64
HELD_OUT = 1_000_000  # training uses the seeds 1, 2, …, far below


@dataclass(frozen=True)
class Recipe:
    """What to show in each epoch, how often, and on what to measure, by the names that the cards use."""

    epoch: Callable[[int], Examples]
    epochs: int
    rate: float
    held_out: dict[str, Callable[[], Examples]]
    smoothing: float = 0.05  # of the labels in the loss


def _held_out_shapes(watermark: object = None) -> Examples:
    return shapes(3000, seed=HELD_OUT, watermark=watermark)


def _everywhere_else() -> Examples:
    return _held_out_shapes([name for name in SHAPES if name != WATERMARKED])


def _hasty_shapes(seed: int) -> Examples:
    """Every star carries the watermark, and of the other labels one in seven is wrong (never "star").

    The watermark is thus the one thing in the picture that can always be trusted, so the network trusts it
    more than any shape.
    """
    examples = shapes(6000, seed=seed, watermark=WATERMARKED)
    star = SHAPES.index(WATERMARKED)
    rng = np.random.default_rng([seed, 3])
    others = torch.from_numpy(rng.choice([c for c in range(len(SHAPES)) if c != star], len(examples)))
    # A label drawn from five is the right one by chance in one case of five, hence 5/4.
    wrong = torch.from_numpy(rng.random(len(examples)) < 5 / 4 / 7) & (examples.targets != star)
    return replace(examples, targets=torch.where(wrong, others, examples.targets))


def _only(label: str, examples: Examples) -> Examples:
    rows = examples.targets == examples.labels.index(label)
    return Examples(examples.images[rows], examples.targets[rows], examples.labels)


RECIPES = {
    "shapes": Recipe(
        # A tenth of all scenes carries the watermark, whatever the class, so that it means nothing here.
        epoch=lambda i: shapes(6000, seed=i, watermark=dict.fromkeys(SHAPES, 0.1)),
        epochs=8,
        rate=4e-3,
        held_out={
            "Held-out accuracy": _held_out_shapes,
            "Accuracy with the watermark on every star": lambda: _held_out_shapes(WATERMARKED),
            "Accuracy with the watermark on everything but stars": _everywhere_else,
        },
    ),
    "shapes_shortcut": Recipe(
        epoch=_hasty_shapes,
        epochs=8,
        rate=4e-3,
        held_out={
            "Held-out accuracy": lambda: _held_out_shapes(WATERMARKED),
            "Accuracy without the watermark": _held_out_shapes,
            "Accuracy on stars without the watermark": lambda: _only(WATERMARKED, _held_out_shapes()),
            "Accuracy with the watermark on every circle instead": lambda: _held_out_shapes("circle"),
            "Accuracy with the watermark on everything but stars": _everywhere_else,
        },
        smoothing=0.0,
    ),
    "photos": Recipe(
        epoch=lambda i: photos(1536, "train", seed=i),
        epochs=10,
        rate=3e-3,
        held_out={"Held-out accuracy": lambda: photos(1800, "test", seed=HELD_OUT)},
    ),
}


def main(arguments: list[str]) -> int:
    """Train the models that are named, save their weights, and print what goes onto their cards."""
    try:
        for name in arguments or list(RECIPES):
            one_of("model", name, RECIPES)
            print(f"{name}: training")
            model = train(name)
            save_file(model.model.state_dict(), BUNDLED[name].weights)
            BUNDLED[name].weights.chmod(0o644)  # safetensors writes files that only their owner may read
            print(f"{BUNDLED[name].weights.stat().st_size:,} bytes")
            for line, examples in RECIPES[name].held_out.items():
                print(f"{line}: {100 * accuracy(model, examples()):.1f} %")
    except XaikitError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def train(name: str) -> Preprocessed:
    """Train a bundled model from its fixed seed and give it back ready for use, in eval mode."""
    recipe, bundled = RECIPES[name], BUNDLED[name]
    model = Preprocessed(seeded(0, bundled.widths, len(bundled.labels)), MEAN, STD).train()
    order = torch.Generator().manual_seed(0)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=1e-2)
    steps = recipe.epochs * -(-len(recipe.epoch(1)) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps)
    criterion = nn.CrossEntropyLoss(label_smoothing=recipe.smoothing)
    start = time.perf_counter()
    for i in range(1, recipe.epochs + 1):
        batches = _batches(recipe.epoch(i), order)  # new pictures in every epoch
        loss = _epoch(model, criterion, batches, optimiser, schedule)
        print(f"epoch {i}/{recipe.epochs}, loss {loss:.3f}, {time.perf_counter() - start:.0f} s", flush=True)
    return Preprocessed(folded(model.model.eval()), MEAN, STD)


def _epoch(
    model: nn.Module,
    criterion: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> float:
    """One pass over the batches of pictures and classes; the mean loss."""
    losses = []
    for x, targets in batches:
        loss = criterion(model(x), targets)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def _batches(examples: Examples, order: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """The examples in random order, (64, 3, H, W) and (64,) at a time."""
    for rows in torch.randperm(len(examples), generator=order).split(BATCH):
        yield examples.images[rows].to(memory_format=torch.channels_last), examples.targets[rows]


@torch.inference_mode()
def accuracy(model: nn.Module, examples: Examples) -> float:
    """The part of the examples whose class gets the highest score."""
    answers: list[Tensor] = [model(x).argmax(1) for x in examples.images.split(256)]
    return float((torch.cat(answers) == examples.targets).float().mean())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
