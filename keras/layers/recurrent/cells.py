"""Cells: what a recurrent layer does at one step of time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from ... import activations, backend as K
from ...backend.ops.arrange import size_of
from ...backend.ops.recurrent import ACTIVATIONS, gate
from ...registry import Registry, has_arg
from ..base import Layer
from ..base.calls import to_list

Shape = Any
Run = tuple[Any, Any, list[Any]]  # the last output, the outputs of all steps, the last states

GATED = ("kernel", "recurrent_kernel", "bias", "input_bias", "recurrent_bias")
NAMED = {getattr(activations, name): name for name in ACTIVATIONS}


class Masks:
    """The dropout masks of a cell, for its input and for its state."""

    _dropout_mask: Any = None
    _recurrent_dropout_mask: Any = None
    _training: Any = None


class Cell(Masks, Layer):
    """What the cells of this package share: weights for each gate, side by side, and dropout.

    A step is `advance(project(inputs), states)`. The first part, the product of the inputs and the
    kernel, doesn't depend on the states, so that a layer computes it for all steps at once.

    A dropout mask stays the same for all steps (Gal and Ghahramani, 2015, arXiv:1512.05287).
    With `implementation` 1 each gate has masks of its own, with 2 they share one.
    """

    gates: ClassVar[str] = "h"  # a letter for each, in the order of the weights
    activations: ClassVar[tuple[str, ...]] = ("activation", "recurrent_activation")

    @property
    def state_size(self) -> Any:
        """The size of the state, or a list of sizes."""
        return self.units

    @property
    def output_size(self) -> Any:
        """The size of the output."""
        return self.units

    def build(self, input_shape: Shape) -> None:
        columns = self.units * len(self.gates)
        self.kernel = self.add_weight("kernel", (input_shape[-1], columns))
        self.recurrent_kernel = self.add_weight(
            "recurrent_kernel",
            (self.units, columns),
            initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = self.make_bias() if self.use_bias else None
        self.built = True

    def make_bias(self) -> Any:
        """The weight that is added before the activations."""
        return self.add_weight("bias", (self.units * len(self.gates),))

    def __getattr__(self, name: str) -> Any:
        """What a weight has for one gate, for cells derived from these: `kernel_i`, `bias_o`."""
        stem, _, letter = name.rpartition("_")
        if stem in GATED and len(letter) == 1 and letter in self.gates:
            weight = getattr(self, stem)
            return None if weight is None else gate(weight, self.gates.index(letter), self.units)
        raise AttributeError(f"{type(self).__name__} has no attribute `{name}`.")

    # ---- dropout

    def draw(self, inputs: Any, state: Any, training: Any) -> None:
        """Draw the dropout masks for these inputs, at one step or at all of them."""
        count = len(self.gates) if self.implementation == 1 else 1
        for_inputs, for_state = self.mask_shapes(inputs, state)
        self._training = training
        self._dropout_mask = self._masks(self.dropout, for_inputs, count)
        self._recurrent_dropout_mask = self._masks(self.recurrent_dropout, for_state, count)

    def mask_shapes(self, inputs: Any, state: Any) -> tuple[Sequence[Any], Sequence[Any]]:
        """The shapes of the masks for the input at a step and for the state."""
        batch = size_of(inputs, 0)
        return (batch, K.int_shape(self.kernel)[0]), (batch, self.units)

    def _masks(self, rate: float, shape: Sequence[Any], count: int) -> list[Any]:
        if not 0.0 < rate < 1.0:
            return []
        return [K.dropout(K.ones(shape, dtype=self.dtype), rate) for _ in range(count)]

    def masked(self, x: Any, masks: Sequence[Any], number: int = 0) -> Any:
        """`x` with a mask while training; the same one for all steps of (batch, time, n)."""
        if not masks:
            return x
        mask = masks[number if len(masks) > 1 else 0]
        for _ in range(x.ndim - mask.ndim):
            mask = K.expand_dims(mask, 1)
        return K.in_train_phase(lambda: x * mask, x, training=self._training)

    # ---- one step

    def call(self, inputs: Any, states: Sequence[Any], training: Any = None) -> Any:
        """(batch, n) and the states -> the output and the new states."""
        if self._dropout_mask is None:
            self.draw(inputs, states[0], training)
        return self.advance(self.project(inputs), states)

    def project(self, inputs: Any) -> Any:
        """The product of the inputs and the kernel: (..., n) -> (..., gates * units)."""
        bias = self.input_bias
        if len(self._dropout_mask) < 2:
            return K.dense(self.masked(inputs, self._dropout_mask), self.kernel, bias)
        parts = [
            K.dense(
                self.masked(inputs, self._dropout_mask, i),
                gate(self.kernel, i, self.units),
                None if bias is None else gate(bias, i, self.units),
            )
            for i in range(len(self.gates))
        ]
        return K.concatenate(parts)

    @property
    def input_bias(self) -> Any:
        """The part of the bias that is added to the input's product."""
        return self.bias

    def advance(self, z: Any, states: Sequence[Any]) -> tuple[Any, list[Any]]:
        """The output and the new states, from the input's product and the states."""
        raise NotImplementedError

    def recurrent_products(self, h: Any, count: int | None = None) -> Any:
        """The product of the state with its weights, for all gates or the first `count` of them."""
        masks, weights = self._recurrent_dropout_mask, self.recurrent_kernel
        numbers = range(len(self.gates) if count is None else count)
        if len(masks) < 2:
            if count is not None:
                weights = K.slice(weights, (0, 0), (self.units, count * self.units))
            return K.dot(self.masked(h, masks), weights)
        parts = [K.dot(self.masked(h, masks, i), gate(weights, i, self.units)) for i in numbers]
        return K.concatenate(parts)

    # ---- all steps

    @property
    def runs_whole(self) -> bool:
        """Whether `run` says the same as `call`, which derived cells may replace."""
        return type(self).call is Cell.call

    def run(
        self, inputs: Any, states: Sequence[Any], go_backwards: bool, mask: Any, unroll: bool
    ) -> Run:
        """The cell over a whole sequence (batch, time, n)."""
        if self.is_standard and not unroll:
            return self.fused(self.masked(inputs, self._dropout_mask), states, go_backwards, mask)
        last, outputs, states = K.rnn(
            self.advance, self.project(inputs), states, go_backwards, mask, unroll=unroll
        )
        return last, outputs, list(states)

    @property
    def is_standard(self) -> bool:
        """Whether K has one function for all steps of this cell with its arguments."""
        known = all(getattr(self, name) in NAMED for name in self.activations)
        return known and len(self._dropout_mask) < 2 and not self._recurrent_dropout_mask

    @property
    def named_activations(self) -> dict[str, str]:
        """The arguments of K's function that say which activations there are."""
        return {name: NAMED[getattr(self, name)] for name in self.activations}

    def fused(self, inputs: Any, states: Sequence[Any], go_backwards: bool, mask: Any) -> Run:
        """All steps by one function of K."""
        raise NotImplementedError


