"""The pages of the reference, as Markdown: one for each row of `names.PAGES`, and two indexes."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from keras.saving.upgrade.keras1_arguments import ARGUMENTS
from keras.saving.upgrade.verbs import Fold, Rename, Split, Values, Verb

from .entries import Writer, as_markdown
from .names import PAGES, Entry, Page, entries, within

# Classes that tell of arguments and methods which all of their kind share.
BASES = ("Layer", "Model", "Loss", "Metric", "Optimizer", "Callback", "Configured", "Sequence",
         "Wrapper", "RNN", "Initializer", "Regularizer", "Constraint")  # fmt: skip


FOLDERS = {
    "layers": (
        "Layers",
        "The steps of a model. A layer of your own is a subclass of `Layer`; what all layers take "
        "and offer is told there.",
    ),
    "backend": (
        "Backend (K)",
        "`from keras import backend as K`: functions of symbolic tensors, which describe a graph, "
        "or of arrays, which are computed at once. `K.function` makes a program of a graph.",
    ),
    "preprocessing": ("Preprocessing", "Images, sequences and texts on their way into a model."),
}


def linked_names(known: list[Entry]) -> dict[str, str]:
    """What names in backticks lead to: full ones, those with `K.`, and classes' short ones."""
    links: dict[str, str] = {}
    for entry in known:
        links[entry.full_name] = entry.full_name
        if entry.room == "keras.backend":
            links[f"K.{entry.name}"] = entry.full_name
        elif isinstance(entry.thing, type) and entry.name[0].isupper():
            links.setdefault(entry.name, entry.full_name)
    return links


def title_of(home: str) -> str:
    """A heading for what one file defines: how its docstring begins."""
    if home == "keras.registry":
        return "By name"
    text = inspect.getdoc(sys.modules[home]) or home
    first = " ".join(text.split("\n\n")[0].split())
    return re.split(r"[.:;] ", first)[0].rstrip(".")


def page(row: Page, found: list[Entry], writer: Writer) -> str:
    """One page: a section for each file that defines something, one entry after the other."""
    parts = [f"# {row.title}"]
    rooms = dict.fromkeys(entry.room for entry in found)
    if len(rooms) == 1:
        parts.append(f"Import from `{found[0].room}`.")
    sections = [
        (home, list(group))
        for home, group in groupby(_in_sections(found), lambda entry: entry.home)
    ]
    for home, group in sections:
        if len(sections) > 1:
            parts.append(f"## {as_markdown(title_of(home), {})}")
        parts += [writer.entry(entry, from_where=len(rooms) > 1) for entry in group]
    return "\n\n".join(parts) + "\n"


def _in_sections(found: list[Entry]) -> list[Entry]:
    """By the file that defines them: in the order of the page's row, what others build on first."""
    first = {home: place for place, home in enumerate(dict.fromkeys(e.home for e in found))}

    def place(entry: Entry) -> tuple[int, bool, int]:
        homes = entry.page.homes
        row = next((n for n, h in enumerate(homes) if within(entry.home, (h,))), len(homes))
        return row, not entry.home.endswith(".base"), first[entry.home]

    return sorted(found, key=place)


def then_and_now() -> str:
    """Keras 1's arguments of layers, from the tables that files and calls are read by."""
    rows = []
    for layer, verbs in sorted(ARGUMENTS.items()):
        said = "; ".join(change for verb in verbs for change in _changes(verb))
        rows.append(f"| `{layer}` | {said} |")
    return "\n".join(["## Arguments, then and now", "", "| | |", "|---|---|", *rows])


def _changes(verb: Verb) -> Iterator[str]:
    """What one verb of a table changes, in Markdown."""
    if isinstance(verb, Rename):
        yield from (f"`{old}` → `{new}`" for old, new in verb.names.items())
    elif isinstance(verb, Fold):
        yield f"`{', '.join(verb.old)}` → `{verb.new}`"
    elif isinstance(verb, Split):
        yield f"`{verb.old}` → `{', '.join(verb.new)}`"
    elif isinstance(verb, Values):
        pairs = ", ".join(f"`{old!r}` → `{new!r}`" for old, new in verb.values.items())
        yield f"`{verb.name}`: {pairs}"


def all_names(known: list[Entry]) -> str:
    """Every name there is, room by room, each with a link to its entry."""
    rooms: dict[str, dict[str, str]] = {}
    for entry in known:
        for alias in (entry.name, *entry.aliases):
            full = alias if "." in alias else f"{entry.room}.{alias}"
            room, _, name = full.rpartition(".")
            rooms.setdefault(room, {})[name] = full
    parts = ["# All names", "Room by room; a name that means the same as another leads there."]
    for room in sorted(rooms):
        names = sorted(rooms[room].items(), key=lambda pair: pair[0].lower())
        listed = ",\n".join(f"{{py:obj}}`{name} <{full}>`" for name, full in names)
        parts.append(f"## {room}\n\n{listed}")
    return "\n\n".join(parts) + "\n"


def overview(folder: str, rows: list[Page], known: list[Entry], links: dict[str, str]) -> str:
    """The first page of a folder: all entries with the first sentence on each, page by page."""
    title, text = FOLDERS[folder]
    parts = [f"# {title}", as_markdown(text, links)]
    for row in rows:
        lines = [
            f"| {{py:obj}}`{e.name} <{e.full_name}>` | {as_markdown(summary(e.thing), {})} |"
            for e in known
            if e.page is row
        ]
        table = "\n".join(["| | |", "|---|---|", *lines])
        name = row.path.partition("/")[2]
        parts.append(f"## [{row.title}]({name}.md)\n\n{table}")
    listed = "\n".join(row.path.partition("/")[2] for row in rows)
    parts.append(f"```{{toctree}}\n:hidden:\n\n{listed}\n```")
    return "\n\n".join(parts) + "\n"


def summary(thing: Any) -> str:
    """The first sentence of a docstring, in one line."""
    first = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    return re.split(r"(?<=[.:])\s", first)[0].rstrip(":.").replace("|", "\\|")


def pages() -> dict[str, str]:
    """The whole reference: path without ending -> Markdown."""
    known = entries()
    public = {entry.name: entry.thing for entry in reversed(known) if isinstance(entry.thing, type)}
    links = linked_names(known)
    bases = frozenset(public[name] for name in BASES)
    writer = Writer(links, bases, quiet=public["Layer"], loud=(public["Network"],))
    made = {
        row.path: page(row, [entry for entry in known if entry.page is row], writer)
        for row in PAGES
    }
    for folder in FOLDERS:
        rows = [row for row in PAGES if row.path.startswith(f"{folder}/")]
        made[f"{folder}/index"] = overview(folder, rows, known, links)
    made["keras1"] += f"\n{then_and_now()}\n"
    made["names"] = all_names(known)
    return made
