"""A large file that is replaced is freed beside what comes next, and freed for sure."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from keras import whole_files
from keras.whole_files import LARGE, replacing

pytestmark = pytest.mark.skipif(not hasattr(os, "O_PATH"), reason="how Linux holds a file")


def write(path: Path, letter: bytes, size: int) -> None:
    with replacing(path) as made:
        made.write_bytes(letter * size)


def held(path: Path) -> list[str]:
    """The descriptors of this process that hold a file of this name, or one that had it."""
    return [each.name for each in Path("/proc/self/fd").iterdir() if _link(each) == str(path)]


def _link(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink()).removesuffix(" (deleted)")
    except FileNotFoundError:  # the one by which the folder is listed
        return ""


def names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


@pytest.mark.parametrize("size", [LARGE - 1, LARGE])
def test_a_large_file_loses_its_name_before_it_is_freed(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write(path, b"a", size)
    seen = []
    replace = Path.replace

    def looked(self: Path, target: Path) -> Path:
        seen.append(len(held(path)))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", looked)
    write(path, b"b", size)
    assert seen == [int(size >= LARGE)]
    assert path.read_bytes() == b"b" * size
    whole_files._leaving.wait()
    assert held(path) == []
    assert names(tmp_path) == ["file"]


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """A file that was replaced twice; freeing begins when somebody waits for it."""
    go, close, path = threading.Event(), os.close, tmp_path / "file"

    def closes(number: int) -> None:
        go.wait()
        close(number)

    write(path, b"a", LARGE)
    with monkeypatch.context() as patch:
        patch.setattr(os, "close", closes)
        write(path, b"b", LARGE)
        write(path, b"c", LARGE)
    assert len(held(path)) == 2
    wait = whole_files._leaving.wait

    def waited() -> None:
        go.set()
        wait()

    monkeypatch.setattr(whole_files._leaving, "wait", waited)
    return go


@pytest.mark.parametrize("short", ["of files", "of space"])
def test_old_files_are_freed_where_room_is_short(
    short: str, slow: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody waits for them."""
    path = tmp_path / "file"
    with replacing(path) as made:
        assert not slow.is_set()
        assert len(held(path)) == 2
        made.write_bytes(b"c" * LARGE)
    if short == "of files":
        monkeypatch.setattr(whole_files, "MOST", 2)
    else:
        monkeypatch.setattr(whole_files, "SPARE", 1 << 60)
    with replacing(path) as made:
        assert slow.is_set()
        assert held(path) == []
        made.write_bytes(b"d")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are begun otherwise")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*fork")  # of threads, which this child does without
def test_a_child_holds_none_of_them(slow: threading.Event, tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        os._exit(len(held(tmp_path / "file")))
    assert os.waitpid(child, 0)[1] == 0
    assert slow.is_set()


@pytest.mark.parametrize("what", ["thread", "rename"])
def test_nothing_stays_open_whatever_fails(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write(path, b"a", LARGE)

    def fails(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(
        *{"thread": (threading.Thread, "start"), "rename": (Path, "replace")}[what], fails
    )
    if what == "rename":
        with pytest.raises(RuntimeError):
            write(path, b"b", LARGE)
    else:
        write(path, b"b", LARGE)
    whole_files._leaving.wait()
    assert path.read_bytes()[:1] == (b"a" if what == "rename" else b"b")
    assert held(path) == []
    assert names(tmp_path) == ["file"]
