"""Sequences: brought to one length, cut into windows, paired into skip-grams."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import utils

Pairs = tuple[list[list[Any]], list[Any]]


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Lists of different lengths as one array: `(samples, maxlen)` and the shape of the items.

    `value` fills up what is shorter than `maxlen` (the longest, by default), items are left out of
    what is longer; `padding` and `truncating` say on which side, "pre" or "post".

    >>> pad_sequences([[1, 2, 3], [4]], maxlen=2)
    array([[2, 3],
           [0, 4]], dtype=int32)
    """
    for name, side in (("padding", padding), ("truncating", truncating)):
        if side not in ("pre", "post"):
            raise ValueError(f"`pad_sequences`: `{name}` is 'pre' or 'post', got {side!r}.")
    lengths = _lengths(sequences)
    maxlen = max(lengths, default=0) if maxlen is None else maxlen
    shape = next((np.shape(s)[1:] for s, n in zip(sequences, lengths, strict=True) if n), ())
    padded = np.full((len(lengths), maxlen, *shape), value, dtype=_dtype_for(dtype, value))
    for i, (items, n) in enumerate(zip(sequences, lengths, strict=True)):
        kept = min(n, maxlen)
        if not kept:
            continue
        row = np.asarray(items[n - kept :] if truncating == "pre" else items[:kept], dtype)
        if row.shape[1:] != shape:
            raise ValueError(
                f"`pad_sequences`: the items of sequence {i} have shape {row.shape[1:]}, those of "
                f"the first one {shape}."
            )
        padded[i, maxlen - kept if padding == "pre" else 0 :][:kept] = row
    return padded


def _lengths(sequences: Any) -> list[int]:
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"`pad_sequences` needs a list of lists, got {sequences!r}.")
    for i, items in enumerate(sequences):
        if not hasattr(items, "__len__"):
            raise ValueError(f"`pad_sequences`: sequence {i} is no list but {items!r}.")
    return [len(items) for items in sequences]


def _dtype_for(dtype: Any, value: Any) -> Any:
    if isinstance(value, str) and np.dtype(dtype).kind not in "OU":
        raise ValueError(
            f"`pad_sequences`: the value {value!r} is text, but `dtype` is {dtype}. For sequences "
            "of text of any length use `dtype=object`."
        )
    return dtype


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """How likely each word is kept by `skipgrams`: the commoner, the less; 1 is the commonest.

    p(i) = min(1, sqrt(`sampling_factor` · q(i))), as word2vec samples, where the frequency of the
    i-th word is 1 / q(i) = 1 / (i·(log i + γ) + 1/2 − 1/(12·i)) by Zipf's law, γ = 0.577.

    >>> make_sampling_table(4).round(4)
    array([0.0032, 0.0032, 0.0055, 0.0074])
    """
    rank = np.maximum(np.arange(size), 1).astype("float64")
    inverse_frequency = rank * (np.log(rank) + 0.577) + 0.5 - 1.0 / (12.0 * rank)
    table: np.ndarray = np.minimum(1.0, np.sqrt(sampling_factor * inverse_frequency))
    return table


