"""Positional arguments as Keras 1 ordered them, where today's order differs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from .. import activations, initializers

WEIGHTS = "W_regularizer b_regularizer activity_regularizer W_constraint b_constraint bias"
DENSE = f"init activation weights {WEIGHTS} input_dim"
CONV = "init activation weights border_mode"
ORDERED = f"dim_ordering {WEIGHTS}"
LENGTH = f"nb_filter filter_length {CONV} subsample_length"
PLANE = "nb_filter nb_row nb_col"
DROPOUT = "W_regularizer U_regularizer b_regularizer dropout_W dropout_U"
GATES = "activation inner_activation"


def is_whole(value: Any) -> bool:
    """An integer, and no boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Any) -> bool:
    """A number, and no boolean."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_listed(value: Any) -> bool:
    """A list or a tuple."""
    return isinstance(value, (list, tuple))


def is_initial(value: Any) -> bool:
    """The initial weights of a layer: a list of arrays, or `None`."""
    return value is None or (is_listed(value) and any(hasattr(v, "shape") for v in value))


def is_initializer(value: Any) -> bool:
    """The name of an initializer, which is no activation's."""
    known = initializers.registry.names()
    return isinstance(value, str) and value in known and value not in activations.registry.names()


class Order(NamedTuple):
    """An order of names, and what tells that a call follows it: the argument at some place."""

    names: str
    place: int
    tells: Callable[[Any], bool]


ORDERS: dict[str, Order] = {
    "Adam": Order("lr beta_1 beta_2 epsilon decay", 3, is_number),
    "BatchNormalization": Order(
        "epsilon mode axis momentum weights beta_init gamma_init gamma_regularizer "
        "beta_regularizer",
        0,
        lambda value: isinstance(value, float) and not value.is_integer(),
    ),
    "Conv1D": Order(f"{LENGTH} {WEIGHTS} input_dim input_length", 2, is_initializer),
    "Conv2D": Order(f"{PLANE} {CONV} subsample {ORDERED}", 2, is_whole),
    "Conv2DTranspose": Order(f"{PLANE} output_shape {CONV} subsample {ORDERED}", 2, is_whole),
    "Conv3D": Order(
        f"nb_filter kernel_dim1 kernel_dim2 kernel_dim3 {CONV} subsample {ORDERED}", 3, is_whole
    ),
    "ConvLSTM2D": Order(
        f"{PLANE} init inner_init forget_bias_init {GATES} dim_ordering border_mode subsample "
        f"{DROPOUT}",
        2,
        is_whole,
    ),
    "Dense": Order(f"output_dim {DENSE}", 1, is_initializer),
    "Embedding": Order(
        "input_dim output_dim init input_length W_regularizer activity_regularizer W_constraint "
        "mask_zero weights dropout",
        3,
        is_whole,
    ),
    "GRU": Order(f"output_dim init inner_init {GATES} {DROPOUT}", 1, is_initializer),
    "Highway": Order(DENSE, 2, is_initial),
    "LSTM": Order(
        f"output_dim init inner_init forget_bias_init {GATES} {DROPOUT}", 1, is_initializer
    ),
    "LocallyConnected1D": Order(f"{LENGTH} {WEIGHTS} input_dim input_length", 2, is_initializer),
    "LocallyConnected2D": Order(f"{PLANE} {CONV} subsample {ORDERED}", 2, is_whole),
    "MaxoutDense": Order(f"output_dim nb_feature init weights {WEIGHTS} input_dim", 3, is_initial),
    "PReLU": Order("init weights shared_axes", 1, is_initial),
    "ParametricSoftplus": Order("alpha_init beta_init weights shared_axes", 2, is_initial),
    "SGD": Order("lr momentum decay nesterov", 2, is_number),
    "SeparableConv2D": Order(
        f"{PLANE} {CONV} subsample depth_multiplier dim_ordering depthwise_regularizer "
        "pointwise_regularizer b_regularizer activity_regularizer depthwise_constraint "
        "pointwise_constraint b_constraint bias",
        2,
        is_whole,
    ),
    "SimpleRNN": Order(f"output_dim init inner_init activation {DROPOUT}", 1, is_initializer),
}
"""By today's names of the classes. `Conv2D(64, 3, 3)` is the window (3, 3), as in Keras 2.3.1."""

ATROUS: dict[int, Order] = {
    1: Order(f"{LENGTH} atrous_rate {WEIGHTS}", 2, is_initializer),
    2: Order(f"{PLANE} {CONV} subsample atrous_rate {ORDERED}", 2, is_whole),
}
"""The order of the atrous convolutions, by the number of their spatial axes."""

FOLDED = ("nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3")
FORMATS = ("tf", "th", "default")


def listed(cls: type) -> str | None:
    """The name under which the table knows a class or what it is made from."""
    return next((base.__name__ for base in cls.__mro__ if base.__name__ in ORDERS), None)


def stands_out(cls: type, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether positional arguments, all else being of today, are as Keras 1 ordered them."""
    name = listed(cls)
    if name is not None and follows(ORDERS[name], args, kwargs, False):
        return True
    return any(isinstance(a, str) and a in FORMATS for a in args)


def named(
    cls: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    positional: Sequence[str],
    known: Collection[str],
) -> tuple[dict[str, Any], list[str]] | None:
    """All arguments by name, in the order that the call follows, and what that order is.

    `None`: they can't be told so; the constructor itself says what is wrong.
    """
    spelled = not kwargs.keys() <= set(known)
    names = positional
    order = ORDERS.get(cls)
    said = []
    if order is not None and follows(order, args, kwargs, spelled):
        names = order.names.split()
        said = [f"the order ({', '.join(names[: len(args)])}) -> arguments by name"] if args else []
    if len(args) > len(names):
        return None
    given = dict(zip(names, args, strict=False))
    if given.keys() & kwargs.keys():
        return None
    return {**given, **kwargs}, said


def follows(order: Order, args: Sequence[Any], kwargs: Mapping[str, Any], spelled: bool) -> bool:
    """Whether positional arguments follow Keras 1's order."""
    if any(name in kwargs for name in FOLDED):  # Convolution2D(64, 3, nb_col=3)
        return True
    if len(args) <= order.place:
        return False
    value = args[order.place]
    # A function may be meant as either: then the names beside it decide.
    return order.tells(value) or (spelled and callable(value) and order.tells is is_initializer)


def by_name(
    order: Order, today: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]
) -> dict[str, Any]:
    """All arguments of a function that has these two orders, by name."""
    names = order.names.split() if follows(order, args, kwargs, True) else today
    return {**dict(zip(names, args, strict=False)), **kwargs}
