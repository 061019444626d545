"""Short news-like sentences in four topics, written for this project; every event in them is invented."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from xaikit.core.errors import one_of

NEWS = ("sport", "science", "business", "culture")

FILE = Path(__file__).with_name("news.txt")  # one topic, tab, sentence a line
SPLITS = ("train", "test")
EVERY = 4  # of so many sentences of a topic the last one is for testing


@dataclass(frozen=True, eq=False, repr=False)
class Texts:
    """A set of `n` texts with their topics.

    texts   n sentences of 8 to 22 words
    labels  (n,) int64, the topic of each sentence, counted in `topics`
    topics  the names of all topics
    """

    texts: list[str]
    labels: Tensor
    topics: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        return f"Texts({len(self)} texts, {len(self.topics)} topics)"


def news(split: str = "train") -> Texts:
    """The sentences for training or for testing, the topics in turn; every fourth of a topic is for testing.

    About one sentence in twenty borrows words from another topic (a football club's shares fall, a museum
    shows a telescope): its label is what the sentence reports, not where it takes place.

    Raises OptionError for another split than "train" and "test".
    """
    one_of("split", split, SPLITS)
    chosen = [
        (topic, text) for topic, place, text in _rows() if (place % EVERY == EVERY - 1) == (split == "test")
    ]
    labels = torch.tensor([NEWS.index(topic) for topic, _ in chosen])
    return Texts([text for _, text in chosen], labels, NEWS)


@lru_cache(maxsize=1)
def _rows() -> tuple[tuple[str, int, str], ...]:
    """Topic, place among the sentences of this topic, sentence; in the order of the file."""
    counts = dict.fromkeys(NEWS, 0)
    rows = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        topic, text = line.split("\t")
        rows.append((topic, counts[topic], text))
        counts[topic] += 1
    return tuple(rows)
