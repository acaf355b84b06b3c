"""Files from the network, kept in a cache: whole, checked, and unpacked."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from ..backend import config
from ..callbacks.bar import Progbar
from ..callbacks.screen import say
from ..caller import warn
from .partial import Part

ATTEMPTS = 5  # a connection that breaks off is taken up again where it broke
PAUSE = 0.5  # seconds before that, twice as long each time
TIMEOUT = 60.0  # seconds without a byte
CHUNK = 1 << 17
_FULL = (errno.ENOSPC, errno.EDQUOT)
_OF_FILES = (errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOSPC, errno.EROFS, errno.EDQUOT)


def get_file(
    fname: str | os.PathLike[str],
    origin: str,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: Any = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
) -> str:
    """The path of a file that is downloaded from `origin` if it isn't in the cache yet.

    The cache is `cache_dir/cache_subdir`, by default `~/.keras/datasets`; an absolute `fname` lies
    where it says. `file_hash` (SHA-256 or MD5, as `hash_algorithm` or its length say; `md5_hash` is
    an older name) is checked always: a file that was there and is another is downloaded again.
    `extract` unpacks an archive beside it (`archive_format`: "tar", "zip", a list, "auto" or
    `None`); `untar` takes `fname + '.tar.gz'` for the archive's name and returns the folder
    `fname`.

    What is half-done never takes the file's place. A download that breaks off leaves what it has in
    a hidden file beside it, and the next call goes on from there, if the server can and still has
    the same version; the hash is that of the whole.
    """
    from .archives import unpack

    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    folder = _cache(cache_dir) / cache_subdir
    unpacked = folder / fname
    path = unpacked.with_name(unpacked.name + ".tar.gz") if untar else unpacked
    if not _is_there(path, file_hash, hash_algorithm):
        _download(origin, path, file_hash, hash_algorithm)
    if untar:
        if not unpacked.exists():
            unpack(path, unpacked.parent, "tar")
        if not unpacked.exists():
            warn(f"`get_file`: {path} holds nothing named {unpacked.name!r}.")
        return str(unpacked)
    if extract:
        unpack(path, folder, archive_format)
    return str(path)


def _cache(folder: str | os.PathLike[str] | None) -> Path:
    """The folder of the cache; a temporary one if that can't be written to."""
    wanted = Path(folder) if folder is not None else config.home()
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _instead_of(wanted, error)
    if not os.access(wanted, os.W_OK):
        return _instead_of(wanted, "no permission to write there")
    return wanted


def _instead_of(folder: Path, why: Any) -> Path:
    instead = Path(tempfile.gettempdir(), ".keras")
    warn(f"{folder} can't be used ({why}); files go to {instead}.")
    return instead


def _is_there(path: Path, file_hash: str | None, algorithm: str) -> bool:
    if not path.exists():
        return False
    if file_hash is None or validate_file(path, file_hash, algorithm):
        return True
    say(f"{path} is there, but it is not the file that is wanted; it is downloaded again.")
    return False


def validate_file(
    fpath: str | os.PathLike[str],
    file_hash: str,
    algorithm: str = "auto",
    chunk_size: int = 65535,
) -> bool:
    """Whether a file has this hash; `algorithm`: "sha256", "md5", or "auto" by its length."""
    return _hash_of(fpath, _algorithm(file_hash, algorithm), chunk_size) == file_hash.lower()


def _algorithm(file_hash: str, algorithm: str) -> str:
    if algorithm == "auto":
        return "sha256" if len(file_hash) == 64 else "md5"
    if algorithm not in ("sha256", "md5"):
        raise ValueError(f"`hash_algorithm` is 'auto', 'sha256' or 'md5', got {algorithm!r}.")
    return algorithm


def _hash_of(path: str | os.PathLike[str], algorithm: str, chunk_size: int = CHUNK) -> str:
    # It tells whether a download is whole; md5 is no protection against an enemy and needs to be
    # none.
    import hashlib

    found = hashlib.new(algorithm, usedforsecurity=False)
    with Path(path).open("rb") as file:
        while chunk := file.read(chunk_size):
            found.update(chunk)
    return found.hexdigest()


# ---- downloading


def _download(origin: str, path: Path, file_hash: str | None, algorithm: str) -> None:
    if ":" not in origin:
        raise ValueError(
            "`get_file`: `origin` is an address such as 'https://...' or 'file:///...', got "
            f"{origin!r}."
        )
    say(f"Downloading data from {origin}")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Part(path, origin)
    try:
        goes_on = part.have > 0
        _run(origin, part)
        if file_hash is not None:
            algorithm = _algorithm(file_hash, algorithm)
            if goes_on and _hash_of(part.path, algorithm) != file_hash.lower():
                say("What an earlier call left does not fit; it is downloaded from the start.")
                part.drop()
                _run(origin, part)
            _check(origin, part, file_hash, algorithm)
        part.finish()
    finally:
        part.close()


