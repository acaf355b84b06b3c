"""What a download that broke off leaves, and how the next call goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from keras.utils import download, get_file
from keras.utils.partial import Part
from tests.utils.server import CONTENT, SHA256, Server, everything_in, fetched, nothing_is_left


def broken_off(server: Server, tmp_path: Path, after: int = 300_000, **more: Any) -> None:
    """A download that gives up after so many bytes."""
    server.breaks = [after] + [0] * (download.ATTEMPTS - 1)
    with pytest.raises(OSError, match="the connection ended"):
        fetched(server, tmp_path, **more)
    server.asked.clear()


def part_in(tmp_path: Path) -> Path:
    return tmp_path / "datasets" / ".file.bin.part"


@pytest.mark.parametrize("check", [{}, {"file_hash": SHA256}])
def test_the_next_call_goes_on(server: Server, tmp_path: Path, check: dict[str, str]) -> None:
    server.breaks = [300_000, 0, 0, 0, 0]
    with pytest.raises(OSError, match=r"The next call goes on after 300000 bytes\.$"):
        fetched(server, tmp_path, **check)
    assert not (tmp_path / "datasets" / "file.bin").exists()
    server.asked.clear()
    assert fetched(server, tmp_path, **check) == CONTENT
    assert server.asked == ["bytes=300000-"]


def test_ctrl_c(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(download.Progbar, "move", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fetched(server, tmp_path)
    there = part_in(tmp_path).stat().st_size
    assert there > 0
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == [None, f"bytes={there}-"]


def test_a_killed_process(server: Server, tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from keras.utils import download, get_file;"
        "download.Progbar.move = lambda *args: os.kill(os.getpid(), signal.SIGKILL);"
        "get_file('file.bin', sys.argv[1], cache_dir=sys.argv[2])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, server.address, str(tmp_path)], capture_output=True
    )
    assert done.returncode == -signal.SIGKILL
    there = part_in(tmp_path).stat().st_size
    assert there > 0
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == [None, f"bytes={there}-"]


def test_a_file_that_changed_since_begins_anew(server: Server, tmp_path: Path) -> None:
    broken_off(server, tmp_path)
    part_in(tmp_path).write_bytes(b"another version")
    server.version = "two"
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == ["bytes=15-"]


def test_a_server_that_knows_no_ranges_begins_anew(server: Server, tmp_path: Path) -> None:
    broken_off(server, tmp_path)
    server.ranges = False
    assert fetched(server, tmp_path) == CONTENT


@pytest.mark.parametrize("headers", [{"X": "y"}, {"ETag": 'W/"one"'}])
def test_what_has_no_version_does_not_stay(
    server: Server, tmp_path: Path, headers: dict[str, str]
) -> None:
    """A weak tag says that the meaning is the same, not each byte."""
    server.headers = headers
    broken_off(server, tmp_path)
    assert nothing_is_left(tmp_path)


def test_the_time_of_change_is_a_version(server: Server, tmp_path: Path) -> None:
    server.version = "Sat, 21 Nov 2026 10:00:00 GMT"
    server.headers = {"ETag": 'W/"one"', "Last-Modified": server.version}
    broken_off(server, tmp_path)
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == ["bytes=300000-"]


def test_another_address_begins_anew(server: Server, tmp_path: Path) -> None:
    broken_off(server, tmp_path)
    note = part_in(tmp_path).with_name(".file.bin.part.json")
    note.write_text(note.read_text().replace("/file.bin", "/other.bin"))
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == [None]


def test_an_address_that_fails_leaves_what_another_brought(server: Server, tmp_path: Path) -> None:
    broken_off(server, tmp_path)
    with pytest.raises(OSError, match="No such file"):
        get_file("file.bin", "file:///nowhere/file.bin", cache_dir=tmp_path)
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == ["bytes=300000-"]


@pytest.mark.parametrize("note", ["", "[]", '{"origin": 1}'])
def test_a_damaged_note_begins_anew(server: Server, tmp_path: Path, note: str) -> None:
    broken_off(server, tmp_path)
    part_in(tmp_path).with_name(".file.bin.part.json").write_text(note)
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == [None]


def test_a_damaged_part_is_found_by_the_hash(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken_off(server, tmp_path)
    part_in(tmp_path).write_bytes(bytes(300_000))
    assert fetched(server, tmp_path, file_hash=SHA256) == CONTENT
    assert server.asked == ["bytes=300000-", None]
    assert "it is downloaded from the start" in capsys.readouterr().out


@pytest.mark.parametrize("more", [0, 10])
def test_a_part_that_is_as_long_as_the_file(server: Server, tmp_path: Path, more: int) -> None:
    broken_off(server, tmp_path)
    part_in(tmp_path).write_bytes(bytes(len(CONTENT) + more))
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == [f"bytes={len(CONTENT) + more}-", None]


def test_a_server_that_sends_another_rest(server: Server, tmp_path: Path) -> None:
    broken_off(server, tmp_path)
    server.shift = 7
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == ["bytes=300000-", None]


def test_two_at_a_time(server: Server, tmp_path: Path) -> None:
    """One of them has the part; the other gets the whole file by itself, and leaves it alone."""
    broken_off(server, tmp_path)
    held = Part(tmp_path / "datasets" / "file.bin", server.address)
    assert held.have == 300_000
    path = get_file("file.bin", server.address, cache_dir=tmp_path)
    assert Path(path).read_bytes() == CONTENT
    assert server.asked == [None]
    assert part_in(tmp_path).read_bytes() == CONTENT[:300_000]
    held.write(CONTENT[300_000:])
    held.finish()
    held.close()
    assert everything_in(tmp_path) == ["datasets", "datasets/file.bin"]


def test_a_link_in_the_place_of_the_part(server: Server, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "datasets").mkdir()
    part_in(tmp_path).symlink_to(tmp_path / "precious")
    get_file("file.bin", server.address, cache_dir=tmp_path)
    assert (tmp_path / "precious").read_text() == "kept"
