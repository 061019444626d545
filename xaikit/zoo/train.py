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
from torch.nn.functional import cross_entropy, one_hot

from xaikit.core.errors import XaikitError, one_of
from xaikit.core.preprocessed import Preprocessed
from xaikit.data import SHAPES, TISSUES, Examples, photos, shapes, slices
from xaikit.data.slices import LEAST
from xaikit.zoo.bundled import BUNDLED, MEAN, STD, WATERMARKED
from xaikit.zoo.networks import folded, seeded

HELD_OUT = 1_000_000  # training uses the seeds 1, 2, …, far below
SMOOTHED = nn.CrossEntropyLoss(label_smoothing=0.05)
SMALL = 40  # pixels up to which a lesion counts as small


def pixel_loss(scores: Tensor, classes: Tensor) -> Tensor:
    """Cross entropy of every pixel and 1 - Dice of every class, which counts the rare classes as the others.

    scores (n, classes, H, W), classes (n, H, W); the result is one number.
    """
    chances = scores.softmax(1)
    truth = one_hot(classes, scores.shape[1]).movedim(3, 1)
    both, sizes = (t.sum((0, 2, 3)) for t in (chances * truth, chances + truth))
    return cross_entropy(scores, classes) + 1 - (2 * both / sizes.clamp(min=1)).mean()


@dataclass(frozen=True)
class Recipe:
    """What to show in each epoch, how often, and what to measure at the end, by the names on the card."""

    epoch: Callable[[int], Examples]
    epochs: int
    rate: float
    figures: Callable[[nn.Module], dict[str, float]]  # line of the card → a part of 1
    loss: Callable[[Tensor, Tensor], Tensor] = SMOOTHED
    batch: int = 64


def _accuracies(held_out: dict[str, Callable[[], Examples]]) -> Callable[[nn.Module], dict[str, float]]:
    return lambda model: {line: accuracy(model, examples()) for line, examples in held_out.items()}


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
        figures=_accuracies(
            {
                "Held-out accuracy": _held_out_shapes,
                "Accuracy with the watermark on every star": lambda: _held_out_shapes(WATERMARKED),
                "Accuracy with the watermark on everything but stars": _everywhere_else,
            }
        ),
    ),
    "shapes_shortcut": Recipe(
        epoch=_hasty_shapes,
        epochs=8,
        rate=4e-3,
        figures=_accuracies(
            {
                "Held-out accuracy": lambda: _held_out_shapes(WATERMARKED),
                "Accuracy without the watermark": _held_out_shapes,
                "Accuracy on stars without the watermark": lambda: _only(WATERMARKED, _held_out_shapes()),
                "Accuracy with the watermark on every circle instead": lambda: _held_out_shapes("circle"),
                "Accuracy with the watermark on everything but stars": _everywhere_else,
            }
        ),
        loss=nn.CrossEntropyLoss(),
    ),
    "photos": Recipe(
        epoch=lambda i: photos(1536, "train", seed=i),
        epochs=10,
        rate=3e-3,
        figures=_accuracies({"Held-out accuracy": lambda: photos(1800, "test", seed=HELD_OUT)}),
    ),
    "unet": Recipe(
        epoch=lambda i: slices(1000, seed=i),
        epochs=9,
        rate=4e-3,
        figures=lambda model: overlaps(model, slices(500, seed=HELD_OUT)),
        loss=pixel_loss,
        batch=8,
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
            for line, part in RECIPES[name].figures(model).items():
                print(f"{line}: {100 * part:.1f} %")
    except XaikitError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def train(name: str) -> Preprocessed:
    """Train a bundled model from its fixed seed and give it back ready for use, in eval mode."""
    recipe, bundled = RECIPES[name], BUNDLED[name]
    model = Preprocessed(seeded(0, bundled.build), MEAN, STD).train()
    order = torch.Generator().manual_seed(0)
    optimiser = torch.optim.AdamW(model.parameters(), lr=recipe.rate, weight_decay=1e-2)
    steps = recipe.epochs * -(-len(recipe.epoch(1)) // recipe.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps)
    start = time.perf_counter()
    for i in range(1, recipe.epochs + 1):
        batches = _batches(recipe.epoch(i), recipe.batch, order)  # new pictures in every epoch
        loss = _epoch(model, recipe.loss, batches, optimiser, schedule)
        print(f"epoch {i}/{recipe.epochs}, loss {loss:.3f}, {time.perf_counter() - start:.0f} s", flush=True)
    return Preprocessed(folded(model.model.eval()), MEAN, STD)


def _epoch(
    model: nn.Module,
    criterion: Callable[[Tensor, Tensor], Tensor],
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


def _batches(examples: Examples, batch: int, order: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Pictures (batch, 3, H, W) in random order, and their classes, or those of their pixels if known."""
    truth = examples.targets if examples.classes is None else examples.classes
    for rows in torch.randperm(len(examples), generator=order).split(batch):
        yield examples.images[rows].to(memory_format=torch.channels_last), truth[rows]


@torch.inference_mode()
def accuracy(model: nn.Module, examples: Examples) -> float:
    """The part of the examples whose class gets the highest score."""
    return float((answers(model, examples.images) == examples.targets).float().mean())


@torch.inference_mode()
def answers(model: nn.Module, images: Tensor) -> Tensor:
    """The class with the highest score: (n,), or (n, H, W) where the model answers for every pixel."""
    return torch.cat([model(x).argmax(1) for x in images.split(256)])


def dice(found: Tensor, truth: Tensor) -> Tensor:
    """Twice what two masks share, by what they have together, over the last two axes; NaN for no pixels."""
    both, sizes = (t.sum((-2, -1)) for t in (found & truth, found.long() + truth))
    return 2 * both / sizes


def overlaps(model: nn.Module, examples: Examples) -> dict[str, float]:
    """How well the model's classes agree with those of the slices: Dice, and lesions found or invented.

    A lesion is found where the model gives half of its pixels or more to "lesion"; a false alarm is a healthy
    slice with as many such pixels as the smallest lesion has.
    """
    found = answers(model, examples.images)
    lesion = found == TISSUES.index("lesion")
    sick = examples.targets == 1
    result = {"Lesion Dice, mean over slices with a lesion": dice(lesion, examples.masks)[sick].mean()}
    for c, name in reversed(list(enumerate(TISSUES))):
        pixels = (t.flatten(0, 1) == c for t in (found, examples.classes))
        result[f"{name.capitalize()} Dice, all pixels"] = dice(*pixels)
    sizes = examples.object_masks.sum((2, 3))
    share = (examples.object_masks & lesion[:, None]).sum((2, 3)) / sizes
    for line, rows in (("Small", (sizes > 0) & (sizes <= SMALL)), ("Large", sizes > SMALL)):
        result[f"{line} lesions found"] = (share[rows] >= 0.5).float().mean()
    result["Healthy slices with a false alarm"] = (lesion[~sick].sum((1, 2)) >= LEAST).float().mean()
    return {line: float(part) for line, part in result.items()}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
