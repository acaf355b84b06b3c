"""get_file: whole or not at all, with a server on this machine that misbehaves when asked to."""

from __future__ import annotations

import errno
import hashlib
import io
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from keras.utils import download, get_file
from keras.utils.data_utils import validate_file
from keras.utils.partial import Part

CONTENT = bytes(range(256)) * 4000  # about a megabyte
END = len(CONTENT) - 1
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


class Server:
    """What the server does: `breaks` answers end after as many bytes; what it was asked."""

    def __init__(self) -> None:
        self.address = ""
        self.breaks: list[int] = []
        self.errors: list[int] = []
        self.ranges = True
        self.asked: list[str | None] = []  # the Range header of each request
        self.version = "one"
        self.headers: dict[str, str] = {}  # in place of the ETag
        self.shift = 0  # how far from what was asked for its rest begins


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.headers.get("Range"))
            if state.errors:
                self.send_error(state.errors.pop(0))
                return
            first = 0
            if state.ranges and self.headers.get("If-Range") == state.version:
                first = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
            if first >= len(CONTENT):
                self.send_error(416)
                return
            self.send_response(206 if first else 200)
            for name, value in (state.headers or {"ETag": state.version}).items():
                self.send_header(name, value)
            if first:
                first += state.shift
                self.send_header("Content-Range", f"bytes {first}-{END}/{len(CONTENT)}")
            self.send_header("Content-Length", str(len(CONTENT) - first))
            self.end_headers()
            last = first + state.breaks.pop(0) if state.breaks else len(CONTENT)
            self.wfile.write(CONTENT[first:last])

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state.address = f"http://127.0.0.1:{listening.server_port}/file.bin"
        yield state
        listening.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PAUSE", 0.0)


def everything_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def fetched(server: Server, tmp_path: Path, **more: Any) -> bytes:
    path = get_file("file.bin", server.address, cache_dir=tmp_path, **more)
    assert Path(path) == tmp_path / "datasets" / "file.bin"
    assert everything_in(tmp_path) == ["datasets", "datasets/file.bin"]
    return Path(path).read_bytes()


# ---- what goes well


def test_a_file_is_fetched_once(server: Server, tmp_path: Path) -> None:
    assert fetched(server, tmp_path) == CONTENT
    assert fetched(server, tmp_path) == CONTENT
    assert server.asked == [None]


