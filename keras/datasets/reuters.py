"""11,228 newswires from Reuters as word numbers, and which of 46 topics they are about."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .cache import MIRROR, RemoteFile, located
from .coding import coded, share, words_wanted
from .files import arrays, word_index

ORIGIN = "https://s3.amazonaws.com/text-datasets/"
WIRES = (
    RemoteFile(
        "reuters.npz",
        (f"{ORIGIN}reuters.npz", f"{MIRROR}reuters.npz"),
        "87aedbeb0cb229e378797a632c1997b6",
    ),
    RemoteFile("reuters.pkl", (f"{ORIGIN}reuters.pkl",)),
)
WORDS = (
    RemoteFile(
        "reuters_word_index.json",
        (f"{ORIGIN}reuters_word_index.json", f"{MIRROR}reuters_word_index.json"),
        "4d44cc38712099c9e383dc6e5f11a921",
    ),
    RemoteFile("reuters_word_index.pkl", (f"{ORIGIN}reuters_word_index.pkl",)),
)


def load_data(
    path: str | os.PathLike[str] = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
    **kwargs: Any,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The newswires as `(x_train, y_train), (x_test, y_test)`: lists of numbers, and 0 to 45.

    Word i of `get_word_index` (1 is the commonest) has the number i + `index_from`; each newswire
    begins with `start_char`. Numbers below `skip_top`, and those from `num_words` on, are written
    as `oov_char`, or left out if it is `None`. Newswires that have `maxlen` numbers or more are
    left out. `seed` orders them, `test_split` is the share of those to test with.
    """
    num_words = words_wanted(num_words, kwargs)
    texts, labels = arrays(located(path, WIRES), ("x", "y"))
    order = np.random.RandomState(seed).permutation(len(texts))
    x, y = coded(
        [texts[i] for i in order],
        np.asarray(labels)[order],
        num_words,
        skip_top,
        maxlen,
        start_char,
        oov_char,
        index_from,
    )
    n = share(len(x), test_split)
    return (x[:n], y[:n]), (x[n:], y[n:])


def get_word_index(path: str | os.PathLike[str] = "reuters_word_index.json") -> dict[str, int]:
    """The words and their numbers, 1 for the commonest."""
    return word_index(located(path, WORDS))
