"""Arithmetic of shapes and names of dtypes, against numpy and brute force."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph import dtypes, shapes


def test_broadcast_is_numpys() -> None:
    some = [(), (1,), (3,), (2, 1), (2, 3), (1, 1, 3), (4, 2, 3)]
    for a, b in itertools.product(some, some):
        try:
            wanted = np.broadcast_shapes(a, b)
        except ValueError:
            with pytest.raises(ValueError, match=r"who: shapes .* and .* don't fit together"):
                shapes.broadcast(a, b, who="who")
        else:
            assert shapes.broadcast(a, b) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([(None, 3), (None, 3)], (None, 3)),
        ([(None, 3), (1, 3)], (None, 3)),
        ([(None, 3), (5, 3)], (5, 3)),  # it is 5 or 1, and the result 5
        ([(None,), (2, 1)], (2, None)),
        ([(None, 1), (1, None)], (None, None)),
        ([(3,), (None,), (1,)], (3,)),
    ],
)
def test_broadcast_with_unknown_sizes(given: Any, wanted: Any) -> None:
    assert shapes.broadcast(*given) == wanted


def test_reshape_is_numpys() -> None:
    targets = [(6,), (2, 3), (-1,), (3, -1), (-1, 6), (4, -1), (7,), (-1, 0), (1, 2, 3, 1)]
    for target in targets:
        try:
            wanted = np.empty((2, 3)).reshape(target).shape
        except ValueError:
            with pytest.raises(ValueError, match="can't be reshaped"):
                shapes.reshaped((2, 3), target, "reshape")
        else:
            assert shapes.reshaped((2, 3), target, "reshape") == wanted
    assert shapes.reshaped((None, 4), (-1, 2), "reshape") == (None, 2)
    assert shapes.reshaped((None, 4), (2, 2, -1), "reshape") == (2, 2, None)
    assert shapes.reshaped((2, 3), (None, 3), "reshape") == (None, 3)


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", ["valid", "same", "causal", "full", (1, 2)])
def test_sizes_of_convolutions(kernel: int, stride: int, padding: Any) -> None:
    """A window is counted where it stands, in the padded line."""
    for dilation, size in itertools.product((1, 2), range(1, 12)):
        if padding == "full" and stride > 1:
            continue
        reach = (kernel - 1) * dilation + 1
        if isinstance(padding, tuple):
            before, after = padding
        else:
            pair = shapes.explicit_padding(size, kernel, stride, padding, dilation)
            assert pair is not None
            before, after = pair
        starts = range(0, size + before + after - reach + 1, stride)
        assert shapes.conv_size(size, kernel, stride, padding, dilation) == len(starts)
    assert shapes.conv_size(None, kernel, stride, padding) is None


def test_same_padding_puts_the_odd_zero_at_the_end() -> None:
    assert shapes.explicit_padding(5, 2, 1, "same") == (0, 1)
    assert shapes.explicit_padding(5, 3, 2, "same") == (1, 1)
    assert shapes.explicit_padding(6, 3, 2, "same") == (0, 1)
    assert shapes.explicit_padding(None, 3, 2, "same") is None
    assert shapes.explicit_padding(None, 3, 1, "same") == (1, 1)


@pytest.mark.parametrize("padding", ["valid", "same", "full"])
def test_a_transposed_convolution_undoes_the_size(padding: str) -> None:
    for kernel, stride, size in itertools.product((1, 2, 3, 4), (1, 2, 3), range(2, 8)):
        if padding == "full" and stride > 1:
            continue
        long = shapes.transposed_size(size, kernel, stride, padding)
        assert shapes.conv_size(long, kernel, stride, padding) == size
        for extra in range(stride):
            chosen = shapes.transposed_size(size, kernel, stride, padding, extra)
            assert chosen is not None
            if chosen > 0 and padding != "same":
                assert shapes.conv_size(chosen, kernel, stride, padding) in (size, size + 1)


def test_axes() -> None:
    assert shapes.axes_of([-1, 0, 1], 2) == (0, 1)
    assert shapes.axes_of((), 2) == ()
    assert shapes.axes_of(np.arange(1, 4), 4) == shapes.axes_of(range(1, 4), 4) == (1, 2, 3)
    assert shapes.axes_of(np.int64(-1), 2) == shapes.axes_of(np.array(-1), 2) == (1,)
    assert shapes.axis_of(0, 0) == 0  # a scalar has the axis 0, as in numpy's reductions of old
    for axis in (2, -3):
        with pytest.raises(ValueError, match=f"sum: axis {axis} is out of range"):
            shapes.axis_of(axis, 2, "sum")
    assert shapes.without((2, 3, 4), (0, 2), False) == (3,)
    assert shapes.without((2, 3, 4), (0, 2), True) == (1, 3, 1)
    with pytest.raises(ValueError, match=r"pool needs an input with 4 dimensions, got"):
        shapes.check_rank((2,), 4, "pool")


# ---- dtypes


@pytest.mark.parametrize("name", [n for n in dtypes.ORDER if n != "bfloat16"])
def test_names_of_dtypes(name: str) -> None:
    dtype = np.dtype(name)
    for spelling in (name, dtype, dtype.type):
        assert dtypes.name_of(spelling) == name
    assert dtypes.dtype_of(np.zeros(2, dtype)) == name


def test_names_of_other_dtypes() -> None:
    assert dtypes.name_of(float) == "float32"
    assert dtypes.name_of("double") == "float64"
    assert dtypes.name_of("float32_ref") == "float32"  # as TensorFlow named a variable's
    assert dtypes.name_of("bool_") == "bool"  # numpy 1 calls its type so
    for wrong in ("float33", "", "datetime64[ns]"):
        with pytest.raises(ValueError, match="Unknown dtype"):
            dtypes.name_of(wrong)


def test_dtypes_of_torch() -> None:
    torch = pytest.importorskip("torch")
    assert dtypes.name_of(torch.bfloat16) == "bfloat16"
    assert dtypes.name_of(torch.bool) == "bool"
    assert dtypes.name_of(torch.long) == "int64"


def test_mixed_dtypes() -> None:
    """As numpy has it between tensors of one kind; floats win over integers as they are."""
    whole = ["bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32"]
    for a, b in itertools.product(whole, whole):
        wanted = np.promote_types(a, b).name
        assert K.dtype(K.placeholder((1,), dtype=a) + K.placeholder((1,), dtype=b)) == wanted
    half, single = K.placeholder((1,), dtype="float16"), K.placeholder((1,))
    assert K.dtype(half + K.placeholder((1,), dtype="int64")) == "float16"
    assert K.dtype(half + single) == "float32"
    assert K.dtype(half + K.placeholder((1,), dtype="bfloat16")) == "float32"


def test_numbers_adapt_to_tensors() -> None:
    for dtype, number, wanted in [
        ("float16", 2.5, "float16"),
        ("float64", 2, "float64"),
        ("int64", 2, "int64"),
        ("int32", 2.5, "float32"),
        ("bool", 2, "int32"),
        ("uint8", True, "uint8"),
    ]:
        assert K.dtype(K.placeholder((1,), dtype=dtype) * number) == wanted
