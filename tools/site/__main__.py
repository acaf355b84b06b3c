"""Build the site: `python -m tools.site [FOLDER]`, by default into `build/site`.

Warnings are errors. The pages are in `html` of that folder; `html/index.html` is the first.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sphinx.cmd.build import build_main

from .assembly import ROOT, Assembly
from .checks import problems


def build(folder: Path) -> list[str]:
    """Build the site in a folder; what is wrong with it."""
    assembly = Assembly(folder / "pages")
    assembly.gather()
    linked = ",".join(sorted(assembly.sources))
    options = ["-E", "-a", "-q", "-W", "--keep-going", "-b", "html", "-d", str(folder / "read")]
    places = [str(folder / "pages"), str(folder / "html")]
    if build_main([*options, "-D", f"linked_files={linked}", *places]):
        return ["Sphinx has warned; see above."]
    return problems(folder / "html")


def main(given: Sequence[str]) -> int:
    """The command; its exit status."""
    folder = Path(given[0]) if given else ROOT / "build" / "site"
    wrong = build(folder)
    print("\n".join(wrong) or f"{folder / 'html' / 'index.html'}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
