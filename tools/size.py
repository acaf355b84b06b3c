"""Lines for each file and room, and which files are longer than pyproject.toml allows.

A long file hides more than one idea. Split it by idea; where that would make it worse,
list it under [tool.evergreen.size.longer] with the reason.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("keras", "tests", "benchmarks", "examples", "tools")


def lines_of_files(root: Path) -> dict[str, int]:
    """Path from the root, with slashes -> number of lines, for each Python file of the project."""
    paths = [path for folder in FOLDERS for path in (root / folder).rglob("*.py")]
    return {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in sorted(paths)
    }


def settings(root: Path) -> dict[str, Any]:
    """The table [tool.evergreen.size]."""
    table: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    size: dict[str, Any] = table["tool"]["evergreen"]["size"]
    return size


def problems(files: dict[str, int], limit: int, longer: dict[str, str]) -> list[str]:
    """What is wrong, a sentence each: files too long, and exceptions that need not be listed."""
    found = [
        f"{path} has {lines} lines, the limit is {limit}: split it by idea, or give a reason in "
        "pyproject.toml, [tool.evergreen.size.longer]."
        for path, lines in files.items()
        if lines > limit and path not in longer
    ]
    for path, reason in longer.items():
        if files.get(path, 0) <= limit:
            found.append(f"{path} is listed as longer than {limit} lines and isn't: strike it off.")
        if not reason.strip():
            found.append(f"{path} is listed as longer without a reason.")
    return found


def room_of(path: str) -> str:
    """The folder that a file is counted under: at most two levels deep."""
    folders = path.split("/")[:-1]
    return "/".join(folders[:2])


def report(files: dict[str, int]) -> str:
    """A table: each room with its sum, and below it each of its files."""
    rooms: dict[str, list[str]] = defaultdict(list)
    for path in files:
        rooms[room_of(path)].append(path)
    rows = []
    for room in sorted(rooms):
        rows.append(f"{sum(files[path] for path in rooms[room]):7,}  {room}/")
        rows += [f"{files[p]:11,}  {p.removeprefix(room + '/')}" for p in rooms[room]]
    rows.append(f"{sum(files.values()):7,}  lines in {len(files)} files")
    return "\n".join(rows)


def main() -> int:
    files, size = lines_of_files(ROOT), settings(ROOT)
    print(report(files))
    found = problems(files, size["lines"], size.get("longer", {}))
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
