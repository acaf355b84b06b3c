"""Methods and properties that classes had, and what is done for classes written for Keras 1.

Names only; what they do is in `gone`, which is imported when one of them is used.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from .. import layers, models, regularizers
from ..layers.base import Layer, Node
from .plugs import Later, called_as_before

GONE = "keras.legacy.gone"

METHODS: dict[type, str] = {
    Layer: "add_inbound_node create_input_layer get_output_shape_for",
    models.Model: "_check_trainable_weights_consistency _uses_dynamic_learning_phase",
    models.Network: "load_weights_from_hdf5_group load_weights_from_hdf5_group_by_name "
    "save_weights_to_hdf5_group",
    layers.ConvLSTM2D: "conv_step conv_step_hidden",
    layers.RNN: "get_constants get_initial_states preprocess_input step",
    regularizers.Regularizer: "set_layer set_param",
}
PROPERTIES: dict[type, str] = {
    Layer: "constraints regularizers uses_learning_phase",
    models.Model: "_feed_sample_weights _feed_targets _function_kwargs metrics_tensors "
    "metrics_updates sample_weights targets",
    models.Sequential: "flattened_layers training_data validation_data",
}


def install() -> None:
    """Give the classes what they had."""
    for table, is_property in ((METHODS, False), (PROPERTIES, True)):
        for owner, names in table.items():
            for name in names.split():
                setattr(owner, name, Later(f"{GONE}:{name}", is_property))
    Node.create_node = Later(f"{GONE}:create_node")  # type: ignore[attr-defined]  # that is the point


# ---- classes written for Keras 1


def layer_of_keras1(cls: type) -> None:
    """A layer that says its output's shape by the older name, or its step instead of a cell."""
    own = vars(cls)
    if "step" in own and issubclass(cls, layers.RNN) and "run" not in own:
        cls.run = Later(f"{GONE}:run_by_step")  # type: ignore[assignment,method-assign]
    if "call" in own and "mask" in _arguments(own["call"]):
        for base in cls.__mro__[1:]:
            if issubclass(base, Layer) and base.__module__.startswith("keras."):
                called_as_before(base)
    if "get_output_shape_for" in own and "compute_output_shape" not in own:
        cls.compute_output_shape = own["get_output_shape_for"]  # type: ignore[attr-defined]


def _arguments(function: Any) -> tuple[str, ...]:
    code = getattr(function, "__code__", None)
    return () if code is None else code.co_varnames[: code.co_argcount]


def optimizer_of_keras1(cls: type) -> None:
    """An optimizer whose `get_updates` is told the parameters, their constraints and the loss."""
    written: Any = vars(cls).get("get_updates")
    if _arguments(written)[1:3] != ("params", "constraints"):
        return

    @functools.wraps(written)
    def get_updates(
        self: Any,
        loss: Any = None,
        params: Sequence[Any] = (),
        *more: Any,
        constraints: Any = None,
    ) -> Any:
        if isinstance(loss, (list, tuple)):  # called as it was written
            return written(self, loss, params, *more)
        if constraints is None:
            constraints = {
                p: p.constraint for p in params if getattr(p, "constraint", None) is not None
            }
        return written(self, list(params), constraints, loss)

    cls.get_updates = get_updates  # type: ignore[attr-defined]
