"""Rooms import one way: from what is built on, never from what is built on top."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The floors of the house from the ground up. A room imports from its own floor and those below.
FLOORS = (
    ("caller", "configured", "registry", "whole_files"),
    ("backend",),
    (
        "activations",
        "initializers",
        "regularizers",
        "constraints",
        "losses",
        "metrics",
        "optimizers",
    ),
    ("layers",),
    ("training", "callbacks"),
    ("models",),
    ("saving",),
    (
        "datasets",
        "applications",
        "wrappers",
        "preprocessing",
        "utils",
        "legacy",
        "demo",
        "__main__",
    ),
)
FLOOR = {room: number for number, floor in enumerate(FLOORS) for room in floor}

# Imports inside a function that reach up, with the reason: (file, what it imports) -> why.
# An import on top of a file never reaches up. The list may only shrink.
REACHES_UP: dict[tuple[str, str], str] = {
    ("keras/models/files.py", "keras.saving"): "model.save() and its like are where users look",
}

ENGINES = {"torch", "jax", "tensorflow", "pytensor"}


@dataclass(frozen=True)
class Import:
    """One import: where it stands, the module it names, and whether it waits inside a function."""

    file: str
    line: int
    module: str
    inside: bool

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module}"


def room_of(module: str) -> str:
    """`keras.layers.core` -> `layers`; the package itself is ``."""
    return [*module.split("."), ""][1]


def module_of(file: str) -> str:
    """`keras/layers/__init__.py` -> `keras.layers`."""
    return ".".join(Path(file).with_suffix("").parts).removesuffix(".__init__")


def modules_named(node: ast.AST, package: str) -> Iterator[str]:
    """Modules that one statement or call imports, in full; `package` is what a dot stands for."""
    match node:
        case ast.Import():
            yield from (alias.name for alias in node.names)
        case ast.ImportFrom(level=0):
            # `from keras import losses` names a room in its second half.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        case ast.ImportFrom():
            start = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            yield name


def imports_of(file: str, source: str) -> Iterator[Import]:
    """Every import of a file. `if TYPE_CHECKING:` counts as inside a function: it doesn't run."""
    module = module_of(file)
    package = module if file.endswith("__init__.py") else module.rpartition(".")[0]

    def walk(node: ast.AST, inside: bool) -> Iterator[Import]:
        for name in modules_named(node, package):
            yield Import(file, getattr(node, "lineno", 0), name, inside)
        waits = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        waits = waits or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside or waits)

    yield from walk(ast.parse(source), False)


def reaches_up(found: Import) -> bool:
    """Whether an import goes to a higher floor. The package's own __init__ stands above all."""
    here, there = room_of(module_of(found.file)), room_of(found.module)
    if found.module.split(".")[0] != "keras" or here == "":
        return False
    # `from keras import __version__`, or a room that isn't there: the first is no room.
    return there in FLOOR and FLOOR[there] > FLOOR[here]


def names_engine_from_outside(found: Import) -> bool:
    """Whether an engine is imported anywhere but in its own folder behind K."""
    engine = found.module.split(".")[0]
    folder = {"pytensor": "theano"}.get(engine, engine)
    return engine in ENGINES and not found.file.startswith(f"keras/backend/engines/{folder}")


def all_imports() -> list[Import]:
    files = sorted((ROOT / "keras").rglob("*.py"))
    assert files
    return [
        found
        for path in files
        for found in imports_of(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
    ]


def test_every_room_has_a_floor() -> None:
    rooms = {p.stem for p in (ROOT / "keras").iterdir() if p.is_dir() or p.suffix == ".py"}
    assert rooms - {"__init__", "__pycache__"} <= FLOOR.keys(), "give the new room a floor above"


def test_imports_on_top_of_a_file_go_down() -> None:
    assert [str(found) for found in all_imports() if reaches_up(found) and not found.inside] == []


def test_imports_inside_functions_go_down_or_are_listed() -> None:
    up = {(i.file, i.module): str(i) for i in all_imports() if reaches_up(i) and i.inside}
    assert [up[place] for place in up.keys() - REACHES_UP.keys()] == []
    assert REACHES_UP.keys() - up.keys() == set(), "strike off what no longer reaches up"
    assert all(reason.strip() for reason in REACHES_UP.values())


def test_engines_are_imported_only_behind_k() -> None:
    assert [str(found) for found in all_imports() if names_engine_from_outside(found)] == []


UP = [
    ("keras/losses.py", "from keras.layers import Dense", False),
    ("keras/losses.py", "from keras import layers", False),
    ("keras/losses.py", "import keras.layers.core as core", False),
    ("keras/losses.py", "from . import layers", False),
    ("keras/backend/graph/walk.py", "from ...models.network import Network", False),
    ("keras/backend/__init__.py", "from ..losses import mse", False),
    ("keras/registry.py", "from keras import backend as K", False),
    ("keras/layers/core/dense.py", "if 1:\n    from keras import models", False),
    ("keras/models/model.py", "def save(self):\n    from ..saving import save_model", True),
    ("keras/layers/base/layer.py", "if TYPE_CHECKING:\n    from keras.models import Model", True),
    ("keras/losses.py", "import importlib\nimportlib.import_module('keras.layers')", False),
]


@pytest.mark.parametrize(("file", "source", "inside"), UP)
def test_an_import_that_reaches_up_is_found(file: str, source: str, inside: bool) -> None:
    assert [found.inside for found in imports_of(file, source) if reaches_up(found)] == [inside]


DOWN = [
    ("keras/losses.py", "from . import backend as K"),
    ("keras/losses.py", "from .metrics import Mean\nimport numpy as np"),
    ("keras/backend/graph/walk.py", "from .tensor import Tensor\nfrom ..ops import reduce"),
    ("keras/__init__.py", "from . import models"),
    ("keras/models/model.py", "from .. import __version__"),
]


@pytest.mark.parametrize(("file", "source"), DOWN)
def test_an_import_that_goes_down_is_left_alone(file: str, source: str) -> None:
    assert not any(reaches_up(found) for found in imports_of(file, source))


@pytest.mark.parametrize(
    ("file", "source", "wrong"),
    [
        ("keras/layers/core/dense.py", "import torch.nn.functional as F", True),
        ("keras/backend/graph/walk.py", "def f():\n    from jax import numpy", True),
        ("keras/backend/engines/jax/reduce.py", "import torch", True),
        ("keras/backend/engines/torch/reduce.py", "import torch", False),
        ("keras/backend/engines/theano/reduce.py", "import pytensor.tensor as at", False),
    ],
)
def test_an_engine_named_from_outside_is_found(file: str, source: str, wrong: bool) -> None:
    assert any(map(names_engine_from_outside, imports_of(file, source))) is wrong
