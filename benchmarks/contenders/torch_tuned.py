"""PyTorch as well as it can be written with autograd and public functions.

Channels-last memory, fused optimizers, cheap dropout masks, nothing read from the device before an
epoch ends, one thread where two would only wait for each other; `predict` without modules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..workloads import Array, Workload
from .torch_bare import bare
from .torch_nets import NETWORKS, OPTIMIZERS, BiLstm, ConvLstm, GruStack, Lstm, hard_sigmoid


def keep_mask(shape: Sequence[int], rate: float) -> tuple[Tensor, float]:
    """Which numbers dropout keeps, and the share that it keeps, a multiple of 1/256.

    Random words of eight bytes are drawn, and each byte decides for one number: `bernoulli_` takes
    several times as long.
    """
    count = int(np.prod(shape))
    words = torch.empty((count + 7) // 8, dtype=torch.int64).random_(-(2**63), None)
    threshold = round(256 * rate)
    return words.view(torch.uint8)[:count].view(shape) >= threshold, 1 - threshold / 256


class Dropout(nn.Dropout):
    """As `nn.Dropout`, with a cheaper mask."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        mask, kept = keep_mask(x.shape, self.p)
        return x * mask.to(x.dtype).mul_(1 / kept)


class TimeFirstLstm(Lstm):
    """Time runs along the first axis, as the kernel wants it."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm.batch_first = False

    def forward(self, words: Tensor) -> Tensor:
        _, (last, _) = self.lstm(self.embedding(words.t()))
        logits: Tensor = self.dense(last[0])
        return logits


class TimeFirstBiLstm(BiLstm):
    """The same, in both directions."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm.batch_first = False

    def forward(self, words: Tensor) -> Tensor:
        return super().forward(words.t())


class TimeFirstGru(GruStack):
    """Time runs along the first axis."""

    def __init__(self) -> None:
        super().__init__()
        self.gru.batch_first = False

    def forward(self, x: Tensor) -> Tensor:
        _, last = self.gru(x.transpose(0, 1))
        logits: Tensor = self.dense(last[1])
        return logits


class HoistedConvLstm(ConvLstm):
    """What the frames give to the gates comes from one convolution over all of them."""

    def forward(self, x: Tensor) -> Tensor:
        batch, time = x.shape[:2]
        frames = x.transpose(0, 1).reshape(time * batch, *x.shape[2:])
        for part in self.cells:
            cell: Any = part
            conv, before = cell.conv, frames.shape[1]
            to_inputs, to_outputs = conv.weight.split([before, cell.filters], dim=1)
            given = F.conv2d(frames, to_inputs, conv.bias, padding=1).view(time, batch, -1, 24, 24)
            outputs: list[Tensor] = []
            c = x.new_zeros(())
            for gates in given.unbind(0):
                if outputs:
                    gates = gates + F.conv2d(outputs[-1], to_outputs, padding=1)
                i, f, g, o = gates.chunk(4, dim=1)
                c = hard_sigmoid(f) * c + hard_sigmoid(i) * torch.tanh(g)
                outputs.append(hard_sigmoid(o) * torch.tanh(c))
            frames = torch.cat(outputs)
        logits: Tensor = self.dense(outputs[-1].mean((2, 3)))
        return logits


QUICKER: dict[str, Callable[[], nn.Module]] = {
    "imdb-lstm": TimeFirstLstm,
    "imdb-bilstm": TimeFirstBiLstm,
    "gru-stack": TimeFirstGru,
    "convlstm": HoistedConvLstm,
}
CHANNELS_LAST = ("cifar-cnn", "cifar-resnet20", "convlstm", "separable-cnn")


def network(name: str) -> nn.Module:
    """The module, with what makes it quick."""
    net = (QUICKER.get(name) or NETWORKS[name])()
    if isinstance(net, nn.Sequential):
        for i, part in enumerate(net):
            net[i] = Dropout(part.p) if isinstance(part, nn.Dropout) else part
    if name in CHANNELS_LAST:
        net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # not in its types
    return net


class Contender:
    """A plain loop over those."""

    def __init__(self, name: str, workload: Workload) -> None:
        torch.set_num_threads(1 if name == "tiny-mlp" else torch.get_num_threads())
        self.batch, self.at_once = workload.batch, workload.at_once
        self.model = network(name).train()
        make, quickly = OPTIMIZERS[name]
        self.optimizer = make(self.model.parameters(), **{quickly: True})
        self.two_classes = workload.two_classes
        self.outputs = bare(self.model)

    @staticmethod
    def prepare(x: Array, labels: Array) -> tuple[Array, Array]:
        """(n, height, width, 3) seen as (n, 3, height, width): that is channels-last memory."""
        return np.moveaxis(x, -1, -3) if x.ndim >= 4 else x, labels

    def train(self, x: Array, y: Array, go_on: Callable[[float], bool]) -> None:
        inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
        while True:
            loss, hits = torch.zeros(()), torch.zeros(())
            for rows in torch.split(torch.randperm(len(inputs)), self.batch):
                batch = inputs.index_select(0, rows), targets.index_select(0, rows)
                loss_of_batch, right = self.step(*batch)
                loss.add_(loss_of_batch, alpha=len(rows))
                hits.add_(right)
            if not go_on(loss.item() / len(inputs)):
                return

    def step(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.model(x)
        if self.two_classes:
            loss = F.binary_cross_entropy_with_logits(logits, y)
        else:
            loss = F.cross_entropy(logits, y)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        self.optimizer.step()
        with torch.no_grad():
            predicted = (logits > 0) if self.two_classes else logits.argmax(1)
            return loss.detach(), (predicted == y).sum()

    def train_on_batch(self, x: Array, y: Array) -> Sequence[float]:
        loss, hits = self.step(torch.from_numpy(x), torch.from_numpy(y))
        return loss.item(), hits.item() / len(x)

    @torch.inference_mode()
    def predict(self, x: Array) -> Array:
        inputs = torch.from_numpy(x)
        if len(x) <= self.at_once:
            return self.outputs(inputs).numpy()
        batches = torch.split(inputs, self.at_once)
        return torch.cat([self.outputs(batch) for batch in batches]).numpy()
