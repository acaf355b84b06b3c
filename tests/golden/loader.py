"""Numbers recorded from the original Keras, as `README.md` beside this file describes them.

@pytest.mark.parametrize("case", cases("losses_metrics2", kind="call"))
def test_call(case):
    check(case, {"out0": K.eval(function(*case.decode(case["args"])))})
"""

from __future__ import annotations

import functools
import importlib
import itertools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

HERE = Path(__file__).parent
TOLERANCE = {"default": (1e-4, 1e-5), "grad": (1e-3, 1e-4)}  # relative, absolute


class Case:
    """One recorded case: its JSON, its arrays, the tensors made for it."""

    def __init__(
        self, spec: dict[str, Any], arrays: Mapping[str, Any], tolerances: dict[str, Any]
    ) -> None:
        self.spec = spec
        self.arrays = arrays
        self.tolerances = {**TOLERANCE, **tolerances, **spec.get("tol", {})}
        self.tensors: dict[str, Any] = {}
        self.feeds: list[tuple[Any, Any]] = []

    def __getitem__(self, key: str) -> Any:
        return self.spec[key]

    def get(self, key: str, default: Any = None) -> Any:
        """An entry that not every case has."""
        return self.spec.get(key, default)

    def array(self, name: str) -> Any:
        """A recorded array."""
        return self.arrays[f"{self.spec['id']}/{name}"]

    def expected(self) -> dict[str, Any]:
        """The recorded results."""
        return {
            name: self.array(value["$a"]) if isinstance(value, dict) and "$a" in value else value
            for name, value in self.spec["expect"].items()
        }

    def decode(self, value: Any) -> Any:
        """Tagged JSON as Python values; placeholders go to `feeds`, tensors to `tensors`."""
        if isinstance(value, list):
            return [self.decode(each) for each in value]
        if not isinstance(value, dict):
            return value
        tag = next((key for key in value if key.startswith("$")), None)
        if tag is None:
            return {key: self.decode(each) for key, each in value.items()}
        return getattr(self, f"_{tag[1:]}")(value)

    def _a(self, value: dict[str, Any]) -> Any:
        return self.array(value["$a"])

    def _t(self, value: dict[str, Any]) -> Any:
        from keras import backend as K

        name = value["$t"]
        if name not in self.tensors:
            array = self.array(name)
            make = K.constant if array.dtype == bool else K.variable
            self.tensors[name] = make(array, dtype=str(array.dtype))
        return self.tensors[name]

    def _ph(self, value: dict[str, Any]) -> Any:
        from keras import backend as K

        made = K.placeholder(tuple(value["shape"]), dtype=value.get("dtype", "float32"))
        self.tensors[value["$ph"]] = made
        self.feeds.append((made, self.array(value["$ph"])))
        return made

    def _tuple(self, value: dict[str, Any]) -> Any:
        return tuple(self.decode(value["$tuple"]))

    def _intkeys(self, value: dict[str, Any]) -> Any:
        return {int(key): self.decode(each) for key, each in value["$intkeys"].items()}

    def _fn(self, value: dict[str, Any]) -> Any:
        from tests.golden import functions

        return getattr(functions, value["$fn"])

    def _obj(self, value: dict[str, Any]) -> Any:
        return resolve(value["$obj"])(**self.decode(value.get("kwargs", {})))

    def _layer(self, value: dict[str, Any]) -> Any:
        spec = value["$layer"]
        return resolve(f"layers.{spec['class']}")(**self.decode(spec.get("kwargs", {})))

    def _gen(self, value: dict[str, Any]) -> Any:
        return itertools.cycle([tuple(batch) for batch in self.decode(value["$gen"])])

    def _seq(self, value: dict[str, Any]) -> Any:
        from tests.golden.models import Listed

        return Listed([tuple(batch) for batch in self.decode(value["$seq"])])


def resolve(path: str) -> Any:
    """`losses.mse` is `keras.losses.mse`."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"keras.{module}"), name)


@functools.cache
def load(group: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A group's index and its arrays."""
    index = json.loads((HERE / group / "index.json").read_text(encoding="utf-8"))
    with np.load(HERE / group / "arrays.npz") as stored:
        return index, dict(stored)


def cases(group: str, kind: str | None = None, ids: str = "") -> list[Any]:
    """The cases of a group as pytest parameters: of one kind, with ids that match a pattern."""
    index, arrays = load(group)
    found = [
        pytest.param(Case(spec, arrays, index.get("tol", {})), id=spec["id"])
        for spec in index["cases"]
        if (kind is None or spec["kind"] == kind) and re.search(ids, spec["id"])
    ]
    assert found, f"no case of {group} is of kind {kind} and matches {ids!r}"
    return found


def check(case: Case, got: Mapping[str, Any], skip: str = "$^") -> None:
    """All recorded results are among those got, and agree; `skip`: names left out on purpose."""
    for name, expected in case.expected().items():
        if re.search(skip, name):
            continue
        assert name in got, f"{name} was not produced"
        if isinstance(expected, np.ndarray):
            _check_array(name, expected, np.asarray(got[name]), tolerance(case, name))
        else:
            _check_json(name, expected, jsonable(got[name]), tolerance(case, name)[0])


def tolerance(case: Case, name: str) -> Any:
    """The relative and absolute tolerance for a result."""
    kind = "grad" if name.startswith(("grad_", "gin", "gw")) else "default"
    return case.tolerances.get(name) or case.tolerances[kind]


def _check_array(name: str, expected: Any, got: Any, allowed: Any) -> None:
    assert got.shape == expected.shape, f"{name}: shape {got.shape}, expected {expected.shape}"
    if expected.dtype.kind != "f" and got.dtype.kind != "f":
        np.testing.assert_array_equal(got, expected, err_msg=name)
        return
    finite = np.abs(expected[np.isfinite(expected)])
    scale = max(1.0, float(finite.max())) if finite.size else 1.0
    relative, absolute = allowed
    np.testing.assert_allclose(got, expected, rtol=relative, atol=absolute * scale, err_msg=name)


def _check_json(path: str, expected: Any, got: Any, relative: float) -> None:
    if isinstance(expected, dict) and isinstance(got, dict):
        assert set(got) == set(expected), path
        for key in expected:
            _check_json(f"{path}.{key}", expected[key], got[key], relative)
    elif isinstance(expected, list) and isinstance(got, list):
        assert len(got) == len(expected), path
        for i, (a, b) in enumerate(zip(expected, got, strict=True)):
            _check_json(f"{path}[{i}]", a, b, relative)
    elif isinstance(expected, float) or isinstance(got, float):
        assert got == pytest.approx(expected, rel=relative, nan_ok=True), path
    else:
        assert (type(got), got) == (type(expected), expected), path


def jsonable(value: Any) -> Any:
    """As JSON would give it back."""
    if isinstance(value, np.ndarray | np.generic):
        return jsonable(value.tolist())
    if isinstance(value, dict):
        return {str(key): jsonable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(each) for each in value]
    return value
