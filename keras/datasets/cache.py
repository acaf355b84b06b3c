"""Files of data sets: found in the cache, or fetched from where they are kept."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..backend import config
from ..utils.data_utils import get_file

MIRROR = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
"""Holds what the original addresses held, since these began to refuse."""


@dataclass(frozen=True)
class RemoteFile:
    """A file: its name in the cache, its addresses, its MD5 or SHA-256 where it is known."""

    name: str
    origins: tuple[str, ...]
    file_hash: str | None = None


def located(path: str | os.PathLike[str], files: Sequence[RemoteFile], subdir: str = "") -> Path:
    """The file that `path` names in the cache; if it isn't there, it is fetched.

    `files` hold the same data, today's first. Where `path` is the name of one of them, another one
    that is in the cache already serves as well.
    """
    folder = _folder(subdir)
    name = os.fspath(path)
    known = {file.name: file for file in files}
    for candidate in [name, *known] if name in known else [name]:
        if (folder / candidate).is_file():
            return folder / candidate
    wanted = known.get(name, files[0])
    return _fetched(name, wanted, folder, subdir, untar=False)


def unpacked(archive: RemoteFile, parts: Sequence[str]) -> Path:
    """The folder that holds an archive's content; fetched if it isn't there with all its parts."""
    cache = _folder("")
    folder = cache / archive.name
    if all((folder / part).is_file() for part in parts):
        return folder
    return _fetched(archive.name, archive, cache, "", untar=True)


def _folder(subdir: str) -> Path:
    return config.home() / "datasets" / subdir


def _fetched(name: str, file: RemoteFile, folder: Path, subdir: str, untar: bool) -> Path:
    stored = folder / (f"{name}.tar.gz" if untar else name)
    # What is there already was put there on purpose.
    file_hash = None if stored.exists() else file.file_hash
    problems: list[Exception] = []
    for origin in file.origins:
        try:
            got = get_file(
                name,
                origin,
                untar=untar,
                file_hash=file_hash,
                cache_subdir=os.path.join("datasets", subdir),  # noqa: PTH118  a name, no path
            )
        except (OSError, ValueError) as error:
            problems.append(error)
        else:
            return Path(got)
    listed = "\n".join(f"- {problem}" for problem in problems)
    raise OSError(
        f"The file {stored.name} is not in the cache, and it could not be fetched:\n{listed}\n"
        "Without a network: get it from one of these addresses on another machine, and put it at "
        f"{stored}"
    ) from problems[-1]
