"""Sequences: padded, cut into windows, paired."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from keras.preprocessing.sequence import (
    TimeseriesGenerator,
    _remove_long_seq,
    make_sampling_table,
    pad_sequences,
    skipgrams,
    timeseries_generator_from_json,
)

SIDES = st.sampled_from(["pre", "post"])


@given(
    st.lists(st.lists(st.integers(1, 9), max_size=6), max_size=5),
    st.one_of(st.none(), st.integers(0, 8)),
    SIDES,
    SIDES,
)
def test_padded_rows(rows: list[list[int]], maxlen: Any, padding: str, truncating: str) -> None:
    padded = pad_sequences(rows, maxlen, padding=padding, truncating=truncating)
    n = max(map(len, rows), default=0) if maxlen is None else maxlen
    assert padded.shape == (len(rows), n)
    for row, made in zip(rows, padded.tolist(), strict=True):
        kept = row[max(0, len(row) - n) :] if truncating == "pre" else row[:n]
        zeros = [0] * (n - len(kept))
        assert made == (zeros + kept if padding == "pre" else kept + zeros)


def test_padding_of_vectors_and_text() -> None:
    made = pad_sequences([[], [[1, 2]], [[3, 4], [5, 6]]], dtype="float32", value=-1)
    assert made.tolist() == [[[-1, -1]] * 2, [[-1, -1], [1, 2]], [[3, 4], [5, 6]]]
    assert pad_sequences([["a"], []], dtype=object, value="<pad>").tolist() == [["a"], ["<pad>"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sequences": 3}, "list of lists"),
        ({"sequences": [[1], 2]}, "sequence 1 is no list"),
        ({"sequences": [[1]], "padding": "left"}, "`padding` is 'pre' or 'post', got 'left'"),
        ({"sequences": [[1]], "value": "x"}, "dtype=object"),
        ({"sequences": [[[1, 2]], [[1]]]}, "sequence 1 have shape"),
    ],
)
def test_what_padding_refuses(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pad_sequences(**arguments)


def test_sampling_table_follows_its_formula() -> None:
    i = np.arange(1, 50)
    q = i * (np.log(i) + 0.577) + 0.5 - 1 / (12 * i)
    table = make_sampling_table(50, 1e-3)
    np.testing.assert_allclose(table[1:], np.minimum(1, np.sqrt(1e-3 * q)))
    assert table[0] == table[1]


def test_skipgrams_are_neighbours_and_strangers() -> None:
    couples, labels = skipgrams([1, 2, 0, 3], 10, window_size=2, negative_samples=2.0)
    near = [tuple(c) for c, label in zip(couples, labels, strict=True) if label]
    # The word 0 is none, but takes its place.
    assert sorted(near) == [(1, 2), (2, 1), (2, 3), (3, 2)]
    assert labels.count(0) == 8
    assert all(1 <= other <= 9 for _, other in couples)


def test_skipgrams_leave_python_as_repeatable_as_it_was() -> None:
    random.seed(1)
    first = skipgrams([1, 2, 3, 4], 9)
    random.seed(1)
    assert skipgrams([1, 2, 3, 4], 9) == first
    assert skipgrams([1, 2, 3], 9, sampling_table=np.zeros(9)) == ([], [])
    assert skipgrams([], 9) == ([], [])


def test_remove_long() -> None:
    assert _remove_long_seq(3, [[1], [1, 2, 3], [1, 2]], "abc") == ([[1], [1, 2]], ["a", "c"])


def test_windows_of_a_series() -> None:
    data = np.arange(20)
    windows = TimeseriesGenerator(
        data, data * 10, length=4, sampling_rate=2, stride=3, batch_size=2
    )
    got = [windows[i] for i in range(len(windows))]
    assert [x.tolist() for x, _ in got] == [
        [[0, 2], [3, 5]],
        [[6, 8], [9, 11]],
        [[12, 14], [15, 17]],
    ]
    assert [y.tolist() for _, y in got] == [[40, 70], [100, 130], [160, 190]]
    backwards = TimeseriesGenerator(data, data, 3, reverse=True)
    assert backwards[0][0][0].tolist() == [2, 1, 0]


@given(
    steps=st.integers(3, 20),
    length=st.integers(1, 6),
    rate=st.integers(1, 3),
    stride=st.integers(1, 4),
    start=st.integers(0, 4),
    left=st.integers(0, 4),
    batch_size=st.integers(1, 7),
)
def test_every_window_comes_once(
    steps: int, length: int, rate: int, stride: int, start: int, left: int, batch_size: int
) -> None:
    last = steps - 1 - left
    if start + length > last:
        with pytest.raises(ValueError, match="no window"):
            TimeseriesGenerator(
                range(steps), range(steps), length, start_index=start, end_index=last
            )
        return
    data = np.arange(steps)
    windows = TimeseriesGenerator(
        data, -data, length, rate, stride, start, last, batch_size=batch_size
    )
    made = [windows[i] for i in range(len(windows))]
    ends = list(range(start + length, last + 1, stride))
    assert [-y for _, targets in made for y in targets] == ends
    expected = [list(range(end - length, end, rate)) for end in ends]
    assert [list(x) for samples, _ in made for x in samples] == expected
    assert all(len(samples) == batch_size for samples, _ in made[:-1])


def test_windows_drawn_at_random_are_windows() -> None:
    data = np.arange(50)
    x, y = TimeseriesGenerator(data, data, 5, shuffle=True, start_index=10, end_index=30)[0]
    assert len(x) == 128
    assert np.all(x[:, 0] == y - 5)
    assert y.min() >= 15
    assert y.max() <= 30


def test_a_series_as_json() -> None:
    windows = TimeseriesGenerator(np.eye(9), np.arange(9), 2, start_index=1, batch_size=3)
    again = timeseries_generator_from_json(windows.to_json())
    assert again.get_config() == windows.get_config()
    for one, other in zip(windows, again, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
    with pytest.raises(TypeError, match="can't be written as JSON"):
        TimeseriesGenerator([object()] * 3, [1, 2, 3], 1).to_json()


def test_what_a_series_refuses() -> None:
    with pytest.raises(ValueError, match="`data` has 3 steps, `targets` 2"):
        TimeseriesGenerator(range(3), range(2), 1)
    with pytest.raises(ValueError, match="no window of 5 steps fits"):
        TimeseriesGenerator(range(5), range(5), 5)
