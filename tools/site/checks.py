"""What came out: each link leads somewhere, and no page loads anything from another host."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

OUTSIDE = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)
IN_STYLES = re.compile(r"(?:url\(|@import)\s*['\"]?([^'\")\s;]+)")
LOADED = {"img": "src", "script": "src", "iframe": "src", "source": "src", "link": "href"}
ONLY_NAMED = {"canonical", "alternate", "prev", "next", "search", "index"}


class Reader(HTMLParser):
    """The marks, the links, and what is loaded, of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.marks: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element is, leads to, or needs."""
        given = {name: value or "" for name, value in attrs}
        self.marks |= {given[name] for name in ("id", "name") if name in given}
        where = given.get(LOADED.get(tag, ""))
        if where and given.get("rel") not in ONLY_NAMED:
            self.loaded.append(where)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])


def problems(folder: Path) -> list[str]:
    """What is wrong with the pages and style sheets in a folder, a sentence each."""
    pages = {path: Reader(path.read_text("utf-8")) for path in sorted(folder.rglob("*.html"))}
    found = [p for page, read in pages.items() for p in _of_page(page, read, pages, folder)]
    for path in sorted(folder.rglob("*.css")):
        wanted = IN_STYLES.findall(path.read_text("utf-8"))
        found += [f"{path.relative_to(folder)} loads {url}" for url in wanted if OUTSIDE.match(url)]
    return found


def _of_page(page: Path, read: Reader, pages: dict[Path, Reader], folder: Path) -> Iterator[str]:
    name = page.relative_to(folder)
    for where in read.loaded:
        if OUTSIDE.match(where):
            yield f"{name} loads {where}"
        elif not where.startswith("data:") and not _target(page, where).exists():
            yield f"{name} loads {where}, which isn't there"
    for where in read.links:
        if urlsplit(where).scheme or OUTSIDE.match(where):
            continue
        target, mark = _target(page, where), unquote(urlsplit(where).fragment)
        if not target.exists():
            yield f"{name} links to {where}, which isn't there"
        elif mark and target in pages and mark not in pages[target].marks:
            yield f"{name} links to {where}, which has no such place"


def _target(page: Path, where: str) -> Path:
    path = unquote(urlsplit(where).path)
    return Path(os.path.normpath(page.parent / path)) if path else page
