"""The two MLPs in PyTorch without autograd: the way back by hand, every array allocated once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from ..workloads import Array, Workload
from .torch_tuned import keep_mask

SIZES = {"tiny-mlp": (20, 64, 0.5), "mnist-mlp": (784, 512, 0.2)}


class Room:
    """The arrays that a step fills, for one size of batch."""

    def __init__(self, rows: int, features: int, width: int) -> None:
        self.x, self.y = torch.empty(rows, features), torch.empty(rows, 10)
        self.first, self.second = torch.empty(rows, width), torch.empty(rows, width)
        self.back1, self.back2 = torch.empty(rows, width), torch.empty(rows, width)
        self.logits = torch.empty(rows, 10)


class Contender:
    """All weights are views of one vector, so that an update is a handful of calls."""

    def __init__(self, name: str, workload: Workload) -> None:
        torch.set_num_threads(1 if name == "tiny-mlp" else torch.get_num_threads())
        torch.set_grad_enabled(False)
        self.features, self.width, self.rate = SIZES[name]
        self.batch, self.at_once = workload.batch, workload.at_once
        self.update = self.sgd if name == "tiny-mlp" else self.rmsprop
        d, h = self.features, self.width
        shapes = [(d, h), (h,), (h, h), (h,), (h, 10), (10,)]
        sizes = [int(np.prod(shape)) for shape in shapes]
        self.flat, self.gradient, self.slots = (torch.zeros(sum(sizes)) for _ in range(3))

        def views(flat: Tensor) -> list[Tensor]:
            return [
                v.view(shape) for v, shape in zip(torch.split(flat, sizes), shapes, strict=True)
            ]

        self.weights, self.gradients = views(self.flat), views(self.gradient)
        for w in self.weights[::2]:
            torch.nn.init.xavier_uniform_(w)
        self.rooms: dict[int, Room] = {}
        self.loss, self.hits = torch.zeros(()), torch.zeros(())

    @staticmethod
    def prepare(x: Array, labels: Array) -> tuple[Array, Array]:
        return x, np.eye(10, dtype="float32")[labels]

    def room(self, rows: int) -> Room:
        if rows not in self.rooms:
            self.rooms[rows] = Room(rows, self.features, self.width)
        return self.rooms[rows]

    def train(self, x: Array, y: Array, go_on: Callable[[float], bool]) -> None:
        inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
        while True:
            self.loss.zero_()
            self.hits.zero_()
            for rows in torch.split(torch.randperm(len(inputs)), self.batch):
                room = self.room(len(rows))
                torch.index_select(inputs, 0, rows, out=room.x)
                torch.index_select(targets, 0, rows, out=room.y)
                self.step(room)
            if not go_on(self.loss.item() / len(inputs)):
                return

    def hidden(self, x: Tensor, w: Tensor, b: Tensor, out: Tensor) -> Tensor:
        """A dense layer, relu and dropout in place; returns the factors for the way back."""
        torch.addmm(b, x, w, out=out)
        mask, kept = keep_mask(out.shape, self.rate)
        factors = (mask & (out > 0)).to(torch.float32).mul_(1 / kept)
        out.mul_(factors)
        return factors

    def step(self, room: Room) -> None:
        """Forward, backward, update; the loss and the hits are added up."""
        w1, b1, w2, b2, w3, b3 = self.weights
        g1, gb1, g2, gb2, g3, gb3 = self.gradients
        factors1 = self.hidden(room.x, w1, b1, room.first)
        factors2 = self.hidden(room.first, w2, b2, room.second)
        torch.addmm(b3, room.second, w3, out=room.logits)

        logs = torch.log_softmax(room.logits, 1)
        self.loss.sub_(torch.dot(logs.view(-1), room.y.view(-1)))
        self.hits.add_((logs.argmax(1) == room.y.argmax(1)).sum())

        back3 = logs.exp_().sub_(room.y).mul_(1 / len(room.y))
        torch.mm(room.second.t(), back3, out=g3)
        torch.sum(back3, 0, out=gb3)
        torch.mm(back3, w3.t(), out=room.back2).mul_(factors2)
        torch.mm(room.first.t(), room.back2, out=g2)
        torch.sum(room.back2, 0, out=gb2)
        torch.mm(room.back2, w2.t(), out=room.back1).mul_(factors1)
        torch.mm(room.x.t(), room.back1, out=g1)
        torch.sum(room.back1, 0, out=gb1)
        self.update()

    def sgd(self) -> None:
        self.slots.mul_(0.9).add_(self.gradient)
        self.flat.sub_(self.slots, alpha=0.01)

    def rmsprop(self) -> None:
        self.slots.mul_(0.9).addcmul_(self.gradient, self.gradient, value=0.1)
        self.flat.addcdiv_(self.gradient, self.slots.sqrt().add_(1e-7), value=-1e-3)

    def train_on_batch(self, x: Array, y: Array) -> Sequence[float]:
        room = self.room(len(x))
        room.x.copy_(torch.from_numpy(x))
        room.y.copy_(torch.from_numpy(y))
        self.loss.zero_()
        self.hits.zero_()
        self.step(room)
        return self.loss.item() / len(x), self.hits.item() / len(x)

    @torch.inference_mode()
    def predict(self, x: Array) -> Array:
        inputs = torch.from_numpy(x)
        if len(x) <= self.at_once:
            return self.outputs(inputs).numpy()
        batches = torch.split(inputs, self.at_once)
        return torch.cat([self.outputs(batch) for batch in batches]).numpy()

    def outputs(self, x: Tensor) -> Tensor:
        w1, b1, w2, b2, w3, b3 = self.weights
        first = torch.addmm(b1, x, w1).relu_()
        second = torch.addmm(b2, first, w2).relu_()
        return torch.addmm(b3, second, w3).softmax(1)