def _run(origin: str, part: Part) -> None:
    download = _Download(origin, part)
    try:
        download.run()
    finally:
        download.close()


def _check(origin: str, part: Part, file_hash: str, algorithm: str) -> None:
    found = _hash_of(part.path, algorithm)
    if found != file_hash.lower():
        part.drop()
        raise ValueError(
            f"`get_file`: what came from {origin} is not the file that is wanted: its {algorithm} "
            f"is {found}, expected {file_hash}. Nothing was stored."
        )


class _BrokenOff(Exception):
    """The connection ended before the file did."""


class _Download:
    """One file on its way; it goes on where a connection broke off, if the server can."""

    def __init__(self, origin: str, part: Part) -> None:
        self.origin = origin
        self.part = part
        self.bar: Progbar | None = None

    def run(self) -> None:
        """Fetch the file; an error names its address."""
        from http.client import HTTPException
        from socket import gaierror
        from urllib.error import HTTPError

        for attempt in range(ATTEMPTS):
            try:
                self._fetch()
                return
            except HTTPError as error:
                error.close()
                cause: Exception = error
                reason: Any = f"the server answers {error.code} {error.reason}"
                if error.code == 416:  # there is no such rest
                    self.part.drop()
                again = error.code >= 500 or error.code == 416
            except (_BrokenOff, HTTPException, OSError) as error:
                cause = error
                reason = getattr(error, "reason", error)
                # What is wrong with the address or with the disk doesn't get better by waiting,
                # nor does a network that isn't there.
                nowhere = isinstance(reason, gaierror) and self.bar is None
                again = not (isinstance(reason, str) or _is_local(reason) or nowhere)
            if not again or attempt == ATTEMPTS - 1:
                break
            time.sleep(PAUSE * 2**attempt)
        if getattr(reason, "errno", None) in _FULL:
            self.part.drop()
        stays = self.part.stays and self.part.tag and self.part.have
        rest = f" The next call goes on after {self.part.have} bytes." if stays else ""
        raise OSError(f"`get_file` could not fetch {self.origin}: {reason}.{rest}") from cause

    def close(self) -> None:
        """End the line of the bar, however far it is."""
        if self.bar is not None:
            self.bar.close()

    def _fetch(self) -> None:
        from urllib.request import Request, urlopen

        from .. import __evergreen__  # not there yet while the package is imported

        part = self.part
        headers = {"User-Agent": f"evergreen-keras/{__evergreen__}"}
        if part.have and part.tag:
            headers |= {"Range": f"bytes={part.have}-", "If-Range": part.tag}
        with urlopen(Request(self.origin, headers=headers), timeout=TIMEOUT) as answer:
            if not _goes_on(answer, part):
                part.begin(_tag(answer))
            total = _total(answer, part.have)
            bar = self.bar = self.bar or Progbar(total, unit_name="byte")
            while chunk := answer.read(CHUNK):
                part.write(chunk)
                bar.move(part.have, ())
        if total is not None and part.have < total:
            raise _BrokenOff(f"the connection ended after {part.have} of {total} bytes")
        bar.finish(part.have)


def _goes_on(answer: Any, part: Part) -> bool:
    """Whether an answer is the rest of what there is, and not the whole."""
    if not part.have or getattr(answer, "status", None) != 206:
        return False
    said = answer.headers.get("Content-Range") or "nothing"
    if not said.startswith(f"bytes {part.have}-"):
        asked = part.have
        part.drop()
        raise _BrokenOff(f"asked for what follows {asked} bytes, the server sends {said}")
    return True


def _tag(answer: Any) -> str:
    """By what the server knows that the file is still the same, byte for byte."""
    tag = answer.headers.get("ETag") or ""
    is_weak = tag.startswith("W/")  # the same meaning, in other bytes
    return (answer.headers.get("Last-Modified") or "") if is_weak or not tag else tag


def _total(answer: Any, have: int) -> int | None:
    length = answer.headers.get("Content-Length")
    packed = answer.headers.get("Content-Encoding") not in (None, "identity")
    return None if length is None or packed else have + int(length)


def _is_local(reason: Any) -> bool:
    """Whether an error is about files of this machine."""
    return isinstance(reason, OSError) and reason.errno in _OF_FILES
