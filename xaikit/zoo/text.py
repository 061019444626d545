"""Models that read sentences: a network with its own words, and a bag of words with a linear model behind.

The network's words stand in the metadata of its file of weights, so that the two cannot be mixed up.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from xaikit.core.errors import InputError, shown
from xaikit.data import NEWS, news
from xaikit.zoo.files import load_parameters, read_card, read_parameters, read_words, weights_file

WIDTH, HIDDEN = 16, 32  # of a word's vector, of the layer behind the mean

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text in lower case: runs of letters, digits and underscores, in any script."""
    return _WORD.findall(text.lower())


class TextClassifier(nn.Module):
    """A small network for texts of any length, a list of n texts → logits (n, n_classes).

    known  the words that it knows, in the order of their vectors; others are passed over

    Each word has a vector; the mean of a text's vectors goes through one hidden layer. The order of the
    words does not matter. A text without a known word has the mean 0 and so gets the same scores as "".
    """

    feature_layer = None
    input_size = None

    def __init__(
        self, known: Sequence[str], n_classes: int, labels: Sequence[str] = (), card: str = ""
    ) -> None:
        super().__init__()
        self.places = {word: k for k, word in enumerate(known)}
        self.labels, self.card = list(labels), card
        self.embedding = nn.EmbeddingBag(len(known), WIDTH, mode="mean")
        self.hidden = nn.Linear(WIDTH, HIDDEN)
        self.relu = nn.ReLU()
        self.classifier = nn.Linear(HIDDEN, n_classes)

    def forward(self, texts: Sequence[str]) -> Tensor:
        """A list of n texts → logits (n, n_classes). InputError for anything that is no list of texts."""
        return self.classifier(self.relu(self.hidden(self.mean_vectors(texts))))

    def mean_vectors(self, texts: Sequence[str]) -> Tensor:
        """The mean of the vectors of each text's known words, (n, 16); 0 where there is none."""
        several = isinstance(texts, Iterable) and not isinstance(texts, (str, Tensor))
        sentences = list(texts) if several else [None]
        if not all(isinstance(text, str) for text in sentences):
            raise InputError(
                f"the model reads a list of texts; {shown(texts)} was given. Try model(['One sentence.'])."
            )
        found = [[self.places[word] for word in words(text) if word in self.places] for text in sentences]
        lengths = torch.tensor([0, *map(len, found)])
        device = self.embedding.weight.device
        rows = torch.tensor([row for text in found for row in text], dtype=torch.long)
        return self.embedding(rows.to(device), lengths.cumsum(0)[:-1].to(device))


def load_news() -> TextClassifier:
    """The network "news" with its words and its weights. FileError: their file is missing or broken."""
    file = weights_file("news")
    with torch.random.fork_rng(devices=[]):
        model = TextClassifier(read_words(file), len(NEWS), labels=NEWS, card=read_card("news"))
    load_parameters(model, read_parameters(file), file)
    return model.eval()


def fit_news_tfidf() -> Any:
    """A pipeline of scikit-learn's, fitted when called: word frequencies, logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    train = news("train")
    steps = [("tfidf", TfidfVectorizer()), ("classifier", LogisticRegression(C=10, max_iter=1000))]
    model = Pipeline(steps).fit(train.texts, train.labels.numpy())
    model.labels, model.card = list(NEWS), read_card("news_tfidf")
    model.feature_layer = model.input_size = None
    return model
