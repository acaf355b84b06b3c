"""Names of dtypes, and which one a mixed expression has."""

from __future__ import annotations

from typing import Any

from .. import config

FLOATS = ("float16", "bfloat16", "float32", "float64")
INTEGERS = ("uint8", "int8", "uint16", "int16", "int32", "uint32", "int64", "uint64")
ORDER = {name: rank for rank, name in enumerate(("bool", *INTEGERS, *FLOATS))}
ALIASES = {
    "float": "float32",
    "int": "int32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "bool_": "bool",
}


def name_of(dtype: Any) -> str:
    """The name of a dtype given as a string, a numpy or engine dtype, or a Python type.

    >>> import numpy as np
    >>> name_of(np.float64), name_of(bool), name_of(np.dtype("int64")), name_of(int)
    ('float64', 'bool', 'int64', 'int32')
    """
    if isinstance(dtype, str):
        text = dtype
    elif dtype is float:
        text = config.floatx()
    elif dtype is bool or dtype is int:  # numpy's dtypes are equal to Python's types
        text = "bool" if dtype is bool else "int32"
    else:
        text = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or str(dtype)
    text = ALIASES.get(text, text).removeprefix("torch.").removesuffix("_ref")
    if text not in ORDER and text not in ("string", "object", "complex64", "complex128"):
        raise ValueError(f"Unknown dtype {dtype!r}; known are {', '.join(ORDER)}.")
    return text


def is_float(dtype: str) -> bool:
    return dtype in FLOATS


def is_differentiable(dtype: str) -> bool:
    """True for floats, and for the complex numbers that an engine's own functions may return."""
    return dtype in FLOATS or dtype.startswith("complex")


def dtype_of(value: Any) -> str:
    """The dtype of a tensor, an array, or a Python number (floats: the default float type)."""
    if type(value) is float:
        return config.floatx()
    if type(value) is int:
        return "int32"
    if type(value) is bool:
        return "bool"
    if value is None:
        raise no_tensor()
    dtype = value.dtype
    return dtype if type(dtype) is str else name_of(dtype)


def no_tensor() -> TypeError:
    """What is said of `None` in place of a tensor."""
    return TypeError(
        "Expected a tensor, got None. `K.gradients` gives None where the loss doesn't depend on a "
        "tensor by any path that has a gradient."
    )


def promoted(*values: Any) -> str:
    """The dtype of an expression of these operands; Python numbers adapt to the tensors beside
    them."""
    tensors = [v.dtype for v in values if type(v) not in (bool, int, float)]
    numbers = [v for v in values if type(v) in (bool, int, float)]
    if not tensors:
        return max((dtype_of(v) for v in numbers), key=ORDER.__getitem__)
    result: str = tensors[0]
    for dtype in tensors[1:]:
        result = _pair(result, dtype)
    for number in numbers:
        if type(number) is float and not is_float(result):
            result = config.floatx()
        elif type(number) is int and result == "bool":
            result = "int32"
    return result


def _pair(a: str, b: str) -> str:
    if a == b:
        return a
    if {a, b} == {"float16", "bfloat16"}:
        return "float32"
    if (a.startswith("uint") and b.startswith("int")) or (
        a.startswith("int") and b.startswith("uint")
    ):
        unsigned, signed = (a, b) if a.startswith("u") else (b, a)
        needed = int(unsigned[4:]) * 2
        return signed if int(signed[3:]) >= needed else f"int{min(needed, 64)}"
    return max(a, b, key=lambda name: ORDER.get(name, -1))
