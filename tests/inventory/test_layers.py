"""Every class, method and argument of `keras.layers` and its rooms."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest

from tests.inventory.inventory import Entry, arguments, inventory, offered, takes_anything

LAYERS = {m: names for m, names in inventory("2.3.1").items() if m.startswith("keras.layers")}
METHODS = LAYERS["keras.layers"]["Layer"]
OPTIONS = {
    "name",
    "trainable",
    "dtype",
    "input_dim",
    "input_shape",
    "batch_input_shape",
    "weights",
}
# Of Keras 1: arguments are known by name; `weights` and `input_dim` aren't taken by position.
OLD = {"ConvRecurrent2D", "Highway", "MaxoutDense", "Recurrent"}
# Arguments of `call` that the original's body never read.
UNREAD = {
    ("PReLU", "mask"),
    ("ThresholdedReLU", "mask"),
    ("DepthwiseConv2D", "training"),
}
ROWS = [
    pytest.param(module, name, entry, id=f"{module.removeprefix('keras.')}.{name}")
    for module, names in LAYERS.items()
    for name, entry in names.items()
]


def found(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize(("module", "name", "entry"), ROWS)
def test_is_there(module: str, name: str, entry: Entry) -> None:
    thing = found(module, name)
    if isinstance(entry, str):
        wanted = arguments(entry)
        assert offered(thing)[: len(wanted)] == wanted
        return
    assert isinstance(thing, type)
    wanted = arguments(entry.get("__init__", METHODS["__init__"]))
    if name in OLD:
        assert {n for n, _ in wanted} <= {n for n, _ in offered(thing)} | OPTIONS
        return
    assert offered(thing)[: len(wanted)] == wanted
    if "**kwargs" in entry.get("__init__", ""):
        known = set(inspect.signature(thing).parameters)
        assert takes_anything(thing) or known >= OPTIONS


@pytest.mark.parametrize(
    ("module", "name", "entry"), [row for row in ROWS if isinstance(row.values[2], dict)]
)
def test_methods(module: str, name: str, entry: Entry) -> None:
    cls = found(module, name)
    methods = {**METHODS, **entry} if "get_weights" in METHODS and hasattr(cls, "call") else entry
    for method, signature in methods.items():
        if method == "__init__":
            continue
        assert hasattr(cls, method) or method in inspect.signature(cls).parameters, method
        if signature == "property" or name in OLD:
            continue
        function = getattr(cls, method)
        missing = {n for n, _ in arguments(signature) if n not in ("cls",)}
        missing -= {n for n, _ in offered(function)}
        missing -= {argument for owner, argument in UNREAD if owner == name and method == "call"}
        assert not missing or takes_anything(function), f"{method} doesn't take {missing}"
        required = {n for n, default in arguments(signature) if default is not inspect._empty}
        optional = {n for n, default in offered(function) if default is not inspect._empty}
        assert takes_anything(function) or required & dict(offered(function)).keys() <= optional
