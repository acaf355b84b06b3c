"""The site builds without a warning, all links lead somewhere, nothing comes from elsewhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.site.checks import problems

ROOT = Path(__file__).resolve().parents[2]


def test_the_site_builds(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.site", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    html = tmp_path / "html"
    assert {"index.html", "getting-started.html", "security.html"} <= {
        path.name for path in html.iterdir()
    }
    names = (html / "reference" / "names.html").read_text("utf-8")
    for name in ("keras.layers.Dense", "keras.backend.relu", "keras.utils.np_utils.to_categorical"):
        assert f"#{name}" in names
    page = (html / "reference" / "layers" / "core.html").read_text("utf-8")
    assert 'href="../../source/keras/layers/core/dense.py.html#line-' in page
    assert '<html class="no-js" lang="zh-CN"' in (html / "getting-started.zh-CN.html").read_text(
        "utf-8"
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('<a href="other.html#here">', []),
        ('<a href="https://example.org/x">', []),
        ('<img src="data:image/png;base64,AA==">', []),
        ('<a href="missing.html">', ["page.html links to missing.html, which isn't there"]),
        ('<a href="#no">', ["page.html links to #no, which has no such place"]),
        ('<a href="other.html#no">', ["page.html links to other.html#no, which has no such place"]),
        ('<img src="no.png">', ["page.html loads no.png, which isn't there"]),
        ('<script src="https://example.org/x.js">', ["page.html loads https://example.org/x.js"]),
        ('<link rel="stylesheet" href="//example.org/x">', ["page.html loads //example.org/x"]),
    ],
)
def test_what_is_wrong_with_a_page_is_found(tmp_path: Path, body: str, said: list[str]) -> None:
    (tmp_path / "page.html").write_text(body)
    (tmp_path / "other.html").write_text('<p id="here">')
    assert problems(tmp_path) == said


def test_styles_that_load_from_elsewhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("@import 'https://example.org/font.css'; b {src: url(x.woff)}")
    assert problems(tmp_path) == ["a.css loads https://example.org/font.css"]
