"""Lambdas whose code a file holds as bytes: refused, unless the caller says that they are safe.

Such code runs with all rights of the program, and fits one version of Python. Files of ours say
which one, beside the code; other versions of Keras didn't, so their lambdas have to be given anew.
"""

from __future__ import annotations

import base64
import marshal
import platform
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .. import backend as K
from ..registry import get_custom_objects
from .safety import FileError

Entry = dict[str, Any]

PYTHON = f"{platform.python_implementation()} {platform.python_version().rpartition('.')[0]}"
"""Whose bytecode this process runs, `CPython 3.11`."""

PARTS = {
    "Lambda": ("function", "output_shape", "mask"),
    "Merge": ("mode", "output_shape", "output_mask"),
}
"""Where the configs of these layers may hold code."""


def lambdas_in(value: Any) -> Iterator[tuple[Entry, str]]:
    """Configs of layers and which of their parts hold code as bytes, however deep."""
    level = [value]
    while level:
        each = level.pop()
        if isinstance(each, (list, tuple)):
            level += each
        if not isinstance(each, dict):
            continue
        level += each.values()
        kind, config = each.get("class_name"), each.get("config")
        if isinstance(kind, str) and isinstance(config, dict):
            for part in PARTS.get(kind, ()):
                if config.get(f"{part}_type") == "lambda":
                    yield config, part


def take_lambdas(entry: Entry, written_by: str, custom_objects: Mapping[str, Any] | None) -> None:
    """Put functions in the place of code, for a caller who trusts the file."""
    for config, part in list(lambdas_in(entry)):
        name = str(config.get("name"))
        who, key = f"Lambda `{name}`", name if part == "function" else f"{name}.{part}"
        if written_by != PYTHON:
            raise FileError(
                f"{who}: its {part} is code for {written_by or 'an unknown version of Python'}; "
                f"this is {PYTHON}. Give the function yourself: "
                f"`custom_objects={{{key!r}: lambda x: ...}}`."
            )
        config[part] = _function(
            config[part], who, {**get_custom_objects(), **(custom_objects or {})}
        )


def _function(said: Any, who: str, own: Mapping[str, Any]) -> Any:
    code, defaults, enclosed = said if isinstance(said, (list, tuple)) else (said, None, None)
    try:
        made = marshal.loads(base64.b64decode(code))
    except (ValueError, EOFError, TypeError) as error:
        raise FileError(f"{who}: its code can't be read ({error}).") from error
    if not isinstance(made, types.CodeType):
        raise FileError(f"{who} holds something other than code.")
    known = {"K": K, "np": np, "numpy": np, **own}
    cells = None if enclosed is None else tuple(types.CellType(value) for value in enclosed)
    given = None if defaults is None else tuple(defaults)
    return types.FunctionType(made, known, "<lambda>", given, cells)
