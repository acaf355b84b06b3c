"""The examples of the guide run, page by page, from the first to the last.

A block of `python` is run, one of `pycon` is compared with what it says; all blocks of a page are
one program. Other languages (`sh`, `text`) are for reading.
"""

from __future__ import annotations

import doctest
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras.legacy.arguments import LegacyWarning

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```(python|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL

PAGES = sorted(path.name for path in DOCS.glob("*.md") if BLOCK.search(path.read_text("utf-8")))
OLD = ("from-keras-1.md",)  # what these show warns, and says so


def run(text: str, name: str) -> dict[str, Any]:
    """Run the blocks of a page; what they have defined."""
    defined: dict[str, Any] = {"__name__": "__main__"}
    for block in BLOCK.finditer(text):
        language, code = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        if language == "python":
            exec(compile("\n" * line + code, name, "exec"), defined)
            continue
        test = doctest.DocTestParser().get_doctest(code, defined, name, name, line)
        report: list[str] = []
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        failed, _ = runner.run(test, out=report.append, clear_globs=False)
        assert not failed, "".join(report)
        defined = test.globs
    return defined


def test_the_guide_has_pages_with_examples() -> None:
    assert {"getting-started.md", "from-keras-1.md", "files.md", "performance.md"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_run(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (DOCS / page).read_text("utf-8")
    if page not in OLD:
        run(text, page)
        return
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        run(text, page)
    assert {type(w.message) for w in said} == {LegacyWarning}
    (shown,) = re.findall(r"^LegacyWarning: (.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert " ".join(shown.split()) in {str(w.message) for w in said}


@pytest.mark.parametrize("page", ["getting-started.md", "getting-started.zh-CN.md"])
def test_the_first_example_learns_and_is_twenty_lines(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.random.seed(1)
    text = (DOCS / page).read_text("utf-8")
    first = next(BLOCK.finditer(text))
    assert len(first.group(2).splitlines()) <= 20
    defined = run(first.group(), page)
    assert defined["accuracy"] > 0.9
    predicted = defined["model"].predict(defined["x_test"])
    np.testing.assert_array_equal(defined["again"].predict(defined["x_test"]), predicted)


def test_both_first_pages_show_the_same_example() -> None:
    first, second = (
        next(BLOCK.finditer((DOCS / name).read_text("utf-8"))).group(2)
        for name in ("getting-started.md", "getting-started.zh-CN.md")
    )
    assert first == second


@pytest.mark.parametrize("block", ["```pycon\n>>> 1 + 1\n3\n```\n", "```python\nassert 0\n```\n"])
def test_an_example_that_is_wrong_is_found(block: str) -> None:
    with pytest.raises(AssertionError):
        run(block, "page.md")
