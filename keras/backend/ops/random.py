"""Random tensors. Each draws its seed from numpy's generator when it is described, so that
`numpy.random.seed` makes initial weights and dropout repeatable; each run then draws anew."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import config
from ..graph.dtypes import dtype_of, name_of
from ..graph.op import blocked, is_symbolic, make_node, op
from ..graph.shapes import shape_of
from ..graph.state import Variable
from ..graph.tensor import Spec, Tensor, Tensors
from .arrange import shape as shape_op, sizes_of
from .create import variable


def new_seed(seed: int | None) -> int:
    """The given seed, or one from numpy's generator."""
    return int(np.random.randint(10_000_000)) if seed is None else int(seed)


def _distribution(sizes: Tensors, shape, dtype, seed):
    return Spec(shape, dtype)


_uniform = op(_distribution, pure=False, host=True, name="random_uniform")
_normal = op(_distribution, pure=False, host=True, name="random_normal")
_truncated = op(_distribution, pure=False, host=True, name="truncated_normal")
_binomial = op(_distribution, pure=False, host=True, name="random_binomial")
blocked(_uniform, _normal, _truncated, _binomial)


def _drawn(declared: Any, shape: Any, dtype: Any, seed: int | None, **parameters: Any) -> Tensor:
    sizes, moving = sizes_of((shape,) if isinstance(shape, int) else shape)
    dtype = name_of(dtype or config.floatx())
    settled = {**parameters, "shape": sizes, "dtype": dtype, "seed": new_seed(seed)}
    spec = Spec(sizes, dtype)
    spec.attributes = settled
    made: Tensor = make_node(declared.op, moving, spec)
    return made


def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    """Numbers drawn evenly from [minval, maxval)."""
    return _drawn(_uniform, shape, dtype, seed, minval=minval, maxval=maxval)


def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    """Numbers drawn from a normal distribution."""
    return _drawn(_normal, shape, dtype, seed, mean=mean, stddev=stddev)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    """Numbers drawn from a normal distribution, none further than two deviations from its mean."""
    return _drawn(_truncated, shape, dtype, seed, mean=mean, stddev=stddev)


def random_binomial(
    shape: Any, p: float = 0.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    """Ones with probability `p`, else zeros."""
    return _drawn(_binomial, shape, dtype, seed, p=p)


def random_uniform_variable(
    shape: Any,
    low: float,
    high: float,
    dtype: Any = None,
    name: str | None = None,
    seed: int | None = None,
) -> Variable:
    """A variable that begins with numbers drawn evenly from [low, high)."""
    return variable(random_uniform(shape, low, high, dtype, seed), dtype, name)


def random_normal_variable(
    shape: Any,
    mean: float,
    scale: float,
    dtype: Any = None,
    name: str | None = None,
    seed: int | None = None,
) -> Variable:
    """A variable that begins with numbers drawn from a normal distribution."""
    return variable(random_normal(shape, mean, scale, dtype, seed), dtype, name)


@op(pure=False, host=True)
def dropout_mask(x: Tensor, sizes: Tensors, level, shape, seed):
    """0 with probability `level`, else 1 / (1 - level), in the shape of `x` (or of `shape`)."""
    own = shape_of(x) if shape is None else tuple(shape)
    return Spec(own, dtype_of(x), level=level, shape=shape, seed=seed)


blocked(dropout_mask)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Any:
    """`x` with a fraction `level` of its values set to 0 and the others scaled up to the same mean.

    Along axes where `noise_shape` is 1, all values share their fate.
    """
    if not 0.0 <= level < 1.0:
        raise ValueError(f"A dropout level lies in [0, 1), got {level}.")
    sizes, moving = (None, []) if noise_shape is None else sizes_of(_filled_noise(noise_shape, x))
    return x * dropout_mask(x, moving, float(level), sizes, new_seed(seed))


def _filled_noise(noise_shape: Any, x: Any) -> Any:
    """A noise shape in which `None` stands for the size that `x` has."""
    if is_symbolic(noise_shape):
        return noise_shape
    return tuple(
        shape_of(x)[i] or shape_op(x)[i] if s is None else s for i, s in enumerate(noise_shape)
    )