class ImplementationKind:
    """Converts that argument: 1 and 2, and 0, which is what 1 was called before."""

    def get(self, value: Any) -> Any:
        """1 or 2."""
        if value not in (0, 1, 2):
            raise ValueError(f"expected 1 (a product a gate) or 2 (one for all), got {value!r}.")
        return value or 1

    def serialize(self, value: Any) -> Any:
        """The number itself."""
        return value


Implementation = Annotated[int, ImplementationKind()]


def state_sizes(cell: Any) -> list[Any]:
    """The sizes of a cell's states, as a list."""
    return to_list(cell.state_size)


def output_size(cell: Any) -> Any:
    """The size of a cell's output: that of its first state, unless the cell says otherwise."""
    own = getattr(cell, "output_size", None)
    return state_sizes(cell)[0] if own is None else own


def made_cell(value: Any) -> Any:
    """A cell from its config, or what has the methods of one."""
    if isinstance(value, Mapping):
        value = Registry.by_kind["layer"].deserialize(value)
    if not hasattr(value, "call") or not hasattr(value, "state_size"):
        raise ValueError(
            "expected a cell: an object with a method `call(inputs, states)`, which returns the "
            f"output and the new states, and an attribute `state_size`; got {value!r}."
        )
    return value


def build_cell(cell: Any, step_shape: Shape, constant_shapes: Sequence[Shape]) -> None:
    """Make the weights of a cell that is a layer, unless it has them already."""
    if not isinstance(cell, Layer) or cell.built:
        return
    takes = constant_shapes and has_arg(cell.call, "constants")
    cell.build([step_shape, *constant_shapes] if takes else step_shape)
    cell.built = True


def arguments_for(cell: Any, training: Any, constants: Sequence[Any]) -> dict[str, Any]:
    """The keyword arguments that a cell's `call` takes."""
    given: dict[str, Any] = {}
    if has_arg(cell.call, "training"):
        given["training"] = training
    if constants and has_arg(cell.call, "constants", accept_all=True):
        given["constants"] = list(constants)
    return given


def drawing(cell: Any) -> Iterator[Cell]:
    """The cells with dropout masks: the cell itself, those it is made of, those it holds."""
    if isinstance(cell, Cell):
        yield cell
        return
    for value in list(getattr(cell, "__dict__", {}).values()):
        for inner in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(inner, Layer) and hasattr(inner, "state_size"):
                yield from drawing(inner)
