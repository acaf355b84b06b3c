"""Weights as pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST = 64  # filters in one direction of a picture
SMALLEST = 128  # pixels of the longer side: smaller weights are enlarged


def picture(weight: Any) -> np.ndarray | None:
    """A weight as pixels: zero is grey, the largest magnitude black or white.

    Vectors are one row, matrices lie on their longer side. Kernels of convolutions
    `(..., inputs, outputs)` are a tile for each pair, in colour where there are three inputs.
    `None` if there is nothing to see.

    >>> picture(np.array([[-2.0, 0.0, 2.0]]))[0, ::43]
    array([  0, 128, 255], dtype=uint8)
    """
    values = np.squeeze(np.asarray(weight, "float64"))
    if not values.size or not np.isfinite(values).all():
        return None
    if values.ndim < 2:
        values = values.reshape(1, -1)
    elif values.ndim == 2:
        values = values.T if values.shape[0] > values.shape[1] else values
    elif values.ndim == 3:
        values = _tiles(values[:, :, None, :])
    else:
        rows = int(np.prod(values.shape[:-3]))
        values = _tiles(values.reshape(rows, *values.shape[-3:]))
    bytes_ = np.rint(127.5 + 127.5 * values / (np.abs(values).max() or 1.0)).astype("uint8")
    factor = -(-SMALLEST // max(bytes_.shape[:2]))
    return bytes_.repeat(factor, axis=0).repeat(factor, axis=1)


def _tiles(kernel: np.ndarray) -> np.ndarray:
    """(height, width, inputs, outputs) as one picture, with a grey line around each tile."""
    kernel = kernel[:, :, :MOST, :MOST]
    height, width, inputs, outputs = kernel.shape
    framed = np.pad(kernel, [(0, 1), (0, 1), (0, 0), (0, 0)])
    if inputs == 3:  # colours
        across = int(np.ceil(np.sqrt(outputs)))
        down = -(-outputs // across)
        framed = np.pad(framed, [(0, 0), (0, 0), (0, 0), (0, down * across - outputs)])
        tiles = framed.reshape(height + 1, width + 1, 3, down, across)
        return tiles.transpose(3, 0, 4, 1, 2).reshape(down * (height + 1), across * (width + 1), 3)
    return framed.transpose(2, 0, 3, 1).reshape(inputs * (height + 1), outputs * (width + 1))
