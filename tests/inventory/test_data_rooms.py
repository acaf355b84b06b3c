"""Every function, class and argument of `keras.datasets`, `.preprocessing` and `.wrappers`."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from keras.legacy.methods import METHODS
from keras.saving.upgrade.verbs import Rename
from tests.inventory.inventory import Entry, arguments, inventory, offered, takes_anything

ROOMS = ("keras.datasets", "keras.preprocessing", "keras.wrappers")


def rows(version: str) -> Any:
    return [
        pytest.param(module, name, entry, id=f"{module.removeprefix('keras.')}.{name}")
        for module, names in inventory(version).items()
        if module.startswith(ROOMS)
        for name, entry in names.items()
    ]


def functions(module: str, name: str, entry: Entry) -> list[tuple[Any, str]]:
    """What a row lists: each function that is there, and the signature it should have."""
    thing = getattr(importlib.import_module(module), name)
    if isinstance(entry, str):
        return [(thing, entry)]
    assert isinstance(thing, type)
    methods = [(getattr(thing, method), signature) for method, signature in entry.items()]
    return [(method, signature) for method, signature in methods if signature != "property"]


@pytest.mark.parametrize(("module", "name", "entry"), rows("2.3.1"))
def test_of_keras_2(module: str, name: str, entry: Entry) -> None:
    """Names, order and defaults of arguments; more of them may follow."""
    for function, signature in functions(module, name, entry):
        wanted = arguments(signature)
        assert offered(function)[: len(wanted)] == wanted
        assert takes_anything(function) >= ("**" in signature)


@pytest.mark.parametrize(("module", "name", "entry"), rows("1.2.2"))
def test_of_keras_1(module: str, name: str, entry: Entry) -> None:
    """Names of arguments, as they were or as a spelling that is understood."""
    for function, signature in functions(module, name, entry):
        known = {n for n, _ in offered(function)} | spellings(function)
        wanted = {n for n, _ in arguments(signature)}
        assert wanted <= known or takes_anything(function)


def spellings(function: Any) -> set[str]:
    """Names of Keras 1 that the tables of `keras.legacy` have for a function."""
    verbs = METHODS.get(function.__qualname__, [])
    return {old for verb in verbs if isinstance(verb, Rename) for old in verb.names}
