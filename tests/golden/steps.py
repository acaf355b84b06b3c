"""How recorded calls of helpers, and of the methods of one object after the other, are repeated."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from tests.golden.loader import Case, resolve


def results(case: Case) -> dict[str, Any]:
    """`out` of a function, or `s0`, `s1` ... of what an object's methods returned."""
    if case.get("seed") is not None:
        _seed(case["seed"])
    if case.get("fn"):
        function = resolve(case["fn"])
        value = function(*case.decode(case.get("args", [])), **case.decode(case.get("kwargs", {})))
        return _named("out", np.asarray(value) if case.get("post") == "array" else value)
    target, got = case.decode(case["obj"]), {}
    for i, step in enumerate(case["steps"]):
        value = _do(case, target, step)
        if value is not None and not step.get("ignore"):
            got.update(_named(f"s{i}", value))
    return got


def _seed(seed: int) -> None:
    np.random.seed(seed)
    random.seed(seed)


def _do(case: Case, target: Any, step: dict[str, Any]) -> Any:
    args, kwargs = case.decode(step.get("args", [])), case.decode(step.get("kwargs", {}))
    match step["do"]:
        case "seed":
            return _seed(args[0])
        case "get":
            return getattr(target, args[0])
        case "getitem":
            return target[args[0]]
        case "len":
            return len(target)
        case "flow":
            return next(target.flow(*args, **kwargs))
        case name:
            return getattr(target, name)(*args, **kwargs)


def _named(key: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list | tuple) and any(isinstance(each, np.ndarray) for each in value):
        return {f"{key}.{j}": np.asarray(each) for j, each in enumerate(value)}
    return {key: value}


def in_any_order(value: Any) -> Any:
    """With JSON texts read, at every level: their keys have no order."""
    if isinstance(value, str) and value.startswith("{"):
        return in_any_order(json.loads(value))
    if isinstance(value, dict):
        return {key: in_any_order(each) for key, each in value.items()}
    return value
