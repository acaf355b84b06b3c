"""Every public name is in the reference, and what it says is what the declarations say."""

from __future__ import annotations

import doctest
import re
from importlib import import_module
from inspect import isfunction
from typing import Any

import pytest

from keras.configured import Configured
from keras.layers import Layer
from tests.inventory.inventory import inventory
from tools.site import assembly, entries, reference, sources
from tools.site.names import ELSEWHERE, PAGES, Entry, entries as all_entries, public_names

# Imported there by the original for itself: no offer to anybody.
GUESTS = {"K", "np", "Layer", "Model", "Node", "Sequential", "get_from_module", "to_list"}

ROOMS = ("keras.models", "keras.layers", "keras.losses", "keras.metrics", "keras.optimizers",
         "keras.callbacks", "keras.initializers", "keras.regularizers", "keras.constraints",
         "keras.activations", "keras.backend", "keras.applications", "keras.utils",
         "keras.preprocessing.image", "keras.preprocessing.sequence", "keras.preprocessing.text",
         "keras.datasets.mnist", "keras.datasets.imdb", "keras.datasets.reuters",
         "keras.utils.np_utils", "keras.utils.data_utils", "keras.utils.generic_utils",
         "keras.wrappers.scikit_learn")  # fmt: skip


@pytest.fixture(scope="module")
def known() -> list[Entry]:
    return all_entries()


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference.pages()


def all_names(known: list[Entry]) -> set[str]:
    """Every full name that leads to an entry."""
    return {
        name if "." in name else f"{entry.room}.{name}"
        for entry in known
        for name in (entry.name, *entry.aliases)
    }


@pytest.mark.parametrize("version", ["1.2.2", "2.3.1"])
@pytest.mark.parametrize("room", ROOMS)
def test_what_the_originals_offered_is_there(room: str, version: str, known: list[Entry]) -> None:
    module = import_module(room)
    offered = {
        name
        for name, entry in inventory(version).get(room, {}).items()
        if entry != "value" and not name.startswith("_") and name not in GUESTS
    }
    ours = {name for name in offered if callable(getattr(module, name, None))}
    own = {name for name in ours if _is_ours(getattr(module, name))}
    described = {id(entry.thing) for entry in known}
    missing = {name for name in own if id(getattr(module, name)) not in described}
    names = all_names(known)
    assert {name for name in missing if f"{room}.{name}" not in names} == set()


def _is_ours(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).startswith("keras")


def test_tables_of_contents_are_whole(known: list[Entry]) -> None:
    """What a page's room offers and a file of the page defines is on it."""
    names = all_names(known)
    for room in ("keras.layers", "keras.backend", "keras.callbacks", "keras.applications"):
        offered = {f"{room}.{name}" for name, _ in public_names(room)}
        strangers = {"keras.layers.Registry", "keras.layers.renamed"}
        assert offered - names - strangers == set(), room


def test_names_of_other_places_lead_to_the_same(known: list[Entry]) -> None:
    for room in ELSEWHERE:
        for entry in known:
            for alias in entry.aliases:
                if alias.rpartition(".")[0] == room:
                    found = getattr(import_module(room), alias.rpartition(".")[2])
                    assert found is entry.thing or found == entry.thing, alias


def test_no_name_has_two_entries(known: list[Entry]) -> None:
    full = [entry.full_name for entry in known]
    assert len(full) == len(set(full))


def test_each_entry_says_something(known: list[Entry]) -> None:
    assert [entry.full_name for entry in known if not entry.thing.__doc__] == []


def test_each_page_has_entries_and_each_entry_is_on_its_page(
    known: list[Entry], pages: dict[str, str]
) -> None:
    assert {row.path for row in PAGES} == {entry.page.path for entry in known}
    for entry in known:
        kind = "class|exception" if isinstance(entry.thing, type) else "function"
        start = rf"^:::::{{py:(?:{kind})}} {re.escape(entry.name)}\("
        assert re.search(start, pages[entry.page.path], re.MULTILINE), entry.full_name


def test_arguments_are_those_of_the_declaration(pages: dict[str, str]) -> None:
    class Sample(Layer):
        """A sample."""

        size: int
        words: str = "a|b"

    rows = entries.table(Sample, "layers/core", ["name", "trainable"]).splitlines()
    assert rows[2:4] == ["| `size` |  | `int` |", "| `words` | `'a\\|b'` | `str` |"]
    dense = pages["layers/core"].partition("{py:class} Dense(")[2].partition("\n:::::\n")[0]
    assert "| `units` |  | a positive whole number |" in dense
    assert "| `use_bias` | `True` | `bool` |" in dense
    assert "as in every {py:obj}`Layer <keras.layers.Layer>`" in dense
    assert "`name`" not in dense


def test_methods_are_told_once(pages: dict[str, str]) -> None:
    base = pages["layers/base"]
    assert "{py:method} compute_output_shape(" in base
    for page in ("layers/core", "layers/recurrent", "layers/wrappers"):
        assert "{py:method} compute_output_shape(" not in pages[page]
    assert "{py:method} fit(" in pages["models"]
    assert "{py:method} save(" in pages["models"]
    assert "{py:method}" not in pages["layers/core"]  # what a layer does inside


def test_a_link_to_the_source_names_the_line_of_the_definition() -> None:
    for name, (path, line) in sources.places().items():
        text = (sources.ROOT / path).read_text("utf-8").splitlines()[line - 1]
        if name == "keras.layers.merge":  # a file, which Keras 1 lets one call
            continue
        assert re.match(r"\s*(@|class |def |\w+(: [^=]+)? = )", text), (name, path, line, text)


def test_documents_are_turned_to_their_places(tmp_path: Any) -> None:
    made = assembly.Assembly(tmp_path)
    text = (
        "[a](../SECURITY.md#x) [b](../keras/losses.py) [c](engines.md) [d](https://example.org)\n"
        "`keras.layers.Dense` `dense`\n\n```\n[e](../SECURITY.md)\n```\n"
    )
    assert made.turned(text, "docs/page.md", "page.md").splitlines()[:2] == [
        '[a](security.md#x) <a href="source/keras/losses.py.html">b</a> [c](engines.md) '
        "[d](https://example.org)",
        "{py:obj}`keras.layers.Dense <keras.layers.Dense>` `dense`",
    ]
    assert "[e](../SECURITY.md)" in made.turned(text, "docs/page.md", "page.md")
    assert made.sources == {"keras/losses.py"}


def test_examples_of_the_tool() -> None:
    for module in (entries, sources):
        assert doctest.testmod(module).failed == 0
    assert isfunction(entries.as_markdown) and issubclass(Layer, Configured)
