"""Kinds of arguments that several layers take: how they are understood, and what is refused."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Annotated, Any

from ... import backend as K


class Kind:
    """Converts a field's values by a function; what it refuses is told in plain words."""

    __slots__ = ("convert", "expected", "optional")

    def __init__(
        self, convert: Callable[[Any], Any], expected: str, optional: bool = False
    ) -> None:
        self.convert = convert
        self.expected = expected
        self.optional = optional

    def get(self, value: Any) -> Any:
        """The value to store."""
        if value is None and self.optional:
            return None
        try:
            return self.convert(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"expected {self.expected}, got {value!r}.") from error

    def serialize(self, value: Any) -> Any:
        """A stored value is already one that a config can hold."""
        return value


def _whole(value: Any) -> int:
    """An integer; a float that has no fraction counts as one, as files of Keras 1 hold them."""
    number = int(value) if isinstance(value, float) else operator.index(value)
    if number != value:
        raise ValueError
    return number


def _positive(value: Any) -> int:
    number = _whole(value)
    if number < 1:
        raise ValueError
    return number


def _fraction(value: Any) -> float:
    number = float(value)
    if not 0.0 <= number <= 1.0:
        raise ValueError
    return number


def _not_negative(value: Any) -> float:
    number = float(value)
    if not number >= 0.0:
        raise ValueError
    return number


def _sizes(value: Any) -> tuple[int | None, ...]:
    return tuple(None if size is None else _whole(size) for size in value)


def _axes(value: Any) -> tuple[int, ...]:
    return tuple(_whole(axis) for axis in (value if hasattr(value, "__iter__") else [value]))


class DataFormatKind(Kind):
    """Where the channels are; `None` stands for the setting in `~/.keras/keras.json`."""

    def get(self, value: Any) -> Any:
        return K.normalize_data_format(value)


Whole = Annotated[int, Kind(_whole, "a whole number")]
Positive = Annotated[int, Kind(_positive, "a positive whole number")]
Number = Annotated[float, Kind(float, "a number")]
NotNegative = Annotated[float, Kind(_not_negative, "a number that isn't negative")]
OptionalNotNegative = Annotated[
    Any, Kind(_not_negative, "a number that isn't negative, or None", optional=True)
]
Fraction = Annotated[float, Kind(_fraction, "a number between 0 and 1")]
Seed = Annotated[Any, Kind(_whole, "a whole number, or None", optional=True)]
Sizes = Annotated[Any, Kind(_sizes, "a tuple of whole numbers (or None)", optional=True)]
Axes = Annotated[Any, Kind(_axes, "an axis, a list of axes, or None", optional=True)]
DataFormat = Annotated[Any, DataFormatKind(str, "'channels_last' or 'channels_first'")]
