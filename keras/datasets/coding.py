"""Texts as word numbers: what `imdb` and `reuters` do with theirs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from ..caller import warn


def coded(
    texts: Sequence[Sequence[int]],
    labels: np.ndarray,
    num_words: int | None,
    skip_top: int,
    maxlen: int | None,
    start_char: int | None,
    oov_char: int | None,
    index_from: int | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Texts with their numbers shifted by `index_from`, `start_char` before each, and filtered.

    Texts of `maxlen` words or more are left out. Numbers that are not in `skip_top <= n <
    num_words` become `oov_char`; without one they are left out. (`num_words=None` is the greatest
    number there is, so that word is one of these too.)
    """
    lengths = np.array([len(text) for text in texts], dtype="int64")
    words = np.fromiter(chain.from_iterable(texts), "int64", lengths.sum()) + (index_from or 0)
    if start_char is not None:
        words = np.insert(words, _starts(lengths), start_char)
        lengths += 1
    if maxlen:
        short = lengths < maxlen
        if not short.any():
            raise ValueError(
                f"No text has fewer than `maxlen={maxlen}` words; take a greater `maxlen`. "
                "(`start_char` counts as one.)"
            )
        words, lengths, labels = words[np.repeat(short, lengths)], lengths[short], labels[short]
    common = (words >= skip_top) & (words < (num_words or words.max(initial=0)))
    if oov_char is not None:
        words = np.where(common, words, oov_char)
    else:
        of_text = np.repeat(np.arange(len(lengths)), lengths)
        lengths = np.bincount(of_text[common], minlength=len(lengths))
        words = words[common]
    return _as_lists(words, lengths), labels


def _starts(lengths: np.ndarray) -> np.ndarray:
    starts: np.ndarray = np.cumsum(lengths) - lengths
    return starts


def _as_lists(words: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """One list of numbers for each text."""
    texts = np.empty(len(lengths), dtype=object)
    for i, (start, n) in enumerate(zip(_starts(lengths), lengths, strict=True)):
        texts[i] = words[start : start + n].tolist()
    return texts


def words_wanted(num_words: int | None, kwargs: dict[str, Any]) -> int | None:
    """`num_words`, which Keras 1 calls `nb_words`."""
    if "nb_words" in kwargs:
        warn("`nb_words` is called `num_words` now.")
        num_words = kwargs.pop("nb_words")
    if kwargs:
        raise TypeError(f"`load_data` got an unknown argument {', '.join(map(repr, kwargs))}.")
    return num_words


def share(n: int, test_split: float) -> int:
    """How many of n samples are for training."""
    if not 0 <= test_split < 1:
        raise ValueError(f"`test_split` is a share, at least 0 and below 1, got {test_split}.")
    return int(n * (1 - test_split))
