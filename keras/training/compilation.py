"""What `compile` settles: targets, the total loss, the metrics; as graphs, for each use one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import backend as K, metrics, optimizers
from . import objectives


class Output:
    """An output of the model with everything that `compile` says of it."""

    def __init__(self, name: str, tensor: Any, mask: Any, loss: Any, weight: float) -> None:
        self.name = name
        self.tensor = tensor
        self.mask = mask
        self.loss = loss
        self.weight = weight
        self.mode: str | None = None  # None, or 'temporal': a weight for each time step
        self.target: Any = None
        self.feeds_target = loss is not None
        self.shape: tuple[int | None, ...] | None = None
        self.metrics: list[Any] = []
        self.weighted_metrics: list[Any] = []
        self.loss_metric: Any = None
        self.sample_weight: Any = None

    def weight_placeholder(self) -> Any:
        """Where the sample weights of this output enter."""
        if self.sample_weight is None:
            ndim = 2 if self.mode == "temporal" else 1
            self.sample_weight = K.placeholder(ndim=ndim, name=f"{self.name}_sample_weights")
            as_many_samples(self.sample_weight, self.tensor)
            rest = K.ndim(self.tensor) - ndim
            first = self.tensor[(slice(None),) * ndim + (0,) * rest] if rest >= 0 else K.ones((1,))
            self.sample_weight.default = K.ones_like(first)
        return self.sample_weight


class Compilation:
    """The settled arguments of `compile`."""

    def __init__(
        self,
        model: Any,
        optimizer: Any,
        loss: Any,
        metrics_given: Any,
        loss_weights: Any,
        sample_weight_mode: Any,
        weighted_metrics: Any,
        target_tensors: Any,
        options: dict[str, Any],
    ) -> None:
        self.model = model
        self.options = options  # for the engine's compiler
        self.optimizer = optimizers.get(optimizer)
        names = model.output_names
        found = objectives.loss_objects(loss, names)
        factors = objectives.loss_weights(loss_weights, names)
        masks = [getattr(y, "_keras_mask", None) for y in model.outputs]
        self.outputs = [
            Output(*each) for each in zip(names, model.outputs, masks, found, factors, strict=True)
        ]
        self.scored = [o for o in self.outputs if o.loss is not None]
        self._set_modes(sample_weight_mode)
        self._set_targets(target_tensors)
        self.names = ["loss"]
        self.metrics: list[Any] = []
        self._set_metrics(metrics_given, weighted_metrics)

    # ---- parts

    def _set_modes(self, given: Any) -> None:
        names = [o.name for o in self.outputs]
        if isinstance(given, dict):
            objectives._check_names("sample_weight_mode", given, names)
            modes = [given.get(name) for name in names]
        elif isinstance(given, (list, tuple)):
            if len(given) != len(names):
                raise ValueError(
                    f"`sample_weight_mode` lists {len(given)} modes for {len(names)} outputs."
                )
            modes = list(given)
        else:
            modes = [given] * len(names)
        for output, mode in zip(self.outputs, modes, strict=True):
            if mode not in (None, "temporal", "samplewise"):
                raise ValueError(f"Unknown sample_weight_mode {mode!r}; it is None or 'temporal'.")
            if mode == "temporal" and K.ndim(output.tensor) < 3:
                raise ValueError(
                    f"Output `{output.name}` has shape {K.int_shape(output.tensor)}: weights for "
                    "time steps need (batch, time, ...)."
                )
            output.mode = mode

    def _set_targets(self, given: Any) -> None:
        tensors = self._given_targets(given)
        for output, tensor in zip(self.outputs, tensors, strict=True):
            if output.loss is None:
                continue
            shape = objectives.target_shape(output.tensor, output.loss) or (None, 1)
            output.shape = shape
            if tensor is not None and not K.is_placeholder(tensor):
                output.target, output.feeds_target = tensor, False
                continue
            if tensor is None:
                name, dtype = f"{output.name}_target", K.dtype(output.tensor)
                tensor = K.placeholder(shape=(None, *shape[1:]), dtype=dtype, name=name)
                as_many_samples(tensor, output.tensor)
            output.target = tensor

    def _given_targets(self, given: Any) -> list[Any]:
        names = [o.name for o in self.outputs]
        if given is None or (isinstance(given, list) and not given):
            return [None] * len(names)
        if isinstance(given, dict):
            objectives._check_names("target_tensors", given, names)
            return [given.get(name) for name in names]
        listed = list(given) if isinstance(given, (list, tuple)) else [given]
        if len(listed) != len(names):
            raise ValueError(
                f"`target_tensors` has {len(listed)} tensors for {len(names)} outputs "
                f"({', '.join(names)})."
            )
        return listed

    def _set_metrics(self, plain: Any, weighted: Any) -> None:
        names = [o.name for o in self.outputs]
        if len(self.outputs) > 1:
            for output in self.scored:
                output.loss_metric = metrics.Mean(name=f"{output.name}_loss")
                self._register(output.loss_metric)
        by_output = zip(
            self.outputs,
            objectives.per_output(plain, names, "metrics"),
            objectives.per_output(weighted, names, "weighted_metrics"),
            strict=True,
        )
        for output, given, given_weighted in by_output:
            if output.loss is None:
                continue
            output.metrics = [self._metric(m, output) for m in given]
            output.weighted_metrics = [self._metric(m, output) for m in given_weighted]
        self.layer_metrics: list[tuple[Any, Any]] = []
        for name, value in self.model.layer_metrics():
            metric = metrics.Mean(name=self._unique(name))
            self._register(metric)
            self.layer_metrics.append((metric, value))

    def _metric(self, given: Any, output: Output) -> Any:
        name = objectives.metric_name(given)
        made = objectives.metric_object(given, name, K.int_shape(output.tensor), output.loss)
        made.name = self._unique(f"{output.name}_{name}" if len(self.outputs) > 1 else name)
        self._register(made)
        return made

    def _unique(self, name: str) -> str:
        stem, number = name, 0
        while name in self.names:
            number += 1
            name = f"{stem}_{number}"
        return name

    def _register(self, metric: Any) -> None:
        self.names.append(metric.name)
        self.metrics.append(metric)

    # ---- graphs

    def weights_of(self, output: Output, weighted: bool) -> Any:
        """The weights of an output's samples, the mask included; `None` if all count the same."""
        weights = output.weight_placeholder() if weighted else None
        if output.mask is None:
            return weights
        mask = K.cast(output.mask, K.dtype(output.tensor))
        if weights is None:
            return mask
        if K.ndim(weights) < K.ndim(mask):
            weights = K.expand_dims(weights, -1)
        return mask * weights

    def total_loss(self, weighted: Sequence[bool]) -> tuple[Any, list[Any]]:
        """The loss that training minimises, and that of each output."""
        parts = []
        total: Any = None
        for output, given in zip(self.scored, weighted, strict=True):
            with K.name_scope("loss"):
                weights = self.weights_of(output, given)
                part = output.loss(output.target, output.tensor, sample_weight=weights)
                if K.ndim(part):  # a loss object that doesn't reduce
                    part = K.mean(part)
                parts.append(part)
                term = part if output.weight == 1 else part * output.weight
                total = term if total is None else total + term
        for extra in self.model.losses:
            value = extra() if callable(extra) else extra
            value = K.mean(value) if K.ndim(value) else value
            total = value if total is None else total + value
        if total is None:
            raise ValueError(
                f"Model `{self.model.name}` has nothing to minimise: give `compile` a `loss`, or "
                "add one with `add_loss`."
            )
        return total, parts

    def measured(self, parts: Sequence[Any], weighted: Sequence[bool]) -> list[Any]:
        """The results of all metrics after a batch, in the order of their names."""
        results: dict[int, Any] = {}
        for output, part, given in zip(self.scored, parts, weighted, strict=True):
            if output.loss_metric is not None:
                results[id(output.loss_metric)] = output.loss_metric(part)
            plain = None if output.mask is None else K.cast(output.mask, K.floatx())
            for metric in output.metrics:
                results[id(metric)] = _call(metric, output, plain)
            weights = self.weights_of(output, given) if output.weighted_metrics else None
            for metric in output.weighted_metrics:
                results[id(metric)] = _call(metric, output, weights)
        for metric, value in self.layer_metrics:
            results[id(metric)] = metric(value)
        return [results[id(metric)] for metric in self.metrics]

    def metric_updates(self) -> list[Any]:
        """The updates that the last `measured` described."""
        return [update for metric in self.metrics for update in metric.updates]


def as_many_samples(fed: Any, output: Any) -> None:
    """Note that what is fed has as many rows as the output; feeding checks that it is true.

    An output may be one number, such as a loss that a layer computes of the whole batch.
    """
    if output.dims:
        fed.dims = (output.dims[0], *fed.dims[1:])


def _call(metric: Any, output: Output, weights: Any) -> Any:
    if weights is None:
        return metric(output.target, output.tensor)
    return metric(output.target, output.tensor, sample_weight=weights)
