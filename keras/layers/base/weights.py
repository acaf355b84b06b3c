"""How layers make their weights and exchange their values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import backend as K, constraints, initializers, regularizers


def make_weight(
    layer: Any,
    name: str | None,
    shape: Sequence[int],
    dtype: str | None,
    initializer: Any,
    regularizer: Any,
    trainable: bool,
    constraint: Any,
) -> K.Variable:
    """A variable of a layer, filled by its initializer when it is first read.

    What isn't given is looked for among the layer's own arguments: `kernel` finds
    `kernel_initializer`, `kernel_regularizer` and `kernel_constraint`.
    """
    own: Callable[[str], Any] = lambda what: getattr(layer, f"{name}_{what}", None)  # noqa: E731
    initializer = initializer if initializer is not None else own("initializer")
    regularizer = regularizer if regularizer is not None else own("regularizer")
    constraint = constraint if constraint is not None else own("constraint")
    dtype = dtype or layer.dtype or K.floatx()
    if any(size is None for size in shape):
        raise ValueError(
            f"{type(layer).__name__} `{layer.name}`: the weight `{name}` would have shape "
            f"{tuple(shape)}; the sizes its input needs must be known. Give `input_shape`."
        )
    shape = tuple(int(size) for size in shape)
    fill = initializers.get(initializer if initializer is not None else "glorot_uniform")
    made = fill(shape, dtype=dtype) if _takes_dtype(fill) else fill(shape)
    if not K.is_tensor(made) and np.shape(made) != shape:
        made = np.broadcast_to(np.asarray(made), shape)
    variable = K.variable(made, dtype=dtype, name=name, constraint=constraints.get(constraint))
    if regularizer is not None:
        with K.name_scope("weight_regularizer"):
            layer.add_loss(regularizers.get(regularizer)(variable))
    kept = layer._trainable_weights if trainable else layer._non_trainable_weights
    kept.append(variable)
    return variable


def _takes_dtype(fill: Any) -> bool:
    code = getattr(fill, "__code__", None) or getattr(type(fill).__call__, "__code__", None)
    return (
        code is None or "dtype" in code.co_varnames[: code.co_argcount] or bool(code.co_flags & 8)
    )


def set_values(owner: Any, variables: Sequence[Any], values: Sequence[Any]) -> None:
    """Give variables their values, all or none: every shape is checked first."""
    who = f"{type(owner).__name__} `{owner.name}`"
    if len(variables) != len(values):
        expected = ", ".join(f"{v.name} {tuple(v.shape)}" for v in variables) or "none"
        raise ValueError(
            f"{who} has {len(variables)} weight(s) ({expected}), got {len(values)} array(s) of "
            f"shapes {[np.shape(v) for v in values]}."
        )
    for variable, value in zip(variables, values, strict=True):
        if tuple(variable.shape) != np.shape(value):
            raise ValueError(
                f"{who}: the weight `{variable.name}` has shape {tuple(variable.shape)}, got an "
                f"array of shape {np.shape(value)}."
            )
    K.batch_set_value(list(zip(variables, values, strict=True)))


def unique(items: Sequence[Any]) -> list[Any]:
    """Without repeats, in order."""
    seen: set[int] = set()
    return [x for x in items if not (id(x) in seen or seen.add(id(x)))]  # type: ignore[func-returns-value]  # a set answers None
