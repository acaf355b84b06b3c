"""All pages in one folder, as Sphinx wants them: documents, the reference, pictures.

Documents link to each other by their places in the repository, so that they can be read there. Here
they get other places: links are turned, those to source files lead to pages that show them, and
public names in backticks lead to the reference.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from . import reference
from .entries import CODE, linked
from .names import entries
from .sources import page_of

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```+|~~~+|:::+).*?^\1", re.MULTILINE | re.DOTALL)
PICTURES = (".png", ".svg", ".jpg", ".gif")

# Documents outside of docs/ that are pages too, or have one that says the same.
ELSEWHERE = {
    "SECURITY.md": "security.md",
    "CONTRIBUTING.md": "contributing.md",
    "examples/README.md": "examples.md",
    "benchmarks/README.md": "benchmarks.md",
    "tests/README.md": "tests.md",
}
SAME = {"README.md": "index.md", "README.zh-CN.md": "getting-started.zh-CN.md"}


def placed() -> dict[str, str]:
    """The documents: place in the repository -> place on the site."""
    own = {
        path.relative_to(ROOT).as_posix(): path.relative_to(ROOT / "docs").as_posix()
        for path in sorted((ROOT / "docs").rglob("*.md"))
    }
    return {**own, **ELSEWHERE}


class Assembly:
    """What was gathered into a folder; `sources`: the files that documents link to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = placed()
        self.names = reference.linked_names(entries())
        self.sources: set[str] = set()
        self.kept: set[Path] = set()

    def gather(self) -> None:
        """Write everything; what is there already stays untouched, what is no more goes."""
        for source, target in self.places.items():
            self._write(target, self.turned((ROOT / source).read_text("utf-8"), source, target))
        for path, text in reference.pages().items():
            self._write(f"reference/{path}.md", text)
        self._copy("docs/conf.py", "conf.py")
        for path in sorted((ROOT / "docs" / "static").iterdir()):
            self._copy(path.relative_to(ROOT).as_posix(), f"static/{path.name}")
        for path in [p for p in self.folder.rglob("*") if p.is_file() and p not in self.kept]:
            path.unlink()

    def turned(self, text: str, source: str, target: str) -> str:
        """A document as a page: links as they are on the site, names linked to the reference."""

        def link(found: re.Match[str]) -> str:
            mark, words, where = found.groups()
            if re.match(r"[a-z]+:|#", where):
                return found.group()
            path, hash_sign, anchor = where.partition("#")
            place = os.path.normpath(PurePosixPath(source).parent / path)
            return self._link(mark, words, place, hash_sign + anchor, target)

        def prose(piece: str) -> str:
            return CODE.sub(lambda code: linked(code.group(), self.names), LINK.sub(link, piece))

        return _outside_fences(text, prose)

    def _link(self, mark: str, words: str, place: str, anchor: str, target: str) -> str:
        here = PurePosixPath(target).parent
        page = self.places.get(place) or SAME.get(place)
        if page is None and (ROOT / place / "README.md").exists():
            place = f"{place}/README.md"
            page = self.places.get(place)
        if page is not None:
            return f"{mark}[{words}]({os.path.relpath(page, here)}{anchor})"
        if place.endswith(PICTURES):
            self._copy(place, f"pictures/{place.replace('/', '-')}")
            path = os.path.relpath(f"pictures/{place.replace('/', '-')}", here)
            return f"{mark}[{words}]({path})"
        self.sources.add(place)
        path = os.path.relpath(f"{page_of(place)}.html", here)
        return f'<a href="{path}">{_plain_html(words)}</a>'

    def _write(self, place: str, text: str) -> None:
        path = self.folder / place
        self.kept.add(path)
        if path.exists() and path.read_text("utf-8") == text:
            return  # its time stays as well, so that Sphinx needn't read it again
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def _copy(self, place: str, to: str) -> None:
        path = self.folder / to
        self.kept.add(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / place, path)


def _outside_fences(text: str, change: Callable[[str], str]) -> str:
    parts, last = [], 0
    for fence in FENCE.finditer(text):
        parts += [change(text[last : fence.start()]), fence.group()]
        last = fence.end()
    return "".join([*parts, change(text[last:])])


def _plain_html(words: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", words)
