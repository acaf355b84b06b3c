"""What methods and properties did that later versions left out; `members` says whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import Any

from .. import backend as K
from ..layers.base import InputLayer, Node
from ..layers.recurrent.cells import drawing
from ..models import Network

# ---- layers


def get_output_shape_for(self: Any, input_shape: Any) -> Any:
    """The output's shape for a shape of the input: `compute_output_shape` of today.

    A class that only has this one has it under both names; what it calls here is its base's.
    """
    for base in type(self).__mro__:
        found = vars(base).get("compute_output_shape")
        if found is not None and found is not vars(base).get("get_output_shape_for"):
            return found(self, input_shape)
    raise AttributeError(f"`{type(self).__name__}` has no `compute_output_shape`.")


def add_inbound_node(
    self: Any,
    inbound_layers: Any,
    node_indices: Sequence[int] | None = None,
    tensor_indices: Sequence[int] | None = None,
) -> None:
    """Call a layer on what other layers returned: the tensors at these nodes and places."""
    create_node(self, inbound_layers, node_indices, tensor_indices)


def create_node(
    outbound_layer: Any,
    inbound_layers: Any,
    node_indices: Sequence[int] | None = None,
    tensor_indices: Sequence[int] | None = None,
) -> Node:
    """A call of a layer on what other layers returned."""
    listed = inbound_layers if isinstance(inbound_layers, (list, tuple)) else [inbound_layers]
    nodes = node_indices or [0] * len(listed)
    tensors = tensor_indices or [0] * len(listed)
    inputs = [
        layer._inbound_nodes[node].output_tensors[tensor]
        for layer, node, tensor in zip(listed, nodes, tensors, strict=True)
    ]
    outbound_layer(inputs if len(inputs) > 1 else inputs[0])
    made: Node = outbound_layer._inbound_nodes[-1]
    return made


def create_input_layer(
    self: Any, batch_input_shape: Any, input_dtype: str | None = None, name: str | None = None
) -> None:
    """Call a layer on an input made for it."""
    x = InputLayer(
        batch_input_shape=tuple(batch_input_shape),
        dtype=input_dtype or self.dtype,
        name=name or f"{self.name}_input",
    )
    self.batch_input_shape = tuple(batch_input_shape)
    self(x._inbound_nodes[0].output_tensors[0])


class Constraints(MutableMapping[Any, Any]):
    """The constraints of a layer's weights, by weight; to set one here is to set the weight's."""

    def __init__(self, weights: Callable[[], Sequence[Any]]) -> None:
        self.weights = weights

    def __getitem__(self, weight: Any) -> Any:
        found = getattr(weight, "constraint", None)
        if found is None:
            raise KeyError(weight)
        return found

    def __setitem__(self, weight: Any, constraint: Any) -> None:
        weight.constraint = constraint

    def __delitem__(self, weight: Any) -> None:
        weight.constraint = None

    def __iter__(self) -> Iterator[Any]:
        return iter([w for w in self.weights() if getattr(w, "constraint", None) is not None])

    def __len__(self) -> int:
        return len(list(iter(self)))


def constraints(self: Any) -> Constraints:
    """The constraint of each weight that has one."""
    return Constraints(lambda: self.weights)


def regularizers(self: Any) -> list[Any]:
    """The penalties; they are `losses` of layers now."""
    return list(self.losses)


def uses_learning_phase(self: Any) -> bool:
    """Whether the outputs differ in training and testing."""
    outputs = [y for node in self._inbound_nodes for y in node.output_tensors]
    return any(getattr(y, "_uses_learning_phase", False) for y in outputs)


# ---- recurrent layers


def step(self: Any, x: Any, states: Sequence[Any]) -> tuple[Any, list[Any]]:
    """The output at one time, and the states after it; `states` may go on with constants."""
    output, news = self.cell.call(x, list(states[: len(self.states)]))
    return output, list(news)


def preprocess_input(self: Any, x: Any) -> Any:
    """The inputs as `step` gets them: as they are."""
    return x


def get_constants(self: Any, x: Any = None, train: Any = None, X: Any = None) -> list[Any]:
    """Draw what is dropped, the same at all steps; the cell keeps it, so there are no constants."""
    x = X if x is None else x
    states = self.get_initial_state(x)
    for cell in drawing(self.cell):
        cell.draw(x, states[0] if cell is self.cell else None, train)
    return []


def get_initial_states(self: Any, x: Any = None, X: Any = None) -> list[Any]:
    """Zeros for each state. The inputs were `x` or `X`."""
    found: list[Any] = self.get_initial_state(X if x is None else x)
    return found


def run_by_step(
    self: Any, x: Any, states: list[Any], mask: Any, training: Any, constants: list[Any]
) -> Any:
    """What a layer with a `step` of its own does over all steps."""
    fixed = [*self.get_constants(x), *constants]
    return K.rnn(
        self.step,
        self.preprocess_input(x),
        states,
        self.go_backwards,
        mask,
        constants=fixed or None,
        unroll=self.unroll,
        input_length=K.int_shape(x)[1],
    )


def conv_step(self: Any, x: Any, W: Any, b: Any = None, border_mode: str = "valid") -> Any:
    """The convolution of the inputs at one time."""
    y = K.conv2d(x, W, self.strides, border_mode, self.data_format)
    return y if b is None else K.bias_add(y, b, self.data_format)


def conv_step_hidden(self: Any, x: Any, W: Any, border_mode: str = "same") -> Any:
    """The convolution of the states at one time, which keep their size."""
    return K.conv2d(x, W, (1, 1), "same", self.data_format)


# ---- models


def save_weights_to_hdf5_group(self: Any, f: Any) -> None:
    """Write the weights into an open group of an HDF5 file."""
    from ..saving.weights import write_weights

    write_weights(f, self.layers)


def load_weights_from_hdf5_group(self: Any, f: Any) -> None:
    """Read the weights from an open group of an HDF5 file, in the order of the layers."""
    self.load_weights(f)


def load_weights_from_hdf5_group_by_name(self: Any, f: Any) -> None:
    """Read the weights from an open group of an HDF5 file, for the layers whose names it has."""
    self.load_weights(f, by_name=True)


def flattened_layers(self: Any) -> list[Any]:
    """The layers, and those of the models among them, one after the other."""
    found: list[Any] = []
    for layer in self.layers:
        inner = getattr(layer, "layers", None)
        if not inner:
            found.append(layer)
            continue
        merges = not isinstance(layer, Network)
        for each in inner:
            found += flattened_layers(each) if isinstance(each, Network) else [each]
        found += [layer] if merges else []
    return found


def training_data(self: Any) -> Any:
    """Nothing: models don't keep the data they were trained on."""
    return


