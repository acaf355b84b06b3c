"""A directed graph of layers, which is a layer itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import backend as K
from ..layers.base import InputLayer, Layer, Node
from ..layers.base.calls import calling, mask_of, one_or_list, to_list
from ..layers.base.weights import set_values, unique
from .files import Filed
from .topology import Topology


class Network(Filed, Layer):
    """Layers between `inputs` and `outputs`; called on tensors it repeats them on these.

    Without arguments (a subclass with a `call` of its own) its layers are the attributes that are
    layers, and its inputs are known once it is called or gets data.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        inputs, outputs, name, options = _network_arguments(args, kwargs)
        super().__init__(name=name, **options)
        self.__dict__.setdefault("_layers", [])
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.input_names: list[str] = []
        self.output_names: list[str] = []
        self._is_graph_network = inputs is not None
        self._network_nodes: set[Node] = set()
        self._calls: list[Node] = []
        if inputs is not None:
            self._set_graph(to_list(inputs), to_list(outputs))

    # ---- the graph of layers

    def _set_graph(self, inputs: list[Any], outputs: list[Any]) -> None:
        for x in inputs:
            if not hasattr(x, "_keras_history") or (
                not isinstance(x._keras_history[0], (InputLayer, Network)) and not _is_input_like(x)
            ):
                raise ValueError(
                    f"Model `{self.name}`: inputs are made by `Input(shape)`, got {x!r}."
                )
        if len({id(x) for x in inputs}) != len(inputs):
            raise ValueError(f"Model `{self.name}`: an input is listed twice.")
        if not outputs:
            raise ValueError(f"Model `{self.name}` needs at least one output, got none.")
        found = Topology(inputs, outputs, self.name)
        self.inputs, self.outputs = inputs, outputs
        self._layers = found.layers
        self._calls = found.calls
        self._network_nodes = set(found.calls)
        self._input_layers = [x._keras_history[0] for x in inputs]
        self._output_layers = [y._keras_history[0] for y in outputs]
        self._input_coordinates = [x._keras_history for x in inputs]
        self._output_coordinates = [y._keras_history for y in outputs]
        self.input_names = [layer.name for layer in self._input_layers]
        self.output_names = [layer.name for layer in self._output_layers]
        self.built = True
        self._is_graph_network = True
        masks = [mask_of(x) for x in inputs], [mask_of(y) for y in outputs]
        shapes = [K.int_shape(x) for x in inputs], [K.int_shape(y) for y in outputs]
        Node(self, [], [], [], inputs, outputs, *masks, *shapes)

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Layer) and not self.__dict__.get("_is_graph_network", False):
            tracked = self.__dict__.setdefault("_layers", [])
            if all(value is not layer for layer in tracked):
                tracked.append(value)
        object.__setattr__(self, name, value)

    @property
    def layers(self) -> list[Layer]:
        """The layers, in the order in which they hold their weights."""
        return self._layers

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by its name or its number."""
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ValueError(
                    f"Model `{self.name}` has {len(self.layers)} layers; there is no number "
                    f"{index}."
                )
            return self.layers[index]
        if name is None:
            raise ValueError(f"Model `{self.name}`: `get_layer` takes a name or a number.")
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(
            f"Model `{self.name}` has no layer `{name}`; it has "
            f"{', '.join(layer.name for layer in self.layers)}."
        )

    def _layers_begin_open(self) -> bool:
        """Whether it isn't known yet what the first layer gets."""
        return not self.inputs

    @property
    def input(self) -> Any:
        """The input, or the list of inputs."""
        return one_or_list(self.inputs)

    @property
    def output(self) -> Any:
        """The output, or the list of outputs."""
        return one_or_list(self.outputs)

    @property  # type: ignore[misc]  # the constructor's argument of that name is another thing
    def input_shape(self) -> Any:
        """The shape of the input, or a list of them."""
        return one_or_list([K.int_shape(x) for x in self.inputs])

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or a list of them."""
        return one_or_list([K.int_shape(y) for y in self.outputs])

    # ---- calling

    if TYPE_CHECKING:  # that of a subclass takes what it likes
        call = Layer.call
    else:

        def call(self, inputs: Any, mask: Any = None) -> Any:
            """The outputs for new inputs."""
            outputs, _ = self._run(to_list(inputs), to_list(mask) if mask is not None else None)
            return one_or_list(outputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks of the outputs."""
        if not self._is_graph_network:
            return None
        listed = to_list(inputs)
        if self._last_run is not None:
            known, masks = self._last_run
            if [id(x) for x in known] == [id(x) for x in listed]:
                return one_or_list(masks)
        return one_or_list(self._run(listed, to_list(mask) if mask is not None else None)[1])

    _last_run: Any = None

    def _run(self, inputs: list[Any], masks: list[Any] | None) -> tuple[list[Any], list[Any]]:
        """Repeat all calls on these inputs."""
        if not self._is_graph_network:
            raise NotImplementedError(
                f"Model `{self.name}` has neither `inputs` and `outputs` nor a `call` of its "
                "own, so there is nothing to compute."
            )
        if len(inputs) != len(self.inputs):
            raise ValueError(
                f"Model `{self.name}` takes {len(self.inputs)} input(s) "
                f"({', '.join(self.input_names)}), got {len(inputs)}."
            )
        masks = masks or [mask_of(x) for x in inputs]
        made: dict[int, Any] = {}
        for own, x, m in zip(self.inputs, inputs, masks, strict=True):
            made[id(own)] = (x, m)
        with calling.of(self, inputs):
            for call in self._calls:
                if not all(id(y) in made for y in call.output_tensors):
                    self._repeat(call, made)
        outputs = [made[id(y)] for y in self.outputs]
        results = [y for y, _ in outputs], [m for _, m in outputs]
        self._last_run = (inputs, results[1])
        return results

    def run_internal_graph(self, inputs: Any, masks: Any = None) -> tuple[Any, Any, Any]:
        """The outputs for new inputs, their masks and their shapes."""
        outputs, made = self._run(to_list(inputs), to_list(masks) if masks is not None else None)
        return outputs, made, [K.int_shape(y) for y in outputs]

    def _repeat(self, call: Node, made: dict[int, Any]) -> None:
        layer = call.outbound_layer
        assert layer is not None
        given = [made[id(x)] for x in call.input_tensors]
        inputs = [x for x, _ in given] if call.listed else given[0][0]
        masks = [m for _, m in given] if call.listed else given[0][1]
        arguments = {k: _replaced(v, made) for k, v in call.arguments.items()}
        with K.name_scope(layer.name):
            masked = any(m is not None for _, m in given)
            if masked and "mask" in layer._takes() and "mask" not in arguments:
                arguments["mask"] = masks
            with calling.of(layer, inputs):
                outputs = to_list(layer.call(inputs, **arguments))
            found = to_list(layer.compute_mask(inputs, arguments.get("mask", masks)))
            found += [None] * (len(outputs) - len(found))
            regularizer = getattr(layer, "activity_regularizer", None)
            if regularizer is not None:
                layer.add_loss([regularizer(y) for y in outputs], inputs=inputs)
        for own, y, m in zip(call.output_tensors, outputs, found, strict=False):
            made[id(own)] = (y, m)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The output shapes for shapes of the inputs, found by repeating the calls."""
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        inputs = [
            K.placeholder(shape=tuple(shape), dtype=own.dtype)
            for shape, own in zip(shapes, self.inputs, strict=True)
        ]
        with calling.trial():
            return one_or_list([K.int_shape(y) for y in self._run(inputs, None)[0]])

    # ---- weights

    def _trained(self) -> list[Any]:
        if not self.trainable:
            return []
        own = list(self._trainable_weights)
        return own + [w for layer in self._layers for w in layer.trainable_weights]

    def _untrained(self) -> list[Any]:
        frozen = [w for layer in self._layers for w in layer.non_trainable_weights]
        frozen = list(self._non_trainable_weights) + frozen
        if self.trainable:
            return frozen
        trainable = [w for layer in self._layers for w in layer.trainable_weights]
        return [*self._trainable_weights, *trainable, *frozen]

    def _weights_by_layer(self) -> list[Any]:
        own = [*self._trainable_weights, *self._non_trainable_weights]
        return unique(own + [w for layer in self.layers for w in layer.weights])

    def get_weights(self) -> list[Any]:
        """The values of all weights, layer by layer."""
        return list(K.batch_get_value(self._weights_by_layer()))

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all weights from arrays in the order of `get_weights`."""
        set_values(self, self._weights_by_layer(), weights)

    def count_params(self) -> int:
        if not self.built:
            raise RuntimeError(
                f"Model `{self.name}` has no weights yet: give its first layer an `input_shape`, "
                "call `build(input_shape)`, or show it data."
            )
        return sum(K.count_params(w) for w in self.weights)

    # ---- losses, updates, states

    def _collected(self, what: str) -> list[Any]:
        """What the layers note for the calls that are part of this model, and what always holds."""
        found: list[Any] = []
        for layer in self._layers:
            ask = getattr(layer, f"get_{what}_for")
            for node in layer._inbound_nodes:
                if node in self._network_nodes and not isinstance(layer, InputLayer):
                    found += ask(node.input_tensors)
            found += ask(None)
        return found

    @property
    def losses(self) -> list[Any]:
        """The terms that layers add to the loss: penalties, and those of `add_loss`."""
        if not self._is_graph_network:
            inner = [loss for layer in self._layers for loss in layer.losses]
            return unique(inner + self._loss_book.everything())
        return unique(self._collected("losses") + self._loss_book.of(None))

    @property
    def updates(self) -> list[Any]:
        if not self.trainable and not self.stateful:
            return []
        if not self._is_graph_network:
            inner = [u for layer in self._layers for u in layer.updates]
            return unique(inner + self._update_book.everything())
        return unique(self._collected("updates") + self._update_book.of(None))

    def get_losses_for(self, inputs: Any = None) -> list[Any]:
        if inputs is None:
            inner = [x for layer in self._layers for x in layer.get_losses_for(None)]
            return inner + self._loss_book.of(None)
        return self._loss_book.of(inputs)

    def get_updates_for(self, inputs: Any = None) -> list[Any]:
        if not self.trainable and not self.stateful:
            return []
        if inputs is None:
            inner = [x for layer in self._layers for x in layer.get_updates_for(None)]
            return inner + self._update_book.of(None)
        return self._update_book.of(inputs)

    @property
    def stateful(self) -> bool:  # type: ignore[override]  # what layers declare, a model works out
        """Whether a layer keeps states between batches."""
        return any(layer.stateful for layer in self._layers)

    def reset_states(self) -> None:
        """Set the states of all stateful layers back to zero."""
        for layer in self.layers:
            if getattr(layer, "stateful", False) and hasattr(layer, "reset_states"):
                layer.reset_states()

    @property
    def state_updates(self) -> list[Any]:
        """The updates of stateful layers, which also testing and predicting carry out."""
        if not self._is_graph_network:
            return [u for layer in self._layers if layer.stateful for u in layer.updates]
        return unique(self._collected("state_updates"))

    @property
    def uses_learning_phase(self) -> bool:
        """Whether training and testing compute different outputs."""
        return any(y._uses_learning_phase for y in self.outputs)

    @property
    def input_spec(self) -> Any:
        """What the input layers expect."""
        from ..layers.base import InputSpec

        specs = [InputSpec(shape=(None, *K.int_shape(x)[1:])) for x in self.inputs]
        return one_or_list(specs) if specs else None

    # ---- configs and files: the rooms that know them

    def get_config(self) -> dict[str, Any]:
        from .config import network_config

        return network_config(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The model that a config describes."""
        from .config import network_from_config

        return network_from_config(cls, config, custom_objects)

    def summary(
        self, line_length: int | None = None, positions: Any = None, print_fn: Any = None
    ) -> None:
        """Print the layers, their output shapes and how many weights they have."""
        from .summary import print_summary

        if not self.built:
            raise ValueError(
                f"Model `{self.name}` isn't built yet, so its shapes aren't known. Give its first "
                "layer an `input_shape`, call `build(input_shape)`, or show it data."
            )
        print_summary(self, line_length, positions, print_fn)


def _network_arguments(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Any, str | None, dict[str, Any]]:
    given = dict(zip(("inputs", "outputs", "name"), args, strict=False))
    for key in ("inputs", "outputs", "name"):
        if key in kwargs:
            given[key] = kwargs.pop(key)
    if ("inputs" in given) != ("outputs" in given):
        raise TypeError("A model takes `inputs` and `outputs`, both or neither.")
    return given.get("inputs"), given.get("outputs"), given.get("name"), kwargs


def _is_input_like(tensor: Any) -> bool:
    """True for what starts a graph: a tensor that no layer computed from another."""
    layer, number, _ = tensor._keras_history
    return not layer._inbound_nodes[number].inbound_layers


def _replaced(value: Any, made: dict[int, Any]) -> Any:
    """An argument of a call; tensors of the model among them are those of the new call."""
    if isinstance(value, (list, tuple)):
        return type(value)(_replaced(v, made) for v in value)
    return made[id(value)][0] if id(value) in made else value
