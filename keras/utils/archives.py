"""Unpacking archives of strangers: nothing gets out of the folder, nothing fills the disk or the
memory, nothing half-done stays."""

from __future__ import annotations

import io
import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

FORMATS = ("tar", "zip")
ALWAYS = 1 << 30  # bytes that any archive may unpack to
GROWTH = 200  # beyond that: times its own size; data sets grow tenfold, bombs a thousandfold
ENTRY = 4096  # bytes that an entry counts at least: names alone can fill a disk
DEEPEST = 100  # folders within folders
LONGEST = 1 << 20  # bytes of an entry's own description, which is read at once
CHUNK = 1 << 17
_DESCRIPTIONS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class UnsafeArchive(ValueError):
    """An archive that would write where it shouldn't, or more than it should."""


@dataclass(frozen=True)
class Member:
    """One entry of an archive: what it is called, what it is, and how to read it."""

    name: str
    kind: str  # "file", "folder", "link" (a symbolic one), "same" (another name of a file), ...
    link: str = ""
    executable: bool = False
    read: Callable[[], IO[bytes]] | None = None


def unpack(path: Path, folder: Path, archive_format: Any = "auto") -> bool:
    """Unpack an archive into a folder; False if it is none of these formats.

    It is unpacked beside that folder first and moved when all of it is there.
    """
    if archive_format is None:
        return False
    formats = FORMATS if archive_format == "auto" else archive_format
    formats = [formats] if isinstance(formats, str) else list(formats)
    for name in formats:
        if name not in FORMATS:
            raise ValueError(f"`archive_format` is 'auto', 'tar', 'zip' or a list, got {name!r}.")
        is_archive, members = _READERS[name]
        if is_archive(path):
            with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacking-") as draft:
                root = Path(draft, "content")
                root.mkdir()
                _write(members(path), root, path)
                _move(root, folder)
            return True
    return False


class _Room:
    """How much an archive may still write: it must not fill the disk."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.whole = self.left = max(ALWAYS, GROWTH * archive.stat().st_size)

    def take(self, count: int) -> None:
        """Count bytes before they are written."""
        self.left -= count
        if self.left < 0:
            raise UnsafeArchive(
                f"{self.archive} was not unpacked: it would fill more than {self.whole} bytes, "
                "though it is small. If you trust it, unpack it yourself."
            )


def _write(members: Iterator[Member], root: Path, archive: Path) -> None:
    room = _Room(archive)
    for member in members:
        room.take(ENTRY)
        if member.name.count("/") > DEEPEST:
            raise UnsafeArchive(
                f"{archive} was not unpacked: {member.name[:80]!r}... lies in more than {DEEPEST} "
                "folders."
            )
        target = root / member.name
        # Links that came earlier are followed here, so that none of them leads out.
        if Path(member.name).is_absolute() or not _within(root, target):
            raise UnsafeArchive(
                f"{archive} was not unpacked: {member.name!r} would be written outside the folder."
            )
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_one(member, target, root, room)
    for found in root.rglob("*"):
        # A link may have turned outwards when another was laid in its way.
        if found.is_symlink() and not _within(root, found):
            raise UnsafeArchive(f"{archive} was not unpacked: {found.name!r} leads outside.")


def _write_one(member: Member, target: Path, root: Path, room: _Room) -> None:
    if member.kind == "folder":
        target.mkdir(exist_ok=True)
    elif member.kind == "file" and member.read is not None:
        if target.is_symlink():
            target.unlink()
        with member.read() as source, target.open("wb") as file:
            while chunk := source.read(CHUNK):
                room.take(len(chunk))
                file.write(chunk)
        if member.executable:
            target.chmod(target.stat().st_mode | 0o111)
    elif member.kind == "link" and _within(root, target.parent / member.link):
        target.symlink_to(member.link)
    elif member.kind == "same" and _within(root, root / member.link):
        room.take((root / member.link).stat().st_size)
        shutil.copyfile(root / member.link, target)
    else:
        what = f"{member.kind} to {member.link!r}" if member.link else member.kind
        raise UnsafeArchive(f"{room.archive} was not unpacked: {member.name!r} is a {what}.")


def _within(root: Path, path: Path) -> bool:
    inside, whole = os.path.realpath(path), os.path.realpath(root)
    return inside == whole or inside.startswith(whole + os.sep)


def _move(source: Path, folder: Path) -> None:
    """Put everything into the folder, over what is there under the same names."""
    for found in sorted(source.iterdir()):
        target = folder / found.name
        if found.is_dir() and not found.is_symlink() and target.is_dir():
            _move(found, target)
        else:
            found.replace(target)


class _Entry(tarfile.TarInfo):
    """An entry of a tar archive, whose description is refused if it would fill the memory."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Entry:
        """From the first 512 bytes, which say how long the rest is."""
        found = super().frombuf(buf, encoding, errors)
        if found.type in _DESCRIPTIONS and found.size > LONGEST:
            raise UnsafeArchive(
                f"The archive was not unpacked: it describes one entry in {found.size} bytes."
            )
        return found


def _is_tar(path: Path) -> bool:
    try:
        tarfile.open(path, tarinfo=_Entry).close()
    except tarfile.TarError:
        return False
    return True


def _tar_members(path: Path) -> Iterator[Member]:
    with tarfile.open(path, tarinfo=_Entry) as archive:
        for entry in archive:
            yield Member(
                entry.name,
                _tar_kind(entry),
                entry.linkname,
                bool(entry.mode & 0o100),
                partial(_content, archive, entry),
            )


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    return archive.extractfile(entry) or io.BytesIO()


def _tar_kind(entry: tarfile.TarInfo) -> str:
    if entry.isfile():
        return "file"
    if entry.isdir():
        return "folder"
    if entry.issym():
        return "link"
    return "same" if entry.islnk() else "device"


def _zip_members(path: Path) -> Iterator[Member]:
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            kind = "folder" if entry.is_dir() else "file"
            if mode & 0o170000 == 0o120000:
                with archive.open(entry) as file:
                    link = file.read(ENTRY)  # longer ones lead nowhere
                yield Member(entry.filename, "link", link.decode())
            else:
                read = partial(archive.open, entry)
                yield Member(entry.filename, kind, "", bool(mode & 0o100), read)


_READERS: dict[str, tuple[Callable[[Path], bool], Callable[[Path], Iterator[Member]]]] = {
    "tar": (_is_tar, _tar_members),
    "zip": (zipfile.is_zipfile, _zip_members),
}
