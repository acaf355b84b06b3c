"""PyTorch as most people write it: modules, the usual loop, everything at its default."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from ..workloads import Array, Workload
from .torch_nets import NETWORKS, OPTIMIZERS


class Contender:
    """The loop of the tutorials, without a DataLoader, which would only add to its time."""

    def __init__(self, name: str, workload: Workload) -> None:
        self.batch = workload.batch
        self.model = NETWORKS[name]()
        self.optimizer = OPTIMIZERS[name][0](self.model.parameters())
        self.two_classes = workload.two_classes
        self.criterion = nn.BCEWithLogitsLoss() if self.two_classes else nn.CrossEntropyLoss()

    @staticmethod
    def prepare(x: Array, labels: Array) -> tuple[Array, Array]:
        """Images with the channels first, words and classes as long integers."""
        if x.ndim >= 4:
            x = np.ascontiguousarray(np.moveaxis(x, -1, -3))
        return x.astype("int64") if x.dtype.kind == "i" else x, labels

    def train(self, x: Array, y: Array, go_on: Callable[[float], bool]) -> None:
        inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
        loss = 0.0
        while True:
            order = torch.randperm(len(inputs))
            loss = hits = 0.0
            for start in range(0, len(inputs), self.batch):
                rows = order[start : start + self.batch]
                values = self.step(inputs[rows], targets[rows])
                loss += values[0] * len(rows)
                hits += values[1] * len(rows)
            if not go_on(loss / len(inputs)):
                return

    def step(self, x: Tensor, y: Tensor) -> tuple[float, float]:
        self.model.train()
        self.optimizer.zero_grad()
        logits = self.model(x)
        loss = self.criterion(logits, y)
        loss.backward()
        self.optimizer.step()
        predicted = (logits > 0).float() if self.two_classes else logits.argmax(dim=1)
        return loss.item(), (predicted == y).float().mean().item()

    def train_on_batch(self, x: Array, y: Array) -> Sequence[float]:
        return self.step(torch.from_numpy(x), torch.from_numpy(y))

    def predict(self, x: Array) -> Array:
        self.model.eval()
        inputs = torch.from_numpy(x)
        outputs = []
        with torch.no_grad():
            for batch in torch.split(inputs, 32):
                logits = self.model(batch)
                outputs.append(logits.sigmoid() if self.two_classes else logits.softmax(dim=1))
        return torch.cat(outputs).numpy()
