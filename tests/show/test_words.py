"""Numbers are short and honest; text is measured before it is drawn."""

import pytest

from xaikit.show import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (0.03125, "0.0312"),
        (-2.5, "−2.5"),
        (999.9, "1,000"),
        (12400, "12,400"),
        (4.13e-5, "4.1e−5"),
        (-7.2e8, "−7.2e8"),
        (float("inf"), "∞"),
        (float("nan"), "not a number"),
    ],
)
def test_numbers_have_three_digits_and_a_real_minus(value, text):
    assert words.number(value) == text


def test_a_sign_is_written_where_asked_for():
    assert words.number(2.0, sign=True) == "+2"
    assert words.number(0.0, sign=True) == "0"


def test_characters_without_a_glyph_become_boxes_and_lines_become_one():
    assert words.printable("a\nb\t漢") == "a b □"


@pytest.mark.parametrize("text", ["short", "a long line of words " * 9, "unbreakable" * 30, ""])
def test_what_is_shortened_or_wrapped_fits(text):
    assert words.width(words.shorten(text, 1.5, 9), 9) <= 1.5
    lines = words.wrap(text, 1.5, 9, lines=2)
    assert len(lines) <= 2
    assert all(words.width(line, 9) <= 1.5 for line in lines)


def test_a_formula_shrinks_to_fit_and_one_that_cannot_be_read_stays_in_letters():
    long = r"x_k = x + \epsilon_k, \quad \epsilon_k \sim N(0, \sigma^2)"
    text, size, math = words.fit_formula(long, 1.5, 12)
    assert math
    assert 7 <= size < 12
    assert words.formula_size(long, size)[0] <= 1.5 + 1e-6
    text, _, math = words.fit_formula(r"\nosuchcommand{x}", 3.0, 12)
    assert not math
    assert "$" not in text
