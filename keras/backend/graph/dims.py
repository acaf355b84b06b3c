"""Which unknown dimensions are surely equal.

A static shape says `None` for a size that isn't known yet. `Tensor.dims` says a negative number
there, and two tensors that have the same one have the same size, whatever it will be. Gradients use
it to know that an operand wasn't stretched, so that nothing has to be summed back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .tensor import Tensor, fresh_dim

Dims = tuple[int, ...]
Rule = Callable[[Sequence[Any], dict[str, Any], Sequence[Any]], Dims]


def broadcast_dims(inputs: Sequence[Any]) -> Dims:
    """The dimensions of operands stretched to each other; a new one where several unknowns meet."""
    given = [x.dims for x in inputs if isinstance(x, Tensor)]
    rank = max(map(len, given))
    made = []
    for axis in range(-rank, 0):
        sizes = {d[axis] for d in given if -axis <= len(d)} - {1}
        known = [s for s in sizes if s >= 0]
        if known:
            made.append(known[0])
        else:
            made.append(sizes.pop() if len(sizes) == 1 else fresh_dim() if sizes else 1)
    return tuple(made)


def _same(number: int) -> Rule:
    return lambda inputs, settled, shape: inputs[number].dims


def _stretched(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    return broadcast_dims(inputs)


def _reduced(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    axes = settled["axis"]
    axes = axes if isinstance(axes, tuple) else (axes,)
    dims = inputs[0].dims
    if settled.get("keepdims"):
        return tuple(1 if i in axes else d for i, d in enumerate(dims))
    return tuple(d for i, d in enumerate(dims) if i not in axes)


def _expanded(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    dims = list(inputs[0].dims)
    dims.insert(settled["axis"], 1)
    return tuple(dims)


def _transposed(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    return tuple(inputs[0].dims[i] for i in settled["pattern"])


def _product(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    x, y = inputs[0].dims, inputs[1].dims
    rows = x[-1] if settled["transpose_x"] else x[-2]
    columns = y[-2] if settled["transpose_y"] else y[-1]
    if len(x) == len(y) == 2:
        return rows, columns
    return (*(s if s is not None else fresh_dim() for s in shape[:-2]), rows, columns)


def _reshaped(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    """The one unknown size before is the one after, if all other sizes make up the same."""
    before = inputs[0].dims
    unknown = [d for d in before if d < 0]
    others = _volume(before) == _volume([-1 if s is None else s for s in shape])
    if len(unknown) == 1 and list(shape).count(None) == 1 and others:
        return tuple(unknown[0] if s is None else s for s in shape)
    return tuple(fresh_dim() if s is None else s for s in shape)


def _volume(sizes: Sequence[int]) -> int:
    total = 1
    for size in sizes:
        total *= size if size >= 0 else 1
    return total


def _batch(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    return (inputs[0].dims[0], *(fresh_dim() if s is None else s for s in shape[1:]))


def _taken(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    axis, dims = settled["axis"], inputs[0].dims
    return (*dims[:axis], *inputs[1].dims, *dims[axis + 1 :])


def _either(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    """What two tensors have in common, of which one is taken."""
    given = [x.dims for x in inputs if isinstance(x, Tensor)]
    if len(given) < 2 or len(given[0]) != len(given[1]):
        return tuple(fresh_dim() if s is None else s for s in shape)
    return tuple(a if a == b else fresh_dim() for a, b in zip(*given, strict=True))


def _masked(inputs: Sequence[Any], settled: dict[str, Any], shape: Sequence[Any]) -> Dims:
    if settled["shape"] is None:
        return tuple(inputs[0].dims)
    return tuple(fresh_dim() if s is None else s for s in shape)


RULES: dict[str, Rule] = {
    **dict.fromkeys(
        [
            "negative",
            "abs",
            "exp",
            "expm1",
            "log",
            "log1p",
            "sqrt",
            "square",
            "rsqrt",
            "sin",
            "cos",
            "tan",
            "tanh",
            "sigmoid",
            "softplus",
            "erf",
            "rectify",
            "sign",
            "round",
            "floor",
            "ceil",
            "isnan",
            "isfinite",
            "logical_not",
            "clip",
            "cast",
            "identity",
            "stop_gradient",
            "softmax",
            "log_softmax",
            "full_like",
            "cumsum",
            "cumprod",
            "reverse",
        ],
        _same(0),
    ),
    **dict.fromkeys(
        [
            "add",
            "subtract",
            "multiply",
            "divide",
            "floor_divide",
            "mod",
            "power",
            "maximum",
            "minimum",
            "arctan2",
            "where",
            "equal",
            "not_equal",
            "greater",
            "greater_equal",
            "less",
            "less_equal",
            "logical_and",
            "logical_or",
            "tanh_gradient",
            "sigmoid_gradient",
            "rectify_gradient",
        ],
        _stretched,
    ),
    **dict.fromkeys(
        ["softmax_gradient", "spread", "stretch_to", "reshape_as", "sum_to_shape", "put_slice"],
        _same(1),
    ),
    **dict.fromkeys(
        ["sum", "mean", "max", "min", "prod", "any", "all", "argmax", "argmin", "logsumexp"],
        _reduced,
    ),
    "put_rows": _same(2),
    "expand_dims": _expanded,
    "squeeze": _reduced,
    "transpose": _transposed,
    "matmul": _product,
    "reshape": _reshaped,
    "convolution": _batch,
    "convolution_transpose": _batch,
    "pool": _batch,
    "take": _taken,
    "dropout_mask": _masked,
    "in_train_phase": _either,
}


def settle_dims(name: str, inputs: Sequence[Any], settled: dict[str, Any], output: Tensor) -> None:
    """Note which of a new tensor's unknown dimensions are known to be another's."""
    rule = RULES.get(name)
    if rule is not None and None in output.shape:
        made = rule(inputs, settled, output.shape)
        # What the op's own rule knows of a size is at least as good.
        output.dims = tuple(d if s is None else s for d, s in zip(made, output.shape, strict=True))
