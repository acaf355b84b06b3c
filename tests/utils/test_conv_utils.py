"""The arithmetic of convolutions, against counting."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from keras.utils import conv_utils

sizes = st.integers(1, 20)
small = st.integers(1, 5)


@given(sizes, small, small, small)
def test_valid_counts_the_places_where_the_filter_fits(
    length: int, kernel: int, stride: int, dilation: int
) -> None:
    reach = (kernel - 1) * dilation + 1
    places = [i for i in range(0, length, stride) if i + reach <= length]
    assert conv_utils.conv_output_length(length, kernel, "valid", stride, dilation) == len(places)


@given(sizes, small, small)
def test_same_has_an_output_for_each_stride(length: int, kernel: int, stride: int) -> None:
    expected = len(range(0, length, stride))
    assert conv_utils.conv_output_length(length, kernel, "same", stride) == expected
    assert conv_utils.conv_output_length(length, kernel, "causal", stride) == expected


@given(sizes, st.sampled_from([1, 3, 5]), small, st.sampled_from(["valid", "same", "full"]))
def test_the_input_length_makes_the_output_length(
    length: int, kernel: int, stride: int, padding: str
) -> None:
    back = conv_utils.conv_input_length(length, kernel, padding, stride)
    assume(back is not None and back > 0)
    assert conv_utils.conv_output_length(back, kernel, padding, stride) == length


@given(sizes, small, small, st.sampled_from(["valid", "same"]))
def test_a_transposed_convolution_goes_back(
    length: int, kernel: int, stride: int, padding: str
) -> None:
    assume(stride <= kernel)
    longer = conv_utils.deconv_length(length, stride, kernel, padding, None)
    assert conv_utils.conv_output_length(longer, kernel, padding, stride) == length


def test_unknown_lengths_stay_unknown() -> None:
    assert conv_utils.conv_output_length(None, 3, "same", 1) is None
    assert conv_utils.conv_input_length(None, 3, "same", 1) is None
    assert conv_utils.deconv_length(None, 1, 3, "same", None) is None


@pytest.mark.parametrize("value", [(1, 2), [1, 2], np.array([1, 2])])
def test_tuples(value: Any) -> None:
    assert conv_utils.normalize_tuple(value, 2, "strides") == (1, 2)
    assert conv_utils.normalize_tuple(np.int64(3), 2, "strides") == (3, 3)


@pytest.mark.parametrize("value", [(1,), (1, 2, 3), "ab", None, ("a", "b")])
def test_no_tuples(value: Any) -> None:
    with pytest.raises(ValueError, match="`strides` is an integer or 2 of them, got"):
        conv_utils.normalize_tuple(value, 2, "strides")


def test_paddings() -> None:
    assert conv_utils.normalize_padding("VALID") == "valid"
    with pytest.raises(ValueError, match="one of 'valid', 'same', 'causal', 'full', got 'sane'"):
        conv_utils.normalize_padding("sane")
    with pytest.raises(
        ValueError, match="`conv_input_length` knows valid, same, full; got 'causal'"
    ):
        conv_utils.conv_input_length(3, 3, "causal", 1)


@pytest.mark.parametrize("spatial", [(3,), (3, 2), (3, 2, 4)])
def test_kernels_are_turned_round_in_space(spatial: tuple[int, ...]) -> None:
    kernel = np.random.random((*spatial, 4, 5)).astype("float32")
    turned = conv_utils.convert_kernel(kernel)
    assert turned.dtype == np.float32
    np.testing.assert_array_equal(turned, kernel[tuple(slice(None, None, -1) for _ in spatial)])
    np.testing.assert_array_equal(conv_utils.convert_kernel(turned), kernel)
    assert not np.shares_memory(turned, kernel)


def test_what_is_no_kernel() -> None:
    with pytest.raises(ValueError, match=r"3 to 5 dimensions .*, got shape \(2, 2\)"):
        conv_utils.convert_kernel(np.ones((2, 2)))
