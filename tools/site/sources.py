"""A Sphinx extension: a page for each source file, and links to it from what it defines.

Sphinx's own `viewcode` looks classes up by their module, which for us is the room they are imported
from (`keras.layers.core`), not the file (`keras/layers/core/dense.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from .names import entries, place_of

ROOT = Path(__file__).resolve().parents[2]


def page_of(path: str) -> str:
    """The page that shows a file of the repository.

    >>> page_of("keras/layers/merge.py")
    'source/keras/layers/merge.py'
    """
    return f"source/{path}"


def places() -> dict[str, tuple[str, int]]:
    """Where each public name is defined: full name -> (file, line)."""
    found = {}
    for entry in entries():
        place = place_of(entry.thing)
        if place is not None:
            path, line = place
            found[entry.full_name] = (path.relative_to(ROOT).as_posix(), line)
    return found


def plain_types(app: Sphinx, tree: nodes.document) -> None:
    """Types in signatures lead nowhere: `Sequence` there is Python's, not the one of Keras."""
    for signature in tree.findall(addnodes.desc_signature):
        for reference in list(signature.findall(addnodes.pending_xref)):
            reference.replace_self(reference.children)


def link_signatures(app: Sphinx, tree: nodes.document, page: str) -> None:
    """Put a link to its source behind each name."""
    known = app.env.keras_places
    for signature in tree.findall(addnodes.desc_signature):
        place = known.get(f"{signature.get('module')}.{signature.get('fullname')}")
        if place is None:
            continue
        path, line = place
        target = app.builder.get_relative_uri(page, page_of(path))
        link = nodes.reference("", "", internal=True, refuri=f"{target}#line-{line}")
        link += nodes.inline("", "[source]", classes=["viewcode-link"])
        signature += link


def source_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The pages themselves."""
    shown = {path for path, _ in app.env.keras_places.values()} | set(app.config.linked_files)
    for path in sorted(shown):
        yield page_of(path), {"title": path, "body": _body(app, path)}, "page.html"


def _body(app: Sphinx, path: str) -> str:
    text = (ROOT / path).read_text("utf-8")
    language = "python" if path.endswith(".py") or path == "do" else "text"
    html = app.builder.highlighter.highlight_block(text, language)  # type: ignore[attr-defined]
    before, start, code = html.partition("<pre>")
    # The highlighter begins with an empty mark; each line gets a place to go to.
    lines = re.sub(r"^<span></span>", "", code).split("\n")
    numbered = [f'<span id="line-{n}">{line}</span>' for n, line in enumerate(lines[:-1], 1)]
    return f"<h1>{path}</h1>{before}{start}" + "\n".join([*numbered, lines[-1]])


def begin(app: Sphinx) -> None:
    """Look everything up once."""
    app.env.keras_places = places()  # type: ignore[attr-defined]


def setup(app: Sphinx) -> dict[str, Any]:
    """What Sphinx calls."""
    app.add_config_value("linked_files", [], "html", types=(list,))
    app.connect("builder-inited", begin)
    app.connect("doctree-read", plain_types)
    app.connect("doctree-resolved", link_signatures)
    app.connect("html-collect-pages", source_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
