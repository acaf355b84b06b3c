"""Where the past is plugged in: constructors and methods look here before they refuse an argument.

Only a call that says something unknown, or stands out by its positional arguments, is looked at any
closer; the tables are imported by the first such call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from ..configured import Arguments, plan_of

Function = Callable[..., Any]

FORMATS = ("tf", "th")


class LegacyWarning(FutureWarning):
    """Something was said in the terms of an earlier generation; the message says it in today's.

    `warnings.simplefilter("ignore", keras.legacy.LegacyWarning)` keeps a script quiet.
    """


class Seen(NamedTuple):
    """What tells whether a call of a class is one of today's."""

    known: frozenset[str]
    odd: Callable[[tuple[Any, ...], dict[str, Any]], bool] | None


_seen: dict[type, Seen] = {}


def _names_format(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    return bool(args) and isinstance(args[0], str) and args[0] in FORMATS


def _pads_by_side(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    padding = args[0] if args else kwargs.get("padding")
    return isinstance(padding, dict) or (isinstance(padding, tuple) and len(padding) == 4)


ODD: dict[str, Callable[[tuple[Any, ...], dict[str, Any]], bool]] = {
    "BatchNormalization": lambda args, kwargs: bool(args) and type(args[0]) is float,
    "GlobalAveragePooling2D": _names_format,
    "GlobalAveragePooling3D": _names_format,
    "GlobalMaxPooling2D": _names_format,
    "GlobalMaxPooling3D": _names_format,
    "ZeroPadding1D": _pads_by_side,
    "ZeroPadding2D": _pads_by_side,
}
"""Classes that a single argument of today's name may be told in other terms."""


def constructor(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """What the constructor of a class with fields is called with, in today's terms."""
    seen = _seen.get(cls) or _look(cls)
    if kwargs.keys() <= seen.known and not (seen.odd and seen.odd(args, kwargs)):
        if len(args) < 2:
            return args, kwargs
        from .positions import stands_out

        if not stands_out(cls, args, kwargs):
            return args, kwargs
    from .arguments import constructor_call

    return constructor_call(cls, args, kwargs, seen.known)


def _look(cls: Any) -> Seen:
    plan = plan_of(cls)
    known = frozenset((*plan.fields, *plan.options, *plan.synonyms))
    odd = next((ODD[base.__name__] for base in cls.__mro__ if base.__name__ in ODD), None)
    found = _seen[cls] = Seen(known, odd)
    return found


def method(
    owner: Any,
    name: str,
    odd: Callable[[tuple[Any, ...]], bool] = lambda args: False,
    names: tuple[str, ...] = (),
    old: Collection[str] = (),
) -> None:
    """Let a method, or a function of a module, understand earlier terms as well.

    `odd`: whether positional arguments (`self` among them) may be meant otherwise. `names` and
    `old` are what a function with `**kwargs` takes: today's order, and the names that are old.
    """
    function: Function = inspect.getattr_static(owner, name)
    if not names:
        code = function.__code__
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    understood = frozenset(names)
    table = f"{owner.__name__}.{name}" if isinstance(owner, type) else name

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        known = kwargs.keys() <= understood if not old else kwargs.keys().isdisjoint(old)
        if not known or odd(args):
            from .arguments import method_call

            args, kwargs = method_call(table, names, args, kwargs)
        return function(*args, **kwargs)

    setattr(owner, name, call)


def around(owner: Any, name: str, change: Callable[..., Any]) -> None:
    """Let `change(method, object, *arguments)` do what a method did; `method` is bound."""
    function: Function = inspect.getattr_static(owner, name)

    @functools.wraps(function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return change(functools.partial(function, self), self, *args, **kwargs)

    setattr(owner, name, call)


def called_as_before(owner: type) -> None:
    """Let a layer's `call` and `compute_mask` be called as classes written for Keras 1 call them.

    That is with `x` or `input` as the name of the first argument, and with a mask that isn't used.
    """
    for name in ("call", "compute_mask"):
        function = vars(owner).get(name)
        if function is None or hasattr(function, "tolerant"):
            continue
        setattr(owner, name, _tolerant(function))


def _tolerant(function: Function) -> Function:
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    anything = bool(code.co_flags & inspect.CO_VARKEYWORDS)

    @functools.wraps(function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        for old in ("x", "input"):
            if not args and old in kwargs and old not in names:
                args = (kwargs.pop(old),)
        if "input_mask" in kwargs and "input_mask" not in names:
            kwargs["mask"] = kwargs.pop("input_mask")
        if "mask" not in names and not anything:
            kwargs.pop("mask", None)
            args = args[: code.co_argcount - 1]
        return function(self, *args, **kwargs)

    call.tolerant = True  # type: ignore[attr-defined]  # once is enough
    return call


def subclassed(owner: type, then: Callable[[type], None]) -> None:
    """Let `then(cls)` look at each class that is derived from one."""
    before: Any = inspect.getattr_static(owner, "__init_subclass__")

    def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:
        before.__get__(None, cls)(**kwargs)
        then(cls)

    owner.__init_subclass__ = classmethod(__init_subclass__)  # type: ignore[assignment]


class Later:
    """A method or property that is gone, looked up when somebody asks for it.

    Classes and instances may have something of their own by its name.
    """

    def __init__(self, where: str, is_property: bool = False) -> None:
        self.where = where
        self.is_property = is_property

    def __get__(self, instance: Any, owner: type) -> Any:
        from .names import at

        function = at(self.where)
        if instance is None:
            return self if self.is_property else function
        return function(instance) if self.is_property else functools.partial(function, instance)


def variant(owner: type, asked: Callable[..., bool], other: Callable[[], type]) -> None:
    """Let a class make instances of another one, a subclass, when its arguments ask for it."""
    make: Any = owner.__new__

    def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:
        chosen = other() if cls is owner and asked(*args, **kwargs) else cls
        return make(chosen, *args, **kwargs)

    owner.__new__ = __new__  # type: ignore[assignment]  # it is a static method by its name
