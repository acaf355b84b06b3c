"""70,000 pictures of clothes, in the format of MNIST."""

from __future__ import annotations

import numpy as np

from .cache import MIRROR, RemoteFile, located
from .files import idx

ORIGIN = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
# The classic Keras checked none of these files. These are the sums torchvision publishes for them.
HASHES = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The pictures as `(x_train, y_train), (x_test, y_test)`.

    x: `(60000, 28, 28)` and `(10000, 28, 28)`, bytes; y: 0 T-shirt, 1 trousers, 2 pullover,
    3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle boot.
    (Xiao et al. 2017, arXiv:1708.07747)
    """
    x_train, y_train, x_test, y_test = map(_read, HASHES)
    return (x_train, y_train), (x_test, y_test)


def _read(name: str) -> np.ndarray:
    file = RemoteFile(name, (ORIGIN + name, MIRROR + name), HASHES[name])
    return idx(located(name, [file], "fashion-mnist"))
