"""Recurrent layers: any cell, step by step over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from ... import backend as K
from ...backend.ops.arrange import size_of
from ...configured import plan_of
from ...registry import CustomObjectScope, has_arg, serialize_keras_object
from ..base import InputSpec, Layer
from ..base.calls import to_list
from ..base.spec import check_inputs
from .cells import (
    Cell,
    Run,
    arguments_for,
    build_cell,
    drawing,
    made_cell,
    output_size,
    state_sizes,
)
from .stacked import StackedRNNCells

Shape = Any


class OneCell:
    """Converts a cell, the config of one, or a list of cells to be stacked."""

    def get(self, value: Any) -> Any:
        """The cell."""
        return StackedRNNCells(value) if isinstance(value, (list, tuple)) else made_cell(value)

    def serialize(self, value: Any) -> Any:
        """Its config."""
        return serialize_keras_object(value)


CellOrCells = Annotated[Any, OneCell()]


class Recurrence:
    """What a recurrent layer has. It is said here, where no type checker takes it for arguments:
    layers with a cell of their own have others first."""

    cell: Any
    return_sequences: bool
    return_state: bool
    go_backwards: bool
    stateful: bool
    unroll: bool

    step_rank: ClassVar[int] = 1  # the number of axes that a sample has at one step
    _num_constants: int | None = None
    _constant_shapes: Any = ()
    _states: Any = None


class RNN(Recurrence, Layer):
    """A cell applied to each step of a sequence, with its own states handed on to the next step.

    (batch, time, ...) -> (batch, output size), or with `return_sequences` (batch, time, output
    size); with `return_state`, the last states follow in a list.

    `cell`: one of this package, a list of them, or your own: a layer (or any object) with
    `call(inputs at a step, states) -> output, new states` and `state_size`, a number or a list.
    `go_backwards`: from the last step to the first; outputs are in the order of computation.
    `stateful`: a batch begins with the states in which the one before it ended.
    `unroll`: the steps are written one after the other, faster for a few of them.

    Called as `layer(x, initial_state=..., constants=...)`: the states to begin with, and tensors
    that the cell gets at each step. Masked steps keep the states and repeat the output.
    """

    if TYPE_CHECKING:

        def __init__(
            self,
            cell: Any,
            return_sequences: bool = False,
            return_state: bool = False,
            go_backwards: bool = False,
            stateful: bool = False,
            unroll: bool = False,
            **options: Any,
        ) -> None: ...

    else:
        cell: CellOrCells
        return_sequences: bool = False
        return_state: bool = False
        go_backwards: bool = False
        stateful: bool = False
        unroll: bool = False

    supports_masking = True

    def __post_init__(self) -> None:
        self.input_spec = InputSpec(ndim=self.step_rank + 2)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self._num_constants is not None:
            config["num_constants"] = self._num_constants
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        known = {key: value for key, value in config.items() if key != "num_constants"}
        with CustomObjectScope(custom_objects or {}):
            made = cls(**known)
        if config.get("num_constants") is not None:
            made._num_constants = config["num_constants"]
        return made

    # ---- states

    @property
    def states(self) -> list[Any]:
        """The states that a stateful layer keeps between batches; `None` for each if it isn't."""
        return [None] * len(state_sizes(self.cell)) if self._states is None else self._states

    @states.setter
    def states(self, states: Any) -> None:
        self._states = None if states is None else to_list(states)

    def state_shapes(self, input_shape: Shape) -> list[tuple[Any, ...]]:
        """The shapes of the states for inputs of this shape."""
        batch = input_shape[0]
        return [
            (batch, *size) if isinstance(size, (list, tuple)) else (batch, size)
            for size in state_sizes(self.cell)
        ]

    def get_initial_state(self, inputs: Any) -> list[Any]:
        """Zeros for each state, for a batch as large as that of the inputs."""
        batch = size_of(inputs, 0)
        if hasattr(self.cell, "get_initial_state"):
            own = self.cell.get_initial_state(inputs=inputs, batch_size=batch, dtype=inputs.dtype)
            return to_list(own)
        shapes = self.state_shapes((batch, *K.int_shape(inputs)[1:]))
        return [K.zeros(shape, dtype=inputs.dtype) for shape in shapes]

    def reset_states(self, states: Any = None) -> None:
        """Let a stateful layer's next batch begin with zeros, or with the given arrays."""
        who = f"{type(self).__name__} `{self.name}`"
        if not self.stateful:
            raise AttributeError(f"{who} keeps no states from batch to batch; see `stateful`.")
        if not self.built:
            raise ValueError(f"{who} has no states yet: they are made when it is first called.")
        shapes = self.state_shapes(self._known_shape())
        if self._states is None:
            self._states = [
                K.variable(np.zeros(shape), dtype=self.dtype, name=f"state_{i}")
                for i, shape in enumerate(shapes)
            ]
        values = [np.zeros(shape) for shape in shapes] if states is None else to_list(states)
        if [np.shape(value) for value in values] != shapes:
            raise ValueError(
                f"{who} has {len(shapes)} state(s) of the shapes {shapes}, got "
                f"{[np.shape(value) for value in values]}."
            )
        K.batch_set_value(list(zip(self._states, values, strict=True)))

    def _known_shape(self) -> Shape:
        """The shape of the input; all but the time must be known."""
        shape = to_list(self.input_spec)[0].shape
        if None in (shape[0], *shape[2:]):
            raise ValueError(
                f"{type(self).__name__} `{self.name}` is stateful, so the shape of its input must "
                "be known: give the first layer `batch_input_shape=(batch, time, ...)`, or `Input` "
                "a `batch_shape`."
            )
        return shape

    # ---- calling

    def __call__(
        self, inputs: Any, initial_state: Any = None, constants: Any = None, **kwargs: Any
    ) -> Any:
        """The output for symbolic inputs, which may be `[inputs, *states, *constants]` as well."""
        inputs, states, constants = self.sorted_inputs(inputs, initial_state, constants)
        self.expect_constants(constants)
        everything, given = as_one(self, inputs, states, constants)
        return super().__call__(everything, **given, **kwargs)

    def expect_constants(self, constants: list[Any]) -> None:
        """Note how many constants there are, and their shapes: cells are built with them."""
        if constants:
            self._num_constants = len(constants)
            self._constant_shapes = [K.int_shape(c) for c in constants]

    def sorted_inputs(
        self, inputs: Any, initial_state: Any, constants: Any
    ) -> tuple[Any, list[Any], list[Any]]:
        """The sequence, the states and the constants, in whichever way they were given."""
        states = [] if initial_state is None else to_list(initial_state)
        fixed = [] if constants is None else to_list(constants)
        if not isinstance(inputs, (list, tuple)):
            return inputs, states, fixed
        given = list(inputs)
        if self._num_constants and not fixed and len(given) > self._num_constants:
            fixed = given[-self._num_constants :]
            given = given[: -self._num_constants]
        if len(given) > 1 and states:
            raise ValueError(
                f"{type(self).__name__} `{self.name}` got states twice: among its inputs, and as "
                "`initial_state`."
            )
        return given[0], given[1:] or states, fixed

    def assert_input_compatibility(self, inputs: Any) -> None:
        given = to_list(inputs)
        check_inputs(self, given[:1], self.input_spec)
        states = given[1 : len(given) - (self._num_constants or 0)]
        if not states:
            return
        shapes = self.state_shapes((None, *K.int_shape(given[0])[1:]))
        if len(states) != len(shapes):
            raise ValueError(
                f"{type(self).__name__} `{self.name}` has {len(shapes)} state(s) of the shapes "
                f"{shapes}, got {len(states)} as `initial_state`: "
                f"{', '.join(str(K.int_shape(s)) for s in states)}."
            )
        check_inputs(self, states, [InputSpec(shape=shape) for shape in shapes])

    def build(self, input_shape: Shape) -> None:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        own = shapes[0]
        constant_shapes = self._constant_shapes or (
            shapes[-self._num_constants :] if self._num_constants else []
        )
        build_cell(self.cell, (own[0], *own[2:]), constant_shapes)
        batch = own[0] if self.stateful else None
        self.input_spec = InputSpec(shape=(batch, None, *own[2:]))
        self.built = True
        if self.stateful:
            self.reset_states()

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: Any = None,
        initial_state: Any = None,
        constants: Any = None,
    ) -> Any:
        x, states, fixed = self.sorted_inputs(inputs, initial_state, constants)
        states = self.first_states(x, states)
        last, outputs, news = self.run(x, states, time_mask(mask), training, fixed)
        if self.stateful:
            self.add_update(list(zip(self.states, news, strict=True)), inputs)
        shown = outputs if self.return_sequences else last
        return [shown, *news] if self.return_state else shown

    def first_states(self, inputs: Any, given: list[Any]) -> list[Any]:
        """The states to begin with."""
        states = given or (self.states if self.stateful else self.get_initial_state(inputs))
        if len(states) != len(self.states):
            raise ValueError(
                f"{type(self).__name__} `{self.name}` has {len(self.states)} state(s), got "
                f"{len(states)} as `initial_state`."
            )
        return states

    def run(self, x: Any, states: list[Any], mask: Any, training: Any, constants: list[Any]) -> Run:
        """The cell over all steps."""
        if self.unroll and K.int_shape(x)[1] is None:
            raise ValueError(
                f"{type(self).__name__} `{self.name}`: `unroll` needs a known number of steps, got "
                f"inputs of shape {K.int_shape(x)}."
            )
        if constants and not has_arg(self.cell.call, "constants", accept_all=True):
            raise ValueError(
                f"{type(self).__name__} `{self.name}` got constants, but the `call` of its cell "
                f"{type(self.cell).__name__} takes no argument `constants`."
            )
        for cell in drawing(self.cell):
            cell.draw(x, states[0] if cell is self.cell else None, training)
        if not constants and getattr(self.cell, "runs_whole", False):
            made: Run = self.cell.run(x, states, self.go_backwards, mask, self.unroll)
            return made
        arguments = arguments_for(self.cell, training, constants)

        def step(now: Any, held: list[Any]) -> tuple[Any, list[Any]]:
            output, news = self.cell.call(now, held, **arguments)
            return output, list(news)

        last, outputs, news = K.rnn(step, x, states, self.go_backwards, mask, unroll=self.unroll)
        return last, outputs, list(news)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        own = input_shape[0] if isinstance(input_shape, list) else input_shape
        size = output_size(self.cell)
        output = (own[0], *size) if isinstance(size, (list, tuple)) else (own[0], size)
        if self.return_sequences:
            output = (own[0], own[1], *output[1:])
        return [output, *self.state_shapes(own)] if self.return_state else output

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        own = time_mask(mask) if self.return_sequences else None
        return [own] + [None] * len(self.states) if self.return_state else own


