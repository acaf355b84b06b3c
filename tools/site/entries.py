"""One public thing as Markdown: signature, text, arguments, methods.

Docstrings hold plain text with backticks, examples and indented blocks; `as_markdown` makes pages
of these. Classes with fields get a table of their arguments, from the fields.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from keras.configured import REQUIRED, Configured, Field, plan_of

from .names import Entry

CODE = re.compile(r"`[^`]+`")
SHAPES = re.compile(r"(?:\([^()]*\)|[\w, ]+\([^()]*\)).* -> .*\w.*\)?\.?")
EXAMPLE = re.compile(r"\s*>>> ")
KINDS = {"activation": "activations", "constraint": "constraints", "initializer": "initializers",
         "regularizer": "regularizers", "layer": "layers/index", "loss": "losses",
         "metric": "metrics", "optimizer": "optimizers"}  # fmt: skip


# Kinds of arguments that have a name among the layers only.
WORDS = {
    "Axis": "an axis, or a list of axes",
    "CellList": "a list of cells",
    "CellOrCells": "a cell, or a list of cells",
    "Implementation": "0, 1 or 2",
    "Window": "a whole number, or one for each axis",
}

# ---- text


def as_markdown(text: str, links: Mapping[str, str]) -> str:
    """A docstring as Markdown; `links`: what names in backticks lead to.

    >>> as_markdown("Two * of 2*x in `2*x`, see `Dense`.", {"Dense": "keras.layers.Dense"})
    'Two \\\\* of 2\\\\*x in `2*x`, see {py:obj}`Dense <keras.layers.Dense>`.'
    """
    blocks = re.split(r"\n\s*\n", inspect.cleandoc(text))
    return "\n\n".join(_block(block, links) for block in _with_examples_whole(blocks))


def _with_examples_whole(blocks: list[str]) -> Iterator[str]:
    """The blocks; a block of a sentence and an example under it becomes two."""
    for block in blocks:
        lines = block.split("\n")
        start = next((i for i, line in enumerate(lines) if EXAMPLE.match(line)), None)
        if start:
            yield "\n".join(lines[:start])
            yield "\n".join(lines[start:])
        else:
            yield block


def _block(block: str, links: Mapping[str, str]) -> str:
    if EXAMPLE.match(block):
        return f"```pycon\n{inspect.cleandoc(block)}\n```"
    if block.startswith("    "):
        return f"```python\n{inspect.cleandoc(block)}\n```"
    if SHAPES.fullmatch(block) and "`" not in block:
        return f"`{block}`"
    parts, last = [], 0
    for code in CODE.finditer(block):
        parts += [_escaped(block[last : code.start()]), linked(code.group(), links)]
        last = code.end()
    return "".join([*parts, _escaped(block[last:])])


def _escaped(text: str) -> str:
    """Signs that Markdown would take for its own."""
    return re.sub(r"[*\[\]<>{}|$]|\b_|_\b", r"\\\g<0>", text)


def linked(code: str, links: Mapping[str, str]) -> str:
    name = code.strip("`").removesuffix("()")
    return f"{{py:obj}}`{name} <{links[name]}>`" if name in links else code


# ---- signatures


def signature(thing: Any, bound: bool = False, without: Iterable[str] = ()) -> str:
    """The arguments with their types and defaults; `**options` stands for those left out.

    >>> def add(x: float, *, times: int = 2) -> float: ...
    >>> signature(add)
    '(x: float, *, times: int = 2) -> float'
    """
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return "(*args, **kwargs)"
    parameters = [p for p in found.parameters.values() if p.name not in without]
    if bound:
        parameters = parameters[1:]
    pieces: list[str] = []
    star = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            pieces.append("*")
            star = True
        pieces.append(_parameter(parameter))
    pieces += ["**options"] if without else []
    answer = _annotation(found.return_annotation)
    arrow = f" -> {answer}" if answer and not isinstance(thing, type) else ""
    return f"({', '.join(pieces)}){arrow}"


def _parameter(p: inspect.Parameter) -> str:
    stars = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
    kind = _annotation(p.annotation)
    typed = f"{stars}{p.name}: {kind}" if kind else f"{stars}{p.name}"
    if p.default is p.empty:
        return typed
    return f"{typed} = {shown(p.default)}" if kind else f"{typed}={shown(p.default)}"


def _annotation(annotation: Any) -> str:
    """A type as it was written, if it says something."""
    if annotation is inspect.Parameter.empty:
        return ""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    text = text.strip("'\"").replace("os.PathLike[str]", "PathLike")
    words = set(re.findall(r"\w+", text))
    return "" if "Any" in words and len(words) <= 2 else text


def shown(default: Any) -> str:
    """A default as one would type it."""
    if isinstance(default, type) or inspect.isroutine(default):
        return str(getattr(default, "__name__", default))
    text = repr(default)
    return "..." if text.startswith("<") else text


# ---- fields


def fields_of(thing: Any) -> dict[str, Field]:
    """The fields that a class's constructor takes; nothing if it was written by hand."""
    if not (isinstance(thing, type) and issubclass(thing, Configured)):
        return {}
    if thing.__init__ is not Configured.__init__:
        return {}
    plan = plan_of(thing)
    return {**plan.fields, **plan.options}


