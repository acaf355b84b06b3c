"""The callback that writes for TensorBoard."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

from ... import backend as K
from ...caller import warn
from ..base import Callback, Logs
from . import images, measures, projector
from .events import EventFile, Histogram, need_tensorboard
from .graph import graph_of


class TensorBoard(Callback):
    """Writes what TensorBoard shows: `tensorboard --logdir ./logs`. It needs the extra
    `[tensorboard]`.

    `log_dir`: the folder. `update_freq`: when losses and metrics are written: each "epoch", each
    "batch", or each time so many samples were seen. `write_graph`: the graph of a step of training.

    Every `histogram_freq` epochs (0: never) there are distributions of the weights and, on the
    validation data in batches of `batch_size`, of the layers' outputs and, with `write_grads`, of
    the gradients; with `write_images` the weights are shown as pictures, too.

    Every `embeddings_freq` epochs the outputs of the layers `embeddings_layer_names` (by default
    all `Embedding` layers) for `embeddings_data` are saved for the projector, each sample a point;
    without data it is the layers' weights, each row a point. `embeddings_metadata`: the name of a
    file with a line of labels for each point, or a dict from layers' names to such files.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "./logs",
        histogram_freq: int = 0,
        batch_size: int | None = 32,
        write_graph: bool = True,
        write_grads: bool = False,
        write_images: bool = False,
        embeddings_freq: int = 0,
        embeddings_layer_names: Sequence[str] | None = None,
        embeddings_metadata: Any = None,
        embeddings_data: Any = None,
        update_freq: Any = "epoch",
        **kwargs: Any,
    ) -> None:
        super().__init__()
        need_tensorboard("TensorBoard")
        _check_others(kwargs)
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq or 0
        self.batch_size = 32 if batch_size is None else batch_size
        self.write_graph = write_graph
        self.write_grads = write_grads
        self.write_images = write_images
        self.embeddings_freq = embeddings_freq or 0
        self.embeddings_layer_names = embeddings_layer_names
        self.embeddings_metadata = embeddings_metadata
        self.embeddings_data = embeddings_data
        self.update_freq = _checked_frequency(update_freq)
        if self.update_freq != "epoch":
            # An epoch whose batches nobody listens to is faster: only now is there such a hook.
            self.on_train_batch_end = self._after_batch  # type: ignore[method-assign]
        self.writer: EventFile | None = None
        self.samples_seen = 0
        self.samples_seen_at_last_write = 0
        self._next_epoch = 0
        self._probe: measures.Probe | None = None
        self._told = False

    # ---- the training

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Begin a file; the graph comes first."""
        self.writer = EventFile(self.log_dir)
        self.samples_seen = self.samples_seen_at_last_write = 0
        self._probe = None
        if self.write_graph:
            self.writer.graph(graph_of(self.model))
            self.writer.flush()

    def _after_batch(self, batch: int, logs: Logs | None = None) -> None:
        logs = {} if logs is None else logs
        self.samples_seen += logs.get("size", 0)
        since = self.samples_seen - self.samples_seen_at_last_write
        if self.update_freq == "batch" or since >= self.update_freq:
            self._write_numbers(logs, self.samples_seen)
            self.samples_seen_at_last_write = self.samples_seen

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write what is due after this epoch."""
        if self.writer is None:
            raise RuntimeError("`TensorBoard` has no open file: `on_train_begin` was never called.")
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
            self._write_measures(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings()
        step = epoch if self.update_freq == "epoch" else self.samples_seen
        self._write_numbers({} if logs is None else logs, step)
        self._next_epoch = epoch + 1
        self.writer.flush()

    def get_state(self) -> dict[str, Any]:
        """How far the file goes, for a training that goes on with it."""
        return {"seen": self.samples_seen, "epoch": self._next_epoch}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from there; what was written of later steps is void."""
        self.samples_seen = self.samples_seen_at_last_write = state["seen"]
        self._next_epoch = state["epoch"]
        assert self.writer is not None
        by_epoch = self.update_freq == "epoch"
        self.writer.go_on(self._next_epoch if by_epoch else self.samples_seen + 1)

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the file."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None

    # ---- the parts

    def _write_numbers(self, logs: Logs, step: int) -> None:
        assert self.writer is not None
        for name, value in logs.items():
            if name not in ("batch", "size", "num_steps") and isinstance(value, Real):
                self.writer.scalar(name, float(value), step)

    def _write_weights(self, epoch: int) -> None:
        assert self.writer is not None
        for weight in self.model.weights:
            name, value = measures.tag(weight), K.get_value(weight)
            self.writer.histogram(name, Histogram(value), epoch)
            pixels = images.picture(value) if self.write_images else None
            if pixels is not None:
                # The page shows a tag in one way only, and the weight's own is its distribution's.
                self.writer.image(f"{name}/image", pixels, epoch)

    def _write_measures(self, epoch: int) -> None:
        """The layers' outputs and the gradients, on the validation data."""
        data = self._arrays_of_validation()
        if data is None or not self.model._calls:
            return
        assert self.writer is not None
        if self._probe is None:
            wanted = measures.activations(self.model)
            if self.write_grads:
                wanted.update(measures.gradients(self.model))
            self._probe = measures.Probe(self.model, wanted, with_targets=self.write_grads)
        for name, values in self._probe.histograms(data, self.batch_size).items():
            self.writer.histogram(name, values, epoch)

    def _arrays_of_validation(self) -> Any:
        if isinstance(self.validation_data, (list, tuple)) and self.validation_data:
            return self.validation_data
        if not self._told:
            self._told = True
            warn(
                "`TensorBoard(histogram_freq=...)`: distributions of the layers' outputs"
                + (" and of the gradients" if self.write_grads else "")
                + " are computed on validation data in arrays, and `fit` has none: there will only "
                "be those of the weights.",
                RuntimeWarning,
            )
        return None

    def _write_embeddings(self) -> None:
        layers = projector.chosen_layers(self.model, self.embeddings_layer_names)
        if self.embeddings_data is None:
            found = {layer.name: K.get_value(layer.weights[0]) for layer in layers}
        else:
            found = self._placed(layers)
        points = [
            projector.Points(
                name,
                values.reshape(len(values), -1),
                projector.labels_of(self.embeddings_metadata, name),
            )
            for name, values in found.items()
        ]
        projector.write(self.log_dir, points)

    def _placed(self, layers: Sequence[Any]) -> dict[str, np.ndarray]:
        """The layers' outputs for the data."""
        probe = measures.Probe(self.model, {e.name: e.output for e in layers}, with_targets=False)
        data = self.model._inputs_of(self.embeddings_data)
        parts = list(probe.values(data, self.batch_size))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _checked_frequency(given: Any) -> Any:
    if given in ("epoch", "batch"):
        return given
    number = isinstance(given, (int, float, np.number)) and not isinstance(given, bool)
    if number and given >= 1:
        return math.floor(given)
    raise ValueError(
        f"`TensorBoard`: `update_freq` is 'epoch', 'batch', or a number of samples, got {given!r}."
    )


def _check_others(given: dict[str, Any]) -> None:
    if "profile_batch" in given:
        given.pop("profile_batch")
        warn("`TensorBoard(profile_batch=)` asked TensorFlow for a profile; it means nothing here.")
    if given:
        raise TypeError(f"`TensorBoard` got an unknown argument `{next(iter(given))}`.")
