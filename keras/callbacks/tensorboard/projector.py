"""Embeddings for TensorBoard's projector: points, their labels, and the file that names both."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ...caller import warn

FOLDER = "embeddings"


class Points(NamedTuple):
    """Points of one layer: `values` (points, size), and the file with a line of labels for each."""

    layer: str
    values: np.ndarray
    metadata: str | None


def write(log_dir: str, embeddings: Sequence[Points]) -> None:
    """Write the points as tables and the configuration that the projector looks for."""
    from google.protobuf import text_format
    from tensorboard.plugins.projector import projector_config_pb2

    config = projector_config_pb2.ProjectorConfig()
    folder = Path(log_dir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for layer, values, metadata in embeddings:
        name = layer.replace("/", "_")
        _replace(folder / f"{name}.tsv", _table(values))
        entry = config.embeddings.add(tensor_name=layer, tensor_path=f"{FOLDER}/{name}.tsv")
        if metadata is not None:
            entry.metadata_path = _reachable(log_dir, name, metadata, len(values))
    _replace(Path(log_dir) / "projector_config.pbtxt", text_format.MessageToString(config))


def _table(values: np.ndarray) -> str:
    return "".join("\t".join(map(repr, row)) + "\n" for row in values.astype("float32").tolist())


def _replace(path: Path, text: str) -> None:
    """Write a file whole: the page may be reading it."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    made.write_text(text, encoding="utf-8")
    made.replace(path)


def _reachable(log_dir: str, name: str, metadata: str, points: int) -> str:
    """The labels' path as seen from `log_dir`; a file from elsewhere is copied there.

    The projector reads nothing outside of the folder.
    """
    home = Path(log_dir).resolve()
    inside, outside = home / metadata, Path(metadata)
    if not inside.is_file():
        if not outside.is_file():
            warn(
                f"`TensorBoard`: there are no labels for the embedding `{name}`: no file "
                f"{metadata!r}, neither in {log_dir!r} nor here.",
                RuntimeWarning,
            )
            return metadata
        inside = home / FOLDER / f"{name}-labels{outside.suffix}"
        inside.write_bytes(outside.read_bytes())
    elif home not in inside.resolve().parents:
        copied = home / FOLDER / f"{name}-labels{inside.suffix}"
        copied.write_bytes(inside.read_bytes())
        inside = copied
    _check_lines(inside, name, points)
    return str(inside.resolve().relative_to(home))


def _check_lines(path: Path, name: str, points: int) -> None:
    lines = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    wanted = points + (1 if "\t" in lines[0] else 0)  # several columns have a head
    if len(lines) != wanted:
        warn(
            f"`TensorBoard`: the embedding `{name}` has {points} points, {path.name} has "
            f"{len(lines)} lines; it should have {wanted}. (A file of one column has no head.)",
            RuntimeWarning,
        )


def chosen_layers(model: Any, names: Sequence[str] | None) -> list[Any]:
    """The layers of these names; all `Embedding` layers if none are given."""
    if not names:
        return [layer for layer in model.layers if type(layer).__name__ == "Embedding"]
    return [model.get_layer(name) for name in names]


def labels_of(metadata: Any, layer: str) -> str | None:
    """The file of labels for a layer: the same for all, or by the layers' names."""
    found = metadata.get(layer) if isinstance(metadata, dict) else metadata
    return None if found is None else os.fspath(found)
