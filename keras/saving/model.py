"""Whole models in files: architecture, weights, what `compile` was told, the optimizer's state."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from . import archive, h5, lambdas, places, safetensors, training, weights
from .config import BACKEND, KERAS_VERSION, model_config, model_from_config, read_json
from .files import (
    beginning,
    checked,
    has_ending,
    may_write,
    name_of,
    reading,
    replacing,
    writing,
)
from .pieces import Stored
from .prefetch import prefetching
from .safety import FileError, telling
from .state import Saved
from .version import Origin

PYTHON_ATTRIBUTE = "python"
"""Beside code of lambdas: which Python it is for."""


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, include_optimizer: bool = True
) -> None:
    """Save a model in the layout of Keras 2.3.1, which `load_model` of that and of ours reads.

    `filepath`: a path, an open binary file, or an HDF5 group. To a path that ends in `.keras` it is
    saved in the layout of Keras 3. A file that was there is replaced
    when the new one is whole; `overwrite=False` asks first. `include_optimizer`: also what
    `compile` was told, and the optimizer's state, to continue training.
    """
    if not may_write(filepath, overwrite):
        return
    if has_ending(filepath, ".keras"):
        from . import newer

        with replacing(filepath) as path:
            newer.write(path, model, include_optimizer)
        return
    with writing(filepath) as group:
        write_model(group, model, include_optimizer)


def write_model(group: Any, model: Any, include_optimizer: bool = True) -> None:
    """A whole model in an HDF5 group, in place of one that is there."""
    config = model_config(model)  # before anything is written: not every model has one
    for name in ("model_weights", "optimizer_weights"):
        if name in group:
            del group[name]
    for name in ("training_config", PYTHON_ATTRIBUTE):
        group.attrs.pop(name, None)
    h5.write_text(group, "keras_version", KERAS_VERSION)
    h5.write_text(group, "backend", BACKEND)
    h5.write_text(group, "model_config", json.dumps(config))
    if any(lambdas.lambdas_in(config)):
        h5.write_text(group, PYTHON_ATTRIBUTE, lambdas.PYTHON)
    weights.write_weights(group.create_group("model_weights"), model.layers)
    if include_optimizer:
        training.write_training(group, model)


def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002  the classic name
    *,
    original_backend: str | None = None,
    unsafe_lambdas: bool = False,
) -> Any:
    """The model in a file of any version of Keras.

    `custom_objects`: classes and functions of your own that the file names. `compile`: also
    compile it as it was, and continue with the optimizer's state. `original_backend`: what a file
    of Keras 1 doesn't say, 'theano' or 'tensorflow'. `unsafe_lambdas`: run the code of lambdas in
    the file; only for files of your own.
    """
    Origin().on(original_backend)  # refuses an unknown one
    source = checked(filepath)
    with telling(name_of(source)), opened(source) as model:
        reader = Reader(model, custom_objects, original_backend, unsafe_lambdas)
        return reader.model(compile)


@contextmanager
def opened(source: Any) -> Iterator[WholeModel]:
    """The whole model in a checked source of either kind."""
    if beginning(source).startswith(archive.MAGIC):
        with archive.unpacked(source, name_of(source)) as packed:
            yield packed
        return
    with reading(source) as group:
        yield HDF5Model(group)


class WholeModel(Protocol):
    """What a file has of a model, whatever its layout."""

    @property
    def origin(self) -> Origin:
        """Who wrote it."""

    def config(self) -> Any:
        """The model's `{"class_name", "config"}`."""

    def python(self) -> str:
        """Which Python the code of lambdas is for, or ""."""

    def prefetching(self) -> AbstractContextManager[None]:
        """While this lasts, the weights may be read beside."""

    def fit(self, fitting: weights.Fitting) -> None:
        """Pair the model's layers with the weights."""

    def weights_origin(self) -> Origin:
        """Who wrote the weights, as they say themselves."""

    def training(self) -> Any:
        """The arguments of `compile`, or `None`."""

    def optimizer_state(self) -> Saved | None:
        """The optimizer's state, if it was saved."""


class HDF5Model:
    """A whole model in an HDF5 group: all versions before Keras 3, and that one's `.h5`."""

    def __init__(self, group: Any) -> None:
        self.group = group
        self.origin = weights.origin_of(group)

    @functools.cached_property
    def layers(self) -> list[Stored]:
        """The layers' weights, not read yet."""
        return list(weights.stored_layers(h5.subgroup(self.group, "model_weights")))

    def prefetching(self) -> AbstractContextManager[None]:
        """While this lasts, the weights are read beside."""
        return prefetching(array for layer in self.layers for array in layer.datasets)

    def config(self) -> Any:
        """The model's `{"class_name", "config"}`."""
        text = h5.read_text(self.group, "model_config")
        if not text:
            raise FileError(_no_model(self.group))
        return read_json(text, "The file's `model_config`")

    def python(self) -> str:
        """Which Python the code of lambdas is for, or ""."""
        return h5.read_text(self.group, PYTHON_ATTRIBUTE)

    def weights_origin(self) -> Origin:
        """Who wrote the weights: in files of Keras 1 only the model says."""
        return weights.origin_of(h5.subgroup(self.group, "model_weights"))

    def fit(self, fitting: weights.Fitting) -> None:
        """Pair the model's layers with the weights."""
        fitting.to_layers(self.layers, by_name=True)

    def training(self) -> Any:
        """The arguments of `compile`, or `None`."""
        said = h5.read_text(self.group, "training_config")
        return read_json(said, "The file's `training_config`") if said else None

    def optimizer_state(self) -> Saved | None:
        """The optimizer's state, if it was saved."""
        if "optimizer_weights" not in self.group:
            return None
        own = h5.subgroup(self.group, "optimizer_weights")
        names = h5.read_names(own, "weight_names")
        newer = bool(names) and names[0].split("/")[-1].partition(":")[0] == "iteration"
        return Saved(h5.datasets(own, names), newer)


