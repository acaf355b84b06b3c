"""get_file: whole or not at all, with a server on this machine that misbehaves when asked to."""

from __future__ import annotations

import errno
import io
import socket
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from keras.utils import download, get_file
from keras.utils.data_utils import validate_file
from tests.utils.server import (
    CONTENT,
    MD5,
    SHA256,
    Server,
    everything_in,
    fetched,
    nothing_is_left,
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken connections are taken up at once."""
    monkeypatch.setattr(download, "PAUSE", 0.0)


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
