"""Arguments that our layers don't take, where they say nothing that needs saying."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from ...configured import Configured, plan_of
from ...layers.base import Layer
from ...registry import Registry
from ..version import Origin

Entry = dict[str, Any]

# Values other than None and False that mean nothing more than their absence; None here: any value.
HARMLESS: Mapping[str, tuple[Any, ...] | None] = {
    "adjustment": (),
    "autocast": (True,),
    "dilation_rate": (1, [1], [1, 1], [1, 1, 1]),
    "dynamic": (),
    "fused": None,  # which kernel of TensorFlow computed it
    "groups": (1,),
    "implementation": None,  # which of several equal ways
    "module": None,  # of a Lambda's function; nothing is imported by it
    "output_shape_module": None,
    "renorm_momentum": None,  # without `renorm`
    "seed": None,  # of a recurrent layer's dropout
    "synchronized": None,  # over devices that train together
    "use_cudnn": None,
    "experimental_autocast": (True,),
}

# Arguments that come from a class's base and do nothing in it.
INHERITED = {
    "DepthwiseConv2D": ("filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    "SeparableConv1D": ("kernel_initializer", "kernel_regularizer", "kernel_constraint"),
    "SeparableConv2D": ("kernel_initializer", "kernel_regularizer", "kernel_constraint"),
}


def unknown_arguments(entry: Entry, origin: Origin) -> Entry:
    """Leave out what our class doesn't take, if it is unset, or one of the harmless values.

    What remains is refused by the class itself.
    """
    cls = Registry.by_kind["layer"].known(entry["class_name"])
    if not (isinstance(cls, type) and issubclass(cls, Layer)) or hasattr(cls, "fit"):
        return entry
    takes = accepted(cls)
    inherited = INHERITED.get(entry["class_name"], ())
    kept = {
        key: value
        for key, value in entry["config"].items()
        if key in takes or not (key in inherited or _harmless(key, value))
    }
    return {**entry, "config": kept}


def accepted(cls: type) -> set[str]:
    """The names of a class's arguments."""
    options: set[str] = set()
    if issubclass(cls, Configured):
        plan = plan_of(cls)
        options = {*plan.options, *cls.synonyms}
        if cls.__init__ is Configured.__init__:
            return {*plan.fields, *options}
    return {*inspect.signature(cls.__init__).parameters, *options}  # type: ignore[misc]  # it is asked what it takes


def _harmless(key: str, value: Any) -> bool:
    if value is None or value is False:
        return True
    allowed = HARMLESS.get(key, ())
    return allowed is None or value in allowed
