"""The sentences: enough of them, all different, balanced, and always split in the same way."""

import re

import pytest
import torch

from xaikit.core.errors import OptionError, XaikitError
from xaikit.data import NEWS, news

SPLITS = ("train", "test")


def every_text() -> list[str]:
    return [text for split in SPLITS for text in news(split).texts]


def test_there_are_four_topics_in_the_order_of_the_labels():
    assert NEWS == ("sport", "science", "business", "culture")
    train = news()
    assert train.topics == NEWS
    assert train.labels.dtype == torch.long
    assert len(train) == len(train.texts) == len(train.labels)
    for topic, word in zip(NEWS, ("match", "study", "shares", "novel"), strict=True):
        of_topic = [t for t, k in zip(train.texts, train.labels, strict=True) if NEWS[k] == topic]
        others = [t for t, k in zip(train.texts, train.labels, strict=True) if NEWS[k] != topic]
        assert sum(word in t for t in of_topic) > 2 * sum(word in t for t in others)


def test_there_are_more_than_four_hundred_sentences_and_no_two_are_alike():
    plain = [" ".join(re.findall(r"\w+", text.lower())) for text in every_text()]
    assert len(plain) == 640
    assert len(set(plain)) == len(plain)


def test_a_sentence_has_8_to_22_words_and_ends_like_a_sentence():
    for text in every_text():
        assert 8 <= len(text.split()) <= 22, text
        assert text == text.strip()
        assert text[0] in '"“' or text[0].isupper() or text[0].isdigit()
        assert text.rstrip('"')[-1] in ".!?"


@pytest.mark.parametrize(("split", "each"), [("train", 120), ("test", 40)])
def test_the_topics_are_balanced_in_both_splits(split, each):
    assert news(split).labels.bincount().tolist() == [each] * 4


def test_the_splits_are_disjoint_and_always_the_same():
    train, test = news("train"), news("test")
    assert not set(train.texts) & set(test.texts)
    assert train.texts[0] == "The home team scored twice in the last five minutes and won the match 3-2."
    # The fourth sentence of each topic in the file is the first for testing.
    assert test.texts[0] == "Fans sang in the stadium long after the final whistle."
    assert news("test").texts == test.texts
    assert torch.equal(news("test").labels, test.labels)


def test_what_is_handed_out_can_be_changed_without_harm():
    news().texts.clear()
    news().labels.zero_()
    assert len(news().texts) == 480
    assert news().labels.max() == 3


def test_no_sentence_is_a_template_filled_twice():
    """Two sentences with the same first five words would be one sentence with other nouns."""
    starts = [tuple(text.lower().split()[:5]) for text in every_text()]
    assert len(starts) - len(set(starts)) <= 0.02 * len(starts)


def test_some_sentences_have_quotes_numbers_and_hyphens():
    texts = every_text()
    for pattern in (r'"', r"\d", r"\w-\w", r";", r":", r"\w'\w"):
        assert any(re.search(pattern, text) for text in texts), pattern


@pytest.mark.parametrize("split", ["training", "", None, 3])
def test_an_unknown_split_is_refused(split):
    with pytest.raises(OptionError, match="split is one of train, test"):
        news(split)


def test_a_near_miss_gets_a_suggestion():
    with pytest.raises(XaikitError, match="Did you mean 'train'"):
        news("trian")