def inherited(thing: type, bases: Iterable[type]) -> tuple[type | None, list[str]]:
    """The documented base of a class, and which of its fields (by keyword only) come from there."""
    base = next((b for b in thing.__mro__[1:] if b in bases), None)
    shared = plan_of(base).options if base is not None and issubclass(base, Configured) else {}
    return base, [name for name in fields_of(thing) if name in shared]


def _declared(thing: type, name: str) -> str:
    """The annotation of a field."""
    for base in thing.__mro__:
        annotation = inspect.get_annotations(base).get(name)
        if annotation is not None:
            return _annotation(annotation)
    return ""


def takes(thing: type, field: Field, page: str) -> str:
    """What a field's values may be, in words."""
    converter = field.converter
    kind = getattr(converter, "kind", None)
    if kind in KINDS:
        up = "../" * page.count("/")
        article = "an" if kind[0] in "aeiou" else "a"
        optional = " or `None`" if field.default is None else ""
        return f"{article} [{kind}]({up}{KINDS[kind]}.md){optional}"
    if hasattr(converter, "expected"):
        return str(converter.expected)
    if type(converter).__name__ == "Hyperparameter":
        return "a number; may change while training"
    declared = _declared(thing, field.name)
    return WORDS.get(declared) or (_cell(declared) if declared else "")


def _cell(code: str) -> str:
    return f"`{code}`".replace("|", "\\|")


def table(thing: type, page: str, without: Iterable[str]) -> str:
    """The fields of a class: argument, default, what it takes."""
    rows = [
        f"| `{name}` | {'' if f.default is REQUIRED else _cell(shown(f.default))} "
        f"| {takes(thing, f, page)} |"
        for name, f in fields_of(thing).items()
        if name not in without
    ]
    return "\n".join(["| argument | default | takes |", "|---|---|---|", *rows]) if rows else ""


# ---- entries


class Writer:
    """Writes entries.

    `links`: where names lead. `bases`: classes that tell what others share. `quiet`: of subclasses
    of these, but for `bases`, the methods are inner workings; those of `loud` are for users.
    """

    def __init__(
        self,
        links: Mapping[str, str],
        bases: frozenset[type],
        quiet: type = BaseException,
        loud: tuple[type, ...] = (),
    ) -> None:
        self.links = links
        self.bases = bases
        self.quiet = quiet
        self.loud = loud

    def entry(self, entry: Entry, from_where: bool = False) -> str:
        """The directive that describes an entry; `from_where`: with the module to import from."""
        thing = entry.thing
        base, shared = inherited(thing, self.bases) if isinstance(thing, type) else (None, [])
        parts = [as_markdown(inspect.getdoc(thing) or "", self.links)]
        kind = "function"
        options = [f":module: {entry.room}"]
        if isinstance(thing, type):
            kind = "exception" if issubclass(thing, BaseException) else "class"
            arguments = table(thing, entry.page.path, shared)
            parts += [arguments, self._shared(base, shared)]
            options += [":single-line-parameter-list:"] if arguments else []
        parts.append(f"From `{entry.room}`." * from_where)
        parts.append(
            f"Also {', '.join(f'`{name}`' for name in entry.aliases)}." * bool(entry.aliases)
        )
        if isinstance(thing, type):
            parts += [self._method(name, found) for name, found in self.methods(thing)]
        head = entry.name + signature(thing, without=shared)
        seen = _directive(5, kind, head, options, parts)
        return "\n\n".join([*_unseen(kind, entry), seen])

    def _shared(self, base: type | None, shared: list[str]) -> str:
        if base is None or not shared:
            return ""
        return f"`**options`: as in every {linked(f'`{base.__name__}`', self.links)}."

    def methods(self, thing: type) -> Iterator[tuple[str, Any]]:
        """Public methods and properties, unless a documented base tells of them."""
        inner = issubclass(thing, self.quiet) and not issubclass(thing, self.loud)
        if inner and thing not in self.bases:
            return
        told = {n for base in self.bases & {*thing.__mro__[1:]} for n in dir(base)}
        for owner in thing.__mro__:
            for name, found in owner.__dict__.items():
                if name.startswith("_") or name in told or not owner.__module__.startswith("keras"):
                    continue
                told.add(name)
                if isinstance(found, property) or inspect.isfunction(_function(found)):
                    yield name, found

    def _method(self, name: str, found: Any) -> str:
        text = as_markdown(inspect.getdoc(found) or "", self.links)
        if isinstance(found, property):
            return _directive(4, "property", name, [], [text])
        flags = {classmethod: [":classmethod:"], staticmethod: [":staticmethod:"]}
        head = name + signature(_function(found), bound=not isinstance(found, staticmethod))
        return _directive(4, "method", head, flags.get(type(found), []), [text])


def _function(found: Any) -> Any:
    return getattr(found, "__func__", found)


def _unseen(kind: str, entry: Entry) -> Iterator[str]:
    """Places for links and searches by an entry's other names."""
    for alias in entry.aliases:
        room, _, name = alias.rpartition(".")
        yield _directive(3, kind, name, [f":module: {room or entry.room}", ":no-typesetting:"], [])


def _directive(colons: int, kind: str, head: str, options: list[str], parts: list[str]) -> str:
    fence = ":" * colons  # a signature may hold backticks, so the fence has none
    body = "\n\n".join(part for part in parts if part)
    return "\n".join([f"{fence}{{py:{kind}}} {head}", *options, "", body, fence])
