"""What methods were told in earlier generations: names, orders, and numbers of samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..saving.upgrade.verbs import Rename, Verb, apply

Arguments = dict[str, Any]

# ---- numbers of samples become numbers of batches


class Again:
    """A generator whose first batch was looked at: it hands that out first."""

    def __init__(self, first: Any, generator: Iterator[Any]) -> None:
        self.waiting = [first]
        self.generator = generator

    def __iter__(self) -> Again:
        return self

    def __next__(self) -> Any:
        return self.waiting.pop() if self.waiting else next(self.generator)


def batch_length(batch: Any) -> int:
    """How many samples a batch of a generator has."""
    inputs = batch[0] if isinstance(batch, tuple) else batch
    while isinstance(inputs, (list, tuple, Mapping)):
        inputs = next(iter(inputs.values())) if isinstance(inputs, Mapping) else inputs[0]
    return len(inputs)


def batch_size(generator: Any) -> tuple[int, Any]:
    """The samples in a generator's first batch, and the generator as it was before."""
    size = getattr(generator, "batch_size", None)
    if isinstance(size, int) and size > 0:
        return size, generator
    if hasattr(generator, "__next__"):
        first = next(generator)
        return batch_length(first), Again(first, generator)
    return batch_length(generator[0]), generator


class Samples:
    """A number of samples that is a number of batches now: `Samples("val_samples", "steps")`.

    The batches' size is learnt from the first one. `or_batches`: a number below it, which no
    number of samples can be, is taken for one of batches, as Keras 2 took all of them.
    """

    def __init__(
        self, old: str, new: str, source: str = "generator", or_batches: bool = False
    ) -> None:
        self.old = old
        self.new = new
        self.source = source
        self.or_batches = or_batches

    def __call__(self, arguments: Arguments) -> list[str]:
        if self.old not in arguments:
            return []
        if self.new in arguments:
            raise TypeError(
                f"`{self.new}` and `{self.old}` are two ways to say one thing; both are given. "
                f"Keep `{self.new}`."
            )
        count = arguments.pop(self.old)
        source = arguments.get(self.source)
        if count is None or not (hasattr(source, "__next__") or hasattr(source, "__getitem__")):
            return [f"{self.old} is gone"]
        if isinstance(source, (list, tuple)):  # arrays: all of them are looked at
            return [f"{self.old} is gone"]
        size, arguments[self.source] = batch_size(source)
        steps = count if self.or_batches and count < size else -(-count // size)
        arguments[self.new] = steps
        return [f"{self.old}={count} -> {self.new}={steps} (batches of {size})"]


QUEUE = Rename(max_q_size="max_queue_size", nb_worker="workers", pickle_safe="use_multiprocessing")


# ---- arguments that stood in another order


def weight_by_shape(arguments: Arguments) -> list[str]:
    """`add_weight` began with the shape, the initializer and the name."""
    if "initializer_or_name" in arguments:
        # Keras 2 let the name come second; then there is an initializer beside it.
        text = isinstance(arguments["initializer_or_name"], str)
        is_name = text and "initializer" in arguments and "name" not in arguments
        apply([Rename(initializer_or_name="name" if is_name else "initializer")], arguments)
    return []


def without_constraints(arguments: Arguments) -> list[str]:
    """Optimizers got the constraints, a dict from weights to functions; weights hold their own."""
    if "constraints" not in arguments:
        return []
    constraints = arguments.pop("constraints")
    if isinstance(constraints, Mapping):
        for weight, constraint in constraints.items():
            weight.constraint = constraint
    return ["constraints are the weights' own"]


def from_arguments(arguments: Arguments) -> list[str]:
    """`get("l2", {"l": 0.1})`: a name with the arguments for what it stands for."""
    given = arguments.pop("kwargs", None)
    if not given:
        return []
    name = arguments["identifier"]
    arguments["identifier"] = {"class_name": name, "config": dict(given)}
    return [f"kwargs -> {{'class_name': {name!r}, 'config': ...}}"]


def waiting_time(arguments: Arguments) -> list[str]:
    """How long a worker slept while the queue was full; now it is woken."""
    return ["wait_time is gone"] if arguments.pop("wait_time", None) is not None else []


def tensor_first(arguments: Arguments) -> list[str]:
    """A layer was called on `x`; without other inputs no argument of its own is meant."""
    if "inputs" in arguments:
        return []
    return apply([Rename(x="inputs")], arguments)


def shown_accuracy(arguments: Arguments) -> list[str]:
    """Before there were metrics, training and testing could show the accuracy."""
    if "show_accuracy" not in arguments:
        return []
    del arguments["show_accuracy"]
    return ["show_accuracy -> compile(metrics=['accuracy'])"]


WEIGHT: list[Verb] = [Rename(p="w")]

METHODS: dict[str, list[Verb]] = {
    "Constraint.__call__": WEIGHT,
    "MaxNorm.__call__": WEIGHT,
    "MinMaxNorm.__call__": WEIGHT,
    "NonNeg.__call__": WEIGHT,
    "UnitNorm.__call__": WEIGHT,
    "Bidirectional.__call__": [tensor_first],
    "GeneratorEnqueuer.__init__": [Rename(generator="sequence", pickle_safe="use_multiprocessing")],
    "InputLayer.__init__": [Rename(input_dtype="dtype")],
    "Layer.__call__": [tensor_first],
    "Layer.assert_input_compatibility": [Rename(input="inputs")],
    "Layer.add_weight": [weight_by_shape],
    "Model.evaluate": [shown_accuracy],
    "Model.evaluate_generator": [
        Samples("val_samples", "steps", or_batches=True),
        QUEUE,
        shown_accuracy,
    ],
    "Model.fit": [Rename(nb_epoch="epochs"), shown_accuracy],
    "Model.fit_generator": [
        Samples("samples_per_epoch", "steps_per_epoch"),
        Samples("nb_val_samples", "validation_steps", "validation_data"),
        Rename(nb_epoch="epochs"),
        QUEUE,
        shown_accuracy,
    ],
    "Model.predict_generator": [Samples("val_samples", "steps", or_batches=True), QUEUE],
    "Model.test_on_batch": [shown_accuracy],
    "Model.train_on_batch": [shown_accuracy],
    "Network.__init__": [Rename(input="inputs", output="outputs")],
    "Optimizer.get_updates": [without_constraints],
    "RNN.__call__": [tensor_first],
    "RNN.assert_input_compatibility": [Rename(input="inputs")],
    "Sequential.__call__": [tensor_first],
    "SequenceEnqueuer.start": [QUEUE, waiting_time],
    "get": [from_arguments],
}
"""What the arguments of methods were called."""


class Order(NamedTuple):
    """An earlier order of a method's positional arguments, and when a call follows it."""

    names: tuple[str, ...]
    fits: Callable[[tuple[Any, ...], Mapping[str, Any]], bool]
    said: str


def order(names: str, fits: Callable[..., bool], said: str = "") -> Order:
    """An order of names, and what a warning says of it."""
    listed = names.split()
    shown = listed[1:] if listed[0] == "self" else listed
    today = said or f"the order ({', '.join(shown)}) -> arguments by name"
    return Order(tuple(listed), fits, today)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _class_weight_third(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """A dict by class in third place, or an array in fourth."""
    if len(args) < 4:
        return False
    third = args[3]
    if isinstance(third, Mapping) and third:
        by_class = all(isinstance(key, int) for key in third)
        return by_class or all(isinstance(value, Mapping) for value in third.values())
    fourth = args[4] if len(args) > 4 else None
    return third is None and hasattr(fourth, "shape")


def _by_samples(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    spelled = "nb_epoch" in kwargs or "nb_val_samples" in kwargs
    return spelled and len(args) > 2 and "steps_per_epoch" not in kwargs


def _class_weight_eighth(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    return len(args) > 8 and (args[8] is None or isinstance(args[8], Mapping))


def _queue_third(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    return len(args) > 3 and _is_count(args[3])


def _weights_first(args: tuple[Any, ...]) -> bool:
    return len(args) > 1 and isinstance(args[1], (list, tuple))


def _weights_and_loss(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    return _weights_first(args) and len(args) == 3 and "loss" not in kwargs


FIT = "verbose callbacks validation_data {} class_weight max_queue_size workers use_multiprocessing"
QUEUED = "self generator steps max_queue_size workers use_multiprocessing verbose"

ORDERS: dict[str, list[Order]] = {
    "InputLayer.__init__": [
        order(
            "self input_shape batch_input_shape input_dtype input_tensor name",
            lambda args, kwargs: len(args) > 2 and isinstance(args[2], (list, tuple)),
        )
    ],
    "get": [
        order("identifier kwargs", lambda args, kwargs: len(args) == 2, "the arguments by name")
    ],
    "Lambda.__init__": [
        order(
            "self function output_shape arguments",
            lambda args, kwargs: len(args) == 4 and isinstance(args[3], Mapping),
        )
    ],
    "Layer.add_weight": [
        order(
            "self shape initializer_or_name name trainable regularizer constraint",
            lambda args, kwargs: len(args) > 1 and not isinstance(args[1], (str, type(None))),
            "the order (shape, initializer, name) -> (name, shape), initializer by name",
        )
    ],
    "Model.compile": [
        order(
            "self optimizer loss metrics sample_weight_mode",
            lambda args, kwargs: len(args) == 5 and isinstance(args[4], str),
        )
    ],
    "Model.evaluate_generator": [order(QUEUED, _queue_third)],
    "Model.fit_generator": [
        order(
            "self generator samples_per_epoch nb_epoch "
            f"{FIT.format('nb_val_samples')} initial_epoch",
            _by_samples,
            "the second argument counts samples",
        ),
        order(
            f"self generator steps_per_epoch epochs {FIT.format('validation_steps')} initial_epoch",
            _class_weight_eighth,
        ),
    ],
    "Model.predict_generator": [order(QUEUED, _queue_third)],
    "Model.train_on_batch": [order("self x y class_weight sample_weight", _class_weight_third)],
    "Optimizer.get_updates": [
        order("self params loss", _weights_and_loss),
        order(
            "self params constraints loss",
            lambda args, kwargs: _weights_first(args),
            "(params, constraints, loss) -> (loss, params)",
        ),
    ],
    "TensorBoard.__init__": [
        order(
            "self log_dir histogram_freq write_graph write_images",
            lambda args, kwargs: len(args) > 3 and isinstance(args[3], bool),
        )
    ],
    "batch_normalization": [
        order(
            "x mean var beta gamma epsilon",
            lambda args, kwargs: len(args) == 6 and isinstance(args[5], float),
        )
    ],
}
"""Orders of positional arguments that Keras 1 or the documents give; the first that fits holds."""
