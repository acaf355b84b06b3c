"""Which layers lie between a model's inputs and its outputs, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..layers.base import InputLayer, Layer, Node


class Topology:
    """The calls of layers that lead from `inputs` to `outputs`.

    Layers are ordered as in the classic: by their greatest distance from the outputs, the farthest
    first; those at one distance as they are met on the way back from the outputs.
    """

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any], name: str) -> None:
        self.name = name
        self.met: dict[Layer, int] = {}
        calls = self._calls(outputs)
        self.depths = self._depths(calls)
        self._check(inputs, calls)
        depth_of_layer: dict[Layer, int] = {}
        for call, depth in self.depths.items():
            layer = call.outbound_layer
            depth_of_layer[layer] = max(depth, depth_of_layer.get(layer, 0))  # type: ignore[index,arg-type]  # recorded calls have a layer
        for x in inputs:  # an input that nothing uses is part of the model all the same
            layer = x._keras_history[0]
            self.met.setdefault(layer, -1)
            depth_of_layer.setdefault(layer, 0)
            self.depths.setdefault(layer._inbound_nodes[x._keras_history[1]], 0)
        self.layers = sorted(depth_of_layer, key=lambda lay: (-depth_of_layer[lay], self.met[lay]))
        order = {call: i for i, call in enumerate(calls)}
        self.calls = sorted(self.depths, key=lambda c: (-self.depths[c], order.get(c, -1)))

    def _calls(self, outputs: Sequence[Any]) -> list[Node]:
        """All calls above the outputs, each after those it needs."""
        order: list[Node] = []
        state: dict[Node, bool] = {}  # False: being looked at, True: done
        stack = [self._call_of(y) for y in reversed(outputs)]
        while stack:
            call = stack[-1]
            if call in state:
                stack.pop()
                if not state[call]:
                    state[call] = True
                    order.append(call)
                continue
            state[call] = False
            self.met.setdefault(call.outbound_layer, len(self.met))  # type: ignore[arg-type]
            above = [
                layer._inbound_nodes[i]
                for layer, i in zip(call.inbound_layers, call.node_indices, strict=True)
            ]
            for other in above:
                if state.get(other) is False:
                    raise ValueError(f"Model `{self.name}`: the layers form a circle at `{call}`.")
            stack.extend(other for other in reversed(above) if other not in state)
        return order

    def _call_of(self, tensor: Any) -> Node:
        if not hasattr(tensor, "_keras_history"):
            raise ValueError(
                f"Model `{self.name}`: its outputs must be what layers returned, got {tensor!r}. "
                "Wrap what you computed with K in a `Lambda` layer."
            )
        layer, number, _ = tensor._keras_history
        call: Node = layer._inbound_nodes[number]
        return call

    def _depths(self, calls: Sequence[Node]) -> dict[Node, int]:
        """The greatest distance of each call from the outputs; calls of one layer go together."""
        depths: dict[Node, int] = {}
        by_layer: dict[Any, int] = {}
        for call in reversed(calls):
            depth = max(depths.get(call, 0), by_layer.get(call.outbound_layer, 0))
            by_layer[call.outbound_layer] = depths[call] = depth
            for layer, i in zip(call.inbound_layers, call.node_indices, strict=True):
                above = layer._inbound_nodes[i]
                depths[above] = max(depth + 1, depths.get(above, 0))
        return depths

    def _check(self, inputs: Sequence[Any], calls: Sequence[Node]) -> None:
        """Every call must get its tensors from the inputs, and no two layers may share a name."""
        known = {id(x) for x in inputs}
        for call in calls:
            for x in call.input_tensors:
                if id(x) not in known and isinstance(call.outbound_layer, InputLayer):
                    raise ValueError(
                        f"Model `{self.name}`: its outputs also depend on the input `{x.name}`, "
                        f"which isn't among `inputs`: {[t.name for t in inputs]}."
                    )
            known.update(id(y) for y in call.output_tensors)
        names = [layer.name for layer in self.met]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(
                    f"Model `{self.name}` has {names.count(name)} layers with the name `{name}`; "
                    "each needs its own."
                )


def get_source_inputs(
    tensor: Any, layer: Layer | None = None, node_index: int | None = None
) -> list[Any]:
    """The inputs that a tensor was computed from, by whichever layers.

    `layer` and `node_index` name the call that made it, where that isn't the tensor's own.

    >>> from keras.layers import Dense, Input
    >>> x = Input(shape=(4,), name="x")
    >>> [source.name for source in get_source_inputs(Dense(2)(x))]
    ['x:0']
    """
    if layer is None or node_index is None:
        own, number, _ = getattr(tensor, "_keras_history", (None, 0, 0))
        layer, node_index = layer or own, number if node_index is None else node_index
    waiting = [layer._inbound_nodes[node_index]] if layer is not None else []
    met: dict[int, Any] = {}  # calls, and the inputs found, by their identity
    found: list[Any] = []
    while waiting:
        call = waiting.pop(0)
        if id(call) in met:
            continue
        met[id(call)] = call
        if not call.inbound_layers:
            found += [x for x in call.input_tensors if met.setdefault(id(x), x) is x]
        above = zip(call.inbound_layers, call.node_indices, strict=True)
        # In the order of a call's arguments: what lies behind the first comes before the second.
        waiting[:0] = [source._inbound_nodes[i] for source, i in above]
    return found
