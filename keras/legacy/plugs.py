"""Where the past is plugged in: constructors and methods look here before they refuse an argument.

Only a call that says something unknown, or stands out by its positional arguments, is looked at any
closer; the tables are imported by the first such call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection
from typing import Any

from ..configured import Arguments, plan_of

Function = Callable[..., Any]

_known: dict[type, frozenset[str]] = {}


def constructor(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """What the constructor of a class with fields is called with, in today's terms."""
    known = _known.get(cls)
    if known is None:
        plan = plan_of(cls)
        known = _known[cls] = frozenset((*plan.fields, *plan.options, *plan.synonyms))
    if len(args) < 2 and kwargs.keys() <= known and (not args or type(args[0]) is not float):
        return args, kwargs
    from .arguments import constructor_call

    return constructor_call(cls, args, kwargs, known)


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
    code = function.__code__
    names = names or code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
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


def after(owner: type, name: str, then: Callable[..., Any]) -> None:
    """Do something after a method, with its object and arguments."""
    function: Function = inspect.getattr_static(owner, name)

    @functools.wraps(function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = function(self, *args, **kwargs)
        then(self, *args, **kwargs)
        return result

    setattr(owner, name, call)


def first(owner: type, name: str, change: Callable[..., Any]) -> None:
    """Let `change(object, arguments)` make a method's arguments, or answer instead (not `None`)."""
    function: Function = inspect.getattr_static(owner, name)

    @functools.wraps(function)
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return change(functools.partial(function, self), self, *args, **kwargs)

    setattr(owner, name, call)


def variant(owner: type, asked: Callable[..., bool], other: Callable[[], type]) -> None:
    """Let a class make instances of another one, a subclass, when its arguments ask for it."""
    make: Any = owner.__new__

    def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:
        chosen = other() if cls is owner and asked(*args, **kwargs) else cls
        return make(chosen, *args, **kwargs)

    owner.__new__ = __new__  # type: ignore[assignment]  # it is a static method by its name
