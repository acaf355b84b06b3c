"""Samples of normalisation and losses."""

from __future__ import annotations

import itertools

import numpy as np
from scipy import special

from keras import backend as K
from keras.backend.ops import ctc, losses
from tests.backend.ops.table import Sample, call, chances, positive, real, rows, truth, whole

SAMPLES: list[Sample] = []


def along(x, parameter, axes):
    return (
        parameter
        if parameter is None or np.ndim(parameter) == 0
        else parameter.reshape([1 if i in axes else s for i, s in enumerate(x.shape)])
    )


def normal(x, gamma, beta, reduction_axes, epsilon=1e-3):
    axes = tuple(a % x.ndim for a in reduction_axes)
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    made = (x - mean) / np.sqrt(variance + epsilon)
    made = made if gamma is None else made * along(x, gamma, axes)
    made = made if beta is None else made + along(x, beta, axes)
    return made, mean.squeeze(axes), variance.squeeze(axes)


SAMPLES += rows(
    K.normalize_batch_in_training,
    normal,
    call(real(6, 4), real(4), real(4, low=-1, high=3), [0]),
    call(real(6, 4), None, None, [0], 0.1),
    call(real(3, 2, 4), real(2), real(2), (0, 2)),
    call(real(3, 2, 2, 3), real(2), None, [0, 2, 3]),
    call(real(3, 4, 5), None, real(3, 4), [-1]),
)


def of_images(x, gamma, beta, reduction_axes, epsilon=1e-3):
    """As the original's kernel for images: the variance divided by n - 1."""
    made, mean, variance = normal(x, gamma, beta, reduction_axes, epsilon)
    count = x.size // x.shape[-1]
    return made, mean, variance * count / (count - 1)


SAMPLES += rows(
    K.normalize_batch_in_training,
    of_images,
    call(real(2, 3, 4, 2), real(2), real(2, low=-1, high=3), [0, 1, 2]).but(wrt=()),
    name="normalize_images_in_training",
)
SAMPLES += rows(
    lambda *a: K.normalize_batch_in_training(*a)[0],
    lambda *a: of_images(*a)[0],
    call(real(2, 3, 4, 2), real(2), real(2, low=-1, high=3), [0, 1, 2]),
    name="normalized_images",
)


def by_statistics(x, mean, var, beta, gamma, axis=-1, epsilon=1e-3):
    axes = [i for i in range(x.ndim) if i != axis % x.ndim]
    mean, var, beta, gamma = (along(x, p, axes) for p in (mean, var, beta, gamma))
    made = (x - mean) / np.sqrt(var + epsilon)
    made = made if gamma is None else made * gamma
    return made if beta is None else made + beta


SAMPLES += rows(
    K.batch_normalization,
    by_statistics,
    call(real(3, 4), real(4), positive(4), real(4, low=-1, high=3), real(4, low=1, high=3)),
    call(real(2, 3, 4), real(3), positive(3), None, real(3), axis=1, epsilon=0.01),
    call(real(2, 2, 2, 3), real(3), positive(3), real(3), None),
)

# ---- crossentropies


def kept(p):
    return np.clip(p, 1e-7, 1 - 1e-7)


def of_classes(target, output, from_logits=False, axis=-1):
    if from_logits:
        return -np.sum(target * special.log_softmax(output, axis), axis)
    return -np.sum(target * np.log(kept(output / output.sum(axis, keepdims=True))), axis)


SAMPLES += rows(
    K.categorical_crossentropy,
    of_classes,
    call(chances(4, 3), chances(4, 3) * 0.5 + 0.1),
    call(chances(2, 4, 3), positive(2, 4, 3)),
    call(chances(4, 3), real(4, 3), from_logits=True),
    call(np.swapaxes(chances(2, 4, 3), 1, 2), real(2, 3, 4), True, 1),
)
SAMPLES += rows(
    lambda t, x: K.categorical_crossentropy(t, K.softmax(x)),
    lambda t, x: of_classes(t, x, True),
    *[
        call(t, x).but(at_once=False)  # arrays don't tell that a softmax made them
        for t, x in [(chances(4, 3), real(4, 3)), (chances(2, 2, 3), 30.0 * real(2, 2, 3))]
    ],
    name="categorical_crossentropy_of_softmax",
)


def of_numbers(target, output, from_logits=False, axis=-1):
    axis = axis % output.ndim
    if target.ndim == output.ndim:
        target = target.squeeze(axis)
    scores = output if from_logits else np.log(kept(output))
    logs = special.log_softmax(scores, axis)
    picked = np.take_along_axis(logs, np.expand_dims(target.astype(int), axis), axis)
    return -picked.squeeze(axis)


