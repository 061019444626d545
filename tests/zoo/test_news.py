"""Both models for sentences do what their cards say, and read whatever text they are given."""

import copy

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from sklearn.metrics import accuracy_score

from xaikit.core.errors import FileError, InputError
from xaikit.data import NEWS, Texts, news
from xaikit.zoo import load, text, train_news
from xaikit.zoo.text import TextClassifier, words

from .cards import stated

ODD = {
    "empty": "",
    "spaces": " \n\t ",
    "emoji": "⚽🏆 👩‍🚀 📈",
    "right to left": "فاز الفريق بالمباراة",
    "Hebrew with English": "הקבוצה won the cup",
    "Chinese": "球队赢得了比赛",
    "control characters": "\x00\u202e goal \ud800",
    "long": "goal " * 10_000,
}


@pytest.fixture(scope="module")
def model() -> TextClassifier:
    return load("news")


def test_the_network_is_right_about_sentences_it_has_not_read(model):
    test = news("test")
    with torch.inference_mode():
        measured = 100 * accuracy_score(test.labels, model(test.texts).argmax(1))
    assert measured >= 90
    assert abs(measured - stated("news", "Held-out accuracy")) < 0.1


def test_the_linear_model_is_right_about_sentences_it_has_not_read():
    test = news("test")
    measured = 100 * accuracy_score(test.labels, load("news_tfidf").predict(test.texts))
    assert measured >= 90
    assert abs(measured - stated("news_tfidf", "Held-out accuracy")) < 0.7  # one sentence of 160


def test_every_topic_is_found_not_only_the_easy_ones(model):
    test = news("test")
    found = model(test.texts).argmax(1)
    for k in range(4):
        assert (found[test.labels == k] == k).float().mean() >= 0.8


def test_the_network_is_complete_and_its_card_counts_right(model):
    assert model.labels == list(NEWS)
    assert not any(m.training for m in model.modules())
    n_parameters = sum(p.numel() for p in model.parameters())
    assert f"{n_parameters:,} parameters" in model.card
    assert f"{len(model.places):,} words" in model.card


def test_words_by_hand():
    assert words("A 3-2 win: the club's “best” Été!") == [
        "a",
        "3",
        "2",
        "win",
        "the",
        "club",
        "s",
        "best",
        "été",
    ]


def test_the_score_follows_from_the_mean_of_the_words_vectors(model):
    rows = [model.places[word] for word in ("the", "team", "won", "the", "cup")]
    mean = model.embedding.weight[rows].mean(0)
    by_hand = model.classifier.weight @ (model.hidden.weight @ mean + model.hidden.bias).clamp(min=0)
    scores = model(["The team won the cup.", "unrelated"])[0]
    assert torch.allclose(scores, by_hand + model.classifier.bias, atol=1e-5)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_text_gets_finite_scores_from_both(model, name):
    scores = model([ODD[name], "The team won the match."])
    assert scores.shape == (2, 4)
    assert torch.isfinite(scores).all()
    assert torch.allclose(scores[1:], model(["The team won the match."]), atol=1e-5)
    chances = load("news_tfidf").predict_proba([ODD[name]])
    assert np.isfinite(chances).all()
    assert abs(chances.sum() - 1) < 1e-9


def test_a_text_without_a_known_word_gets_the_scores_of_the_empty_text_and_nearly_even_chances(model):
    nothing, unknown = model(["", "zzyzx qwrt"])
    assert torch.equal(nothing, unknown)
    assert (nothing.softmax(0) - 0.25).abs().max() < 0.1


def test_the_order_and_the_case_of_words_do_not_matter(model):
    a, b = model(["Shares of the company fell.", "FELL company the of shares"])
    assert torch.allclose(a, b, atol=1e-5)


def test_no_text_and_many_texts(model):
    assert model([]).shape == (0, 4)
    assert model(("one", "two")).shape == (2, 4)
    assert model(np.array(["one", "two"])).shape == (2, 4)


