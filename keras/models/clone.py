"""Copies of models with weights of their own."""

from __future__ import annotations

from typing import Any

from .. import backend as K
from ..layers.base import Input, InputLayer, Node
from ..layers.base.calls import one_or_list, to_list
from .config import call_numbers
from .model import Model
from .network import _replaced
from .sequential import Sequential


def clone_model(model: Any, input_tensors: Any = None) -> Any:
    """A model of the same layers, initialised anew; `input_tensors` are what it is built upon."""
    if isinstance(model, Sequential):
        return _clone_stack(model, input_tensors)
    if not isinstance(model, Model) or not model._is_graph_network:
        raise ValueError(
            f"`clone_model` copies models made of `inputs` and `outputs`, got {model!r}."
        )
    return _clone_graph(model, input_tensors)


def _fresh(layer: Any) -> Any:
    if isinstance(layer, Model):
        return clone_model(layer)
    return type(layer).from_config(layer.get_config())


def _clone_stack(model: Sequential, input_tensors: Any) -> Sequential:
    copies = [_fresh(layer) for layer in model.layers]
    made = Sequential(name=model.name)
    given = to_list(input_tensors) if input_tensors is not None else []
    if len(given) > 1:
        raise ValueError(f"A Sequential model has one input, got {len(given)} `input_tensors`.")
    if given:
        made._begin(_as_input(given[0], model.layers[0].name)._keras_history[0])
    elif model.inputs and isinstance(model._layers[0], InputLayer):
        own = model.inputs[0]
        x = Input(batch_shape=K.int_shape(own), dtype=own.dtype, name=model.input_names[0])
        made._begin(x._keras_history[0])
        made._input_was_added = model._input_was_added
    for layer in copies:
        made.add(layer)
    return made


def _as_input(tensor: Any, name: str) -> Any:
    """A tensor that a graph of layers may begin with."""
    source = getattr(tensor, "_keras_history", (None,))[0]
    if isinstance(source, InputLayer):
        return tensor
    return Input(tensor=tensor, name=f"input_wrapper_for_{name}")


def _clone_graph(model: Model, input_tensors: Any) -> Model:
    if input_tensors is None:
        given = [
            Input(batch_shape=K.int_shape(x), dtype=x.dtype, name=layer.name)
            for x, layer in zip(model.inputs, model._input_layers, strict=True)
        ]
    else:
        tensors = to_list(input_tensors)
        if len(tensors) != len(model.inputs):
            raise ValueError(
                f"Model `{model.name}` has {len(model.inputs)} input(s), got {len(tensors)} "
                "`input_tensors`."
            )
        given = [
            _as_input(x, layer.name) for x, layer in zip(tensors, model._input_layers, strict=True)
        ]
    made = {id(x): (new, None) for x, new in zip(model.inputs, given, strict=True)}
    own = [layer for layer in model._layers if layer not in model._input_layers]
    copies: dict[Any, Any] = {layer: _fresh(layer) for layer in own}
    numbers = call_numbers(model)
    waiting = [c for c in model._calls if any(id(y) not in made for y in c.output_tensors)]
    while waiting:
        left = []
        for call in waiting:
            copy = copies[call.outbound_layer]
            # Calls have numbers, so those of one layer keep their order.
            following = numbers[call] == len(copy._inbound_nodes)
            if following and all(id(x) in made for x in call.input_tensors):
                _repeat(call, copy, made)
            else:
                left.append(call)
        assert len(left) < len(waiting), "calls were recorded in an order that was possible"
        waiting = left
    results = [made[id(y)][0] for y in model.outputs]
    return Model(one_or_list(given), one_or_list(results), name=model.name)


def _repeat(call: Node, copy: Any, made: dict[int, Any]) -> None:
    """Call the copy of a layer as the layer was called."""
    inputs = [made[id(x)][0] for x in call.input_tensors]
    arguments = {k: _replaced(v, made) for k, v in call.arguments.items()}
    outputs = copy(inputs if call.listed else inputs[0], **arguments)
    for own, new in zip(call.output_tensors, to_list(outputs), strict=True):
        made[id(own)] = (new, None)
