"""Methods and properties that classes had, and what is done for classes written for Keras 1.

Names only; what they do is in `gone`, which is imported when one of them is used.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from .. import models, regularizers
from ..layers.base import Layer, Node
from .plugs import Later

GONE = "keras.legacy.gone"

METHODS: dict[type, str] = {
    Layer: "add_inbound_node create_input_layer get_output_shape_for",
    models.Network: "load_weights_from_hdf5_group load_weights_from_hdf5_group_by_name "
    "save_weights_to_hdf5_group",
    regularizers.Regularizer: "set_layer set_param",
}
PROPERTIES: dict[type, str] = {
    Layer: "constraints regularizers uses_learning_phase",
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
    """A layer that says its output's shape by the older name."""
    own = vars(cls)
    if "get_output_shape_for" in own and "compute_output_shape" not in own:
        cls.compute_output_shape = own["get_output_shape_for"]  # type: ignore[attr-defined]


def optimizer_of_keras1(cls: type) -> None:
    """An optimizer whose `get_updates` is told the parameters, their constraints and the loss."""
    written = vars(cls).get("get_updates")
    code = getattr(written, "__code__", None)
    if code is None or code.co_varnames[1:2] != ("params",):
        return

    @functools.wraps(written)  # type: ignore[arg-type]  # it has code, so it is a function
    def get_updates(self: Any, loss: Any = None, params: Sequence[Any] = (), *more: Any) -> Any:
        if isinstance(loss, (list, tuple)):  # called as it was written
            return written(self, loss, params, *more)  # type: ignore[misc]
        found = {p: p.constraint for p in params if getattr(p, "constraint", None) is not None}
        return written(self, list(params), found, loss)  # type: ignore[misc]

    cls.get_updates = get_updates  # type: ignore[attr-defined]
