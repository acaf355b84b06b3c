"""How the recorded calls of functions are repeated."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras import backend as K
from tests.golden.loader import Case, resolve


def results(case: Case) -> dict[str, Any]:
    """`out0..` of a function on tensors, nested ones flattened, and their `int_shape`s; `grad_x` of
    sum(out_i * R_i) for `x` in `grad`."""
    name = case["fn"]
    function = resolve(name) if isinstance(name, str) else case.decode(name)
    args, kwargs = case.decode(case.get("args", [])), case.decode(case.get("kwargs", {}))
    made = function(*args, **kwargs)
    outputs = flat(made)
    got: dict[str, Any] = {f"out{i}": value(case, output) for i, output in enumerate(outputs)}
    if case.get("int_shape"):
        got["int_shape"] = [list(K.int_shape(output)) for output in outputs]
    if case.get("grad"):
        parts = [
            K.sum(o * K.variable(case.array(r)))
            for o, r in zip(outputs, case["R"], strict=True)
            if r
        ]
        slopes = K.gradients(parts, [case.tensors[x] for x in case["grad"]])
        for x, slope in zip(case["grad"], slopes, strict=True):
            if slope is not None:
                got[f"grad_{x}"] = value(case, slope)
    return got


def flat(value: Any) -> list[Any]:
    """The parts of nested lists and tuples, one after the other."""
    if isinstance(value, list | tuple):
        return [part for each in value for part in flat(each)]
    return [value]


def value(case: Case, tensor: Any) -> Any:
    """The value of a tensor (or of what is none), its placeholders fed."""
    if not K.is_tensor(tensor):
        return tensor
    if not case.feeds:
        return np.asarray(K.eval(tensor))
    placeholders, arrays = zip(*case.feeds, strict=True)
    return K.function(list(placeholders), [tensor])(list(arrays))[0]
