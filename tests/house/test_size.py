"""No file outgrows its idea, and no exception outlives its reason."""

from __future__ import annotations

from pathlib import Path

from tools.size import ROOT, lines_of_files, problems, report, settings


def test_no_file_is_too_long() -> None:
    size = settings(ROOT)
    assert problems(lines_of_files(ROOT), size["lines"], size.get("longer", {})) == []


def test_a_file_that_is_too_long_is_found(tmp_path: Path) -> None:
    room = tmp_path / "keras" / "layers"
    room.mkdir(parents=True)
    (room / "long.py").write_text("x = 1\n" * 11)
    (room / "short.py").write_text("x = 1\n" * 10)
    files = lines_of_files(tmp_path)
    assert files == {"keras/layers/long.py": 11, "keras/layers/short.py": 10}
    (sentence,) = problems(files, 10, {})
    assert sentence.startswith("keras/layers/long.py has 11 lines, the limit is 10")
    assert problems(files, 10, {"keras/layers/long.py": "a table of figures"}) == []


def test_an_exception_needs_a_reason_and_a_long_file() -> None:
    files = {"keras/a.py": 11, "keras/b.py": 10}
    assert len(problems(files, 10, {"keras/a.py": " "})) == 1
    assert len(problems(files, 10, {"keras/a.py": "why", "keras/b.py": "why"})) == 1
    assert len(problems(files, 10, {"keras/a.py": "why", "keras/gone.py": "why"})) == 1


def test_the_report_adds_up() -> None:
    text = report({"keras/a.py": 1, "keras/layers/b.py": 20, "keras/layers/core/c.py": 300})
    assert [line.split() for line in text.splitlines()] == [
        ["1", "keras/"],
        ["1", "a.py"],
        ["320", "keras/layers/"],
        ["20", "b.py"],
        ["300", "core/c.py"],
        ["321", "lines", "in", "3", "files"],
    ]
