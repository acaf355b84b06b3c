"""The files of trained weights that the networks' authors released."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..utils import get_file

DEEP_LEARNING_MODELS = "https://github.com/fchollet/deep-learning-models/releases/download/"
KERAS_APPLICATIONS = "https://github.com/keras-team/keras-applications/releases/download/"


@dataclass(frozen=True)
class File:
    """A file: its address, its MD5 sum (if it was published), and its name in the cache."""

    url: str
    md5: str | None = None
    called: str | None = None

    def path(self) -> str:
        """Where it lies, after it was downloaded to `~/.keras/models` if it wasn't there."""
        name = self.called or self.url.rpartition("/")[2]
        return get_file(name, self.url, cache_subdir="models", file_hash=self.md5)


@dataclass(frozen=True)
class Released:
    """The weights of a network trained on ImageNet: of all of it, and of what is below the top."""

    whole: File
    no_top: File

    def path(self, include_top: bool) -> str:
        """Where the file lies that has the weights for a model with or without its top."""
        return (self.whole if include_top else self.no_top).path()


def pair(stem: str, whole: str | None = None, no_top: str | None = None) -> Released:
    """Two files that differ in the ends of their names."""
    return Released(File(f"{stem}.h5", whole), File(f"{stem}_no_top.h5", no_top))


def released(
    folder: str, name: str, whole: str | None = None, no_top: str | None = None
) -> Released:
    """Two files that are called as most are; `whole` and `no_top` are their MD5 sums."""
    stem = f"{folder}/{name}_weights_tf_dim_ordering_tf_kernels"
    return Released(File(f"{stem}.h5", whole), File(f"{stem}_notop.h5", no_top))


def load(model: Any, path: str | os.PathLike[str], by_name: bool = False) -> None:
    """Load the weights of a file.

    The released ones of Keras 1 say in their names whose kernels they hold, and nowhere else.
    """
    name = Path(path).name
    backends = {"th_kernels": "theano", "tf_kernels": "tensorflow"}
    backend = next((said for part, said in backends.items() if part in name), None)
    model.load_weights(path, by_name, original_backend=backend)
