"""A stack of layers."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from .. import backend as K
from ..caller import warn
from ..layers.base import Input, InputLayer, Layer, Node
from ..layers.base.calls import mask_of
from ..registry import serialize_keras_object
from .model import Model
from .network import Network


class Sequential(Model):
    """Layers one after the other.

    The first one says what it gets (`input_shape`, `batch_input_shape`, `input_dim`); without, the
    model is built when it first sees data or by `build(input_shape)`.

    >>> from keras.layers import Dense
    >>> model = Sequential([Dense(32, input_shape=(784,)), Dense(10, activation="softmax")])
    >>> model.output_shape
    (None, 10)
    """

    def __init__(self, layers: Sequence[Layer] | None = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self._build_input_shape: Any = None
        self._input_was_added = False  # as a layer, which a config has to say
        self._named: dict[str, Layer] = {}  # by the names that they were added under
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers that were added (without the input)."""
        if self._layers and isinstance(self._layers[0], InputLayer):
            return self._layers[1:]
        return list(self._layers)

    @property
    def model(self) -> Sequential:
        """The model itself; older code asks for it."""
        return self

    def add(self, layer: Layer) -> None:
        """Put a layer on top of the stack."""
        if not isinstance(layer, Layer):
            raise TypeError(
                f"Model `{self.name}` takes layers, got {type(layer).__name__}: {layer!r}."
            )
        if not self._layers:
            self._add_first(layer)
        elif self.outputs:
            self._append(layer)
        else:  # the shape of the input isn't known yet
            self._layers.append(layer)

    def _add_first(self, layer: Layer) -> None:
        if isinstance(layer, InputLayer):
            self._input_was_added = True
            self._begin(layer)
            return
        if isinstance(layer, Network) and layer.outputs and not layer._layers_begin_open():
            self._begin(_input_like(layer))
            self._append(layer)
            return
        if layer.batch_input_shape is None:
            self._layers.append(layer)
            return
        x = Input(
            batch_shape=layer.batch_input_shape, dtype=layer.dtype, name=f"{layer.name}_input"
        )
        self._begin(x._keras_history[0])
        self._append(layer)

    def _begin(self, first: InputLayer) -> None:
        """Start the graph with an input layer."""
        tensor = first._inbound_nodes[-1].output_tensors[0]
        self._is_graph_network = False
        self._layers, self._named = [first], {first.name: first}
        self._is_graph_network = True
        self.inputs, self.outputs = [tensor], [tensor]
        self._calls = [first._inbound_nodes[-1]]
        self._network_nodes = set(self._calls)
        self._input_layers, self.input_names = [first], [first.name]
        self._input_coordinates = [tensor._keras_history]
        self._ended_by(tensor)

    def _append(self, layer: Layer) -> None:
        """Call a layer on the stack's output."""
        other = self._named.get(layer.name, layer)
        if other is not layer and other.name == layer.name:  # it may have another one by now
            raise ValueError(
                f"Model `{self.name}` has a layer with the name `{layer.name}` already; each layer "
                "needs its own."
            )
        outputs = layer(self.outputs[0])
        if isinstance(outputs, list):
            raise TypeError(
                f"Model `{self.name}`: `{layer.name}` returns {len(outputs)} tensors; in a "
                "Sequential model each layer returns one. `Model(inputs, outputs)` takes any graph."
            )
        call = layer._inbound_nodes[outputs._keras_history[1]]
        self._layers.append(layer)
        self._named[layer.name] = layer
        self._calls.append(call)
        self._network_nodes.add(call)
        self.outputs = [outputs]
        self.built = True
        self._ended_by(outputs)

    def _ended_by(self, tensor: Any) -> None:
        """Note which tensor the model returns."""
        self._graph_changed()
        layer = tensor._keras_history[0]
        self._output_layers, self.output_names = [layer], [layer.name]
        self._output_coordinates = [tensor._keras_history]
        self._last_run = None
        shapes = [K.int_shape(x) for x in self.inputs], [K.int_shape(tensor)]
        masks = [mask_of(x) for x in self.inputs], [mask_of(tensor)]
        if self._inbound_nodes:
            own = self._inbound_nodes[0]
            own.output_tensors, own.output_masks, own.output_shapes = [tensor], masks[1], shapes[1]
        else:
            Node(self, [], [], [], list(self.inputs), [tensor], *masks, *shapes)

    def pop(self) -> None:
        """Take the top layer off."""
        if not self.layers:
            raise TypeError(f"Model `{self.name}` has no layers to take off.")
        gone = self._layers.pop()
        if not self.outputs:
            return
        if gone not in self._layers:
            self._named.pop(gone.name, None)
        call = self._calls.pop()
        self._network_nodes.discard(call)
        for source in call.inbound_layers:
            source._outbound_nodes.remove(call)
        if not self._layers:  # it began with a layer that has its inputs already
            self._calls, self._network_nodes, self._inbound_nodes = [], set(), []
            self.inputs, self.outputs, self.built = [], [], False
            return
        if len(self._layers) == 1 and isinstance(self._layers[0], InputLayer):
            self.built = False
        self.outputs = list(self._calls[-1].output_tensors)
        self._ended_by(self.outputs[0])

    def build(self, input_shape: Any = None) -> None:
        """Make the layers' weights for an input shape (with the batch)."""
        if input_shape is None or self.outputs:
            self.built = bool(self.outputs) and bool(self.layers)
            return
        self._build_input_shape = tuple(input_shape)
        layers, self._layers = self._layers, []
        if not layers:
            raise ValueError(f"Model `{self.name}` has no layers yet; `add` some before `build`.")
        x = Input(
            batch_shape=tuple(input_shape),
            dtype=layers[0].dtype,
            name=f"{layers[0].name}_input",
        )
        self._begin(x._keras_history[0])
        for layer in layers:
            self._append(layer)

    def _build_from(self, x: Sequence[Any]) -> None:
        shape = tuple(x[0].shape)
        self.build((None, *shape[1:]))

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        if not self.outputs and K.is_tensor(inputs):
            self.build(K.int_shape(inputs))
        return super().__call__(inputs, **kwargs)

    def predict_proba(self, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
        """As `predict`; warns if what comes out can't be probabilities."""
        predictions = self.predict(x, batch_size, verbose)
        if predictions.min() < 0.0 or predictions.max() > 1.0:
            warn(
                "The outputs aren't in [0, 1]: the last layer is no softmax or sigmoid, so they "
                "are no probabilities."
            )
        return predictions

    def predict_classes(self, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
        """The number of the likeliest class; for a single output, whether it is above a half."""
        predictions = self.predict(x, batch_size, verbose)
        if predictions.shape[-1] > 1:
            return predictions.argmax(axis=-1)
        return (predictions > 0.5).astype("int32")

    def get_config(self) -> dict[str, Any]:
        layers = self._layers if self._input_was_added else self.layers
        entries = [serialize_keras_object(layer) for layer in layers]
        config: dict[str, Any] = {"name": self.name, "layers": copy.deepcopy(entries)}
        if self._build_input_shape:
            config["build_input_shape"] = self._build_input_shape
        return config

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        """The model that a config describes (a plain list of layers in files before 2.2.3)."""
        from ..layers import deserialize

        entries = config if isinstance(config, list) else config["layers"]
        name = None if isinstance(config, list) else config.get("name")
        model = cls(name=name)
        for entry in entries:
            model.add(deserialize(entry, custom_objects=custom_objects))
        shape = None if isinstance(config, list) else config.get("build_input_shape")
        if shape and not model.inputs:
            model.build(tuple(shape))
        return model


def _input_like(model: Network) -> InputLayer:
    """An input layer for what a model takes."""
    if len(model.inputs) != 1:
        raise ValueError(
            f"The first layer of a Sequential model takes one input; `{model.name}` takes "
            f"{len(model.inputs)}."
        )
    own = model.inputs[0]
    x = Input(batch_shape=K.int_shape(own), dtype=own.dtype, name=f"{model.name}_input")
    first: InputLayer = x._keras_history[0]
    return first
