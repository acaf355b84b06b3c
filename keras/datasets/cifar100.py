"""60,000 photographs of a hundred kinds of things, which are of twenty kinds themselves."""

from __future__ import annotations

import numpy as np

from .cache import RemoteFile, unpacked
from .cifar import column, in_order, load_batch

ARCHIVE = RemoteFile(
    "cifar-100-python",
    ("https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",),
    "eb9058c3a382ffc7106e4002c42a8d85",  # of torchvision: the classic Keras checked none
)
MODES = ("fine", "coarse")


def load_data(
    label_mode: str = "fine",
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The photographs as `(x_train, y_train), (x_test, y_test)`.

    x: `(50000, 32, 32, 3)` and `(10000, 32, 32, 3)`, bytes, or channels first, as
    `image_data_format` says; y: `(images, 1)`, 0 to 99 ("fine") or 0 to 19 ("coarse").
    (Krizhevsky 2009, Learning multiple layers of features from tiny images)
    """
    if label_mode not in MODES:
        raise ValueError(
            f"`label_mode` is one of {', '.join(map(repr, MODES))}, got {label_mode!r}."
        )
    folder = unpacked(ARCHIVE, ("train", "test"))
    x_train, y_train = load_batch(folder / "train", f"{label_mode}_labels")
    x_test, y_test = load_batch(folder / "test", f"{label_mode}_labels")
    return (in_order(x_train), column(y_train)), (in_order(x_test), column(y_test))
