"""The networks that are measured, and data for them: made up, but there is something to learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
Data = tuple[Array, Array]  # inputs; class numbers, or 0 and 1 in a column where there are two


@dataclass(frozen=True)
class Workload:
    """One network with its data: `samples` in an epoch, `many` rows in the large `predict`, and how
    many `at_once` suit the processor.

    `limits`: what a step of `fit` may take at most, as a multiple of PyTorch as usual, and of
    PyTorch at its best; `None` where we have set ourselves none.
    """

    title: str
    data: Callable[[int], Data]
    samples: int
    batch: int
    many: int
    limits: tuple[float | None, float | None]
    at_once: int = 32
    two_classes: bool = False


def vectors(features: int) -> Callable[[int], Data]:
    """Random vectors; the class is the largest of ten random linear functions of them."""

    def data(samples: int) -> Data:
        random = np.random.RandomState(7)
        x = random.standard_normal((samples, features)).astype("float32")
        return x, np.argmax(x @ random.standard_normal((features, 10)), axis=1)

    return data


def patterns(*shape: int) -> Callable[[int], Data]:
    """Noise around ten patterns of a shape; a fifth of the labels is wrong."""

    def data(samples: int) -> Data:
        random = np.random.RandomState(7)
        labels = random.randint(0, 10, samples)
        ten = random.standard_normal((10, *shape)).astype("float32")
        x = random.standard_normal((samples, *shape)).astype("float32")
        x += 0.2 * ten[labels]
        wrong = random.random_sample(samples) < 0.2
        return x, np.where(wrong, random.randint(0, 10, samples), labels)

    return data


def texts(samples: int) -> Data:
    """80 words of 20,000; the label says which half of the vocabulary is the more frequent."""
    random = np.random.RandomState(7)
    labels = random.randint(0, 2, (samples, 1))
    second = random.random_sample((samples, 80)) < 0.35 + 0.3 * labels
    words = random.randint(0, 10_000, (samples, 80)) + 10_000 * second
    return words.astype("int32"), labels.astype("float32")


WORKLOADS = {
    "tiny-mlp": Workload(
        "20-64-64-10, dropout 0.5, SGD with momentum, batch 16",
        vectors(20), 8_000, 16, 10_000, (1.3, 1.5), at_once=2_048,
    ),
    "mnist-mlp": Workload(
        "784-512-512-10, dropout 0.2, RMSprop, batch 128",
        vectors(784), 6_400, 128, 10_000, (0.6, 1.0), at_once=1_024,
    ),
    "cifar-cnn": Workload(
        "conv 32-32-pool-64-64-pool, 512-10, RMSprop, batch 32",
        patterns(32, 32, 3), 320, 32, 1_000, (0.5, 1.0),
    ),
    "imdb-lstm": Workload(
        "embedding 20000×128, LSTM 128 over 80 words, Adam, batch 32",
        texts, 320, 32, 1_000, (1.0, 1.1), at_once=128, two_classes=True,
    ),
    "cifar-resnet20": Workload(
        "ResNet-20 with batch normalisation, Adam, batch 32",
        patterns(32, 32, 3), 160, 32, 500, (1.0, 1.1),
    ),
    "gru-stack": Workload(
        "two GRU 64 over 50 steps of 32 features, Adam, batch 32",
        patterns(50, 32), 640, 32, 2_000, (None, 1.1), at_once=128,
    ),
    "imdb-bilstm": Workload(
        "embedding 20000×128, bidirectional LSTM 64 over 80 words, Adam, batch 32",
        texts, 320, 32, 1_000, (None, 1.1), at_once=128, two_classes=True,
    ),
    "convlstm": Workload(
        "two ConvLSTM2D 16 over 10 frames of 24×24, Adam, batch 16",
        patterns(10, 24, 24, 1), 64, 16, 128, (None, 1.1),
    ),
    "separable-cnn": Workload(
        "conv 32, separable 64-pool-128-pool, average-10, RMSprop, batch 32",
        patterns(32, 32, 3), 320, 32, 1_000, (None, 1.1),
    ),
}  # fmt: skip