@pytest.mark.parametrize("given", ["one sentence", torch.zeros(1, 4), [3], [["the", "team"]], None, [None]])
def test_anything_but_a_list_of_texts_is_refused_with_a_suggestion(model, given):
    with pytest.raises(InputError, match=r"list of texts; .* Try model\(\['One sentence\.'\]\)"):
        model(given)


def test_the_network_follows_to_another_precision_and_device(model):
    twin = copy.deepcopy(model).double()
    texts = news("test").texts[:8]
    assert twin(texts).dtype == torch.float64
    assert torch.allclose(twin(texts).float(), model(texts), atol=1e-5)
    assert load("news", device="meta")(texts).device.type == "meta"


def test_gradients_reach_the_vectors(model):
    twin = copy.deepcopy(model)
    twin(["The team won the cup."])[0, 0].backward()
    touched = twin.embedding.weight.grad.abs().sum(1).nonzero().flatten().tolist()
    assert set(touched) == {twin.places[word] for word in ("the", "team", "won", "cup")}


def test_loading_twice_gives_independent_models_with_the_same_bits(model):
    other = load("news")
    texts = news("test").texts
    assert torch.equal(model(texts), other(texts))
    assert model.embedding.weight.data_ptr() != other.embedding.weight.data_ptr()
    a, b = load("news_tfidf"), load("news_tfidf")
    assert a is not b
    assert (a.predict_proba(texts) == b.predict_proba(texts)).all()


def test_the_columns_of_the_linear_model_stand_in_the_order_of_its_labels():
    model = load("news_tfidf")
    assert model.labels == list(NEWS)
    assert model.classes_.tolist() == [0, 1, 2, 3]
    chances = model.predict_proba(["The striker scored a goal in the match."])
    assert model.labels[int(chances.argmax())] == "sport"


def test_a_few_words_tip_a_sentence_that_mixes_topics(model):
    with torch.inference_mode():
        chances = model(
            ["The football club lost the match.", "The football club's shares lost value."]
        ).softmax(1)
    sport, business = NEWS.index("sport"), NEWS.index("business")
    assert chances[0].argmax() == sport
    assert chances[1, business] > chances[0, business] + 0.2


# The script, and its file ---------------------------------------------------------------------------------


def test_training_twice_gives_the_same_parameters_and_touches_no_random_state():
    few = Texts(news().texts[:40], news().labels[:40], NEWS)
    before = torch.get_rng_state()
    a, b = (train_news.train(few, epochs=2) for _ in range(2))
    assert all(a.state_dict()[key].equal(b.state_dict()[key]) for key in a.state_dict())
    assert a.places == b.places
    assert torch.equal(before, torch.get_rng_state())


def test_the_words_are_those_of_the_training_sentences(model):
    assert list(model.places) == sorted({word for sentence in news().texts for word in words(sentence)})


def test_what_the_script_saves_can_be_loaded(monkeypatch, tmp_path, capsys):
    file = tmp_path / "news.safetensors"
    monkeypatch.setattr(train_news, "EPOCHS", 1)
    monkeypatch.setattr(train_news, "train", lambda examples: short_training(examples))
    assert train_news.main(file) == 0
    assert "accuracy, test" in capsys.readouterr().out
    monkeypatch.setattr(text, "weights_file", lambda _name: file)
    assert text.load_news()(["The team won."]).shape == (1, 4)


def short_training(examples: Texts) -> TextClassifier:
    known = sorted({word for sentence in examples.texts for word in words(sentence)})
    return TextClassifier(known, len(NEWS)).eval()


def test_a_file_without_words_or_with_other_weights_is_refused(monkeypatch, tmp_path, model):
    file = tmp_path / "news.safetensors"
    monkeypatch.setattr(text, "weights_file", lambda _name: file)
    with pytest.raises(FileError, match="There is no file"):
        text.load_news()
    save_file(model.state_dict(), file)
    with pytest.raises(FileError, match="lacks the list of words"):
        text.load_news()
    save_file(model.state_dict(), file, metadata={"words": '["only", "two"]'})
    with pytest.raises(FileError, match=r"another shape of 'embedding\.weight'"):
        text.load_news()
    file.write_bytes(b"no weights")
    with pytest.raises(FileError, match="not a whole safetensors file"):
        text.load_news()
