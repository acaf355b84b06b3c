"""Every function and argument of `keras.backend`, of both generations."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from keras import backend as K
from tests.inventory.inventory import Entry, arguments, inventory, offered


def rows(version: str) -> Any:
    return [
        pytest.param(module, name, entry, id=f"{module.removeprefix('keras.')}.{name}")
        for module, names in inventory(version).items()
        if module.startswith("keras.backend")
        for name, entry in names.items()
    ]


@pytest.mark.parametrize(("module", "name", "entry"), rows("2.3.1"))
def test_of_keras_2(module: str, name: str, entry: Entry) -> None:
    """Names, order and defaults of arguments; more of them may follow."""
    thing = getattr(importlib.import_module(module), name)
    if isinstance(entry, dict):
        assert isinstance(thing, type)
    elif callable(thing):
        wanted = arguments(entry)
        assert offered(thing)[: len(wanted)] == wanted


@pytest.mark.parametrize(("module", "name", "entry"), rows("1.2.2"))
def test_of_keras_1(module: str, name: str, entry: Entry) -> None:
    """Names of arguments, as they were or as a spelling that is understood."""
    thing = getattr(importlib.import_module(module), name)
    if isinstance(entry, dict) or not callable(thing):
        return
    known = {n for n, _ in offered(thing)} | set(getattr(thing, "spellings", ()))
    assert {n for n, _ in arguments(entry)} <= known


def test_names_that_documents_write() -> None:
    """They stand in documents, and in neither inventory."""
    assert K.image_ordering() == K.image_dim_ordering()
    assert K.manual_variable_initialization(False) is None
