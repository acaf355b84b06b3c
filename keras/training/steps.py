"""The functions of a step: train, test, predict; each described and rendered when first needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import backend as K
from ..layers.base.weights import unique
from .compilation import Compilation


class Step:
    """A function of a batch: inputs, targets, sample weights -> loss and, if asked, metrics."""

    def __init__(self, function: K.Function, phase: int) -> None:
        self.function = function
        self.phase = phase

    def run(self, arrays: Sequence[Any]) -> Any:
        """The outputs for engine arrays, as engine arrays."""
        return self.function.variant(self.phase).run(arrays)

    @property
    def source(self) -> str:
        return self.function.source


class Steps:
    """All step functions of a compiled model.

    Which samples have weights is known from the data, so that models without them pay nothing: each
    combination has a function of its own. `reporting` ones also return the metrics' results.
    """

    def __init__(self, model: Any, compilation: Compilation) -> None:
        self.model = model
        self.compilation = compilation
        self.made: dict[Any, Step] = {}
        self._results: K.Function | None = None
        self._training: tuple[Any, list[Any]] | None = None

    def train(self, weighted: tuple[bool, ...], reporting: bool) -> Step:
        """One step of training."""
        return self._get("train", weighted, reporting)

    def test(self, weighted: tuple[bool, ...], reporting: bool) -> Step:
        """One batch of testing."""
        return self._get("test", weighted, reporting)

    def _get(self, kind: str, weighted: tuple[bool, ...], reporting: bool) -> Step:
        key = (kind, weighted, reporting)
        if key not in self.made:
            self.made[key] = self._describe(kind, weighted, reporting)
        return self.made[key]

    def _describe(self, kind: str, weighted: tuple[bool, ...], reporting: bool) -> Step:
        settled, model = self.compilation, self.model
        total, parts = settled.total_loss(weighted)
        results = settled.measured(parts, weighted)
        updates = list(settled.metric_updates())
        stand_ins: dict[Any, Any] = {}
        if kind == "train":
            loss, changes = self._training_updates(total)
            stand_ins[loss] = total
            updates = [*unique([*model.updates, *model.state_updates]), *changes, *updates]
        else:
            updates = [*model.state_updates, *updates]
        inputs = [
            *model.inputs,
            *(o.target for o in settled.scored if o.feeds_target),
            *(o.weight_placeholder() for o, w in zip(settled.scored, weighted, strict=True) if w),
        ]
        outputs = [total, *results] if reporting else [total]
        function = K.Function(inputs, outputs, updates, f"{kind}_function", stand_ins)
        return Step(function, int(kind == "train"))

    def _training_updates(self, total: Any) -> tuple[Any, list[Any]]:
        """The loss that the optimizer was shown, and its updates.

        It is shown a loss once, since its state is made then; for other combinations of weights the
        loss it was shown stands for theirs.
        """
        if self._training is None:
            shown = K.identity(total)
            params = self.model._collected_trainable_weights
            optimizer = self.compilation.optimizer  # own ones have the names in either order
            changes = optimizer.get_updates(loss=shown, params=params) if params else []
            self._training = shown, list(changes)
        return self._training

    def results(self) -> list[Any]:
        """What the metrics say now."""
        metrics = self.compilation.metrics
        if not metrics:
            return []
        if self._results is None:
            self._results = K.Function([], [m.result() for m in metrics], name="metric_results")
        return [float(v) for v in self._results([])]
