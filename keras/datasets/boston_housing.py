"""What 506 homes around Boston were worth in the seventies."""

from __future__ import annotations

import os

import numpy as np

from .cache import MIRROR, RemoteFile, located
from .coding import share
from .files import arrays

FILE = RemoteFile(
    "boston_housing.npz",
    (
        "https://s3.amazonaws.com/keras-datasets/boston_housing.npz",
        f"{MIRROR}boston_housing.npz",
    ),
    "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
)


def load_data(
    path: str | os.PathLike[str] = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The homes as `(x_train, y_train), (x_test, y_test)`.

    x: 13 figures about the neighbourhood, `(homes, 13)`; y: the median value in thousands of
    dollars. One of the 13 counts people by the colour of their skin: fit for exercises only.
    `seed` orders them, `test_split` is the share of those to test with. (Harrison and Rubinfeld
    1978, Hedonic housing prices and the demand for clean air)
    """
    x, y = arrays(located(path, [FILE]), ("x", "y"))
    order = np.random.RandomState(seed).permutation(len(x))
    x, y = x[order], y[order]
    n = share(len(x), test_split)
    return (x[:n], y[:n]), (x[n:], y[n:])
