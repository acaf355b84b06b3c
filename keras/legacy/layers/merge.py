"""`Merge`: the outputs of several models, or several tensors, as one; and `merge` for tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ... import backend as K
from ...layers.base import Layer
from ...layers.base.calls import one_or_list
from ...layers.base.weights import unique
from ...layers.core import Lambda
from ...layers.core.functions import read, write
from ...layers.merge import Add, Average, Concatenate, Dot, Maximum, Multiply
from ...models import Sequential
from ...models.topology import Topology, get_source_inputs
from ...registry import serialize_keras_object

Shape = Any
Function = Callable[..., Any]

MODES: dict[str, Callable[[Any], Layer]] = {
    "ave": lambda own: Average(name=own.name),
    "concat": lambda own: Concatenate(own.concat_axis, name=own.name),
    "cos": lambda own: Dot(own.dot_axes, normalize=True, name=own.name),
    "dot": lambda own: Dot(own.dot_axes, name=own.name),
    "max": lambda own: Maximum(name=own.name),
    "mul": lambda own: Multiply(name=own.name),
    "sum": lambda own: Add(name=own.name),
}


class Merge(Layer):
    """The outputs of several models or layers, or several tensors, as one.

    `mode`: 'sum', 'mul', 'ave', 'max', 'concat' (along `concat_axis`), 'dot' or 'cos' (over
    `dot_axes`), or a function of the list of inputs; it gets `arguments` as well. `output_shape`
    and `output_mask` are needed only where a function's can't be seen from what it does: the shape
    of a sample, or functions of the inputs' shapes and of (inputs, masks).

    Made of models, it is their end already: `Sequential` may start with it, and then takes as many
    inputs as the models together. Without, it is called on a list of tensors.
    """

    def __init__(
        self,
        layers: Sequence[Layer] | None = None,
        mode: str | Function = "sum",
        concat_axis: int = -1,
        dot_axes: Any = -1,
        output_shape: Any = None,
        output_mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        node_indices: Sequence[int] | None = None,
        tensor_indices: Sequence[int] | None = None,
        name: str | None = None,
        dot_axis: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.layers = list(layers or ())
        self.mode = mode
        self.concat_axis = concat_axis
        self.dot_axes = dot_axes if dot_axis is None else dot_axis
        self.arguments = dict(arguments or {})
        self._shape, self._mask = output_shape, output_mask
        self.part = self._made()
        self.supports_masking = True
        if self.layers:
            self(self._outputs(node_indices or (), tensor_indices or ()))

    def _made(self) -> Layer:
        """The layer of today that does it."""
        if callable(self.mode):
            return Lambda(
                self.mode, self._shape, self._mask, self.arguments, name=f"{self.name}_function"
            )
        if self.mode not in MODES:
            raise ValueError(
                f"Merge `{self.name}`: `mode` is one of {', '.join(MODES)} or a function, got "
                f"{self.mode!r}."
            )
        return MODES[self.mode](self)

    def _outputs(self, nodes: Sequence[int], tensors: Sequence[int]) -> list[Any]:
        """What the models return: the first output of their first call, if nothing is said."""
        if len(self.layers) < 2:
            raise ValueError(
                f"Merge `{self.name}` needs at least two models, got {len(self.layers)}."
            )
        found = []
        for i, layer in enumerate(self.layers):
            if not layer._inbound_nodes:
                raise ValueError(
                    f"Merge `{self.name}`: `{layer.name}` has no output yet. Give its first layer "
                    "an `input_shape`."
                )
            # A Sequential model grew after its first call was noted: its output is what counts.
            outputs = getattr(layer, "outputs", None) if not nodes else None
            outputs = outputs or layer._inbound_nodes[nodes[i] if nodes else 0].output_tensors
            found.append(outputs[tensors[i] if tensors else 0])
        return found

    def begin(self, model: Sequential) -> None:
        """Be the first layer of a Sequential model: what the merged models take, it takes."""
        output = self._inbound_nodes[0].output_tensors[0]
        inputs = get_source_inputs(output)
        found = Topology(inputs, [output], model.name)
        model._layers = [self]
        model._calls, model._network_nodes = found.calls, set(found.calls)
        model._is_graph_network = model.built = True
        model.inputs, model.outputs = inputs, [output]
        model._input_layers = [x._keras_history[0] for x in inputs]
        model._input_coordinates = [x._keras_history for x in inputs]
        model.input_names = [layer.name for layer in model._input_layers]
        model._ended_by(output)

    # ---- calling

    def build(self, input_shape: Shape) -> None:
        self.part.build_once(input_shape)
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        if "mask" in self.part._takes():
            return self.part.call(inputs, mask=mask)
        y = self.part.call(inputs)
        if self.mode == "cos":  # the classic has an axis more than it says: numbers were so
            shape = K.int_shape(y)
            y = K.expand_dims(y, 1)
            y._keras_shape = shape
        return y

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if self._mask is not None:
            return self._mask(inputs, mask) if callable(self._mask) else self._mask
        if callable(self.mode) or mask is None or all(m is None for m in mask):
            return None
        return self.part.compute_mask(inputs, mask)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.part.compute_output_shape(input_shape)

    # ---- what the models bring with them

    def _held(self) -> tuple[list[Layer], list[Any]]:
        return unique(self.layers), []

    @property
    def stateful(self) -> bool:  # type: ignore[override]  # what layers declare is found out here
        """Whether one of the models keeps states."""
        return any(layer.stateful for layer in self.layers)

    def reset_states(self) -> None:
        """Set the states of the models back."""
        for layer in self.layers:
            if layer.stateful:
                layer.reset_states()  # type: ignore[attr-defined]  # stateful ones have it

    def _theirs(self, inputs: Any, what: str) -> list[Any]:
        """What the models add when it is their own outputs that are merged."""
        own = self._inbound_nodes[0].input_tensors if self.layers and self._inbound_nodes else []
        if inputs is None or [id(x) for x in inputs] != [id(x) for x in own]:
            return []
        return [each for layer in self.layers for each in getattr(layer, what)]

    def get_losses_for(self, inputs: Any = None) -> list[Any]:
        return unique([*self._loss_book.of(inputs), *self._theirs(inputs, "losses")])

    def get_updates_for(self, inputs: Any = None) -> list[Any]:
        return unique([*self._update_book.of(inputs), *self._theirs(inputs, "updates")])

    def get_state_updates_for(self, inputs: Any) -> list[Any]:
        stateful = [layer for layer in self.layers if layer.stateful]
        found = [
            update
            for layer in stateful
            for update in getattr(layer, "state_updates", layer.updates)
        ]
        return found if self._theirs(inputs, "updates") else []

    # ---- configs

    def get_config(self) -> dict[str, Any]:
        config = {
            "name": self.name,
            "concat_axis": self.concat_axis,
            "dot_axes": self.dot_axes,
            "arguments": self.arguments,
        }
        said = {"mode": self.mode, "output_shape": self._shape, "output_mask": self._mask}
        for key, value in said.items():
            config[key], config[f"{key}_type"] = write(value) if callable(value) else (value, "raw")
        if self.layers:
            config["layers"] = [serialize_keras_object(layer) for layer in self.layers]
        return config

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Merge:
        """The layer that a config describes; code in the config is never run."""
        from ...layers import deserialize

        config = dict(config)
        who = config.get("name") or "merge"
        for what in ("mode", "output_shape", "output_mask"):
            kind = config.pop(f"{what}_type", "raw")
            if kind != "raw":
                config[what] = read(config[what], kind, who, what, custom_objects)
        if config.get("layers"):
            config["layers"] = [deserialize(each, custom_objects) for each in config["layers"]]
        return cls(**config)


def merge(
    inputs: Sequence[Any],
    mode: str | Function = "sum",
    concat_axis: int = -1,
    dot_axes: Any = -1,
    output_shape: Any = None,
    output_mask: Any = None,
    arguments: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> Any:
    """Several tensors as one: a `Merge` layer, called. `inputs` may be layers as well.

    >>> from keras.layers import Input
    >>> merge([Input((3,)), Input((5,))], mode="concat").shape
    (None, 8)
    """
    tensors = all(K.is_tensor(x) for x in inputs)
    layer = Merge(
        None if tensors else inputs,
        mode,
        concat_axis,
        dot_axes,
        output_shape,
        output_mask,
        arguments,
        name=name,
    )
    return layer(list(inputs)) if tensors else one_or_list(layer._inbound_nodes[0].output_tensors)
