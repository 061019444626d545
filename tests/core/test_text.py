"""Texts in pieces: whatever the script, the pieces are the text, and what belongs together stays together."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import xaikit as xk
from xaikit.inputs.text import UNITS, tokens

SCRIPTS = (
    "Ab9_ .,!?…-–'’\"“”„«»()[]¿¡ \t\n"  # Latin, and marks of every kind
    "مرحبًاك؟،"  # Arabic, with vowel signs
    "שלוםְ׳״"  # Hebrew, with points, geresh and gershayim
    "नमस्तेक्ष।"  # Hindi, with vowel signs and virama
    "你好世界。「」"  # Chinese
    "한국어かナภาษา"  # Korean, Japanese, Thai
    "🐈👍🏽👩\u200d⬛️🇩🇪🇫🇷1️⃣🏴󠁧󠁿"  # emoji: skin tone, ZWJ, variation selector, flags, keycap, tags
    "\u200c\u0301\u00a0\u2028\x00"
)
scripts = st.text(st.one_of(st.sampled_from(SCRIPTS), st.characters()), max_size=40)
drawn = settings(max_examples=400, deadline=None, derandomize=True, database=None)


@drawn
@given(text=scripts, unit=st.sampled_from(UNITS))
def test_the_pieces_put_together_are_the_text(text, unit):
    try:
        pieces = tokens(text, unit).pieces
    except xk.errors.InputError:
        assert unit == "word" or not text.strip()  # marks alone are no word
        return
    assert "".join(pieces) == text
    assert all(piece.strip() for piece in pieces)


@drawn
@given(text=scripts)
def test_what_is_kept_stands_in_the_text_in_its_order(text):
    try:
        whole = tokens(text)
    except xk.errors.InputError:
        return
    everybody = torch.ones(len(whole), dtype=torch.bool)
    assert whole.without(everybody) == text.strip()
    assert whole.without(~everybody) == ""
    for k, piece in enumerate(whole.pieces):
        alone = torch.arange(len(whole)) == k
        assert whole.without(alone) == piece.strip() == whole.names[k]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("The cat sat.", ["The", "cat", "sat."]),
        ("He said: “Hello, you!” (twice) – so", ["He", "said:", "“Hello,", "you!”", "(twice) –", "so"]),
        ("well...then", ["well...", "then"]),
        ("f(x) [a]", ["f", "(x)", "[a]"]),
        ("¿Qué? ¡No!", ["¿Qué?", "¡No!"]),
        ("«Да», «нет»", ["«Да»,", "«нет»"]),
        ("don't stop the rock'n'roll 'now'", ["don't", "stop", "the", "rock'n'roll", "'now'"]),
        ("pi is 3.14, at 10:30.", ["pi", "is", "3.14,", "at", "10:30."]),
        ("re\u0301sume\u0301 nai\u0308ve", ["re\u0301sume\u0301", "nai\u0308ve"]),
        ("مرحبا، كيف حالك؟", ["مرحبا،", "كيف", "حالك؟"]),
        ("שלום ג׳ירפה צה״ל", ["שלום", "ג׳ירפה", "צה״ל"]),
        ("नमस्ते दुनिया क्षत्रिय।", ["नमस्ते", "दुनिया", "क्षत्रिय।"]),
        ("می\u200cخواهم بروم", ["می\u200cخواهم", "بروم"]),
        ("你好，世界。", ["你", "好，", "世", "界。"]),
        ("「引用」", ["「引", "用」"]),
        ("한국어 문장", ["한국어", "문장"]),
        ("hi😀😀!", ["hi", "😀", "😀!"]),
        ("👩\u200d👩\u200d👧 👍🏽 ❤️\u200d🔥 1️⃣", ["👩\u200d👩\u200d👧", "👍🏽", "❤️\u200d🔥", "1️⃣"]),
        ("🇩🇪🇫🇷🇯🇵", ["🇩🇪", "🇫🇷", "🇯🇵"]),
    ],
)  # fmt: skip
def test_punctuation_and_quotes_go_with_their_word(text, pieces):
    assert tokens(text).names == pieces


def test_a_text_falls_into_sentences_and_lines():
    text = "It rained. Did it? 'Yes!' Mr. X\nsaid so.\n\nThen sun."
    assert tokens(text, "sentence").names == [
        "It rained.",
        "Did it?",
        "'Yes!'",
        "Mr.",
        "X\nsaid so.",
        "Then sun.",
    ]
    assert tokens(text, "line").names == ["It rained. Did it? 'Yes!' Mr. X", "said so.", "Then sun."]
    assert tokens("今日は雨。 明日は晴れ！ はい", "sentence").names == ["今日は雨。", "明日は晴れ！", "はい"]


@pytest.mark.parametrize("text", ["...", "?! –", "\u200d", "\u0301"])
def test_marks_alone_are_no_word(text):
    with pytest.raises(xk.errors.InputError, match="no word"):
        tokens(text)


def test_what_is_too_long_for_words_is_offered_in_sentences():
    with pytest.raises(xk.errors.InputError, match=r"2,001 words.*unit='sentence'"):
        tokens("go " * 2001)
    assert len(tokens("go " * 2000)) == 2000
    with pytest.raises(xk.errors.InputError, match="unit='line'"):
        tokens("Go. " * 2001, "sentence")


def test_an_unknown_unit_is_answered_with_what_there_is():
    with pytest.raises(xk.errors.OptionError, match="one of word, sentence, line"):
        tokens("a b", "letter")
