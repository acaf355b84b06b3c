"""How a user's function goes into a config, and comes back without running what a file says.

A named function is written by its name, and found by it among the custom objects. A lambda is
written as the classic Keras wrote it: its code, dumped, with its defaults and what it encloses.
Such a dump is never executed. It is compared with those that this process has written itself,
whose functions are at hand; a lambda from elsewhere is given anew by the user.
"""

from __future__ import annotations

import base64
import marshal
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from ...registry import find, get_custom_objects
from . import published

Function = Callable[..., Any]

KEPT = 32  # functions of the same code, which differ in what they enclose
_written: dict[str, list[Function]] = {}  # this process's lambdas, by their dumped code


class FunctionName(str):
    """A function's name in a config; until the config becomes a file it knows the function."""

    __slots__ = ("function",)

    function: Function

    def __new__(cls, function: Any) -> FunctionName:
        name = super().__new__(cls, function.__name__)
        name.function = function
        return name

    def __deepcopy__(self, memo: Any) -> FunctionName:
        return self

    def __reduce__(self) -> Any:
        return str, (str(self),)


def func_dump(func: Any) -> tuple[str, Any, Any]:
    """A function as the classic config holds it: code in base64, defaults, what it encloses.

    >>> func_load(func_dump(lambda x: x + 1))(2)
    3
    """
    # Newer forms of marshal depend on who else refers to the constants: not always the same bytes.
    code = base64.encodebytes(marshal.dumps(func.__code__, 2)).decode("ascii")
    known = [other for other in _written.get(code, []) if other is not func]
    _written[code] = [*known[1 - KEPT :], func]
    return (code, func.__defaults__, _enclosed(func))


def _enclosed(function: Any) -> Any:
    cells = function.__closure__
    return None if cells is None else tuple(cell.cell_contents for cell in cells)


def write(function: Any) -> tuple[Any, str]:
    """What a config says of a function, and its kind: 'lambda' or 'function'."""
    if isinstance(function, FunctionType) and function.__name__ == "<lambda>":
        return func_dump(function), "lambda"
    if not hasattr(function, "__name__"):
        raise ValueError(
            f"{function!r} has no name, so a config can't hold it; use a function, or write a "
            "layer of your own."
        )
    return FunctionName(function), "function"


def read(
    said: Any, kind: str, who: str, what: str, custom_objects: Mapping[str, Any] | None = None
) -> Function:
    """The function that a config means; `who` is the layer's name, `what` the argument's."""
    if callable(said):
        given: Function = said
        return given
    if kind == "function":
        own: Function | None = getattr(said, "function", None)
        kind = f"function in the Lambda layer `{who}`"
        found: Function = own or find(said, published.FUNCTIONS, custom_objects, kind)
        return found
    if kind == "lambda":
        return _known(said) or _given(who, what, custom_objects)
    raise ValueError(
        f"Lambda `{who}`: its `{what}` is of the unknown kind {kind!r}; known are 'function' and "
        "'lambda'."
    )


def func_load(code: Any, defaults: Any = None, closure: Any = None, globs: Any = None) -> Function:
    """The function that was dumped, if this process did it; code from elsewhere is not run.

    `globs` may hold functions by name, one of which `code` may be.
    """
    said = code if isinstance(code, (list, tuple)) else (code, defaults, closure)
    named = (globs or {}).get(code) if isinstance(code, str) else None
    if callable(named):
        found: Function = named
        return found
    known = _known(said)
    if known is None:
        raise ValueError(
            "`func_load` runs no code that another process dumped: it fits one version of Python, "
            "and could do anything. Use the function itself."
        )
    return known


def _known(said: Any) -> Function | None:
    """The lambda of this process that was written as this; the latest, if several were."""
    parts = said if isinstance(said, (list, tuple)) and len(said) == 3 else (said, None, None)
    code, defaults, enclosed = parts
    for function in reversed(_written.get(code, []) if isinstance(code, str) else []):
        if _same(function.__defaults__, defaults) and _same(_enclosed(function), enclosed):
            return function
    return None


def _same(own: Any, said: Any) -> bool:
    """Whether values are those of a config, in which JSON has made lists of tuples."""
    if isinstance(own, (list, tuple)) and isinstance(said, (list, tuple)):
        return len(own) == len(said) and all(map(_same, own, said))
    if own is said:
        return True
    return type(own) is type(said) and isinstance(own, (bool, int, float, str)) and own == said


def _given(who: str, what: str, custom_objects: Mapping[str, Any] | None) -> Function:
    """The function that the user gives for a lambda of another process, under the layer's name."""
    key = who if what == "function" else f"{who}.{what}"
    for place in (custom_objects or {}, get_custom_objects()):
        if key in place:
            found: Function = place[key]
            return found
    known = published.of_layer(who) if what == "function" else None
    if known is not None:
        return known
    raise ValueError(
        f"Lambda `{who}` holds its {what} as bytes of code that another process wrote. They are "
        "not run: they fit one version of Python, and a file could do anything with them. Give "
        f"the function yourself: `custom_objects={{{key!r}: lambda x: ...}}`."
    )
