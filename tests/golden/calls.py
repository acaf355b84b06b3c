"""How the recorded calls of functions are repeated."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras import backend as K
from tests.golden.loader import Case, resolve


def results(case: Case) -> dict[str, Any]:
    """`out0..` of a function on tensors, and `grad_x` of sum(out_i * R_i) for `x` in `grad`."""
    name = case["fn"]
    function = resolve(name) if isinstance(name, str) else case.decode(name)
    args, kwargs = case.decode(case.get("args", [])), case.decode(case.get("kwargs", {}))
    made = function(*args, **kwargs)
    outputs = list(made) if isinstance(made, list | tuple) else [made]
    got = {f"out{i}": value(case, output) for i, output in enumerate(outputs)}
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


def value(case: Case, tensor: Any) -> Any:
    """The value of a tensor, its placeholders fed."""
    if not case.feeds:
        return np.asarray(K.eval(tensor))
    placeholders, arrays = zip(*case.feeds, strict=True)
    return K.function(list(placeholders), [tensor])(list(arrays))[0]
