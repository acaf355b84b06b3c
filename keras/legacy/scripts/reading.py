"""What a script says in terms of long ago, found by reading it; nothing of it is run."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any, NamedTuple

from ...configured import Configured, near_misses, plan_of
from ...models import Model, Network
from ...saving.upgrade.keras1_arguments import NAMES as CLASSES
from ..arguments import constructor_call, method_call
from ..methods import METHODS
from ..names import ALSO, NAMES
from ..paths import MOVED
from . import gone, tensorflow

FAILS, OLD = "fails", "old"

TODAY = {
    "AtrousConvolution1D": "Conv1D(dilation_rate=...)",
    "AtrousConvolution2D": "Conv2D(dilation_rate=...)",
    "Merge": "add, multiply, concatenate, average, maximum, dot of tensors",
    "TimeDistributedDense": "Dense, or TimeDistributed(Dense(...))",
    "merge": "add, multiply, concatenate, average, maximum, dot",
}
"""What does the work of things that only Keras 1 had."""

HOMES = (
    "keras.layers",
    "keras.models",
    "keras.utils",
    "keras.losses",
    "keras.metrics",
    "keras.initializers",
    "keras.regularizers",
    "keras.constraints",
    "keras.optimizers",
    "keras.callbacks",
)


class Finding(NamedTuple):
    """Something that a line says: whether it fails today or is only old, and what to write."""

    line: int
    kind: str
    text: str


class Unknown:
    """The value of an argument that only running the script would tell."""

    def __repr__(self) -> str:
        return "..."


def findings(source: str, filename: str = "<script>") -> list[Finding]:
    """All findings of a script, line by line."""
    try:
        tree = ast.parse(source, filename)
    except SyntaxError as error:
        return [Finding(error.lineno or 1, FAILS, _syntax(error))]
    reader = Reader()
    reader.visit(tree)
    return sorted(set(reader.found))


def _syntax(error: SyntaxError) -> str:
    line = (error.text or "").strip()
    if line.startswith("print"):
        return f"`{line}`: print is a function since Python 3: print(...)"
    return f"`{line}` isn't Python {error.msg and f'({error.msg})'}".strip()


class Reader(ast.NodeVisitor):
    """Goes through a script and notes what it finds; knows what its imports are called."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.names: dict[str, str] = {}  # a name in the script -> the dotted path it stands for
        self.own: set[str] = set()  # names that the script gives something itself

    def note(self, node: ast.AST, kind: str, text: str) -> None:
        self.found.append(Finding(getattr(node, "lineno", 0), kind, text))

    # ---- imports

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.module(node, alias.name)
            self.names[alias.asname or alias.name.partition(".")[0]] = (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or not node.module or not self.module(node, node.module):
            return
        for alias in node.names:
            path = f"{node.module}.{alias.name}"
            self.names[alias.asname or alias.name] = path
            if alias.name != "*":
                self.name(node, path)

    def module(self, node: ast.AST, path: str) -> bool:
        """Look at a module that is imported; whether it is there."""
        if path in gone.MODULES and not _is_there(path):
            self.note(node, FAILS, f"module {path} -> {gone.MODULES[path]}")
            return False
        own = _ours(path)
        if own is None:
            if not _is_there(path) and not (path == "tensorflow" and tensorflow.is_absent()):
                self.note(node, FAILS, f"module {path} isn't installed")
                return False
            return True
        try:
            import_module(own)
        except ImportError:
            self.note(node, FAILS, f"module {path} isn't there{_near(own)}")
            return False
        if own in MOVED and not own.startswith("keras.engine"):
            self.note(node, OLD, f"{path} -> {MOVED[own][0]}")
        return True

    # ---- names

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self.path(node)
        if path is None:
            self.generic_visit(node)
        else:
            self.name(node, path)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.own.add(node.id)
        elif node.id in gone.PYTHON2 and node.id not in self.own | self.names.keys():
            self.note(node, FAILS, f"{node.id} -> {gone.PYTHON2[node.id]}")

    def path(self, node: ast.AST) -> str | None:
        """The dotted path that an expression of names and dots stands for."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self.path(node.value)
            return None if base is None else f"{base}.{node.attr}"
        return None

    def name(self, node: ast.AST, path: str) -> None:
        """Look at a name that something imported should have."""
        for old in _prefixes(path):
            if old.startswith("tensorflow.") and tensorflow.is_absent():
                continue
            if old in gone.EXPRESSIONS and gone.is_gone(old):
                self.note(node, FAILS, f"{old} -> {gone.EXPRESSIONS[old]}")
                return
            if old in gone.ADVICE and gone.is_gone(old):
                self.note(node, FAILS, f"{old} is gone: {gone.ADVICE[old]}")
                return
        own = _ours(path)
        if own is None:
            return
        module, attribute, thing = _resolved(own)
        if thing is None:
            if attribute:
                known = f"{module}.{attribute.partition('.')[0]}"
                self.note(node, FAILS, f"{known} isn't there{_near(known)}")
            return
        today = _modern(module, attribute, thing)
        if today is not None:
            self.note(node, OLD, f"{attribute} -> {today}")

    # ---- calls

    def visit_Call(self, node: ast.Call) -> None:
        path = self.path(node.func)
        thing = _resolved(own)[2] if path and (own := _ours(path)) else None
        args = [_value(a) for a in node.args]
        kwargs = {k.arg: _value(k.value) for k in node.keywords if k.arg}
        starred = any(isinstance(a, ast.Starred) for a in node.args)
        if thing is not None and not starred:
            self.call(node, thing, args, kwargs)
        elif isinstance(node.func, ast.Attribute) and path is None and not starred:
            self.method(node, node.func.attr, args, kwargs)
        self.generic_visit(node)

    def call(self, node: ast.AST, thing: Any, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Look at the arguments of a class or function of ours."""
        if inspect.isclass(thing) and issubclass(thing, Network):
            self.told(node, thing.__name__, lambda tell: _network(args, kwargs, tell))
        elif getattr(thing, "__init__", None) is Configured.__init__:
            plan = plan_of(thing)
            known = {*plan.fields, *plan.options, *plan.synonyms}
            # A number that isn't known decides nothing; most of them are whole.
            likely = tuple(1 if isinstance(a, Unknown) else a for a in args)
            self.told(
                node,
                thing.__name__,
                lambda tell: constructor_call(thing, likely, kwargs, known, tell),
            )
        elif kwargs.keys() & getattr(thing, "spellings", set()):
            old = ", ".join(sorted(kwargs.keys() & thing.spellings))
            self.note(node, OLD, f"{thing.__name__}({old}=...): see help(K.{thing.__name__})")

    def method(self, node: ast.AST, name: str, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Look at a method that is called as those of models are."""
        row = f"Model.{name}"
        if row in METHODS and kwargs:
            names = ("self", *_parameters(name))
            self.told(
                node,
                f"model.{name}",
                lambda tell: method_call(row, names, (object(), *args), kwargs, tell),
            )

    def told(self, node: ast.AST, who: str, translate: Callable[[Any], Any]) -> None:
        """Note what a translation tells, or that it refuses."""
        try:
            translate(lambda changes: self.note(node, OLD, f"{who}: {', '.join(changes)}"))
        except (TypeError, ValueError) as error:
            if "..." not in str(error):  # a value that isn't known is no mistake
                self.note(node, FAILS, str(error))


# ---- looking things up


def _is_there(path: str) -> bool:
    try:
        return find_spec(path) is not None
    except (ImportError, ValueError):
        return False


def _ours(path: str) -> str | None:
    """Our path for one of a script's; `None` if it isn't ours."""
    if path == "keras" or path.startswith("keras."):
        return path
    return tensorflow.ours(path)


def _prefixes(path: str) -> Iterator[str]:
    parts = path.split(".")
    return (".".join(parts[:n]) for n in range(2, len(parts) + 1))


def _resolved(path: str) -> tuple[str, str, Any]:
    """The module, the name in it and the thing; `None` if it isn't there."""
    parts = path.split(".")
    for n in range(len(parts), 0, -1):
        module = ".".join(parts[:n])
        try:
            thing: Any = import_module(module)
        except ImportError:
            continue
        for part in parts[n:]:
            thing = getattr(thing, part, None)
        return module, ".".join(parts[n:]), thing
    return path, "", None


def _modern(module: str, name: str, thing: Any) -> str | None:
    """What a name of ours is called today, if it is called otherwise."""
    if name in CLASSES or name in TODAY:
        return TODAY.get(name) or CLASSES[name]
    where = NAMES.get(module, {}).get(name)
    if module in MOVED and not isinstance(thing, ModuleType):
        found = (home for home in HOMES if vars(import_module(home)).get(name) is thing)
        home = next(found, None)
        return f"{home}.{name}" if home else None
    if where is None or module in ALSO:
        return None
    home, _, new = where.partition(":")
    if home.startswith("keras.legacy"):
        return "no later name; it is kept"
    return f"{home}.{new}" if (home, new) != (module, name) else None


def _near(path: str) -> str:
    """What may have been meant, as the end of a sentence."""
    module, _, name = path.rpartition(".")
    try:
        known = dir(import_module(module))
    except ImportError:
        return ""
    found = near_misses(name, known)
    return found if found != "." else ""


def _network(args: list[Any], kwargs: dict[str, Any], tell: Any) -> Any:
    names = ("self", "inputs", "outputs", "name")
    return method_call("Network.__init__", names, (object(), *args), kwargs, tell)


def _value(node: ast.AST) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError):
        return Unknown()


def _parameters(method: str) -> list[str]:
    return [p for p in inspect.signature(getattr(Model, method)).parameters if p != "self"]
