"""A network that can be trained."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import backend as K
from ..backend.graph import runtime
from ..caller import warn
from ..configured import near_misses
from ..layers.base.calls import one_or_list, to_list
from ..layers.base.weights import unique
from ..training import fitting, standardize, weighting
from ..training.compilation import Compilation
from ..training.feed.rows import dense
from ..training.steps import Step, Steps
from .network import Network


class Model(Network):
    """Layers between inputs and outputs, with training.

    >>> from keras.layers import Dense, Input
    >>> x = Input(shape=(4,))
    >>> model = Model(inputs=x, outputs=Dense(2)(x))
    >>> model.output_shape
    (None, 2)

    A subclass may make its layers in `__init__` and say in `call(inputs)` what it computes.
    """

    if TYPE_CHECKING:  # or its attributes would be taken for arguments

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            """`inputs` and `outputs`, both or neither, and a `name`."""

    optimizer: Any = None
    stop_training = False
    _compilation: Compilation | None = None
    _steps: Steps | None = None
    _predict_step: Step | None = None
    _deferred: dict[str, Any] | None = None
    _collected_trainable_weights: list[Any] | None = None
    history: Any = None

    # ---- compile

    def compile(
        self,
        optimizer: Any,
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: Any = None,
        weighted_metrics: Any = None,
        target_tensors: Any = None,
        **kwargs: Any,
    ) -> None:
        """Say how the model is trained.

        `optimizer`, `loss`, `metrics`: names, functions, objects; with several outputs lists or
        dicts by output. `loss_weights`: factors of the outputs' losses. `sample_weight_mode`:
        'temporal' for a weight for each time step. `weighted_metrics`: metrics that sample weights
        count for. `target_tensors`: tensors in place of fed targets.
        Other arguments are for the engine's compiler, if it has one that takes them.
        """
        options = _options(kwargs) if kwargs else {}
        self.loss = loss
        self.loss_weights = loss_weights
        self.sample_weight_mode = sample_weight_mode
        self._compile_metrics = metrics
        self._compile_weighted_metrics = weighted_metrics
        arguments = {
            "optimizer": optimizer,
            "loss": loss,
            "metrics_given": metrics,
            "loss_weights": loss_weights,
            "sample_weight_mode": sample_weight_mode,
            "weighted_metrics": weighted_metrics,
            "target_tensors": target_tensors,
            "options": options,
        }
        if not self.outputs:  # settled as soon as the shapes are known
            from .. import optimizers

            arguments["optimizer"] = self.optimizer = optimizers.get(optimizer)
            self._deferred = arguments
            return
        self._settle(arguments)

    def _settle(self, arguments: dict[str, Any]) -> None:
        self._compilation = Compilation(self, **arguments)
        self.optimizer = self._compilation.optimizer
        self._steps = Steps(self, self._compilation)
        self._predict_step = None
        self._deferred = None
        self._collected_trainable_weights = unique(self.trainable_weights)

    def _graph_changed(self) -> None:
        """Forget what was described of the layers as they were, and how they were to be trained."""
        self._predict_step = self._steps = self._compilation = None
        self._collected_trainable_weights = None
        if self._deferred is None:
            self.optimizer = None

    def layer_metrics(self) -> list[tuple[str, Any]]:
        """What the layers report with `add_metric`, with its names."""
        own = list(self._metrics)
        return own + [pair for layer in self._layers for pair in _metrics_of(layer)]

    @property
    def metrics(self) -> list[Any]:
        """The metric objects, in the order in which they are reported."""
        return list(self._compilation.metrics) if self._compilation else []

    @property
    def metrics_names(self) -> list[str]:
        """What `evaluate` returns, by name: the loss, then the metrics."""
        return list(self._compilation.names) if self._compilation else []

    @property
    def total_loss(self) -> Any:
        """The loss that training minimises, as a tensor. Samples without weights count the same."""
        settled = self._need_compiled()
        return settled.total_loss((True,) * len(settled.scored))[0]

    def reset_metrics(self) -> None:
        """Begin measuring anew."""
        for metric in self.metrics:
            metric.reset_states()

    def _need_compiled(self) -> Compilation:
        if self._compilation is None:
            raise RuntimeError(
                f"Model `{self.name}` must be compiled before it is trained or tested: "
                "`model.compile(optimizer, loss)`."
            )
        return self._compilation

    def check_trainable_consistency(self) -> None:
        """Warn if `trainable` was changed after `compile`, which fixed what is trained."""
        fixed = self._collected_trainable_weights
        if fixed is not None and {id(w) for w in fixed} != {id(w) for w in self.trainable_weights}:
            warn(
                "`trainable` was changed after `compile`, which fixed what is trained: call "
                "`model.compile` again for the change to count."
            )

    # ---- functions

    def predict_step(self) -> Step:
        """The function that computes the outputs."""
        if self._predict_step is None:
            function = K.Function(
                self._feed_inputs,
                self.outputs,
                self.state_updates,
                "predict_function",
                options=self._compilation.options if self._compilation else None,
            )
            self._predict_step = Step(function, 0)
        return self._predict_step

    @property
    def _feed_inputs(self) -> list[Any]:
        return [x for x in self.inputs if K.is_placeholder(x)]

    @property
    def _feed_input_names(self) -> list[str]:
        named = zip(self.inputs, self.input_names, strict=True)
        return [name for x, name in named if K.is_placeholder(x)]

    @property
    def train_function(self) -> Any:
        """One step of training; `print(model.train_function.source)` shows what runs.

        A function of one's own in its place trains instead, until the next `compile`: from a list
        of arrays (inputs, targets, sample weights) to a list of the loss and the metrics.
        """
        self._need_compiled()
        assert self._steps is not None
        return self._steps.own or self._steps.function("train")

    @train_function.setter
    def train_function(self, function: Any) -> None:
        self._need_compiled()
        assert self._steps is not None
        self._steps.own = function

    @property
    def test_function(self) -> K.Function:
        """One batch of testing."""
        self._need_compiled()
        assert self._steps is not None
        return self._steps.function("test")

    @property
    def predict_function(self) -> K.Function:
        """The outputs for a batch."""
        function: K.Function = self.predict_step().function
        return function

    def _make_train_function(self) -> None:
        self._need_compiled()
        assert self._steps is not None
        self._steps.function("train").variant(1)

    def _make_test_function(self) -> None:
        self.test_function.variant(0)

    def _make_predict_function(self) -> None:
        self.predict_function.variant(0)

    # ---- data

    def _who(self) -> str:
        return f"Model `{self.name}`"

    def _build_for_data(self, x: Any) -> None:
        """Build a model that waits for the shapes of its first data."""
        if not self.outputs and not hasattr(x, "__next__"):
            arrays = [np.asarray(a) if not hasattr(a, "shape") else a for a in to_list(x)]
            self._build_from(arrays)
        if self._deferred is not None:
            self._settle(self._deferred)

    def _build_from(self, x: Sequence[Any]) -> None:
        """Describe a subclass's `call` on inputs like these."""
        inputs = []
        for i, a in enumerate(x):
            shape = (None, *(a.shape[1:] if len(a.shape) > 1 else (1,)))
            name = f"input_{i + 1}"
            made = K.placeholder(shape=shape, dtype=K.floatx(), name=name)
            inputs.append(made)
        outputs = to_list(self(one_or_list(inputs)))
        self._is_graph_network = False
        self.inputs, self.outputs = inputs, outputs
        self.input_names = [f"input_{i + 1}" for i in range(len(inputs))]
        self.output_names = [f"output_{i + 1}" for i in range(len(outputs))]

    def _inputs_of(self, x: Any) -> list[Any]:
        fed = self._feed_inputs
        shapes = [K.int_shape(t) for t in fed]
        return standardize.as_arrays(x, self._feed_input_names, shapes, "input", self._who())

    def _standardize_user_data(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
    ) -> tuple[list[Any], list[Any], list[Any]]:
        """Inputs, targets and sample weights: arrays that fit the model and each other."""
        self._build_for_data(x)
        settled = self._need_compiled()
        who = self._who()
        inputs = self._inputs_of(x)
        fed = [o for o in settled.scored if o.feeds_target]
        shapes = [o.shape for o in fed]
        targets = standardize.as_arrays(y, [o.name for o in fed], shapes, "output", who)
        given = iter(targets)
        by_output = [next(given) if o.feeds_target else None for o in settled.scored]
        weights = weighting.weights_for(settled.scored, by_output, sample_weight, class_weight, who)
        standardize.check_lengths(inputs, targets, [w for w in weights if w is not None], who)
        standardize.check_targets(targets, fed, who)
        return inputs, targets, weights

    # ---- training, testing, predicting: `training.fitting` does it

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int = 1,
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
    ) -> Any:
        """Train for `epochs` epochs; returns the `History` of losses and metrics.

        `x`, `y`: an array, a list of them, a dict by name; or `x` a generator of batches or a
        `Sequence`. `validation_split`: the share of samples, the last ones, that is kept for
        validation. `validation_data`: (x, y) or (x, y, sample_weights). `class_weight`: from class
        numbers to factors. `sample_weight`: a factor for each sample.
        """
        return fitting.fit(self, **_arguments(locals()))

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int = 1,
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
    ) -> Any:
        """The loss, or the list of loss and metrics that `metrics_names` names."""
        return fitting.evaluate(self, **_arguments(locals()))

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int = 0,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
    ) -> Any:
        """The outputs for `x`, as a numpy array or a list of them."""
        step = self._predict_step
        if type(x) is np.ndarray and step is not None and not (verbose or callbacks or steps):
            y = step.few(x, batch_size)
            if y is not None:
                return y
        return fitting.predict(self, **_arguments(locals()))

    def train_on_batch(
        self,
        x: Any,
        y: Any,
        sample_weight: Any = None,
        class_weight: Any = None,
        reset_metrics: bool = True,
    ) -> Any:
        """One update from one batch; returns its loss, or the list of loss and metrics."""
        return self._on_batch("train", x, y, sample_weight, class_weight, reset_metrics)

    def test_on_batch(
        self, x: Any, y: Any, sample_weight: Any = None, reset_metrics: bool = True
    ) -> Any:
        """The loss of one batch, or the list of loss and metrics."""
        return self._on_batch("test", x, y, sample_weight, None, reset_metrics)

    def _on_batch(
        self, kind: str, x: Any, y: Any, sample_weight: Any, class_weight: Any, reset: bool
    ) -> Any:
        inputs, targets, weights = self._standardize_user_data(x, y, sample_weight, class_weight)
        steps = self._steps
        assert steps is not None
        flags = tuple(w is not None for w in weights)
        step = (steps.train if kind == "train" else steps.test)(flags, True)
        running = runtime.engine()
        arrays = [*inputs, *targets, *(w for w in weights if w is not None)]
        dtypes = [t.dtype for t in step.function.fed]
        fed = zip(arrays, dtypes, strict=True)
        outputs = step.run([running.array(dense(a), d) for a, d in fed])
        values = [float(v) for v in outputs]
        if reset:
            self.reset_metrics()
        return one_or_list(values)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        self._build_for_data(x)
        inputs = self._inputs_of(x)
        step = self.predict_step()
        running = runtime.engine()
        fed = zip(inputs, step.function.fed, strict=True)
        arrays = [running.array(dense(a), t.dtype) for a, t in fed]
        return one_or_list([running.numpy(v) for v in step.run(arrays)])

    def fit_generator(
        self,
        generator: Any,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        verbose: int = 1,
        callbacks: Any = None,
        validation_data: Any = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        class_weight: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        shuffle: bool = True,
        initial_epoch: int = 0,
    ) -> Any:
        """As `fit`, on batches from a generator or a `Sequence`."""
        given = _arguments(locals())
        return fitting.fit(self, given.pop("generator"), **given)

    def evaluate_generator(
        self,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: int = 0,
    ) -> Any:
        """As `evaluate`, on batches from a generator or a `Sequence`."""
        given = _arguments(locals())
        return fitting.evaluate(self, given.pop("generator"), **given)

    def predict_generator(
        self,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: int = 0,
    ) -> Any:
        """As `predict`, on batches from a generator or a `Sequence`."""
        given = _arguments(locals())
        return fitting.predict(self, given.pop("generator"), **given)


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    """A method's arguments by name."""
    return {name: value for name, value in given.items() if name not in ("self", "__class__")}