def time_mask(mask: Any) -> Any:
    """The sequence's mask (batch, time): a step counts if any part of it does."""
    own = to_list(mask)[0]
    if own is None or own.ndim == 2:
        return own
    return K.any(own, axis=list(range(2, own.ndim)))


def as_one(
    layer: Layer, inputs: Any, states: list[Any], constants: list[Any]
) -> tuple[Any, dict[str, Any]]:
    """What to call a layer on: tensors from layers are inputs, others keyword arguments."""
    of_layers = [hasattr(t, "_keras_history") for t in (*states, *constants)]
    if all(of_layers):
        return ([inputs, *states, *constants] if of_layers else inputs), {}
    if any(of_layers):
        raise ValueError(
            f"{type(layer).__name__} `{layer.name}`: either all of `initial_state` and `constants` "
            "come from layers, or none does. `Input(tensor=...)` makes any tensor come from one."
        )
    given = {"initial_state": states, "constants": constants}
    return inputs, {name: tensors for name, tensors in given.items() if tensors}


class CellRNN(RNN):
    """A recurrent layer whose arguments are those of its cell, and more."""

    cell: ClassVar[Any] = None  # type: ignore[misc]  # no argument of these classes
    cell_class: ClassVar[type[Cell]]

    def __post_init__(self) -> None:
        names = plan_of(self.cell_class).fields
        self.cell = self.cell_class(  # type: ignore[misc]  # not an argument, but an attribute
            **{name: getattr(self, name) for name in names}, dtype=self.dtype
        )
        super().__post_init__()