def validation_data(self: Any) -> Any:
    """What the last `fit` validated with, as its callbacks saw it."""
    return getattr(self.history, "validation_data", None)


def targets(self: Any) -> list[Any]:
    """Where the targets enter the loss."""
    return [output.target for output in self._need_compiled().scored]


def _feed_targets(self: Any) -> list[Any]:
    """The targets that are fed, not those given as tensors."""
    return [o.target for o in self._need_compiled().scored if o.feeds_target]


def sample_weights(self: Any) -> list[Any]:
    """Where the sample weights enter the loss."""
    return [output.weight_placeholder() for output in self._need_compiled().scored]


_feed_sample_weights = sample_weights


def metrics_tensors(self: Any) -> list[Any]:
    """What the metrics give after a batch; evaluating it carries their updates out."""
    settled = self._need_compiled()
    weighted = (True,) * len(settled.scored)
    made: list[Any] = settled.measured(settled.total_loss(weighted)[1], weighted)
    return made


def metrics_updates(self: Any) -> list[Any]:
    """How a batch changes the metrics."""
    metrics_tensors(self)
    return list(self._need_compiled().metric_updates())


def _function_kwargs(self: Any) -> dict[str, Any]:
    """What `compile` was told for the engine's functions: nothing that means anything here."""
    return {}


def _uses_dynamic_learning_phase(self: Any) -> bool:
    """Whether layers differ in training, and nobody has fixed the learning phase."""
    return bool(self.uses_learning_phase) and K.is_tensor(K.learning_phase())


def _check_trainable_weights_consistency(self: Any) -> None:
    """Warn if `trainable` was changed after `compile`."""
    self.check_trainable_consistency()


# ---- regularizers


def set_param(self: Any, _: Any) -> None:
    """Nothing: penalties are called with what they are of."""


def set_layer(self: Any, _: Any) -> None:
    """Nothing: penalties are called with what they are of."""
