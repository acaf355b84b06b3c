"""The networks as modules of PyTorch, up to the logits; with the padding and constants of Keras.

One difference is left where a 3×3 convolution has stride 2: Keras pads the far side, PyTorch both.
The work is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def mlp(features: int, width: int, rate: float) -> nn.Module:
    return nn.Sequential(
        nn.Linear(features, width), nn.ReLU(), nn.Dropout(rate),
        nn.Linear(width, width), nn.ReLU(), nn.Dropout(rate),
        nn.Linear(width, 10),
    )  # fmt: skip


def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(),
        nn.Conv2d(32, 32, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(),
        nn.Conv2d(64, 64, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(2304, 512), nn.ReLU(), nn.Dropout(0.5),
        nn.Linear(512, 10),
    )  # fmt: skip


class Lstm(nn.Module):
    """Words -> vectors -> the last output of an LSTM -> one logit."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20_000, 128)
        nn.init.uniform_(self.embedding.weight, -0.05, 0.05)  # as in Keras; else it learns slower
        self.lstm = nn.LSTM(128, 128, batch_first=True)
        self.dense = nn.Linear(128, 1)

    def forward(self, words: Tensor) -> Tensor:
        outputs, _ = self.lstm(self.embedding(words))
        logits: Tensor = self.dense(outputs[:, -1])
        return logits


class Convolved(nn.Module):
    """A convolution and its batch normalisation."""

    def __init__(self, before: int, filters: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, filters, 3, stride, padding=1)
        self.norm = nn.BatchNorm2d(filters, eps=1e-3, momentum=0.01)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.norm(self.conv(x))
        return y


class Block(nn.Module):
    """Two convolutions and the way past them."""

    def __init__(self, before: int, filters: int, stride: int) -> None:
        super().__init__()
        self.first = Convolved(before, filters, stride)
        self.second = Convolved(filters, filters)
        self.past = nn.Conv2d(before, filters, 1, stride) if stride == 2 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.second(F.relu(self.first(x)))
        return F.relu(self.past(x) + y)


class ResNet20(nn.Module):
    """Three stacks of three blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Convolved(3, 16)
        widths = ((16, 16, 1), (16, 32, 2), (32, 64, 2))
        blocks = [
            Block(before if i == 0 else filters, filters, stride if i == 0 else 1)
            for before, filters, stride in widths
            for i in range(3)
        ]
        self.blocks = nn.Sequential(*blocks)
        self.dense = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.blocks(F.relu(self.first(x)))
        logits: Tensor = self.dense(x.mean((2, 3)))
        return logits


class GruStack(nn.Module):
    """Two GRUs, and the last output of the upper one -> logits."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(32, 64, num_layers=2, batch_first=True)
        self.dense = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        outputs, _ = self.gru(x)
        logits: Tensor = self.dense(outputs[:, -1])
        return logits


class BiLstm(nn.Module):
    """Words -> vectors -> the last outputs of LSTMs in both directions -> one logit."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20_000, 128)
        nn.init.uniform_(self.embedding.weight, -0.05, 0.05)
        self.lstm = nn.LSTM(128, 64, batch_first=True, bidirectional=True)
        self.dense = nn.Linear(128, 1)

    def forward(self, words: Tensor) -> Tensor:
        _, (last, _) = self.lstm(self.embedding(words))
        logits: Tensor = self.dense(torch.cat([last[0], last[1]], dim=1))
        return logits


def hard_sigmoid(x: Tensor) -> Tensor:
    """The one of Keras, with a slope of 0.2."""
    return (0.2 * x + 0.5).clamp(0, 1)


class ConvLstmCell(nn.Module):
    """One convolution over inputs and outputs side by side, as in most code one finds."""

    def __init__(self, before: int, filters: int) -> None:
        super().__init__()
        self.filters = filters
        self.conv = nn.Conv2d(before + filters, 4 * filters, 3, padding=1)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
        gates = self.conv(torch.cat([x, h], dim=1))
        i, f, g, o = torch.split(gates, self.filters, dim=1)
        c = hard_sigmoid(f) * c + hard_sigmoid(i) * torch.tanh(g)
        return hard_sigmoid(o) * torch.tanh(c), c


class ConvLstm(nn.Module):
    """(batch, time, 1, 24, 24) -> two layers -> the mean over the last picture -> logits."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.ModuleList([ConvLstmCell(1, 16), ConvLstmCell(16, 16)])
        self.dense = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        states = [[x.new_zeros(len(x), 16, 24, 24)] * 2 for _ in self.cells]
        for frame in x.unbind(1):
            below = frame
            for cell, state in zip(self.cells, states, strict=True):
                state[:] = cell(below, *state)
                below = state[0]
        logits: Tensor = self.dense(states[-1][0].mean((2, 3)))
        return logits


def separable(before: int, filters: int) -> list[nn.Module]:
    """A depthwise and a pointwise convolution."""
    return [
        nn.Conv2d(before, before, 3, padding=1, groups=before, bias=False),
        nn.Conv2d(before, filters, 1),
        nn.ReLU(),
        nn.MaxPool2d(2),
    ]


def separable_cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(),
        *separable(32, 64),
        *separable(64, 128),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "tiny-mlp": lambda: mlp(20, 64, 0.5),
    "mnist-mlp": lambda: mlp(784, 512, 0.2),
    "cifar-cnn": cnn,
    "imdb-lstm": Lstm,
    "cifar-resnet20": ResNet20,
    "gru-stack": GruStack,
    "imdb-bilstm": BiLstm,
    "convlstm": ConvLstm,
    "separable-cnn": separable_cnn,
}

Parameters = Iterable[nn.Parameter]


def sgd(parameters: Parameters, **how: Any) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.01, momentum=0.9, **how)


def rmsprop(parameters: Parameters, **how: Any) -> torch.optim.Optimizer:
    return torch.optim.RMSprop(parameters, lr=1e-3, alpha=0.9, eps=1e-7, **how)


def adam(parameters: Parameters, **how: Any) -> torch.optim.Optimizer:
    return torch.optim.Adam(parameters, lr=1e-3, eps=1e-7, **how)


# The optimizer, and the name of its quickest way on the CPU.
OPTIMIZERS: dict[str, tuple[Callable[..., torch.optim.Optimizer], str]] = {
    "tiny-mlp": (sgd, "fused"),
    "mnist-mlp": (rmsprop, "foreach"),
    "cifar-cnn": (rmsprop, "foreach"),
    "imdb-lstm": (adam, "fused"),
    "cifar-resnet20": (adam, "fused"),
    "gru-stack": (adam, "fused"),
    "imdb-bilstm": (adam, "fused"),
    "convlstm": (adam, "fused"),
    "separable-cnn": (rmsprop, "foreach"),
}
