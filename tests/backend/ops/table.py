"""How the table of samples is written, and how a sample is run."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph.dtypes import is_float, name_of
from keras.backend.ops.elementwise import multiply


@dataclass(frozen=True)
class Call:
    """The arguments of one call: numpy arrays (or lists of them) become tensors, all else stays."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    wrt: tuple[int, ...] | None = None  # of the arrays, those to differentiate by: all floats
    tolerance: float = 1e-9  # of float64
    sized: bool = True  # the shape of what it returns follows from the shapes of its arguments
    at_once: bool = True  # it returns the same for arrays as for symbolic tensors
    # which sizes may be unknown: "all", "batch" (the first of each array), "first" (all of the
    # first array, whose others have a known size, such as kernels), "none"
    open: str = "all"

    def but(self, **changes: Any) -> Call:
        """The same call, checked otherwise."""
        return Call(**{**self.__dict__, **changes})


@dataclass(frozen=True)
class Sample:
    """A call of a function, and the function of numpy arrays that says what it should return."""

    name: str
    function: Callable[..., Any] = field(repr=False)
    reference: Callable[..., Any] = field(repr=False)
    call: Call = field(repr=False)

    def arrays(self) -> list[np.ndarray]:
        """The arrays among the arguments, in order."""
        found: list[np.ndarray] = []
        _replaced(self.call.args, lambda a: found.append(a))
        return found

    def with_arrays(self, function: Callable[..., Any], arrays: Sequence[Any]) -> list[Any]:
        """The results of a function with other values in the places of the arrays."""
        given = iter(arrays)
        made = function(*_replaced(self.call.args, lambda _: next(given)), **self.call.kwargs)
        return list(made) if isinstance(made, list | tuple) else [made]

    def expected(self, arrays: Sequence[Any] | None = None) -> list[np.ndarray]:
        """What numpy says."""
        made = self.with_arrays(self.reference, self.arrays() if arrays is None else arrays)
        return [np.asarray(m) for m in made]

    def wrt(self) -> list[int]:
        """The numbers of the arrays to differentiate by."""
        if self.call.wrt is not None:
            return list(self.call.wrt)
        return [i for i, a in enumerate(self.arrays()) if a.dtype.kind == "f"]

    def placeholders(self, unknown: str = "none") -> list[Any]:
        """A placeholder for each array, some of its sizes unknown."""
        made = []
        for i, a in enumerate(self.arrays()):
            shape: tuple[int | None, ...] = a.shape
            if i and self.call.open == "first":
                pass
            elif unknown == "all":
                shape = (None,) * a.ndim
            elif unknown == "batch":
                shape = (None, *a.shape[1:]) if a.ndim else ()
            made.append(K.placeholder(shape, dtype=name_of(a.dtype)))
        return made


def _replaced(value: Any, make: Callable[[np.ndarray], Any]) -> Any:
    if isinstance(value, np.ndarray):
        return make(value)
    if isinstance(value, list | tuple):
        return type(value)(_replaced(v, make) for v in value)
    return value


def rows(
    function: Callable[..., Any], reference: Callable[..., Any], *calls: Call, name: str = ""
) -> list[Sample]:
    """Samples of one function."""
    name = name or function.__name__
    return [Sample(name, function, reference, call) for call in calls]


def call(*args: Any, **kwargs: Any) -> Call:
    """A call to be checked in every way."""
    return Call(args, kwargs)


def blind(*args: Any, **kwargs: Any) -> Call:
    """A call through which no gradient flows."""
    return Call(args, kwargs, wrt=())


def every(samples: Sequence[Sample]) -> Any:
    """The decorator that runs a test on samples; a test's name tells function and number."""
    counts: dict[str, int] = {}
    made = []
    for sample in samples:
        number = counts[sample.name] = counts.get(sample.name, -1) + 1
        made.append(pytest.param(sample, id=f"{sample.name}-{number}"))
    return pytest.mark.parametrize("sample", made)


# ---- numbers to compute with


def real(*shape: int, low: float = -2.0, high: float = 2.0) -> np.ndarray:
    """Numbers of which no two are equal and none is 0, 1 or -1: away from every kink."""
    count = int(np.prod(shape, dtype=int))
    grid = low + (high - low) * (np.arange(count) + 0.37) / max(count, 1)
    order = np.random.RandomState(zlib.crc32(repr((shape, low, high)).encode())).permutation(count)
    return grid[order].reshape(shape)


def positive(*shape: int) -> np.ndarray:
    """Numbers between 0.2 and 2."""
    return real(*shape, low=0.2, high=2.0)


def chances(*shape: int) -> np.ndarray:
    """Rows of positive numbers of sum 1."""
    made = positive(*shape)
    return made / made.sum(-1, keepdims=True)


def whole(*shape: int, high: int = 5, dtype: str = "int32") -> np.ndarray:
    """Integers from 0 up to `high`, exclusive."""
    seed = zlib.crc32(repr((shape, high)).encode())
    return np.random.RandomState(seed).randint(0, high, shape).astype(dtype)


def truth(*shape: int) -> np.ndarray:
    """Some true, some false."""
    return whole(*shape, high=2).astype(bool)


# ---- checks


def compare(got: Any, expected: np.ndarray, tolerance: float) -> None:
    """Shape, kind and values; floats up to a tolerance that is relative where they are large."""
    got = np.asarray(got)
    assert got.shape == expected.shape, f"shape {got.shape}, expected {expected.shape}"
    assert got.dtype.kind == expected.dtype.kind, f"dtype {got.dtype}, expected {expected.dtype}"
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)


def weights(expected: Sequence[np.ndarray]) -> list[np.ndarray | None]:
    """For each result that is a float, numbers to sum it with, so that a loss sees every one."""
    draw = np.random.RandomState(7).uniform
    return [draw(-1.0, 1.0, e.shape) if e.dtype.kind == "f" else None for e in expected]


def loss(results: Sequence[Any], shares: Sequence[Any]) -> Any:
    """The sum of the results, weighted."""
    pairs = zip(results, shares, strict=True)
    return sum(K.sum(multiply(r, s)) for r, s in pairs if s is not None)


def slopes(function: Callable[[list[np.ndarray]], float], arrays: list[np.ndarray]) -> list[Any]:
    """The gradient of a function of arrays by central differences."""
    step = 1e-6
    made = []
    for a in arrays:
        found = np.zeros_like(a)
        for place in np.ndindex(a.shape):
            kept = a[place]
            a[place] = kept + step
            above = function(arrays)
            a[place] = kept - step
            found[place] = (above - function(arrays)) / (2 * step)
            a[place] = kept
        made.append(found)
    return made


def differentiable(sample: Sample) -> bool:
    """True if there is a float to differentiate, and by."""
    return bool(sample.wrt()) and any(is_float(name_of(e.dtype)) for e in sample.expected())
