"""Archives that want more than to be unpacked."""

from __future__ import annotations

import io
import random
import tarfile
import zipfile
from pathlib import Path

import pytest

from keras.utils import archives
from keras.utils.archives import UnsafeArchive, unpack

Entry = tuple[str, bytes, str]  # name, kind of tar entries, content or what it links to
FILE, LINK, SAME, FOLDER = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE


def tar_of(path: Path, *entries: Entry, mode: int = 0o644) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, kind, text in entries:
            info = tarfile.TarInfo(name)
            info.type, info.mode = kind, mode
            if kind == FILE:
                info.size = len(text)
            else:
                info.linkname = text
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def zip_of(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "deep" / "folder"
    made.mkdir(parents=True)
    (made / "kept.txt").write_text("kept")
    return made


def nothing_happened(folder: Path) -> bool:
    top = folder.parent.parent
    found = {path.relative_to(top).as_posix() for path in top.rglob("*")}
    return found <= {"a.tar", "a.zip", "deep", "deep/folder", "deep/folder/kept.txt"}


@pytest.mark.parametrize(
    "entries",
    [
        [("../evil", FILE, "x")],
        [("good/../../evil", FILE, "x")],
        [("/evil", FILE, "x")],
        [("..", FOLDER, "")],
        [("link", LINK, "/etc/passwd")],
        [("link", LINK, "../..")],
        [("a/link", LINK, "../../x")],
        [("same", SAME, "../deep/folder/kept.txt")],
        [("same", SAME, "/etc/passwd")],
        [("good", FILE, "x"), ("device", tarfile.CHRTYPE, "")],
        [("pipe", tarfile.FIFOTYPE, "")],
        # A link within, turned outwards by another, and written through.
        [("p/q", FOLDER, ""), ("a", LINK, "p/q/b/../../.."), ("p/q/b", LINK, "../.."),
         ("a/evil", FILE, "x")],
        [("p/q", FOLDER, ""), ("a", LINK, "p/q/b/../../.."), ("p/q/b", LINK, "../..")],
    ],
)  # fmt: skip
def test_what_would_get_out_of_the_folder(
    tmp_path: Path, folder: Path, entries: list[Entry]
) -> None:
    archive = tar_of(tmp_path / "a.tar", ("first", FILE, "x"), *entries)
    with pytest.raises(UnsafeArchive, match="was not unpacked"):
        unpack(archive, folder)
    assert nothing_happened(folder)


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil"])
def test_zip_files_too(tmp_path: Path, folder: Path, name: str) -> None:
    archive = zip_of(tmp_path / "a.zip", first="x", **{name: "x"})
    with pytest.raises(UnsafeArchive, match="would be written outside the folder"):
        unpack(archive, folder)
    assert nothing_happened(folder)


def test_links_in_zip_files(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "../../x")
    with pytest.raises(UnsafeArchive, match=r"'link' is a link to '../../x'"):
        unpack(path, folder)
    assert nothing_happened(folder)


def test_a_file_in_the_place_of_a_link(tmp_path: Path, folder: Path) -> None:
    archive = tar_of(
        tmp_path / "a.tar", ("x", FILE, "one"), ("link", LINK, "x"), ("link", FILE, "two")
    )
    unpack(archive, folder)
    assert ((folder / "x").read_text(), (folder / "link").read_text()) == ("one", "two")


def test_links_that_stay_within(tmp_path: Path, folder: Path) -> None:
    archive = tar_of(
        tmp_path / "a.tar",
        ("data/x", FILE, "one"),
        ("latest", LINK, "data"),
        ("data/up", LINK, "../data/x"),
        ("again", SAME, "data/x"),
    )
    assert unpack(archive, folder)
    assert (folder / "latest" / "x").read_text() == "one"
    assert (folder / "data" / "up").read_text() == "one"
    assert (folder / "again").read_text() == "one"
    assert (folder / "latest").readlink() == Path("data")


def test_folders_are_merged_and_files_replaced(tmp_path: Path, folder: Path) -> None:
    unpack(tar_of(tmp_path / "a.tar", ("d/a", FILE, "1"), ("d/b", FILE, "1")), folder)
    unpack(tar_of(tmp_path / "a.tar", ("d/b", FILE, "2"), ("d/e", FOLDER, "")), folder)
    assert [(folder / "d" / n).read_text() for n in "ab"] == ["1", "2"]
    assert (folder / "d" / "e").is_dir()
    assert (folder / "kept.txt").read_text() == "kept"


def test_programs_stay_programs_but_nothing_gets_special_rights(
    tmp_path: Path, folder: Path
) -> None:
    unpack(tar_of(tmp_path / "a.tar", ("run", FILE, "x"), mode=0o6755), folder)
    mode = (folder / "run").stat().st_mode
    assert mode & 0o100
    assert not mode & 0o6000


def test_a_damaged_archive_leaves_nothing_behind(tmp_path: Path, folder: Path) -> None:
    archive = tar_of(tmp_path / "a.tar", *[(f"f{i}", FILE, "x" * 5000) for i in range(50)])
    archive.write_bytes(archive.read_bytes()[:-60])
    with pytest.raises((tarfile.ReadError, EOFError)):
        unpack(archive, folder)
    assert nothing_happened(folder)


def test_what_is_no_archive(tmp_path: Path, folder: Path) -> None:
    text = tmp_path / "a.zip"
    text.write_text("no archive")
    assert not unpack(text, folder)
    assert not unpack(zip_of(tmp_path / "a.zip", x="y"), folder, None)


# ---- bombs


@pytest.fixture
def no_growth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte at most, that a test needn't fill a disk."""
    monkeypatch.setattr(archives, "ALWAYS", 1_000_000)
    monkeypatch.setattr(archives, "GROWTH", 1)


def refused(path: Path, folder: Path, why: str) -> None:
    with pytest.raises(UnsafeArchive, match=why):
        unpack(path, folder)
    assert nothing_happened(folder)


@pytest.mark.usefixtures("no_growth")
def test_small_archives_of_much(tmp_path: Path, folder: Path) -> None:
    """Zeros; many names of one file; many empty folders."""
    much = "fill more than 1000000 bytes"
    zeros = "\0" * 1_000_001
    refused(tar_of(tmp_path / "a.tar", ("zeros", FILE, zeros)), folder, much)
    copies = [(f"{i}", SAME, "zeros") for i in range(12)]
    refused(tar_of(tmp_path / "a.tar", ("zeros", FILE, zeros[:80_000]), *copies), folder, much)
    folders = [(f"{i}", FOLDER, "") for i in range(250)]
    refused(tar_of(tmp_path / "a.tar", *folders), folder, much)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", zeros)
    refused(tmp_path / "a.zip", folder, much)


@pytest.mark.usefixtures("no_growth")
def test_an_archive_may_hold_what_it_is_large_enough_for(tmp_path: Path, folder: Path) -> None:
    """What doesn't shrink is no bomb, however large."""
    noise = random.Random(0).randbytes(3_000_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("noise", noise[:2_990_000])
        archive.comment = b"x" * 60_000  # a little more for the names
    assert unpack(tmp_path / "a.zip", folder)
    assert (folder / "noise").stat().st_size == 2_990_000


def test_a_size_that_is_a_lie(tmp_path: Path, folder: Path) -> None:
    """The entry's own number is never believed: zipfile stops where it said the file ends."""
    path = zip_of(tmp_path / "a.zip", x="0123456789")
    content = path.read_bytes()
    path.write_bytes(content.replace((10).to_bytes(4, "little"), (3).to_bytes(4, "little")))
    with pytest.raises(zipfile.BadZipFile):
        unpack(path, folder)
    assert nothing_happened(folder)


def test_folders_within_folders_for_ever(tmp_path: Path, folder: Path) -> None:
    steps = [("a/" * i, FOLDER, "") for i in range(1, 1500)]
    refused(tar_of(tmp_path / "a.tar", *steps), folder, "lies in more than 100 folders")
    refused(zip_of(tmp_path / "a.zip", **{"a/" * 1500 + "x": "y"}), folder, "more than 100 folders")


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
@pytest.mark.parametrize("first", [True, False])
def test_a_description_that_would_fill_the_memory(
    tmp_path: Path, folder: Path, kind: bytes, first: bool
) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, 8**11 - 1  # the most that its field holds
    fine = tarfile.TarInfo("fine").tobuf()
    (tmp_path / "a.tar").write_bytes((b"" if first else fine) + info.tobuf() + bytes(1024))
    refused(tmp_path / "a.tar", folder, "describes one entry in 8589934591 bytes")


def test_a_link_as_long_as_a_file(tmp_path: Path, folder: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo("link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "a/" * 1_000_000)
    with pytest.raises((OSError, UnsafeArchive)):
        unpack(tmp_path / "a.zip", folder)
    assert nothing_happened(folder)
