"""The bases of recurrent layers of one's own, before there were cells."""

from __future__ import annotations

from typing import Any

from ... import backend as K
from ...backend.graph.shapes import conv_size
from ...layers.base import Layer
from ...layers.base.fields import DataFormat, Positive
from ...layers.base.sizes import Window, one_of, sizes

Shape = Any
ONE_STATE: Any = (None,)  # a subclass makes it a list of its own


class Recurrent(Layer):
    """The base of a recurrent layer of one's own: write `step(x, states)`.

    `step` gets the inputs at one time, (batch, n), and a list of the states followed by the
    constants; it returns the output, (batch, output_dim), and the list of new states. What it works
    with is made in `build`, which also says in `self.states` how many states there are, a `None`
    for each. `preprocess_input(x)` may do what no state is needed for on all steps at once;
    `get_constants(x)` returns tensors for `step`; `get_initial_states(x)` the states to begin with,
    zeros if it isn't written.

    (batch, time, n) -> (batch, output_dim), or (batch, time, output_dim) with `return_sequences`.
    """

    return_sequences: bool = False
    return_state: bool = False
    go_backwards: bool = False
    stateful: bool = False
    unroll: bool = False
    implementation: int = 0

    takes_sequences = True
    supports_masking = True
    states = ONE_STATE
    _fed: Any = None  # the shape of the inputs

    # ---- what subclasses write

    def step(self, x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        """The output at one time, and the states after it."""
        raise NotImplementedError(f"`{type(self).__name__}` needs a method `step(x, states)`.")

    def preprocess_input(self, x: Any, training: Any = None) -> Any:
        """The inputs as `step` gets them."""
        return x

    def get_constants(
        self, x: Any = None, training: Any = None, *, train: Any = None, X: Any = None
    ) -> list[Any]:
        """Tensors that `step` gets behind the states."""
        return []

    def get_initial_states(self, x: Any = None, *, X: Any = None) -> list[Any]:
        """The states before the first step. The inputs are `x`, or `X`."""
        x = X if x is None else x
        sizes = self.state_sizes(K.int_shape(x))
        each = K.sum(K.zeros_like(x), axis=tuple(range(1, K.ndim(x))))  # a zero for each sample
        zero = K.reshape(each, (-1, *(1 for _ in sizes)))
        return [K.tile(zero, (1, *sizes)) for _ in self.states]

    def get_initial_state(self, inputs: Any) -> list[Any]:
        """The states before the first step, by their newer name."""
        return self.get_initial_states(inputs)

    def state_sizes(self, input_shape: Shape) -> tuple[Any, ...]:
        """The shape of a state and of the output at one time, without the batch."""
        for name in ("output_dim", "units"):
            if hasattr(self, name):
                return (getattr(self, name),)
        raise AttributeError(
            f"`{type(self).__name__}` should set `self.output_dim`, the size of its output."
        )

    # ---- running over time

    def call(
        self, inputs: Any, mask: Any = None, training: Any = None, initial_state: Any = None
    ) -> Any:
        mask = mask[0] if isinstance(mask, list) else mask
        initial = initial_state
        if initial is None:
            initial = self.states if self.stateful else self.get_initial_state(inputs)
        last, outputs, states = K.rnn(
            self.step,
            self.preprocess_input(inputs),
            list(initial),
            go_backwards=self.go_backwards,
            mask=mask,
            constants=self.get_constants(inputs),
            unroll=self.unroll,
            input_length=K.int_shape(inputs)[1],
        )
        if self.stateful:
            self.add_update(list(zip(self.states, states, strict=True)), inputs)
        y = outputs if self.return_sequences else last
        return [y, *states] if self.return_state else y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        own = mask[0] if isinstance(mask, list) else mask
        own = own if self.return_sequences else None
        return [own, *(None for _ in self.states)] if self.return_state else own

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        sizes = self.state_sizes(shape)
        y = (shape[0], shape[1], *sizes) if self.return_sequences else (shape[0], *sizes)
        return [y, *((shape[0], *sizes) for _ in self.states)] if self.return_state else y

    def reset_states(self) -> None:
        """Set the states that a stateful layer keeps back to zero; make them if there are none."""
        if all(K.is_variable(state) for state in self.states):
            for state in self.states:
                K.set_value(state, K.get_value(state) * 0)
            return
        shape = self._fed or self.batch_input_shape
        if not shape or shape[0] is None:
            raise ValueError(
                f"{type(self).__name__} `{self.name}` is stateful, which needs a fixed batch size: "
                "give `batch_input_shape`."
            )
        sizes = self.state_sizes(shape)
        self.states = [K.zeros((shape[0], *sizes)) for _ in self.states]

    def build_once(self, input_shape: Shape) -> None:
        self._fed = input_shape
        super().build_once(input_shape)
        if self.stateful and not all(K.is_variable(state) for state in self.states):
            self.reset_states()


class ConvRecurrent2D(Recurrent):
    """The base of a recurrent layer of one's own whose states are images.

    (batch, time, rows, columns, channels) -> (batch, rows, columns, filters), or with
    `return_sequences` (batch, time, rows, columns, filters); channels first if `data_format` says
    so. See `Recurrent`; `step` gets and returns images.
    """

    filters: Positive  # type: ignore[misc]  # fields declared again move to their new place
    kernel_size: Window  # type: ignore[misc]
    strides: Window = (1, 1)
    padding: str = "valid"
    data_format: DataFormat = None
    dilation_rate: Window = (1, 1)
    return_sequences: bool = False
    return_state: bool = False
    go_backwards: bool = False
    stateful: bool = False
    unroll: bool = False
    implementation: int = 0

    def __post_init__(self) -> None:
        for name in ("kernel_size", "strides", "dilation_rate"):
            setattr(self, name, sizes(self, name, 2))
        self.padding = one_of(self, "padding", ("valid", "same"))

    def state_sizes(self, input_shape: Shape) -> tuple[Any, ...]:
        image = input_shape[2:]
        first = self.data_format == "channels_first"
        rows, columns = (
            conv_size(size, k, s, self.padding, d)
            for size, k, s, d in zip(
                image[1:] if first else image[:2],
                self.kernel_size,
                self.strides,
                self.dilation_rate,
                strict=True,
            )
        )
        return (self.filters, rows, columns) if first else (rows, columns, self.filters)
