"""The arithmetic of convolutions, and kernels of other engines."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend.graph.shapes import conv_size, transposed_size

PADDINGS = ("valid", "same", "causal", "full")


def normalize_tuple(value: Any, n: int, name: str) -> tuple[int, ...]:
    """`n` integers, given as one for all or as a tuple or list; `name` is the argument's.

    >>> normalize_tuple(2, 3, "strides"), normalize_tuple([1, 2], 2, "strides")
    ((2, 2, 2), (1, 2))
    """
    if isinstance(value, (int, np.integer)):
        return (int(value),) * n
    try:
        found = tuple(int(v) for v in value)
    except (TypeError, ValueError):
        found = ()
    if len(found) != n:
        raise ValueError(f"`{name}` is an integer or {n} of them, got {value!r}.")
    return found


def normalize_padding(value: str) -> str:
    """The name of a padding in lower case: 'valid', 'same', 'causal' (or 'full').

    >>> normalize_padding("Same")
    'same'
    """
    padding = str(value).lower()
    if padding not in PADDINGS:
        raise ValueError(f"`padding` is one of {', '.join(map(repr, PADDINGS))}, got {value!r}.")
    return padding


def conv_output_length(
    input_length: int | None, filter_size: int, padding: str, stride: int, dilation: int = 1
) -> int | None:
    """How long a convolution's or pool's output is.

    >>> conv_output_length(28, 3, "valid", 2)
    13
    """
    return conv_size(input_length, filter_size, stride, normalize_padding(padding), dilation)


def conv_input_length(
    output_length: int | None, filter_size: int, padding: str, stride: int
) -> int | None:
    """The least input that a convolution (of an odd filter) makes an output of this length from.

    >>> conv_input_length(13, 3, "valid", 2)
    27
    """
    if output_length is None:
        return None
    around = {"valid": 0, "same": filter_size // 2, "full": filter_size - 1}
    padding = normalize_padding(padding)
    if padding not in around:
        raise ValueError(f"`conv_input_length` knows {', '.join(around)}; got {padding!r}.")
    return (output_length - 1) * stride - 2 * around[padding] + filter_size


def deconv_length(
    dim_size: int | None,
    stride_size: int,
    kernel_size: int,
    padding: str,
    output_padding: int | None,
    dilation: int = 1,
) -> int | None:
    """How long a transposed convolution's output is.

    >>> deconv_length(5, 2, 3, "valid", None)
    11
    """
    padding = normalize_padding(padding)
    return transposed_size(dim_size, kernel_size, stride_size, padding, output_padding, dilation)


def convert_kernel(kernel: Any) -> np.ndarray:
    """A kernel `(..., in, out)` of 1, 2 or 3 spatial axes, each of them turned round.

    Theano flips kernels while it convolves, other engines don't: this makes one's of the other's.

    >>> convert_kernel(np.arange(3).reshape(3, 1, 1)).ravel()
    array([2, 1, 0])
    """
    kernel = np.asarray(kernel)
    if not 3 <= kernel.ndim <= 5:
        raise ValueError(
            "`convert_kernel` needs a kernel of 3 to 5 dimensions (1 to 3 spatial ones, in, out), "
            f"got shape {kernel.shape}."
        )
    return np.ascontiguousarray(np.flip(kernel, tuple(range(kernel.ndim - 2))))
