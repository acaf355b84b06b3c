"""Reading the inventories, and comparing signatures with them."""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NOTHING = inspect.Parameter.empty
Entry = Any  # a signature, or a class as {method: signature}


def inventory(version: str) -> dict[str, dict[str, Entry]]:
    """By module: name -> entry."""
    read: dict[str, dict[str, Entry]] = json.loads(
        (HERE / f"keras-{version}.json").read_text(encoding="utf-8")
    )
    return {
        module: {name: _entry(read, name, entry) for name, entry in names.items()}
        for module, names in read.items()
    }


def _entry(read: dict[str, dict[str, Entry]], name: str, entry: Entry) -> Entry:
    listed = isinstance(entry, str) and entry.startswith("as ")
    return read[entry.removeprefix("as ")][name] if listed else entry


def arguments(signature: str) -> list[tuple[str, Any]]:
    """Names and defaults (`NOTHING` where there is none), without `self` and `**kwargs`.

    >>> arguments("self, x, axis=-1, **kwargs")
    [('x', <class 'inspect._empty'>), ('axis', -1)]
    """
    parsed = ast.parse(f"def f({signature}): pass").body[0]
    assert isinstance(parsed, ast.FunctionDef)
    names = [a.arg for a in parsed.args.args]
    defaults = [ast.literal_eval(value) for value in parsed.args.defaults]
    found = zip(names, [NOTHING] * (len(names) - len(defaults)) + defaults, strict=True)
    return [(name, default) for name, default in found if name != "self"]


def offered(function: Any) -> list[tuple[str, Any]]:
    """Names and defaults of what a function takes by position, `self` left out."""
    parameters = inspect.signature(function).parameters.values()
    return [
        (p.name, p.default)
        for p in parameters
        if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"
    ]


def takes_anything(function: Any) -> bool:
    """Whether it takes any keyword."""
    parameters = inspect.signature(function).parameters.values()
    return any(p.kind is p.VAR_KEYWORD for p in parameters)