class Reader:
    """From what a file has to a model."""

    def __init__(
        self,
        source: WholeModel,
        custom_objects: Mapping[str, Any] | None = None,
        original_backend: str | None = None,
        unsafe_lambdas: bool = False,
    ) -> None:
        self.source = source
        self.custom_objects = custom_objects
        self.original_backend = original_backend
        self.unsafe_lambdas = unsafe_lambdas

    def model(self, compiled: bool = True) -> Any:
        """The model, with its weights and, if asked for, ready to train on."""
        config = self.source.config()
        with self.source.prefetching():
            model = self.architecture(config)
            origin = self.source.weights_origin().on(self.original_backend)
            fitting = weights.Fitting(model, origin)
            self.source.fit(fitting)
            fitting.assign()
        said = self.source.training() if compiled else None
        if said:
            self.training(model, said, fitting)
        return model

    def architecture(self, config: Any) -> Any:
        """The model as the file describes it, with fresh weights."""
        if self.unsafe_lambdas:
            lambdas.take_lambdas(config, self.source.python(), self.custom_objects)
        return model_from_config(config, self.custom_objects, self.source.origin)

    def training(self, model: Any, config: Any, fitting: weights.Fitting) -> None:
        """Compile the model as it was, and restore the optimizer's state."""
        origin = self.source.origin
        done = training.compile_as(model, config, origin, self.custom_objects)
        saved = self.source.optimizer_state()
        if done and saved is not None:
            training.read_state(saved, model, fitting.origin, fitting.found)


def _no_model(group: Any) -> str:
    if h5.has_names(group, "layer_names"):
        return (
            "The file holds only weights. Build the model (by your code, or by `model_from_json`), "
            "then `model.load_weights(file)`."
        )
    return "The file holds no model of Keras: it has no `model_config`."


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Save a model's weights only, in the layout of Keras 2.3.1, or to a path `.safetensors`."""
    if not may_write(filepath, overwrite):
        return
    if has_ending(filepath, ".safetensors"):
        with replacing(filepath) as path:
            safetensors.write(path, model)
        return
    with writing(filepath) as group:
        weights.write_weights(group, model.layers)


def load_weights(
    model: Any,
    filepath: Any,
    by_name: bool = False,
    skip_mismatch: bool = False,
    reshape: bool = False,
    *,
    original_backend: str | None = None,
) -> None:
    """Give a model the weights in a file of weights, or of a whole model, of any kind."""
    if skip_mismatch and not by_name:
        raise ValueError(
            "`skip_mismatch=True` needs `by_name=True`: in order, one layer more shifts all others."
        )
    if not model.built:
        raise ValueError(
            f"Model `{model.name}` has no weights yet, so none can be loaded: give its first layer "
            "an `input_shape`, or call `build(input_shape)`."
        )
    Origin().on(original_backend)  # refuses an unknown one
    source = checked(filepath)
    fitting = weights.Fitting(model, Origin(), reshape)
    with telling(name_of(source)):
        _take(fitting, source, by_name, skip_mismatch, original_backend)


def _take(
    fitting: weights.Fitting, source: Any, by_name: bool, skip_mismatch: bool, backend: str | None
) -> None:
    """Give a model the weights of a file of any kind."""
    start = beginning(source)
    if start.startswith(archive.MAGIC):
        with archive.unpacked(source, name_of(source)) as packed:
            fitting.origin = packed.origin
            packed.fit(fitting)
            fitting.assign(skip_mismatch)
    elif safetensors.is_here(start):
        found, fitting.problems = safetensors.pairs(fitting.model, _tensors(source), by_name)
        fitting.values += found
        fitting.origin = places.ORIGIN
        fitting.assign(skip_mismatch)
    else:
        with reading(source) as file:
            _pair(fitting, file, by_name, backend)
            fitting.assign(skip_mismatch)


def _tensors(source: Any) -> safetensors.Tensors:
    data = source.getvalue() if isinstance(source, io.BytesIO) else source.read_bytes()
    return safetensors.Tensors(memoryview(data), name_of(source))


def _pair(fitting: weights.Fitting, file: Any, by_name: bool, backend: str | None) -> None:
    """Pair a model's layers with the weights of an HDF5 file, whichever way they are laid out."""
    if places.is_here(file):
        fitting.origin = places.ORIGIN
        fitting.by_place(file)
        return
    group = weights.weights_group(file)
    fitting.origin = weights.origin_of(group).on(backend)
    fitting.entries = weights.saved_entries(file)
    if by_name:
        fitting.by_name(group)
    else:
        newer = fitting.origin.is_tf_keras or fitting.origin.generation > 2
        fitting.in_order(group, by_name=newer)
