"""From any file to the layouts of today: `python -m keras convert IN OUT`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import archive, places
from .config import model_from_config, read_json, read_yaml, to_json, to_yaml
from .files import beginning, checked, has_ending, replacing, writing
from .model import load_model, load_weights, save_model, save_weights
from .safety import FileError

TEXTS = (".json", ".yaml", ".yml")


def convert(
    source: Any,
    target: str | os.PathLike[str],
    architecture: str | os.PathLike[str] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    *,
    original_backend: str | None = None,
    unsafe_lambdas: bool = False,
) -> list[str]:
    """Read a file of any version of Keras, and write it in the layout that the target's name says.

    `.h5`, `.hdf5`: a whole model as Keras 2.3.1 has it; `.keras`: as Keras 3 has it;
    `.weights.h5`, `.safetensors`: the weights; `.json`, `.yaml`: the architecture.
    `architecture`: JSON or YAML of the model, for files that hold only weights. Returns what was
    said on the way as warnings, once each.
    """
    write = writer(target)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        model = _model(source, architecture, custom_objects, original_backend, unsafe_lambdas)
        write(model, target)
    return list(dict.fromkeys(str(each.message) for each in said))


def writer(target: Any) -> Callable[[Any, Any], None]:
    """What writes a model to a path with this ending."""
    for ending, write in WRITERS.items():
        if has_ending(target, ending):
            return write
    raise ValueError(
        f"`{os.fspath(target)}`: the ending says what is written, one of {', '.join(WRITERS)}."
    )


def _model(
    source: Any,
    architecture: Any,
    custom_objects: Mapping[str, Any] | None,
    original_backend: str | None,
    unsafe_lambdas: bool,
) -> Any:
    source = checked(source)
    if has_ending(source, *TEXTS):
        return _described(source, custom_objects)
    if architecture is not None:
        model = _described(checked(architecture), custom_objects)
        load_weights(model, source, original_backend=original_backend)
        return model
    if beginning(source).startswith((archive.MAGIC, b"\x89HDF")):
        return load_model(
            source,
            custom_objects,
            original_backend=original_backend,
            unsafe_lambdas=unsafe_lambdas,
        )
    raise FileError(
        f"`{source}` holds no model. If it holds weights, say which model they are of: "
        "`architecture=` (`--architecture` of the command), a file of `model.to_json()`."
    )


def _described(path: Path, custom_objects: Mapping[str, Any] | None) -> Any:
    """The model that a file of JSON or YAML describes."""
    text = path.read_text("utf-8")
    config = read_json(text, f"`{path}`") if has_ending(path, ".json") else read_yaml(text)
    return model_from_config(config, custom_objects)


# ---- writing


def _text(write: Callable[..., str]) -> Callable[[Any, Any], None]:
    def to_file(model: Any, target: Any) -> None:
        with replacing(target) as path:
            path.write_text(write(model), "utf-8")

    return to_file


def _newer_weights(model: Any, target: Any) -> None:
    with writing(target) as group:
        places.write_weights(group, model)


WRITERS: dict[str, Callable[[Any, Any], None]] = {
    ".weights.h5": _newer_weights,
    ".h5": save_model,
    ".hdf5": save_model,
    ".keras": save_model,
    ".safetensors": save_weights,
    ".json": _text(to_json),
    ".yaml": _text(to_yaml),
    ".yml": _text(to_yaml),
}
"""By the ending of a path; the first that fits."""
