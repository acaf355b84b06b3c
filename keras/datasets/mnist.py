"""70,000 handwritten digits."""

from __future__ import annotations

import os

import numpy as np

from .cache import MIRROR, RemoteFile, located
from .files import arrays

ORIGIN = "https://s3.amazonaws.com/img-datasets/"
FILES = (
    RemoteFile(
        "mnist.npz",
        (f"{ORIGIN}mnist.npz", f"{MIRROR}mnist.npz"),
        "8a61469f7ea1b51cbae51d4f78837e45",
    ),
    RemoteFile("mnist.pkl.gz", (f"{ORIGIN}mnist.pkl.gz",)),
)


def load_data(
    path: str | os.PathLike[str] = "mnist.npz",
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The digits as `(x_train, y_train), (x_test, y_test)`.

    x: `(60000, 28, 28)` and `(10000, 28, 28)`, bytes; y: 0 to 9. (LeCun et al. 1998, Gradient-based
    learning applied to document recognition)
    """
    names = ("x_train", "y_train", "x_test", "y_test")
    x_train, y_train, x_test, y_test = arrays(located(path, FILES), names)
    return (x_train, y_train), (x_test, y_test)
