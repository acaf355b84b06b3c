"""Small things that many places need, by their classic names."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..callbacks.bar import Progbar
from ..configured import near_misses
from ..layers.core.functions import func_dump, func_load
from ..registry import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    has_arg,
    serialize_keras_object,
)

__all__ = [
    "CustomObjectScope",
    "Progbar",
    "check_for_unexpected_keys",
    "custom_object_scope",
    "deserialize_keras_object",
    "func_dump",
    "func_load",
    "get_custom_objects",
    "getargspec",
    "has_arg",
    "is_all_none",
    "object_list_uid",
    "serialize_keras_object",
    "slice_arrays",
    "to_list",
    "transpose_shape",
    "unpack_singleton",
]


def to_list(x: Any, allow_tuple: bool = False) -> list[Any]:
    """A list stays; with `allow_tuple` a tuple becomes one; anything else a list of one.

    >>> to_list([1]), to_list((1, 2)), to_list((1, 2), allow_tuple=True)
    ([1], [(1, 2)], [1, 2])
    """
    if isinstance(x, list):
        return x
    return list(x) if allow_tuple and isinstance(x, tuple) else [x]


def unpack_singleton(x: Any) -> Any:
    """The only element of a list of one; what is longer stays.

    >>> unpack_singleton([3]), unpack_singleton([3, 4])
    (3, [3, 4])
    """
    return x[0] if len(x) == 1 else x


def object_list_uid(object_list: Any) -> str:
    """A text that tells these objects from others as long as they live."""
    return ", ".join(str(id(x)) for x in to_list(object_list, allow_tuple=True))


def is_all_none(iterable_or_element: Any) -> bool:
    """Whether it is `None`, or a list or tuple of nothing else.

    >>> is_all_none(None), is_all_none([None, None]), is_all_none([None, 1])
    (True, True, False)
    """
    return all(x is None for x in to_list(iterable_or_element, allow_tuple=True))


def slice_arrays(arrays: Any, start: Any = None, stop: int | None = None) -> Any:
    """The rows `start` to `stop` of an array, or of each in a list; `start` may be row numbers.

    >>> slice_arrays(["abc", None], 1, 3)
    ['bc', None]
    """
    if isinstance(start, Iterable):
        if stop is not None:
            raise ValueError(f"`slice_arrays`: row numbers have no `stop`; got {stop}.")
        rows: Any = start.tolist() if hasattr(start, "tolist") else list(start)
    else:
        rows = slice(start, stop)
    if isinstance(arrays, list):
        return [None if x is None else x[rows] for x in arrays]
    return [None] if arrays is None else arrays[rows]


def transpose_shape(
    shape: Sequence[Any], target_format: str, spatial_axes: Sequence[int]
) -> Sequence[Any]:
    """A `channels_last` shape (or list of things in its order) in another data format.

    >>> transpose_shape((16, 128, 64, 3), "channels_first", spatial_axes=(1, 2))
    (16, 3, 128, 64)
    """
    if target_format == "channels_last":
        return shape
    if target_format != "channels_first":
        raise ValueError(
            "`transpose_shape`: the data format is 'channels_first' or 'channels_last', got "
            f"{target_format!r}."
        )
    turned = [*shape[: spatial_axes[0]], shape[-1], *(shape[axis] for axis in spatial_axes)]
    return tuple(turned) if isinstance(shape, tuple) else turned


def check_for_unexpected_keys(
    name: str, input_dict: Mapping[str, Any], expected_values: Iterable[str]
) -> None:
    """Complain about keys that nobody expects."""
    expected = list(expected_values)
    unknown = [key for key in input_dict if key not in expected]
    if unknown:
        raise ValueError(
            f"`{name}` holds the unknown {'keys' if len(unknown) > 1 else 'key'} "
            f"{', '.join(map(repr, unknown))}{near_misses(unknown[0], expected)} It may hold "
            f"{', '.join(map(repr, expected))}."
        )


def getargspec(fn: Callable[..., Any]) -> inspect.FullArgSpec:
    """The names and defaults of a function's arguments."""
    return inspect.getfullargspec(fn)
