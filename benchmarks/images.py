"""Pictures: one through ResNet50, and a folder of them, read and learned.

    python -m benchmarks.images evergreen '{"seconds": 1}'

As `worker.py`: a report when it has started, and then one for each line it is sent.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from .measure import Effort, Figure, Report, repeated, serve, summaries, timed

if TYPE_CHECKING:
    from .workloads import Array

WRITTEN = {
    "evergreen": "images_evergreen",
    "evergreen-jax": "images_evergreen",
    "usual": "images_torch",
}
"""Who takes part, and the module of `contenders` in which it is written."""

PICTURES = 256
CLASSES = ("dots", "lines")
WORKERS, BATCH = 4, 32
SIDE = 64  # rows and columns of a picture once it is read

PREDICT, READ, LEARN, REMEMBERED = "predict", "read", "learn", "remembered"
TITLES = {
    PREDICT: "ResNet50, one image",
    READ: f"read a picture, {WORKERS} workers",
    LEARN: "read it and train",
    REMEMBERED: "train, all in memory",
}
LIMITS = {PREDICT: 1.05, READ: 1.0, LEARN: 1.05}  # ours ÷ by hand


class Contender(Protocol):
    """What is measured."""

    def __init__(self, folder: Path) -> None:
        """`folder` has a folder of pictures for each class."""

    def predict(self, image: Array) -> Array:
        """Probabilities of 1000 classes for an image `(1, 224, 224, 3)`, by a ResNet50."""

    def read(self) -> int:
        """All pictures of the folder in batches of `BATCH` and a new order: resized bilinearly,
        values from 0 to 1, mirrored at random. How many there were."""

    def learn(self) -> float:
        """As `read`, and a step of training for each batch; the loss of the epoch."""

    def remembered(self) -> float:
        """As `learn`, with pictures that are arrays."""


def fill(folder: Path, count: int = PICTURES) -> None:
    """Write JPEG files of 240×320, in a folder for each class."""
    import numpy as np
    from PIL import Image

    random = np.random.RandomState(7)
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
    for i in range(count):
        name = CLASSES[i % 2]
        grid = random.randint(0, 256, (30, 40, 3) if name == "dots" else (30, 1, 3))
        rows = np.broadcast_to(grid, (30, 40, 3)).astype("uint8")
        picture = Image.fromarray(rows).resize((320, 240), Image.Resampling.BICUBIC)
        picture.save(folder / name / f"{i:04}.jpg", quality=90)


def contender(name: str) -> type[Contender]:
    """The class of a contender; imports its library."""
    module: Any = importlib.import_module(f"{__package__}.contenders.{WRITTEN[name]}")
    made: type[Contender] = module.Contender
    return made


def reports(name: str, effort: Effort) -> Iterator[Report]:
    """What starting took; then the figures of a round, as often as they are asked for."""
    import numpy as np

    image = np.random.RandomState(7).random_sample((1, 224, 224, 3)).astype("float32")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        count = max(int(PICTURES * effort.share), 2 * BATCH)
        fill(folder, count)
        make = contender(name)
        made: list[Contender] = []
        with contextlib.redirect_stdout(sys.stderr):  # stdout is for reports
            building = timed(lambda: made.append(make(folder)))
        subject = made.pop()
        for work in (lambda: subject.predict(image), subject.learn, subject.remembered):
            work()  # the first time is no measure: programs are made, processes started
        yield summaries({"build": building})

        def for_each(work: Callable[[], object]) -> Figure:
            found = repeated(work, effort)
            return Figure([value / count for value in found.values], found.contention)

        while True:
            yield summaries(
                {
                    PREDICT: repeated(lambda: subject.predict(image), effort),
                    READ: for_each(subject.read),
                    LEARN: for_each(subject.learn),
                    REMEMBERED: for_each(subject.remembered),
                }
            )


if __name__ == "__main__":
    serve(reports)
