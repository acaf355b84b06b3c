"""Folders of pictures for the tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def write(path: Path, height: int = 6, width: int = 7, colour: int | None = None) -> Path:
    """A picture of noise, or of one colour."""
    pixels = np.random.randint(0, 256, (height, width, 3))
    if colour is not None:
        pixels[:] = colour
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype("uint8")).save(path)
    return path


def folder_of_classes(root: Path, classes: tuple[str, ...] = ("cat", "dog"), n: int = 5) -> Path:
    """`root/cat/0.png` ... in the colours 10, 11 ... for cats, 20, 21 ... for dogs."""
    for number, name in enumerate(classes, start=1):
        for i in range(n):
            below = "more/" if i % 2 else ""
            write(root / name / f"{below}{i}.png", colour=10 * number + i)
        (root / name / "notes.txt").write_text("no picture")
    return root
