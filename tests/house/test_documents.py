"""What is written for people: links lead somewhere, nothing is left of one person's machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".toml", ".txt", ".yaml", ".yml", ".cfg", ".json", ".ipynb", ".sh", ""}

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)

# The start of a path that exists on one person's machine only.
MACHINE = re.compile(r"(?<![\w.~/\-])(?:/(?:home|root|work|Users)/|[A-Z]:\\Users\\)[\w.]")

# Unfinished work belongs into an issue; praise belongs to the reader.
FORBIDDEN = re.compile(
    r"\b(?i:to be written|lorem ipsum|coming soon|blazing\w*|seamless\w*|cutting[- ]edge"
    r"|revolutionary|world[- ]class|effortless\w*|game[- ]chang\w+)\b"
    r"|\b(?:TODO|FIXME|XXX)\b"
)

KINDS = ("Added", "Changed", "Fixed", "Removed")


def files_of_the_project() -> list[Path]:
    """Text files that git keeps or would keep; without git, all but what tools leave behind."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        paths = [ROOT / line for line in listed.stdout.splitlines()]
    except (OSError, subprocess.CalledProcessError):
        paths = [
            p for p in ROOT.rglob("*") if not re.search(r"/(\.venv|\.git|__pycache__)/", str(p))
        ]
    return [path for path in paths if path.is_file() and path.suffix in TEXT]


def documents() -> list[Path]:
    return [path for path in files_of_the_project() if path.suffix == ".md"]


def anchors(text: str) -> set[str]:
    """What `#...` may name in a document: its headings, as the usual renderers spell them."""
    headings = HEADING.findall(FENCE.sub("", text))
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


def broken_links(document: Path) -> Iterator[str]:
    """Relative links of a document that lead to no file, or to no heading of it."""
    text = document.read_text("utf-8")
    for link in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path) if path else document
        if not target.exists():
            yield f"{document.name}: {link} leads nowhere"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text("utf-8")):
            yield f"{document.name}: {link} names no heading"


def lines_with(pattern: re.Pattern[str], text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if pattern.search(line)]


def test_links_lead_somewhere() -> None:
    found = documents()
    assert ROOT / "README.md" in found
    assert [problem for document in found for problem in broken_links(document)] == []


def test_no_machine_paths() -> None:
    assert {
        f"{path.relative_to(ROOT)}: {line}"
        for path in files_of_the_project()
        for line in lines_with(MACHINE, path.read_text("utf-8"))
    } == set()


def test_no_unfinished_work_and_no_praise() -> None:
    skip = {Path(__file__).resolve(), ROOT / "LICENSE"}
    assert {
        f"{path.relative_to(ROOT)}: {line}"
        for path in files_of_the_project()
        if path not in skip
        for line in lines_with(FORBIDDEN, path.read_text("utf-8"))
    } == set()


def test_each_change_says_its_kind() -> None:
    changes = [path for path in (ROOT / "changes").glob("*.md") if path.name != "README.md"]
    starts = tuple(f"{kind}: " for kind in KINDS)
    wrong = [path.name for path in changes if not path.read_text("utf-8").startswith(starts)]
    assert wrong == [], f"the first line starts with one of {', '.join(starts)}"


def test_the_two_readmes_show_the_same_commands() -> None:
    """Comments are translated; the commands and the example under them are not."""

    def blocks(name: str) -> list[str]:
        text = (ROOT / name).read_text("utf-8")
        return [
            re.sub(r"\s*#.*", "", block) for block in re.findall(r"```\w+\n(.*?)```", text, re.S)
        ]

    assert blocks("README.md") == blocks("README.zh-CN.md")


def test_the_example_of_the_readme_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    program = example + "assert 'def ' in model.train_function.source"
    command = [sys.executable, "-W", "error", "-c", program]
    search = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": search}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Epoch 10/10" in done.stdout
    assert (tmp_path / "sums.h5").stat().st_size > 0


def test_broken_links_are_found(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# A heading, here\n")
    document.write_text(
        "# Top\n[a](missing.md) [b](other.md) [c](other.md#a-heading-here) [d](other.md#none)\n"
        "[e](#top) [f](#bottom) ![g](picture.png) [h](https://example.org/x)\n"
        "```\n[i](inside_a_block.md)\n```\n"
    )
    assert [problem.split()[1] for problem in broken_links(document)] == [
        "missing.md",
        "other.md#none",
        "#bottom",
        "picture.png",
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("see /" + "home/ann/keras/x.py", True),
        ("run '/" + "root/.venv/bin/python'", True),
        ("C:" + "\\Users\\ann", True),
        ("https://example.org/" + "home/page.html", False),
        ("the folder ~/.keras, or /tmp/.keras", False),
        ("kernels/" + "work/x", False),
    ],
)
def test_machine_paths_are_found(line: str, found: bool) -> None:
    assert bool(lines_with(MACHINE, line)) is found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("# TODO: later", True),
        ("A blazingly fast library", True),
        ("This is coming soon.", True),
        ("a todo list, todos are kept in issues", False),
    ],
)
def test_forbidden_words_are_found(line: str, found: bool) -> None:
    assert bool(lines_with(FORBIDDEN, line)) is found