def _metrics_of(layer: Any) -> list[tuple[str, Any]]:
    inner = [pair for part in getattr(layer, "_layers", ()) for pair in _metrics_of(part)]
    return list(layer._metrics) + inner


OF_OTHERS = {
    *("feed_dict", "fetches", "options", "run_metadata"),  # sessions of TensorFlow 1
    *("accept_inplace", "allow_input_downcast", "givens", "mode", "name", "no_default_updates"),
    *("on_unused_input", "profile", "rebuild_strict", "trust_input", "updates"),  # Theano
    *("auto_scale_loss", "cloning", "distribute", "experimental_run_tf_function"),
    *("experimental_steps_per_execution", "jit_compile", "run_eagerly", "steps_per_execution"),
}
"""What other engines (above), and tf.keras and Keras 3 (the last two lines), are told in `compile`.
None of it changes a number."""


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """What `compile` hands on to the engine's compiler."""
    known = runtime.takes_options()
    strange = sorted(given.keys() - known - OF_OTHERS)
    if strange:
        own = [*inspect.signature(Model.compile).parameters][1:-1]
        raise TypeError(
            f"compile: neither Keras nor the engine knows the argument `{strange[0]}`"
            + near_misses(strange[0], [*own, *known])
            + (f" The engine's compiler takes {', '.join(sorted(known))}." if known else "")
        )
    ignored = ", ".join(sorted(given.keys() - known))
    if ignored:
        warn(f"compile: {ignored} says something to another engine; it means nothing to this one.")
    return {key: value for key, value in given.items() if key in known}
