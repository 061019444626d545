"""The colours say what they should, and stay out of the user's settings."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from xaikit.show import palette
from xaikit.show.scales import Scale, limit_of, one_a_pixel, pooled


@pytest.mark.parametrize("dark", [False, True])
def test_zero_is_the_neutral_colour_exactly(dark):
    neutral = palette.TOKENS["diverging"]["dark" if dark else "light"][4]
    at_zero = Scale(3.0).colours(np.zeros(1), dark)[0]
    assert np.allclose(at_zero, to_rgb(neutral), atol=1e-6)


def test_what_speaks_for_is_blue_and_what_speaks_against_is_orange():
    against, favour = Scale(1.0).colours(np.array([-0.8, 0.8]))
    assert favour[2] > favour[0]
    assert against[0] > against[2]


def test_values_beyond_the_scale_have_the_colour_of_its_end():
    colours = Scale(1.0).colours(np.array([-7.0, -1.0, 1.0, 7.0]))
    assert np.array_equal(colours[0], colours[1])
    assert np.array_equal(colours[2], colours[3])


def test_magnitudes_run_from_the_first_to_the_last_stop_of_cividis():
    ends = Scale(2.0, signed=False).colours(np.array([0.0, 2.0]))
    assert np.allclose(ends, [to_rgb(palette.TOKENS["magnitude"][k]) for k in (0, -1)], atol=0.01)


def test_a_scale_is_signed_only_where_a_value_is_negative():
    assert Scale.of(np.array([-1e-9, 1.0])).signed
    assert not Scale.of(np.array([0.0, 1.0])).signed


def test_one_outlier_does_not_set_the_scale_and_one_value_alone_does():
    many = np.concatenate([np.ones(999), [1000.0]])
    assert limit_of(many) == 1.0
    assert limit_of(np.array([0.0] * 999 + [5.0])) == 5.0
    assert limit_of(np.zeros(4)) == 0.0
    assert limit_of(np.array([np.nan])) == 0.0


def test_a_pixel_is_the_sum_of_its_channels():
    values = np.random.default_rng(0).normal(size=(3, 5, 6))
    assert one_a_pixel(values).shape == (5, 6)
    assert one_a_pixel(values).sum() == pytest.approx(values.sum())


def test_large_maps_are_averaged_over_blocks_that_cover_every_pixel():
    values = np.arange(20.0).reshape(2, 10)  # far wider than high: only its width is averaged
    assert np.array_equal(pooled(values, 64), values)
    assert pooled(values, 5).tolist() == [[0.5, 2.5, 4.5, 6.5, 8.5], [10.5, 12.5, 14.5, 16.5, 18.5]]
    assert pooled(values[:, :9], 5)[0].tolist() == [0.5, 2.5, 4.5, 6.5, 8.0]  # the last block is narrower
    square = np.arange(16.0).reshape(4, 4)
    assert pooled(square, 2).tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_the_style_is_a_dictionary_for_rc_context_and_changes_nothing_by_itself():
    before = dict(mpl.rcParams)
    for dark in (False, True):
        with mpl.rc_context(palette.style(dark)):
            assert mpl.rcParams["font.family"] == ["DejaVu Sans"]
            assert mpl.rcParams["figure.facecolor"] == palette.colours(dark)["bg"]
    assert dict(mpl.rcParams) == before


def test_categories_are_okabe_and_itos_and_never_black_on_black():
    assert palette.category(0) == "#0072b2" == palette.category(8)
    assert palette.category(7, dark=True) == palette.colours(True)["ink"]
