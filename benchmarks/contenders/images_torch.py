"""Pictures by PyTorch and Pillow, channels last."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from ..images import BATCH, SIDE, WORKERS
from ..workloads import Array
from .torch_nets import rmsprop


class Normal(nn.Module):
    """A convolution and batch normalisation."""

    def __init__(self, before: int, filters: int, size: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, filters, size, stride, padding=size // 2)
        self.norm = nn.BatchNorm2d(filters, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.norm(self.conv(x))
        return y


class Bottleneck(nn.Module):
    """Three convolutions beside the way past them; a first one has a convolution there, too."""

    def __init__(self, before: int, filters: int, stride: int, is_first: bool) -> None:
        super().__init__()
        self.first = Normal(before, filters, 1, stride)
        self.second = Normal(filters, filters, 3)
        self.third = Normal(filters, 4 * filters, 1)
        self.past = Normal(before, 4 * filters, 1, stride) if is_first else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = F.relu_(self.second(F.relu_(self.first(x))))
        return F.relu_(self.third(y).add_(self.past(x)))


class ResNet50(nn.Module):
    """Images (batch, 3, rows, columns) -> probabilities of 1000 classes."""

    def __init__(self) -> None:
        super().__init__()
        self.start = Normal(3, 64, 7, 2)
        blocks: list[nn.Module] = []
        before = 64
        for filters, depth, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            for i in range(depth):
                blocks.append(Bottleneck(before, filters, stride if i == 0 else 1, i == 0))
                before = 4 * filters
        self.blocks = nn.Sequential(*blocks)
        self.dense = nn.Linear(2048, 1000)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu_(self.start(x)), 3, 2, padding=1)  # what is rectified is above -inf
        logits: Tensor = self.dense(self.blocks(x).mean((2, 3)))
        return logits.softmax(1)


def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 2),
    )  # fmt: skip


class Pictures(Dataset[tuple[Array, int]]):
    """The files of a folder, read when they are asked for."""

    def __init__(self, folder: Path, mirrored: bool) -> None:
        classes = sorted(path for path in folder.iterdir() if path.is_dir())
        self.files = [(f, i) for i, found in enumerate(classes) for f in sorted(found.iterdir())]
        self.mirrored = mirrored

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, number: int) -> tuple[Array, int]:
        path, label = self.files[number]
        with Image.open(path) as file:
            small = file.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        picture = np.asarray(small, dtype="float32") * np.float32(1 / 255)
        if self.mirrored and torch.rand(()) < 0.5:
            picture = np.ascontiguousarray(picture[:, ::-1])
        return picture, label


def channels_last(net: Any) -> Any:
    return net.to(memory_format=torch.channels_last)


class Contender:
    """A `DataLoader` with processes that stay, and the usual loop, nothing read before its end."""

    def __init__(self, folder: Path) -> None:
        self.resnet = channels_last(ResNet50()).eval()
        self.model = channels_last(cnn())
        self.optimizer = rmsprop(self.model.parameters(), foreach=True)
        with warnings.catch_warnings():  # of more workers than there are cores
            warnings.simplefilter("ignore", UserWarning)
            self.loader = DataLoader(
                Pictures(folder, True), BATCH, True, num_workers=WORKERS, persistent_workers=True
            )
        plain = Pictures(folder, False)
        found = [plain[i] for i in range(len(plain))]
        self.x = torch.from_numpy(np.stack([picture for picture, _ in found]))
        self.y = torch.tensor([label for _, label in found])

    @torch.inference_mode()
    def predict(self, image: Array) -> Array:
        found: Array = self.resnet(torch.from_numpy(image).permute(0, 3, 1, 2)).numpy()
        return found

    def read(self) -> int:
        return sum(len(x) for x, _ in self.loader)

    def learn(self) -> float:
        return self.epoch(self.loader)

    def remembered(self) -> float:
        return self.epoch(self.batches())

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        for rows in torch.split(torch.randperm(len(self.x)), BATCH):
            yield self.x.index_select(0, rows), self.y.index_select(0, rows)

    def epoch(self, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
        total, hits = torch.zeros(()), torch.zeros(())
        for x, y in batches:
            logits = self.model(x.permute(0, 3, 1, 2))
            loss = F.cross_entropy(logits, y)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
            self.optimizer.step()
            with torch.no_grad():
                total.add_(loss.detach(), alpha=len(x))
                hits.add_((logits.argmax(1) == y).sum())
        return total.item() / len(self.x)