def test_it_says_what_it_does(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetched(server, tmp_path)
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"Downloading data from {server.address}"
    assert second.startswith(f"1024000/1024000 [{'=' * 30}] - ")
    assert second.endswith("MB/s")


@pytest.mark.parametrize(
    "check", [{"file_hash": SHA256}, {"file_hash": SHA256.upper()}, {"md5_hash": MD5},
              {"file_hash": MD5}, {"file_hash": MD5, "hash_algorithm": "md5"}]
)  # fmt: skip
def test_with_its_hash(server: Server, tmp_path: Path, check: dict[str, str]) -> None:
    assert fetched(server, tmp_path, **check) == CONTENT
    assert fetched(server, tmp_path, **check) == CONTENT
    assert len(server.asked) == 1


def test_an_old_version_is_replaced(server: Server, tmp_path: Path) -> None:
    old = tmp_path / "datasets" / "file.bin"
    old.parent.mkdir()
    old.write_text("old")
    assert fetched(server, tmp_path) == b"old", "without a hash nobody knows"
    assert fetched(server, tmp_path, file_hash=SHA256) == CONTENT


def test_the_usual_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    source = tmp_path / "source.txt"
    source.write_text("one")
    path = get_file("a.txt", source.as_uri(), cache_subdir="models")
    assert Path(path) == tmp_path / "home" / "models" / "a.txt"
    source.write_text("two")
    assert Path(get_file("a.txt", source.as_uri(), cache_subdir="models")).read_text() == "one"


def test_an_absolute_path_lies_where_it_says(server: Server, tmp_path: Path) -> None:
    wanted = tmp_path / "elsewhere" / "x.bin"
    assert get_file(wanted, server.address, cache_dir=tmp_path / "cache") == str(wanted)
    assert wanted.read_bytes() == CONTENT


def test_a_cache_that_can_not_be_made(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "file").touch()
    with pytest.warns(UserWarning, match="files go to"):
        path = get_file("file.bin", server.address, cache_dir=tmp_path / "file" / "cache")
    assert Path(path) == tmp_path / ".keras" / "datasets" / "file.bin"


# ---- what goes wrong


def test_a_broken_connection_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.breaks = [300_000, 200_000]
    assert fetched(server, tmp_path, file_hash=SHA256) == CONTENT
    assert server.asked == [None, "bytes=300000-", "bytes=500000-"]


def test_a_server_that_can_not_go_on_begins_anew(server: Server, tmp_path: Path) -> None:
    server.breaks, server.ranges = [300_000], False
    assert fetched(server, tmp_path, file_hash=SHA256) == CONTENT


def test_a_file_that_changed_meanwhile_begins_anew(server: Server, tmp_path: Path) -> None:
    server.breaks = [300_000]
    original = download._Download._fetch

    def fetch(self: Any) -> None:
        original(self) if server.breaks else (setattr(server, "version", "two"), original(self))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(download._Download, "_fetch", fetch)
        assert fetched(server, tmp_path, file_hash=SHA256) == CONTENT


def nothing_is_left(tmp_path: Path) -> bool:
    return everything_in(tmp_path) in ([], ["datasets"])


def test_a_connection_that_breaks_too_often(server: Server, tmp_path: Path) -> None:
    server.breaks = [10] * 9
    with pytest.raises(OSError, match=r"could not fetch http.*: the connection ended after 50 of"):
        fetched(server, tmp_path)
    assert len(server.asked) == download.ATTEMPTS


def test_a_server_that_is_busy_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.errors = [503, 500]
    assert fetched(server, tmp_path) == CONTENT


def test_a_file_that_is_not_there(server: Server, tmp_path: Path) -> None:
    server.errors = [404]
    with pytest.raises(
        OSError, match=r"could not fetch http.*: the server answers 404 Not Found\."
    ):
        fetched(server, tmp_path)
    assert len(server.asked) == 1
    assert nothing_is_left(tmp_path)


def test_a_wrong_hash(server: Server, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"its md5 is {MD5}, expected 00ff. Nothing was stored"):
        fetched(server, tmp_path, md5_hash="00ff")
    assert nothing_is_left(tmp_path)


def test_a_wrong_hash_leaves_the_old_file(server: Server, tmp_path: Path) -> None:
    fetched(server, tmp_path)
    with pytest.raises(ValueError, match="is not the file that is wanted"):
        fetched(server, tmp_path, md5_hash="00ff")
    assert fetched(server, tmp_path) == CONTENT


def test_a_full_disk(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download.Progbar, "move", full)
    with pytest.raises(OSError, match="No space left on device"):
        fetched(server, tmp_path)
    assert len(server.asked) == 1, "more room doesn't come by asking again"
    assert nothing_is_left(tmp_path)


# ---- what an earlier call left


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


# ---- addresses


def test_without_a_network_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def lost(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", lost)
    with pytest.raises(OSError, match=r"could not fetch http://example\.org/x: .*name resolution"):
        get_file("x", "http://example.org/x", cache_dir=tmp_path)
    assert asked == ["example.org"]


@pytest.mark.parametrize(
    ("origin", "kind", "says"),
    [
        ("file:///nowhere/x", OSError, "could not fetch file:///nowhere/x: .*No such file"),
        ("http://127.0.0.1:1/x", OSError, "could not fetch http://127.0.0.1:1/x: .*refused"),
        ("gs://bucket/x", OSError, "unknown url type: gs"),
        ("x.txt", ValueError, "`origin` is an address .*, got 'x.txt'"),
    ],
)
def test_addresses_that_lead_nowhere(
    tmp_path: Path, origin: str, kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says):
        get_file("x", origin, cache_dir=tmp_path)
    assert nothing_is_left(tmp_path)


# ---- hashes


def test_hashes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(CONTENT)
    assert validate_file(path, SHA256)
    assert validate_file(str(path), MD5)
    assert validate_file(path, SHA256, algorithm="sha256", chunk_size=7919)
    assert not validate_file(path, MD5[:-1] + "x")
    with pytest.raises(ValueError, match="'auto', 'sha256' or 'md5', got 'crc'"):
        validate_file(path, MD5, algorithm="crc")


# ---- archives


def packed(kind: str, **files: str) -> bytes:
    memory = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(memory, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        return memory.getvalue()
    with tarfile.open(fileobj=memory, mode="w:gz") as tar:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
    return memory.getvalue()


@pytest.mark.parametrize("kind", ["tar", "zip"])
@pytest.mark.parametrize("by", ["auto", "same", "list"])
def test_extract(tmp_path: Path, kind: str, by: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(packed(kind, **{"flowers/a.txt": "rose", "flowers/b/c.txt": "tulip"}))
    formats = {"auto": "auto", "same": kind, "list": ["zip", "tar"]}[by]
    path = get_file(
        "f.archive", source.as_uri(), extract=True, archive_format=formats, cache_dir=tmp_path
    )
    assert Path(path).name == "f.archive"
    assert everything_in(tmp_path / "datasets") == [
        "f.archive", "flowers", "flowers/a.txt", "flowers/b", "flowers/b/c.txt",
    ]  # fmt: skip
    assert (tmp_path / "datasets/flowers/b/c.txt").read_text() == "tulip"


def test_untar_gives_the_folder(tmp_path: Path) -> None:
    source = tmp_path / "flower_photos.tgz"
    source.write_bytes(packed("tar", **{"flowers/a.txt": "rose"}))
    for _ in range(2):
        path = get_file("flowers", source.as_uri(), untar=True, cache_dir=tmp_path)
        assert (Path(path) / "a.txt").read_text() == "rose"
    assert everything_in(tmp_path / "datasets") == ["flowers", "flowers.tar.gz", "flowers/a.txt"]


def test_untar_under_another_name(tmp_path: Path) -> None:
    source = tmp_path / "x.tgz"
    source.write_bytes(packed("tar", **{"other/a.txt": "rose"}))
    with pytest.warns(UserWarning, match="holds nothing named 'flowers'"):
        get_file("flowers", source.as_uri(), untar=True, cache_dir=tmp_path)


@pytest.mark.parametrize("archive_format", [None, "tar"])
def test_what_is_no_archive_stays_as_it_is(tmp_path: Path, archive_format: str | None) -> None:
    source = tmp_path / "source"
    source.write_bytes(packed("zip", a="x"))
    get_file(
        "a.zip", source.as_uri(), extract=True, archive_format=archive_format, cache_dir=tmp_path
    )
    assert everything_in(tmp_path / "datasets") == ["a.zip"]


def test_formats(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.touch()
    with pytest.raises(ValueError, match="`archive_format` is 'auto', 'tar', 'zip' or a list"):
        get_file("a", source.as_uri(), extract=True, archive_format="rar", cache_dir=tmp_path)