def skipgrams(
    sequence: Sequence[int],
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> Pairs:
    """Pairs of words, `[word, other]`, and for each whether they stand near each other in the text.

    Near is at most `window_size` words apart. For each true pair there are `negative_samples` pairs
    with a word drawn at random (from 1 to `vocabulary_size - 1`; the word 0 is none). Labels are 1
    and 0, with `categorical` `[0, 1]` and `[1, 0]`. `sampling_table[i]` is the probability that
    word i is looked at. Drawn from Python's generator. (Mikolov et al. 2013, arXiv:1301.3781)

    >>> skipgrams([1, 2, 3], 4, window_size=1, negative_samples=0, shuffle=False)
    ([[1, 2], [2, 1], [2, 3], [3, 2]], [1, 1, 1, 1])
    """
    far, near = ([1, 0], [0, 1]) if categorical else (0, 1)
    couples = list(_neighbours(sequence, window_size, sampling_table))
    labels: list[Any] = [near] * len(couples)
    if negative_samples > 0 and couples:
        count = int(len(couples) * negative_samples)
        words = [word for word, _ in couples]
        random.shuffle(words)
        couples += [
            [words[i % len(words)], random.randint(1, vocabulary_size - 1)] for i in range(count)
        ]
        labels += [far] * count
    if shuffle:
        seed = random.randint(0, 10_000_000) if seed is None else seed
        order = list(range(len(couples)))
        random.Random(seed).shuffle(order)
        couples, labels = [couples[i] for i in order], [labels[i] for i in order]
    return couples, labels


def _neighbours(sequence: Sequence[int], window: int, table: Any) -> Iterable[list[Any]]:
    for i, word in enumerate(sequence):
        if not word or (table is not None and table[word] < random.random()):
            continue
        for j in range(max(0, i - window), min(len(sequence), i + window + 1)):
            if j != i and sequence[j]:
                yield [word, sequence[j]]


def _remove_long_seq(maxlen: int, seq: Any, label: Any) -> tuple[list[Any], list[Any]]:
    """The sequences shorter than `maxlen`, and their labels."""
    kept = [(s, y) for s, y in zip(seq, label, strict=True) if len(s) < maxlen]
    return [s for s, _ in kept], [y for _, y in kept]


class TimeseriesGenerator(utils.Sequence):
    """Windows of a series as samples, with the target that follows each.

    The window that ends before step t has the steps t - `length`, t - `length` + `sampling_rate`
    ...; its target is `targets[t]`. Windows are `stride` steps apart and lie between `start_index`
    and `end_index`; `reverse`: newest step first; `shuffle`: windows are drawn at random.

    >>> windows = TimeseriesGenerator(np.arange(5), np.arange(5), length=2, batch_size=2)
    >>> x, y = windows[0]
    >>> x.tolist(), y.tolist()
    ([[0, 1], [1, 2]], [2, 3])
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
    ) -> None:
        if len(data) != len(targets):
            raise ValueError(
                f"`TimeseriesGenerator`: `data` has {len(data)} steps, `targets` {len(targets)}; "
                "they need as many."
            )
        self.data = data
        self.targets = targets
        self.length = length
        self.sampling_rate = sampling_rate
        self.stride = stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle = shuffle
        self.reverse = reverse
        self.batch_size = batch_size
        if self.start_index > self.end_index:
            raise ValueError(
                f"`TimeseriesGenerator`: no window of {length} steps fits between step "
                f"{start_index} and step {self.end_index}. (The first target is that of step "
                f"start_index + length = {self.start_index}.)"
            )

    def __len__(self) -> int:
        """How many batches an epoch has."""
        steps = self.batch_size * self.stride
        return (self.end_index - self.start_index + steps) // steps

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """A batch: windows `(batch, length / sampling_rate, ...)` and their targets."""
        if self.shuffle:
            rows = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            steps = self.batch_size * self.stride
            first = self.start_index + steps * index
            rows = np.arange(first, min(first + steps, self.end_index + 1), self.stride)
        windows = [self.data[row - self.length : row : self.sampling_rate] for row in rows]
        samples, targets = np.array(windows), np.array([self.targets[row] for row in rows])
        return (samples[:, ::-1], targets) if self.reverse else (samples, targets)

    def get_config(self) -> dict[str, Any]:
        """All arguments, with data and targets as JSON."""
        return {
            "data": _listed(self.data),
            "targets": _listed(self.targets),
            "length": self.length,
            "sampling_rate": self.sampling_rate,
            "stride": self.stride,
            "start_index": self.start_index,
            "end_index": self.end_index,
            "shuffle": self.shuffle,
            "reverse": self.reverse,
            "batch_size": self.batch_size,
        }

    def to_json(self, **kwargs: Any) -> str:
        """Everything as JSON, data included; `kwargs` go to `json.dumps`."""
        return json.dumps(
            {"class_name": type(self).__name__, "config": self.get_config()}, **kwargs
        )


def timeseries_generator_from_json(json_string: str) -> TimeseriesGenerator:
    """The generator that `to_json` described."""
    config = json.loads(json_string)["config"]
    config["data"], config["targets"] = json.loads(config["data"]), json.loads(config["targets"])
    # What is written is the step of the first target.
    config["start_index"] -= config["length"]
    return TimeseriesGenerator(**config)


def _listed(data: Any) -> str:
    try:
        return json.dumps(np.asarray(data).tolist())
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"`TimeseriesGenerator`: its data can't be written as JSON: {error}."
        ) from error
