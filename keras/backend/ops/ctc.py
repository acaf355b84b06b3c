"""Connectionist temporal classification (Graves et al., 2006): labels for sequences without knowing
where in time each of them stands. The last class is the blank."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .. import config
from ..graph.dtypes import dtype_of
from ..graph.op import composed, composite
from ..graph.shapes import shape_of
from ..graph.tensor import Tensor
from .arrange import concatenate, expand_dims, reshape, shape, size_of, squeeze, stack
from .control import scan
from .create import arange, full_like, zeros_like
from .elementwise import cast, log
from .index import getitem, one_hot
from .linalg import batch_dot
from .outside import outside
from .reduce import log_softmax, logsumexp
from .sparse import SparseTensor
from .truth import equal, less, logical_and, logical_or, not_equal, where

NEVER = -1e30  # the logarithm of a probability of 0; -inf would make gradients nan


@composite
def ctc_loss(labels: Tensor, scores: Tensor, input_length: Tensor, label_length: Tensor):
    """`-log p(labels)`, summed over all alignments by Graves's forward recursion.

    labels (batch, length), scores (batch, time, classes), whose softmax are the probabilities, and
    the lengths (batch,) -> (batch,).
    """
    classes = shape_of(scores)[-1]
    if classes is None:
        raise ValueError(
            f"ctc_loss needs a known number of classes, got shape {tuple(shape_of(scores))}."
        )
    blank = classes - 1
    path = _with_blanks(labels, blank)
    chances = one_hot(path, blank + 1)
    emitted = batch_dot(log_softmax(scores, 2), cast(chances, scores.dtype), (2, 2))
    before = concatenate(
        [full_like(getitem(path, _cut(0, 2)), blank), getitem(path, _cut(0, -2))], 1
    )
    jumps = logical_and(not_equal(path, blank), not_equal(path, before))
    places = arange(size_of(path, 1))
    running = less(expand_dims(arange(size_of(scores, 1)), 0), expand_dims(input_length, 1))

    def step(now: list[Any], held: list[Any]) -> tuple[list[Any], list[Any]]:
        (chance, runs), (alpha,) = now, held
        jumped = where(jumps, _shifted(alpha, 2), NEVER)
        reached = logsumexp(stack([alpha, _shifted(alpha, 1), jumped], -1), -1) + chance
        return [], [where(expand_dims(runs, 1), reached, alpha)]

    first = getitem(emitted, (slice(None), 0))
    start = zeros_like(first) + where(equal(places, 0), 0.0, NEVER)
    alpha = scan(step, [emitted, running], [start])[2][0]
    last = expand_dims(2 * label_length, 1)
    ends = logical_or(equal(places, last), equal(places, last - 1))
    return -logsumexp(where(ends, alpha, NEVER), 1)


def _cut(start: Any, stop: Any) -> tuple[slice, slice]:
    return slice(None), slice(start, stop)


def _with_blanks(labels: Any, blank: int) -> Any:
    """(batch, length) -> (batch, 2 length + 1): a blank before, between and after the labels."""
    blanks = full_like(labels, blank)
    pairs = reshape(stack([blanks, labels], 2), (size_of(labels, 0), -1))
    return concatenate([pairs, full_like(getitem(pairs, _cut(0, 1)), blank)], 1)


def _shifted(alpha: Any, places: int) -> Any:
    """Each value moved on by some places; nothing comes in from the left."""
    return concatenate(
        [full_like(getitem(alpha, _cut(0, places)), NEVER), getitem(alpha, _cut(0, -places))], 1
    )


def _lengths(x: Any) -> Any:
    """(batch, 1) or (batch,) -> (batch,)"""
    return cast(squeeze(x, 1) if len(shape_of(x)) == 2 else x, "int32")


@composed
def ctc_batch_cost(
    y_true: Tensor, y_pred: Tensor, input_length: Tensor, label_length: Tensor
) -> Any:
    """The loss of each sample: labels (batch, length), probabilities (batch, time, classes), the
    number of time steps and of labels that count, (batch, 1) each -> (batch, 1)."""
    scores = log(y_pred + config.epsilon())
    made = ctc_loss(cast(y_true, "int32"), scores, _lengths(input_length), _lengths(label_length))
    return expand_dims(made, 1)


def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> SparseTensor:
    """The first `label_lengths[i]` labels of each row as a sparse tensor."""
    indices, values = outside(
        _labels_that_count,
        [labels, label_lengths],
        ((None, 2), "int64"),
        ((None,), dtype_of(labels)),
    )
    return SparseTensor(indices, values, shape(labels))


def _labels_that_count(labels: Any, lengths: Any) -> tuple[Any, Any]:
    counted = np.arange(labels.shape[1]) < np.reshape(lengths, (-1, 1))
    return np.argwhere(counted), labels[counted]


# ---- decoding


@composed
def ctc_decode(
    y_pred: Tensor,
    input_length: Tensor,
    greedy: bool = True,
    beam_width: int = 100,
    top_paths: int = 1,
    merge_repeated: bool = False,
) -> tuple[list[Any], Any]:
    """The likeliest labels of each sample: probabilities (batch, time, classes), the number of time
    steps that count (batch,) -> `top_paths` arrays (batch, length), filled up with -1, and (batch,
    top_paths) of their log probabilities.

    `greedy` takes the likeliest class of each step (and returns the negative logarithm of the
    chance that all of them are right); else a beam search sums up all alignments of a sequence of
    labels. `merge_repeated` makes one label of repeated ones in what the beam search found.
    """
    if greedy:
        search: Any = _greedy
        top_paths = 1
    else:
        search = functools.partial(_beams, width=beam_width, top=top_paths, merge=merge_repeated)
    found = outside(
        functools.partial(_decoded, search=search, top=top_paths, epsilon=config.epsilon()),
        [y_pred, input_length],
        *[((None, None), "int64")] * top_paths,
        ((shape_of(y_pred)[0], top_paths), dtype_of(y_pred)),
    )
    return list(found[:-1]), found[-1]


def _decoded(
    y_pred: Any, input_length: Any, search: Any, top: int, epsilon: float
) -> tuple[Any, ...]:
    scores = np.log(y_pred + epsilon)
    lengths = np.reshape(input_length, -1).astype(int)
    found = [search(sample[:length]) for sample, length in zip(scores, lengths, strict=True)]
    paths = [_filled_up([labels[rank] for labels, _ in found]) for rank in range(top)]
    chances = np.array([chance for _, chance in found], dtype=y_pred.dtype)
    return (*paths, chances)


def _filled_up(rows: list[Any]) -> Any:
    """Rows of different lengths as one array, -1 where a row is over."""
    made = np.full((len(rows), max(map(len, rows), default=0)), -1, dtype="int64")
    for row, labels in zip(made, rows, strict=True):
        row[: len(labels)] = labels
    return made


def _greedy(scores: Any) -> tuple[list[Any], list[float]]:
    """The likeliest class of each step; repeated ones count once, blanks not at all."""
    best = scores.argmax(-1)
    kept = np.append(True, best[1:] != best[:-1])[: len(best)] & (best != scores.shape[-1] - 1)
    return [best[kept]], [-float(scores.max(-1).sum())]


def _beams(scores: Any, width: int, top: int, merge: bool) -> tuple[list[Any], list[float]]:
    """Prefix beam search: the `width` likeliest beginnings, each with the chances that its last
    step was a blank and that it was a label."""
    scores = scores - np.logaddexp.reduce(scores, -1, keepdims=True)
    prefixes: list[tuple[int, ...]] = [()]
    by_blank, by_label = np.zeros(1), np.full(1, -np.inf)
    for chance in scores:
        prefixes, by_blank, by_label = _grown(prefixes, by_blank, by_label, chance, width)
    if len(prefixes) < top:
        raise ValueError(
            f"ctc_decode was asked for {top} paths, but only {len(prefixes)} exist; lower "
            "`top_paths` or raise `beam_width`."
        )
    total = np.logaddexp(by_blank, by_label)
    order = np.argsort(-total, kind="stable")[:top]
    labels = [np.array(prefixes[i], dtype="int64") for i in order]
    if merge:
        labels = [row[np.append(True, row[1:] != row[:-1])[: len(row)]] for row in labels]
    return labels, [float(total[i]) for i in order]


def _grown(
    prefixes: list[tuple[int, ...]], by_blank: Any, by_label: Any, chance: Any, width: int
) -> tuple[list[tuple[int, ...]], Any, Any]:
    """The beams one step later: each stays as it is, or grows by one label."""
    labels = chance[:-1]
    total = np.logaddexp(by_blank, by_label)
    grown = total[:, None] + labels
    last = np.array([p[-1] if p else -1 for p in prefixes])
    ending = np.flatnonzero(last >= 0)
    grown[ending, last[ending]] = (
        by_blank[ending] + labels[last[ending]]
    )  # doubled only across a blank
    stays_blank = total + chance[-1]
    stays_label = np.full(len(prefixes), -np.inf)
    stays_label[ending] = by_label[ending] + labels[last[ending]]
    place = {prefix: i for i, prefix in enumerate(prefixes)}
    for i in ending:  # a prefix that another one grows into is one beam, not two
        parent = place.get(prefixes[i][:-1])
        if parent is not None:
            stays_label[i] = np.logaddexp(stays_label[i], grown[parent, last[i]])
            grown[parent, last[i]] = -np.inf
    return _best(prefixes, stays_blank, stays_label, grown, width)


def _best(
    prefixes: list[tuple[int, ...]], blank: Any, label: Any, grown: Any, width: int
) -> tuple[list[tuple[int, ...]], Any, Any]:
    count, classes = grown.shape
    everything = np.append(np.logaddexp(blank, label), grown)
    chosen = np.argsort(-everything, kind="stable")[:width]
    chosen = chosen[everything[chosen] > -np.inf]
    stayed = chosen < count
    kept = [
        prefixes[i]
        if i < count
        else (*prefixes[(i - count) // classes], int((i - count) % classes))
        for i in chosen
    ]
    by_blank = np.where(stayed, np.append(blank, np.full(grown.size, -np.inf))[chosen], -np.inf)
    by_label = np.where(stayed, np.append(label, grown)[chosen], everything[chosen])
    return kept, by_blank, by_label
