"""`.keras` files: zip archives with the architecture as JSON and the weights in an HDF5 file.

Members are read by their exact names, in memory; nothing is unpacked to the disk.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from . import places
from .config import read_json
from .files import reading
from .safety import MAX_CONFIG_BYTES, FileError, check_size
from .state import Saved
from .version import Origin
from .weights import Fitting

MAGIC = b"PK\x03\x04"
CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"


class Archive:
    """A zip archive whose members are checked before they are read."""

    def __init__(self, source: Any, who: str) -> None:
        self.who = who
        try:
            self.zip = zipfile.ZipFile(source)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
            raise FileError(f"{who} can't be read as a `.keras` archive ({error}).") from error
        names = self.zip.namelist()
        if len(names) != len(set(names)):
            raise FileError(f"{who} has several members of the same name.")

    def read(self, name: str, limit: int | None = None) -> bytes:
        """A member's bytes; `limit`: how many there may be."""
        if name not in self.zip.namelist():
            raise FileError(
                f"{self.who} has no member `{name}`, as `.keras` files have; it has "
                f"{', '.join(f'`{each}`' for each in self.zip.namelist()[:8]) or 'none'}."
            )
        info = self.zip.getinfo(name)
        who = f"The member `{name}` of {self.who}"
        check_size(who, (info.file_size,), 1, info.compress_size)
        if limit is not None and info.file_size > limit:
            raise FileError(f"{who} has {info.file_size:,} bytes, more than any model's.")
        try:
            with self.zip.open(info) as member:
                return member.read(info.file_size)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise FileError(f"{who} can't be read ({error}).") from error
        except Exception as error:
            if type(error).__name__ not in ("error", "LZMAError"):  # zlib's, bz2's, lzma's own
                raise
            raise FileError(f"{who} is damaged ({error}).") from error


class PackedModel:
    """A whole model in a `.keras` archive."""

    def __init__(self, archive: Archive, weights: Any) -> None:
        self.weights = weights
        self.said = read_json(archive.read(CONFIG, MAX_CONFIG_BYTES), f"`{CONFIG}`")
        if not isinstance(self.said, dict):
            raise FileError(f"`{CONFIG}` should be a dictionary.")
        metadata = read_json(archive.read(METADATA, MAX_CONFIG_BYTES), f"`{METADATA}`")
        version = metadata.get("keras_version") if isinstance(metadata, dict) else None
        if not isinstance(version, str):
            raise FileError(f"`{METADATA}` doesn't say `keras_version`.")
        self.origin = Origin(version)

    def config(self) -> Any:
        """The model's `{"class_name", "config"}`."""
        return self.said

    def python(self) -> str:
        """Which Python the code of lambdas is for: these files don't say."""
        return ""

    def prefetching(self) -> AbstractContextManager[None]:
        """Nothing to gain: the archive is in memory."""
        return nullcontext()

    def weights_origin(self) -> Origin:
        """Who wrote the weights."""
        return self.origin

    def fit(self, fitting: Fitting) -> None:
        """Pair the model's layers with the weights."""
        fitting.by_place(self.weights)

    def training(self) -> Any:
        """The arguments of `compile`, or `None`."""
        said = self.said.get("compile_config")
        return said if isinstance(said, dict) and said.get("optimizer") else None

    def optimizer_state(self) -> Saved | None:
        """The optimizer's state, if it was saved."""
        arrays = places.optimizer_arrays(self.weights)
        return Saved(arrays, together=True) if arrays else None


@contextmanager
def unpacked(source: Any, who: str) -> Iterator[PackedModel]:
    """The whole model in an archive."""
    archive = Archive(source, who)
    with reading(io.BytesIO(archive.read(WEIGHTS))) as weights:
        yield PackedModel(archive, weights)


def pack(target: Any, config: Any, version: str, weights: bytes) -> None:
    """Write an archive of the three members."""
    with zipfile.ZipFile(target, "w") as made:
        made.writestr(METADATA, json.dumps({"keras_version": version}))
        made.writestr(CONFIG, json.dumps(config))
        made.writestr(WEIGHTS, weights)
