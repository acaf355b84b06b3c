"""Whole models in files: architecture, weights, what `compile` was told, the optimizer's state."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

from . import h5, training, weights
from .config import BACKEND, KERAS_VERSION, model_config, model_from_config, read_json
from .files import may_write, reading, writing
from .safety import FileError


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, include_optimizer: bool = True
) -> None:
    """Save a model in the layout of Keras 2.3.1, which `load_model` of that and of ours reads.

    `filepath`: a path, an open binary file, or an HDF5 group. A file that was there is replaced
    when the new one is whole; `overwrite=False` asks first. `include_optimizer`: also what
    `compile` was told, and the optimizer's state, to continue training.
    """
    if may_write(filepath, overwrite):
        with writing(filepath) as group:
            write_model(group, model, include_optimizer)


def write_model(group: Any, model: Any, include_optimizer: bool = True) -> None:
    """A whole model in an HDF5 group, in place of one that is there."""
    config = json.dumps(model_config(model))  # before anything is written: not every model has one
    for name in ("model_weights", "optimizer_weights"):
        if name in group:
            del group[name]
    group.attrs.pop("training_config", None)
    h5.write_text(group, "keras_version", KERAS_VERSION)
    h5.write_text(group, "backend", BACKEND)
    h5.write_text(group, "model_config", config)
    weights.write_weights(group.create_group("model_weights"), model.layers)
    if include_optimizer:
        training.write_training(group, model)


def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002  the classic name
) -> Any:
    """The model in a file of any version of Keras.

    `custom_objects`: classes and functions of your own that the file names. `compile`: also
    compile it as it was, and continue with the optimizer's state.
    """
    with reading(filepath) as group:
        return read_model(group, custom_objects, compile)


def read_model(
    group: Any, custom_objects: Mapping[str, Any] | None = None, compiled: bool = True
) -> Any:
    """The model in an HDF5 group."""
    text = h5.read_text(group, "model_config")
    if not text:
        raise FileError(_no_model(group))
    config = read_json(text, "The file's `model_config`")
    written_by = weights.origin_of(group)
    model = model_from_config(config, custom_objects, written_by)
    own = h5.subgroup(group, "model_weights")
    fitting = weights.Fitting(model, weights.origin_of(own))
    fitting.in_order(own, by_name=True)
    fitting.assign()
    said = h5.read_text(group, "training_config")
    if compiled and said:
        arguments = read_json(said, "The file's `training_config`")
        done = training.compile_as(model, arguments, written_by, custom_objects)
        if done and "optimizer_weights" in group:
            training.read_state(group, model, fitting.origin, fitting.found)
    return model


def _no_model(group: Any) -> str:
    if h5.has_names(group, "layer_names"):
        return (
            "The file holds only weights. Build the model (by your code, or by `model_from_json`), "
            "then `model.load_weights(file)`."
        )
    return "The file holds no model of Keras: it has no `model_config`."


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Save a model's weights only, in the layout of Keras 2.3.1."""
    if may_write(filepath, overwrite):
        with writing(filepath) as group:
            weights.write_weights(group, model.layers)


def load_weights(
    model: Any,
    filepath: Any,
    by_name: bool = False,
    skip_mismatch: bool = False,
    reshape: bool = False,
) -> None:
    """Give a model the weights in a file of weights, or of a whole model."""
    if skip_mismatch and not by_name:
        raise ValueError(
            "`skip_mismatch=True` needs `by_name=True`: in order, one layer more shifts all others."
        )
    if not model.built:
        raise ValueError(
            f"Model `{model.name}` has no weights yet, so none can be loaded: give its first layer "
            "an `input_shape`, or call `build(input_shape)`."
        )
    with reading(filepath) as file:
        group = weights.weights_group(file)
        origin, flags = weights.origin_of(group), weights.saved_flags(file)
        fitting = weights.Fitting(model, origin, reshape, flags)
        if by_name:
            fitting.by_name(group)
        else:
            fitting.in_order(group, by_name=origin.is_tf_keras or origin.generation > 2)
        fitting.assign(skip_mismatch)


# ---- copies by pickle and by `copy.deepcopy`


def pickle_model(model: Any) -> dict[str, Any]:
    """A model as a pickle holds it: the bytes of its file, and the classes it needs."""
    memory = io.BytesIO()
    save_model(model, memory)
    return {"file": memory.getvalue()}


def unpickle_model(state: Mapping[str, Any]) -> Any:
    """The model that `pickle_model` has written."""
    return load_model(io.BytesIO(state["file"]), state.get("custom_objects"))
