"""Texts as numbers."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from ..caller import warn

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
MODES = ("binary", "count", "tfidf", "freq")


def text_to_word_sequence(
    text: str, filters: str = FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """The words of a text: what stands between `split` and the characters of `filters`.

    >>> text_to_word_sequence("It isn't so, is it?")
    ['it', "isn't", 'so', 'is', 'it']
    """
    text = text.lower() if lower else text
    for_filters = str.maketrans(dict.fromkeys(filters, split))
    return [word for word in text.translate(for_filters).split(split) if word]


def one_hot(
    text: str, n: int, filters: str = FILTERS, lower: bool = True, split: str = " "
) -> list[int]:
    """The words of a text as numbers from 1 to n − 1, by Python's `hash`.

    Two words may get the same number, and each run of Python has its own numbers, unless
    `PYTHONHASHSEED` is set: `hashing_trick(..., hash_function="md5")` always gives the same.
    """
    return hashing_trick(text, n, hash, filters, lower, split)


def hashing_trick(
    text: str,
    n: int,
    hash_function: Callable[[str], int] | str | None = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
) -> list[int]:
    """The words of a text as numbers from 1 to n − 1; two words may get the same number.

    `hash_function`: "md5", a function from text to an integer, or Python's `hash` (the default).

    >>> hashing_trick("to be or not to be", 50, "md5")
    [15, 5, 8, 36, 15, 5]
    """
    if hash_function is not None and not callable(hash_function) and hash_function != "md5":
        raise ValueError(
            f"`hashing_trick`: `hash_function` is 'md5' or a function, got {hash_function!r}."
        )
    function = hash_function if callable(hash_function) else _md5 if hash_function else hash
    words = text_to_word_sequence(text, filters, lower, split)
    return [function(word) % (n - 1) + 1 for word in words]


def _md5(word: str) -> int:
    return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)


class Tokenizer:
    """Gives each word of some texts a number, and writes texts in these numbers.

    1 is the commonest word, 0 is none. Only the `num_words - 1` commonest are used; `oov_token`
    stands for the others (and is number 1 then); without it they are left out. With `char_level`
    each character is a word. A text may also be a list of words.

    >>> tokenizer = Tokenizer()
    >>> tokenizer.fit_on_texts(["the cat and the dog", "the dog"])
    >>> tokenizer.texts_to_sequences(["the dog and a mouse"])
    [[1, 2, 4]]
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: Any = None,
        document_count: int = 0,
        **kwargs: Any,
    ) -> None:
        if "nb_words" in kwargs:
            warn("`nb_words` is called `num_words` now.")
            num_words = kwargs.pop("nb_words")
        if kwargs:
            raise TypeError(f"`Tokenizer` got an unknown argument {', '.join(map(repr, kwargs))}.")
        self.num_words = num_words
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.oov_token = oov_token
        self.document_count = document_count
        self.word_counts: dict[Any, int] = {}
        self.word_docs: dict[Any, int] = defaultdict(int)
        self.word_index: dict[Any, int] = {}
        self.index_word: dict[int, Any] = {}
        self.index_docs: dict[int, int] = defaultdict(int)

    def _words(self, text: Any) -> Iterable[Any]:
        if not self.char_level and not isinstance(text, list):
            return text_to_word_sequence(text, self.filters, self.lower, self.split)
        if not self.lower:
            return list(text)
        return [word.lower() for word in text] if isinstance(text, list) else list(text.lower())

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Count the words of texts, and number them by how common they are.

        Called again it goes on counting, and numbers may change.
        """
        for text in texts:
            words = Counter(self._words(text))
            self.document_count += 1
            for word, count in words.items():
                self.word_counts[word] = self.word_counts.get(word, 0) + count
                self.word_docs[word] += 1
        ranked = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        if self.oov_token is not None:
            ranked = [self.oov_token, *ranked]
        # A word that is the token too has the later number.
        self.word_index = {word: i for i, word in enumerate(ranked, start=1)}
        self.index_word = {i: word for word, i in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Iterable[Iterable[int]]) -> None:
        """Count in how many sequences each number stands, for `sequences_to_matrix`."""
        for sequence in sequences:
            self.document_count += 1
            for number in set(sequence):
                self.index_docs[number] += 1

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """The numbers of the words of each text."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """`texts_to_sequences`, one text after the other."""
        for text in texts:
            numbers = (self._known(self.word_index.get(word)) for word in self._words(text))
            yield [number for number in numbers if number is not None]

    def _known(self, number: int | None) -> int | None:
        """The number if it is among those used, else that of `oov_token`, if there is one."""
        if number is not None and (not self.num_words or number < self.num_words):
            return number
        return None if self.oov_token is None else self.word_index.get(self.oov_token)

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Numbers as words again, with spaces between."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Iterable[Iterable[int]]) -> Iterator[str]:
        """`sequences_to_texts`, one sequence after the other."""
        for sequence in sequences:
            numbers = (self._known(n if n in self.index_word else None) for n in sequence)
            yield " ".join(self.index_word[n] for n in numbers if n is not None)

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """`sequences_to_matrix` of texts."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> np.ndarray:
        """A row for each sequence and a column for each number, `(sequences, num_words)`.

        `mode`: whether the number is in it ("binary"), how often it is ("count"), its share
        ("freq"), or (1 + log count) · log(1 + N / (1 + n)) ("tfidf") with the n of N documents that
        have it.
        """
        if mode not in MODES:
            raise ValueError(f"`mode` is one of {', '.join(map(repr, MODES))}, got {mode!r}.")
        if not self.num_words and not self.word_index:
            raise ValueError(
                "`Tokenizer` doesn't know how many columns there are: give it `num_words`, or call "
                "`fit_on_texts` first."
            )
        if mode == "tfidf" and not self.document_count:
            raise ValueError("`mode='tfidf'` needs `fit_on_texts` or `fit_on_sequences` first.")
        columns = self.num_words or len(self.word_index) + 1
        matrix = np.zeros((len(sequences), columns))
        for row, sequence in zip(matrix, sequences, strict=True):
            counts = Counter(sequence)
            for number, count in counts.items():
                if number < columns:
                    row[number] = self._weight(mode, number, count, len(sequence))
        return matrix

    def _weight(self, mode: str, number: int, count: int, total: int) -> float:
        if mode == "binary":
            return 1.0
        if mode == "count":
            return count
        if mode == "freq":
            return count / total
        documents = self.index_docs.get(number, 0)
        idf = np.log(1 + self.document_count / (1 + documents))
        return float((1 + np.log(count)) * idf)

    def get_config(self) -> dict[str, Any]:
        """Arguments and counts; what are dictionaries stand there as JSON."""
        arguments = ("num_words", "filters", "lower", "split", "char_level", "oov_token",
                     "document_count")  # fmt: skip
        counted = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
        return {name: getattr(self, name) for name in arguments} | {
            name: json.dumps(getattr(self, name)) for name in counted
        }

    def to_json(self, **kwargs: Any) -> str:
        """All of it as JSON; `kwargs` go to `json.dumps`. `tokenizer_from_json` reads it."""
        return json.dumps(
            {"class_name": type(self).__name__, "config": self.get_config()}, **kwargs
        )


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that `to_json` described."""
    config = dict(json.loads(json_string)["config"])
    counted = {
        name: json.loads(config.pop(name))
        for name in ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
    }
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts = counted["word_counts"]
    tokenizer.word_docs = defaultdict(int, counted["word_docs"])
    tokenizer.index_docs = defaultdict(int, _with_numbers(counted["index_docs"]))
    tokenizer.index_word = _with_numbers(counted["index_word"])
    tokenizer.word_index = counted["word_index"]
    return tokenizer


def _with_numbers(stored: Mapping[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in stored.items()}
