"""60,000 photographs of ten kinds of things."""

from __future__ import annotations

import numpy as np

from .cache import RemoteFile, unpacked
from .cifar import column, in_order, load_batch

ARCHIVE = RemoteFile(
    "cifar-10-batches-py",
    ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
    "c58f30108f718f92721af3b95e74349a",  # of torchvision: the classic Keras checked none
)
TRAIN = tuple(f"data_batch_{i}" for i in range(1, 6))
TEST = "test_batch"


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The photographs as `(x_train, y_train), (x_test, y_test)`.

    x: `(50000, 32, 32, 3)` and `(10000, 32, 32, 3)`, bytes, or channels first, as
    `image_data_format` says; y: `(images, 1)`, 0 airplane, 1 automobile, 2 bird, 3 cat, 4 deer,
    5 dog, 6 frog, 7 horse, 8 ship, 9 truck. (Krizhevsky 2009, Learning multiple layers of features
    from tiny images)
    """
    folder = unpacked(ARCHIVE, (*TRAIN, TEST))
    batches = [load_batch(folder / name) for name in TRAIN]
    x_train = np.concatenate([images for images, _ in batches])
    # Bytes here, and integers of the usual size in the test set: the original's types.
    y_train = np.concatenate([np.array(labels, dtype="uint8") for _, labels in batches])
    x_test, y_test = load_batch(folder / TEST)
    return (in_order(x_train), column(y_train)), (in_order(x_test), column(y_test))