KNOWN = "batch"  # the number of classes must be
SAMPLES += rows(
    K.sparse_categorical_crossentropy,
    of_numbers,
    call(whole(4, high=3), chances(4, 3)).but(open=KNOWN),
    call(whole(4, 1, high=3), chances(4, 3)).but(open=KNOWN),
    call(whole(2, 4, high=3), chances(2, 4, 3)).but(open=KNOWN),
    call(whole(2, 4, high=3), real(2, 3, 4), True, 1).but(open=KNOWN),
    call(whole(4, high=3).astype("float64"), real(4, 3), True).but(open=KNOWN, wrt=(1,)),
)
SAMPLES += rows(
    lambda t, x: K.sparse_categorical_crossentropy(t, K.softmax(x)),
    lambda t, x: of_numbers(t, x, True),
    call(whole(4, high=3), 20.0 * real(4, 3)).but(open=KNOWN, at_once=False),
    name="sparse_categorical_crossentropy_of_softmax",
)
SAMPLES += rows(
    losses._minus_hot,
    lambda x, target, axis: x - np.moveaxis(np.eye(x.shape[axis])[target], -1, axis),
    call(real(4, 3), whole(4, high=3), 1).but(open=KNOWN),
    call(real(2, 3, 4), whole(2, 4, high=3), 1).but(open=KNOWN),
    name="minus_one_hot",
)


def of_answers(target, output, from_logits=False):
    if from_logits:
        return np.maximum(output, 0) - output * target + np.log1p(np.exp(-np.abs(output)))
    p = kept(output)
    return -(target * np.log(p + 1e-7) + (1 - target) * np.log(1 - p + 1e-7))


SAMPLES += rows(
    K.binary_crossentropy,
    of_answers,
    call(truth(4, 3).astype("float64"), chances(4, 3)),
    call(chances(4, 3), chances(4, 3) * 0.9),
    call(chances(4, 3), real(4, 3), from_logits=True),
    call(truth(5), chances(5)).but(wrt=(1,)),
)
SAMPLES += rows(
    lambda t, x: K.binary_crossentropy(t, K.sigmoid(x)),
    lambda t, x: of_answers(t, x, True),
    call(chances(4, 3), 20.0 * real(4, 3)).but(at_once=False),
    name="binary_crossentropy_of_sigmoid",
)

# ---- sequences of labels


def read(path, blank):
    """What an alignment says: repeated classes once, blanks not at all."""
    return tuple(c for c, _ in itertools.groupby(path) if c != blank)


def alignments(probabilities):
    """Every path through the classes of each time step, with its probability."""
    for path in itertools.product(range(probabilities.shape[1]), repeat=len(probabilities)):
        yield path, np.prod([row[c] for row, c in zip(probabilities, path, strict=True)])


def by_enumeration(labels, scores, input_length, label_length):
    made = []
    for row, sample, steps, count in zip(labels, scores, input_length, label_length, strict=True):
        chance = special.softmax(sample[: int(steps)], -1)
        wanted = tuple(int(c) for c in row[: int(count)])
        blank = chance.shape[1] - 1
        made.append(
            -np.log(sum(p for path, p in alignments(chance) if read(path, blank) == wanted))
        )
    return np.array(made)


LABELS, COUNTS = np.array([[1, 1, 0], [0, 2, 2], [2, 0, 0]], "int32"), np.array([2, 3, 0], "int32")
STEPS = np.array([4, 5, 3], "int32")
SAMPLES += rows(
    ctc.ctc_loss,
    by_enumeration,
    call(LABELS, real(3, 5, 4), STEPS, COUNTS).but(open="batch"),
)
SAMPLES += rows(
    K.ctc_batch_cost,
    lambda t, p, n, m: by_enumeration(t, np.log(p + 1e-7), n[:, 0], m[:, 0])[:, None],
    call(LABELS, chances(3, 5, 4), STEPS[:, None], COUNTS[:, None]).but(open="batch"),
    call(LABELS.astype("float64"), chances(3, 5, 4), STEPS[:, None], COUNTS[:, None]).but(
        wrt=(1,), open="batch"
    ),
)


def filled(rows_of_labels):
    made = np.full((len(rows_of_labels), max(map(len, rows_of_labels))), -1)
    for row, labels in zip(made, rows_of_labels, strict=True):
        row[: len(labels)] = labels
    return made


def greedily(p, lengths):
    best = [sample[:n].argmax(-1) for sample, n in zip(p, lengths, strict=True)]
    chance = [-np.log(s[:n].max(-1) + 1e-7).sum() for s, n in zip(p, lengths, strict=True)]
    return filled([read(path, p.shape[2] - 1) for path in best]), np.array(chance)[:, None]


def best_of_all(p, lengths, top):
    found = []
    for sample, n in zip(p, lengths, strict=True):
        chance = special.softmax(np.log(sample[:n] + 1e-7), -1)
        total: dict[tuple[int, ...], float] = {}
        for path, q in alignments(chance):
            labels = read(path, p.shape[2] - 1)
            total[labels] = total.get(labels, 0.0) + q
        found.append(sorted(total.items(), key=lambda item: -item[1])[:top])
    paths = [filled([sample[rank][0] for sample in found]) for rank in range(top)]
    return *paths, np.log([[q for _, q in sample] for sample in found])


def flat(result):
    return [*result[0], result[1]]


SAMPLES += rows(
    lambda p, n: flat(K.ctc_decode(p, n)),
    greedily,
    call(chances(3, 5, 4), STEPS).but(wrt=(), sized=False),
    name="ctc_decode_greedily",
)
SAMPLES += rows(
    lambda p, n, top: flat(K.ctc_decode(p, n, greedy=False, top_paths=top)),
    best_of_all,
    call(chances(3, 5, 4), STEPS, 1).but(wrt=(), sized=False),
    call(chances(3, 5, 4), STEPS, 4).but(wrt=(), sized=False),
    name="ctc_decode_by_beams",
)
