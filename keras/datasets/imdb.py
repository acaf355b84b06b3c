"""50,000 film reviews from IMDB as word numbers, and whether they are positive."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .cache import MIRROR, RemoteFile, located
from .coding import coded, words_wanted
from .files import arrays, word_index

ORIGIN = "https://s3.amazonaws.com/text-datasets/"
REVIEWS = (
    RemoteFile(
        "imdb.npz",
        (f"{ORIGIN}imdb.npz", f"{MIRROR}imdb.npz"),
        "599dadb1135973df5b59232a0e9a887c",
    ),
    RemoteFile("imdb_full.pkl", (f"{ORIGIN}imdb_full.pkl",), "d091312047c43cf9e4e38fef92437263"),
)
WORDS = (
    RemoteFile(
        "imdb_word_index.json",
        (f"{ORIGIN}imdb_word_index.json", f"{MIRROR}imdb_word_index.json"),
        "bfafd718b763782e994055a2d397834f",
    ),
    RemoteFile(
        "imdb_word_index.pkl",
        (f"{ORIGIN}imdb_word_index.pkl",),
        "72d94b01291be4ff843198d3b0e1e4d7",
    ),
)


def load_data(
    path: str | os.PathLike[str] = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int | None = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
    **kwargs: Any,
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The reviews as `(x_train, y_train), (x_test, y_test)`: lists of numbers, and 0 or 1.

    Word i of `get_word_index` (1 is the commonest) has the number i + `index_from`; each review
    begins with `start_char`. Numbers below `skip_top`, and those from `num_words` on, are written
    as `oov_char`, or left out if it is `None`. Reviews that have `maxlen` numbers or more are left
    out; the first 25,000 of what remains are then those to train with. `seed` orders them.
    (Maas et al. 2011, Learning word vectors for sentiment analysis)
    """
    num_words = words_wanted(num_words, kwargs)
    file = located(path, REVIEWS)
    x_train, y_train, x_test, y_test = arrays(file, ("x_train", "y_train", "x_test", "y_test"))
    n = len(x_train)
    generator = np.random.RandomState(seed)
    order = np.concatenate([generator.permutation(n), n + generator.permutation(len(x_test))])
    texts, labels = [*x_train, *x_test], np.concatenate([y_train, y_test])
    x, y = coded(
        [texts[i] for i in order],
        labels[order],
        num_words,
        skip_top,
        maxlen,
        start_char,
        oov_char,
        index_from,
    )
    return (x[:n], y[:n]), (x[n:], y[n:])


def get_word_index(path: str | os.PathLike[str] = "imdb_word_index.json") -> dict[str, int]:
    """The words and their numbers, 1 for the commonest."""
    return word_index(located(path, WORDS))
