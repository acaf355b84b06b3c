"""A recurrent layer in both directions of time."""

from __future__ import annotations

from typing import Any

from ... import backend as K
from ...registry import CustomObjectScope
from ..base.calls import one_or_list, to_list
from ..recurrent import RNN
from ..recurrent.rnn import as_one
from .wrapper import Wrapper

MODES = ("concat", "sum", "ave", "mul", None)


class Bidirectional(Wrapper):
    """A recurrent layer from the first step to the last, and one from the last to the first.

    `merge_mode` says how their outputs become one: 'concat' (one behind the other), 'sum', 'ave',
    'mul'; with `None` both are returned. `initial_state` holds the states of the forward layer,
    then those of the backward one, and so do the states that follow the output if the layer
    returns its states.

    Schuster and Paliwal, 1997, https://ieeexplore.ieee.org/document/650093.
    """

    def __init__(
        self, layer: Any, merge_mode: str | None = "concat", weights: Any = None, **kwargs: Any
    ) -> None:
        num_constants = kwargs.pop("num_constants", None)
        super().__init__(layer, weights=weights, **kwargs)
        if merge_mode not in MODES:
            raise ValueError(
                f"Bidirectional `{self.name}`: `merge_mode` is one of "
                f"{', '.join(map(repr, MODES))}, got {merge_mode!r}."
            )
        if not isinstance(self.layer, RNN):
            raise ValueError(
                f"Bidirectional `{self.name}` needs a recurrent layer, such as LSTM(32), got "
                f"{self.layer!r}."
            )
        self.merge_mode = merge_mode
        self.forward_layer = _copy(self.layer, "forward", self.layer.go_backwards)
        self.backward_layer = _copy(self.layer, "backward", not self.layer.go_backwards)
        self.return_sequences = self.layer.return_sequences
        self.return_state = self.layer.return_state
        self.supports_masking = True
        self._num_constants = num_constants
        self.trainable = self.layer.trainable

    @property
    def _both(self) -> tuple[Any, Any]:
        return self.forward_layer, self.backward_layer

    # ---- calling

    def __call__(
        self, inputs: Any, initial_state: Any = None, constants: Any = None, **kwargs: Any
    ) -> Any:
        """The output for symbolic inputs, which may be `[inputs, *states, *constants]` as well."""
        x, states, fixed = self._sorted(inputs, initial_state, constants)
        if len(states) % 2:
            raise ValueError(
                f"Bidirectional `{self.name}` needs as many states for the forward layer as for "
                f"the backward one, which follow them; got {len(states)} as `initial_state`."
            )
        if fixed:
            self._num_constants = len(fixed)
            for layer in self._both:
                layer.expect_constants(fixed)
        everything, given = as_one(self, x, states, fixed)
        return super().__call__(everything, **given, **kwargs)

    def _sorted(
        self, inputs: Any, initial_state: Any = None, constants: Any = None
    ) -> tuple[Any, list[Any], list[Any]]:
        """The sequence, the states of both layers, and the constants."""
        self.forward_layer._num_constants = self.backward_layer._num_constants = self._num_constants
        found: tuple[Any, list[Any], list[Any]] = self.forward_layer.sorted_inputs(
            inputs, initial_state, constants
        )
        return found

    def _shared_out(self, inputs: Any, initial_state: Any = None, constants: Any = None) -> Any:
        """What each of the two layers is called on."""
        x, states, fixed = self._sorted(inputs, initial_state, constants)
        half = len(states) // 2
        for layer, own in zip(self._both, (states[:half], states[half:]), strict=True):
            yield layer, ([x, *own, *fixed] if own or fixed else x)

    def assert_input_compatibility(self, inputs: Any) -> None:
        for layer, own in self._shared_out(inputs):
            layer.assert_input_compatibility(own)

    def build(self, input_shape: Any = None) -> None:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        shapes = [shapes[0], *(shapes[-self._num_constants :] if self._num_constants else [])]
        for layer in self._both:
            with K.name_scope(layer.name):
                layer.build_once(one_or_list(shapes))
        self.built = True

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: Any = None,
        initial_state: Any = None,
        constants: Any = None,
    ) -> Any:
        arguments = {"mask": to_list(mask)[0], "training": training}
        outputs, states = [], []
        for layer, own in self._shared_out(inputs, initial_state, constants):
            taken = {k: v for k, v in arguments.items() if k in layer._takes()}
            with K.name_scope(layer.name):
                output, *news = to_list(layer.call(own, **taken))
            outputs.append(output)
            states += news
        if self.return_sequences:
            outputs[1] = K.reverse(outputs[1], 1)  # both in the order of time
        return one_or_list([*self._merged(*outputs), *states])

    def _merged(self, y: Any, other: Any) -> list[Any]:
        if self.merge_mode == "concat":
            return [K.concatenate([y, other])]
        if self.merge_mode == "mul":
            return [y * other]
        if self.merge_mode is None:
            return [y, other]
        return [(y + other) / 2 if self.merge_mode == "ave" else y + other]

    def compute_output_shape(self, input_shape: Any) -> Any:
        output, *states = to_shapes(self.forward_layer.compute_output_shape(input_shape))
        if self.merge_mode == "concat":
            output = (*output[:-1], None if output[-1] is None else 2 * output[-1])
        outputs = [output] * (2 if self.merge_mode is None else 1)
        return one_or_list([*outputs, *states, *states])

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        own = to_list(mask)[0] if self.return_sequences else None
        outputs = [own] * (2 if self.merge_mode is None else 1)
        states = 2 * len(self.forward_layer.states) if self.return_state else 0
        return one_or_list(outputs + [None] * states)

    # ---- states and config

    @property
    def constraints(self) -> dict[Any, Any]:
        """The constraint of each weight that has one."""
        return {w: w.constraint for w in self.weights if w.constraint is not None}

    def get_updates_for(self, inputs: Any = None) -> list[Any]:
        """As in the original, `model.updates` doesn't hold the states; training hands them on."""
        states = {id(update) for update in self.get_state_updates_for(inputs)}
        return [u for u in super().get_updates_for(inputs) if id(u) not in states]

    def reset_states(self) -> None:
        """Let the next batch begin with zeros, in both directions."""
        for layer in self._both:
            layer.reset_states()

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "merge_mode": self.merge_mode}
        if self._num_constants is not None:
            config["num_constants"] = self._num_constants
        return config


def to_shapes(shapes: Any) -> list[Any]:
    """A list of shapes, of which there may be one."""
    return shapes if isinstance(shapes, list) else [shapes]


def _copy(layer: Any, direction: str, go_backwards: bool) -> Any:
    """A layer of the same arguments for one direction."""
    config = {
        **layer.get_config(),
        "name": f"{direction}_{layer.name}",
        "go_backwards": go_backwards,
    }
    cells = [layer.cell, *getattr(layer.cell, "cells", ())]  # the user's own need not be registered
    with CustomObjectScope({type(cell).__name__: type(cell) for cell in cells}):
        return type(layer).from_config(config)
