"""What CIFAR-10 and CIFAR-100 share: the format of their files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from .. import backend as K
from .files import reading
from .pickles import read_pickle


def load_batch(
    fpath: str | os.PathLike[str], label_key: str = "labels"
) -> tuple[np.ndarray, list[Any]]:
    """The images of one file, `(images, 3, 32, 32)`, and their labels."""
    path = Path(fpath)
    with reading(path), path.open("rb") as file:
        found = {_text(key): value for key, value in read_pickle(file).items()}
        return found["data"].reshape(-1, 3, 32, 32), found[label_key]


def in_order(images: np.ndarray) -> np.ndarray:
    """Images in the order of axes that `image_data_format` says."""
    last = K.image_data_format() == "channels_last"
    return images.transpose(0, 2, 3, 1) if last else images


def column(labels: Any) -> np.ndarray:
    """Labels as `(images, 1)`."""
    return np.reshape(labels, (-1, 1))


def _text(key: Any) -> Any:
    return key.decode("utf-8") if isinstance(key, bytes) else key
