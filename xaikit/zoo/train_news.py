"""Train the model "news" anew: `python -m xaikit.zoo.train_news`. A fixed seed; some seconds on one core."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.functional import cross_entropy

from xaikit.data import NEWS, Texts, news
from xaikit.zoo.files import weights_file
from xaikit.zoo.text import TextClassifier, words

EPOCHS, BATCH, RATE, DECAY = 120, 32, 1e-2, 0.3
HIDDEN_WORDS = 0.7  # the part of a sentence's words that each step leaves out, so that all of them must speak
SMOOTHING = 0.05


def main(file: Path | None = None) -> int:
    """Train, save weights and words in `file` (None: the bundled one), print the figures for the card."""
    file = file or weights_file("news")
    model = train(news("train"))
    save_file(
        model.state_dict(), file, metadata={"words": json.dumps(list(model.places), ensure_ascii=False)}
    )
    file.chmod(0o644)  # safetensors writes files that only their owner may read
    n_parameters = sum(p.numel() for p in model.parameters())
    print(f"{file.stat().st_size:,} bytes, {len(model.places):,} words, {n_parameters:,} parameters")
    for split in ("train", "test"):
        print(f"accuracy, {split}: {100 * accuracy(model, news(split)):.1f} %")
    return 0


def train(examples: Texts, epochs: int = EPOCHS) -> TextClassifier:
    """A network for the topics of `examples`, in eval mode; the same for the same texts."""
    known = sorted({word for text in examples.texts for word in words(text)})
    with torch.random.fork_rng(devices=[]):
        torch.random.default_generator.manual_seed(0)
        model = TextClassifier(known, len(NEWS)).train()
    torch.nn.init.normal_(model.embedding.weight, std=0.1, generator=torch.Generator().manual_seed(1))
    chance = torch.Generator().manual_seed(2)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    steps = epochs * -(-len(examples) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(epochs):
        for rows in torch.randperm(len(examples), generator=chance).split(BATCH):
            texts = [_thinned(examples.texts[k], chance) for k in rows.tolist()]
            loss = cross_entropy(model(texts), examples.labels[rows], label_smoothing=SMOOTHING)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return model.eval()


def _thinned(text: str, chance: torch.Generator) -> str:
    """The text without most of its words, each left out by chance."""
    there = words(text)
    kept = torch.rand(len(there), generator=chance) >= HIDDEN_WORDS
    return " ".join(word for word, keep in zip(there, kept.tolist(), strict=True) if keep)


@torch.inference_mode()
def accuracy(model: TextClassifier, examples: Texts) -> float:
    """The part of the texts whose topic gets the highest score."""
    found: Tensor = model(examples.texts).argmax(1)
    return float((found == examples.labels).float().mean())


if __name__ == "__main__":
    raise SystemExit(main())
