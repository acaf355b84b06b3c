"""Word numbers shifted, marked and filtered, against the definition written out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from keras.datasets import cifar100, imdb, reuters
from keras.datasets.coding import coded


def defined(
    texts: list[list[int]], labels: Any, num_words: Any, skip_top: int, maxlen: Any, start: Any,
    oov: Any, shift: Any,
) -> Any:  # fmt: skip
    made = []
    for text, label in zip(texts, labels, strict=True):
        numbers = ([] if start is None else [start]) + [word + (shift or 0) for word in text]
        if not maxlen or len(numbers) < maxlen:
            made.append((numbers, label))
    end = num_words or max((n for numbers, _ in made for n in numbers), default=0)
    filtered = []
    for numbers, _ in made:
        kept = [n if skip_top <= n < end else oov for n in numbers]
        filtered.append([n for n in kept if n is not None])
    return filtered, [label for _, label in made]


OPTIONAL = st.one_of(st.none(), st.integers(0, 6))


@given(
    st.lists(st.lists(st.integers(1, 30), max_size=7), max_size=6),
    st.one_of(st.none(), st.integers(0, 40)),
    st.integers(0, 10),
    st.one_of(st.none(), st.integers(2, 9)),
    OPTIONAL,
    OPTIONAL,
    OPTIONAL,
)
def test_as_defined(
    texts: list[list[int]], num_words: Any, skip_top: int, maxlen: Any, start: Any, oov: Any,
    shift: Any,
) -> None:  # fmt: skip
    options = (num_words, skip_top, maxlen, start, oov, shift)
    expected, kept = defined(texts, range(len(texts)), *options)
    if maxlen and not kept:
        with pytest.raises(ValueError, match="take a greater `maxlen`"):
            coded(texts, np.arange(len(texts)), *options)
        return
    got, labels = coded(texts, np.arange(len(texts)), *options)
    assert got.dtype == object
    assert got.tolist() == expected
    assert labels.tolist() == kept


def test_arguments_of_keras_1() -> None:
    for module in (imdb, reuters):
        with pytest.raises(TypeError, match="unknown argument 'words'"):
            module.load_data(words=3)
    with pytest.raises(ValueError, match="'fine', 'coarse', got 'labels'"):
        cifar100.load_data("labels")
