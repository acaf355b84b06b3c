"""HDF5 files that are used as dictionaries, and models in streams of bytes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..saving import h5

Made = TypeVar("Made")


class H5Dict:
    """An HDF5 file, by its path or open, or a plain `dict`, as a dictionary of dictionaries.

    Arrays become data sets; texts, numbers and lists of texts attributes. A name that isn't there
    yet is a new dictionary in it: `d["weights"]["kernel"] = array`. `mode` is h5py's: "r" to read,
    "w" to begin a file, "a" to add to one. Iterating gives arrays and dictionaries, no attributes.

    >>> d = H5Dict({})
    >>> d["layer"]["kernel"] = np.eye(2)
    >>> "layer" in d, d["layer"]["kernel"].shape
    (True, (2, 2))
    """

    def __init__(self, path: Any, mode: str = "a") -> None:
        import h5py

        self.read_only = mode == "r"
        self.data: Any = path
        self._own = False
        if isinstance(path, (str, os.PathLike)):
            self.data = h5py.File(path, mode)
            self._own = True
        elif isinstance(path, h5py.Group):
            self.read_only = path.file.mode == "r"
        elif not isinstance(path, dict):
            raise TypeError(
                "`H5Dict` takes a path, an open `h5py.File` or `h5py.Group`, or a dict; got a "
                f"{type(path).__name__}."
            )

    @staticmethod
    def is_supported_type(path: Any) -> bool:
        """Whether the constructor takes it."""
        import h5py

        return isinstance(path, (str, Path, dict, h5py.Group))

    @property
    def _attributes(self) -> Any:
        return {} if isinstance(self.data, dict) else self.data.attrs

    def __setitem__(self, name: str, value: Any) -> None:
        if self.read_only:
            raise ValueError(f"`H5Dict`: `{name}` can't be set in a file that is open for reading.")
        if name in self:
            raise KeyError(f"`{name}` is there already.")
        if isinstance(self.data, dict):
            self.data[name] = value
        elif isinstance(value, np.ndarray):
            self.data.create_dataset(name, data=value)
        elif isinstance(value, (list, tuple)):
            h5.write_names(self.data, name, [h5.decoded(each) for each in value])
        else:
            # As a text of fixed length; otherwise HDF5 doesn't tell bytes from texts.
            self.data.attrs[name] = np.bytes_(value) if isinstance(value, bytes) else value

    def __getitem__(self, name: str) -> Any:
        if name in self._attributes:
            return _plain(self._attributes[name])
        if f"{name}0" in self._attributes:  # a list that was too long for one attribute
            return [each.encode("utf-8") for each in h5.read_names(self.data, name)]
        if name not in self.data:
            return self._new(name)
        found = self.data[name]
        if isinstance(self.data, dict):
            return H5Dict(found) if isinstance(found, dict) else found
        return H5Dict(found) if h5.is_group(self.data, name) else np.asarray(found)

    def _new(self, name: str) -> H5Dict:
        if self.read_only:
            raise KeyError(f"`{name}` isn't there; there are {', '.join(self) or 'no names'}.")
        if isinstance(self.data, dict):
            return H5Dict(self.data.setdefault(name, {}))
        return H5Dict(self.data.create_group(name))

    @property
    def attrs(self) -> Any:
        """The attributes of the file or group."""
        return self._attributes

    def __contains__(self, name: object) -> bool:
        attributes = self._attributes
        return name in self.data or name in attributes or f"{name}0" in attributes

    def __len__(self) -> int:
        return len(self.data)

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    iter = __iter__

    def get(self, key: str, default: Any = None) -> Any:
        """What stands under a name, or the default."""
        if key not in self:
            return default
        return self[key]

    def update(self, *args: Mapping[str, Any]) -> None:
        """Set all names of dictionaries."""
        for each in args:
            for name, value in each.items():
                self[name] = value

    def close(self) -> None:
        """Close the file, if it was opened here."""
        if self._own:
            self.data.close()


def _plain(value: Any) -> Any:
    """An attribute as what it was when it was set."""
    if isinstance(value, np.ndarray):
        return value.tolist() if value.dtype.kind in "SO" else value
    return value.item() if isinstance(value, np.generic) else value


def save_to_binary_h5py(save_function: Callable[[Any], Any], stream: Any) -> None:
    """Let a function write to an HDF5 file, and write that to a stream of bytes."""
    import h5py

    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        save_function(file)
    stream.write(buffer.getvalue())


def load_from_binary_h5py(load_function: Callable[[Any], Made], stream: Any) -> Made:
    """What a function makes of the HDF5 file in a stream of bytes."""
    import h5py

    with h5py.File(BytesIO(stream.read()), "r") as file:
        return load_function(file)
