"""The functions of a step: train, test, predict; each described and rendered when first needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from ..backend.graph import runtime
from ..backend.graph.function import feed
from ..layers.base.weights import unique
from .compilation import Compilation, Output

NUMBERS = frozenset(
    np.dtype(f"{kind}{bits}")
    for kind, sizes in {"int": (8, 16, 32, 64), "uint": (8,), "float": (16, 32, 64)}.items()
    for bits in sizes
)
"""What an engine takes as it is."""

SHORT = frozenset(np.dtype(name) for name in ("int8", "int16", "int32", "uint8"))
"""Whole numbers of 32 bits, or less."""


class Step:
    """A function of a batch: inputs, targets, sample weights -> loss and, if asked, metrics."""

    def __init__(self, function: Any, phase: int) -> None:
        self.function = function  # a K.Function
        self.phase = phase
        self.sample = _sample(function)

    def few(self, x: np.ndarray, batch_size: int | None) -> Any:
        """The output for an array of numbers that has the shape which the function takes and fits
        into one batch, without looking at it any further; else `None`."""
        limit = 32 if batch_size is None else batch_size
        if (
            self.sample != x.shape[1:]
            or x.dtype not in NUMBERS
            or type(limit) is not int
            or not 0 < len(x) <= limit
        ):
            return None
        engine, variant = runtime.engine(), self.function.variant(self.phase)
        # Words needn't become floats that the program makes whole numbers again.
        dtype = "int32" if variant.whole and x.dtype in SHORT else self.function.fed[0].dtype
        (y,) = variant.run([engine.array(x, dtype)])
        return engine.numpy(y)

    def run(self, arrays: Sequence[Any]) -> Any:
        """The outputs for engine arrays, as engine arrays."""
        return self.function.variant(self.phase).run(arrays)

    def most(self, arrays: Sequence[Any]) -> int:
        """How many batches such as this one the engine would rather do in one call."""
        found: int = self.function.variant(self.phase).most(arrays)
        return found

    def run_several(self, batches: Sequence[Sequence[Any]]) -> Any:
        """One batch after the other; of each output, all there were, stacked."""
        return self.function.variant(self.phase).run_several(batches)

    @property
    def source(self) -> str:
        source: str = self.function.source
        return source


def _sample(function: Any) -> tuple[int, ...] | None:
    """A sample's shape, where a function takes one array, makes one and keeps nothing."""
    fed: Any = getattr(function, "fed", ())
    if len(fed) != 1 or len(function.outputs) != 1 or function.updates:
        return None
    shape = fed[0].shape
    if not shape or shape[0] is not None or None in shape[1:] or fed[0].dtype == "bfloat16":
        return None
    return tuple(shape[1:])


class StepFunction(K.Function):
    """A step for the user to call, as fits did: also with the sample weights of all outputs, and
    with the learning phase behind them."""

    weighted: Callable[[], K.Function]

    def __call__(self, inputs: Sequence[Any] = ()) -> list[Any]:
        """The loss and the metrics of a batch, as numpy arrays."""
        values, phase = list(inputs), self.phase
        function = self if len(values) <= len(self.fed) else self.weighted()
        if len(values) == len(function.fed) + 1:
            phase = int(bool(values.pop()))
        feeds = [feed(t, v) for t, v in zip(function.fed, values, strict=True)]
        return [runtime.engine().numpy(x) for x in function.run(feeds, phase)]


class OwnStep(Step):
    """A step of training by a function of the user: arrays of a batch -> loss and metrics.

    It gets inputs, targets, sample weights of all outputs (ones where none are given) and, if
    layers ask for it, the learning phase.
    """

    def __init__(
        self,
        call: Callable[[list[Any]], Any],
        like: Step,
        outputs: Sequence[Output],
        weighted: Sequence[bool],
    ) -> None:
        super().__init__(like.function, like.phase)
        self.call = call
        self.outputs = list(zip(outputs, weighted, strict=True))

    def most(self, arrays: Sequence[Any]) -> int:
        """Each batch has a call of its own."""
        return 1

    def run(self, arrays: Sequence[Any]) -> Any:
        """The outputs for engine arrays, as engine arrays."""
        running = runtime.engine()
        values = [running.numpy(a) for a in arrays]
        number = len(values) - sum(has for _, has in self.outputs)
        data, given = values[:number], iter(values[number:])
        fed = sum(output.feeds_target for output, _ in self.outputs)
        targets = iter(data[len(data) - fed :])
        for output, has in self.outputs:
            like = next(targets) if output.feeds_target else data[0]
            shape = like.shape[: K.ndim(output.weight_placeholder())]
            data.append(next(given) if has else np.ones(shape, dtype=like.dtype))
        if self.function.uses_phase and K.is_tensor(K.learning_phase()):
            data.append(np.float32(self.phase))
        made = self.call(data)
        listed = made if isinstance(made, (list, tuple)) else [made]
        return [running.array(np.asarray(v, dtype=K.floatx()), K.floatx()) for v in listed]


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
        self.own: Callable[[list[Any]], Any] | None = None  # what the user trains with instead

    def train(self, weighted: tuple[bool, ...], reporting: bool) -> Step:
        """One step of training."""
        step = self._get("train", weighted, reporting)
        if self.own is None:
            return step
        return OwnStep(self.own, step, self.compilation.scored, weighted)

    def function(self, kind: str) -> StepFunction:
        """The function of a step without weights; called with weights, it is the other one."""
        none = (False,) * len(self.compilation.scored)
        made: StepFunction = self._get(kind, none, True).function
        everything = tuple(not has for has in none)
        made.weighted = lambda: self._get(kind, everything, True).function
        return made

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
        name = f"{kind}_function"
        function = StepFunction(inputs, outputs, updates, name, stand_ins, settled.options)
        function.phase = int(kind == "train")
        return Step(function, function.phase)

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
