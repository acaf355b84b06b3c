"""The running engine's own functions on symbolic tensors.

`torch.fft.rfft(x)` becomes a node, and so does a Lambda layer's function that calls
`jnp.fft.rfft(x)`.

Such an op has no rule: the engine tells its shapes, and its gradient goes through the engine.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from ..graph import runtime
from ..graph.op import exposed, make_node, op
from ..graph.tensor import Spec, Tensor, Tensors, lifted


class Place:
    """Where an array stands among the arguments of a native function."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


@op(name="native", pure=False)
def _native(arrays: Tensors, function, results):
    """`function(*arrays)`, a list of arrays, which the engine has described."""
    return [Spec(shape, dtype, function=function) for shape, dtype in results]


@exposed
def native(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A call of a function of the running engine, some of whose arguments are symbolic."""
    tensors: list[Tensor] = []
    places = _emptied((args, kwargs), tensors)
    call = functools.partial(_called, function, places)
    results, rebuild = runtime.engine().describe(call, tensors)
    listed = functools.partial(_listed, call)
    listed.__name__ = getattr(function, "__name__", "function")  # type: ignore[attr-defined]  # in `.source`
    return rebuild(_native(tensors, listed, tuple(results)))


def node_of(function: Callable[..., Any], tensors: Sequence[Tensor], results: Any) -> Any:
    """The tensors that a new node for `function(*arrays)` returns, described as (shape, dtype)."""
    specs = [Spec(shape, dtype, function=function) for shape, dtype in results]
    return make_node(_native.op, tensors, specs)


def called(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a user's function makes of tensors, be it written in K or in the engine's own words.

    Some engines' functions take nothing but their arrays: then all of it becomes one op.
    """
    try:
        return _results(function(*args, **kwargs))
    except (TypeError, NotImplementedError) as error:
        if runtime.meet():  # what the engine brought just now may make another answer
            return _results(function(*args, **kwargs))
        if not runtime.engine().met_a_symbol(error):
            raise
    return native(function, args, kwargs)


def _results(made: Any) -> Any:
    """Tensors, where a function returned symbols of the engine's."""
    return type(made)(map(lifted, made)) if type(made) in (list, tuple) else lifted(made)


def _emptied(value: Any, tensors: list[Tensor]) -> Any:
    """The arguments with a `Place` for each tensor, which is appended to the list."""
    if isinstance(value, Tensor):
        tensors.append(value)
        return Place(len(tensors) - 1)
    if type(value) in (list, tuple):
        return type(value)(_emptied(v, tensors) for v in value)
    if type(value) is dict:
        return {key: _emptied(v, tensors) for key, v in value.items()}
    return value


def _filled(value: Any, arrays: tuple[Any, ...]) -> Any:
    if isinstance(value, Place):
        return arrays[value.number]
    if type(value) in (list, tuple):
        return type(value)(_filled(v, arrays) for v in value)
    if type(value) is dict:
        return {key: _filled(v, arrays) for key, v in value.items()}
    return value


def _called(function: Callable[..., Any], places: Any, *arrays: Any) -> Any:
    args, kwargs = _filled(places, arrays)
    return function(*args, **kwargs)


def _listed(call: Callable[..., Any], *arrays: Any) -> list[Any]:
    made = call(*arrays)
    return list(made) if isinstance(made, (list, tuple)) else [made]
