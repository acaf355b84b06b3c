"""Classes whose constructor, config and repr follow from their fields.

A field is an annotation in the class body: its name is the argument's name, the order of the lines
is the order of the positional arguments, its value is the default, and an annotation such as
`Initializer` also says how arguments are understood and written back to configs:

>>> class Scale(Configured):
...     factor: float
...     axis: int = -1
>>> Scale(2.0, axis=1)
Scale(factor=2.0, axis=1)
>>> Scale.from_config({"factor": 3.0}).get_config()
{'factor': 3.0, 'axis': -1}
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_options: Any) -> Callable[[type], type]:
        """Speaks to type checkers only, so that nothing need be installed for it."""
        return lambda cls: cls


Self = TypeVar("Self", bound="Configured")
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
ArgumentHook = Callable[[type, tuple[Any, ...], dict[str, Any]], Arguments]


class Converter(Protocol):
    """What `Annotated[..., converter]` needs to offer for a field's values."""

    def get(self, value: Any) -> Any:
        """What is stored for this argument."""

    def serialize(self, value: Any) -> Any:
        """What a config says of the stored value."""


class _Required:
    """The default of a field that has none."""

    def __repr__(self) -> str:
        return "<required>"


REQUIRED = _Required()
_PLAIN = (str, int, float, tuple, type(None))


class Field:
    """One field: its name, its default, and how its values are converted."""

    __slots__ = ("converter", "default", "kw_only", "name")

    def __init__(
        self, name: str, default: Any, converter: Converter | None = None, kw_only: bool = False
    ) -> None:
        self.name = name
        self.default = default
        self.converter = converter
        self.kw_only = kw_only

    def get(self, value: Any) -> Any:
        """The value to store for an argument."""
        return value if self.converter is None else self.converter.get(value)

    def serialize(self, value: Any) -> Any:
        """The stored value as a config says it."""
        return value if self.converter is None else self.converter.serialize(value)


def near_misses(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: what may have been meant.

    >>> near_misses("rleu", ["relu", "elu", "tanh"])
    '; did you mean `relu`?'
    """
    from difflib import get_close_matches

    lowered = {name.lower(): name for name in known}
    found = get_close_matches(str(word).lower(), lowered, n=3, cutoff=0.6)
    close = [lowered[match] for match in found]
    if str(word).lower() in lowered:
        close = close[:1]  # only the case is wrong
    return f"; did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else "."


class Plan:
    """What a class's constructor does with its arguments, worked out once for each class."""

    __slots__ = (
        "assigned",
        "converters",
        "defaults",
        "fields",
        "options",
        "owner",
        "positional",
        "synonyms",
        "tail",
    )

    def __init__(self, owner: type[Configured]) -> None:
        found = _collect(owner)
        self.owner = owner
        self.fields = {name: field for name, field in found.items() if not field.kw_only}
        self.options = {name: field for name, field in found.items() if field.kw_only}
        self.synonyms = owner.synonyms
        self.positional = tuple(self.fields)
        self.tail = tuple(self.options) if owner.options_by_position else ()
        self.defaults = {n: f.default for n, f in self.fields.items() if f.default is not REQUIRED}
        self.converters = tuple(
            (name, field.converter.get) for name, field in self.fields.items() if field.converter
        )
        # Fields that can't be written straight into the instance's dictionary.
        custom = owner.__setattr__ is not object.__setattr__
        self.assigned = tuple(n for n in self.fields if custom or _is_property(owner, n))

    def bind(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The values of all fields, and those keyword-only ones that were given."""
        values, options = self.defaults.copy(), {}
        if args:
            values.update(zip(self.positional, args, strict=False))
            if len(args) > len(self.positional):
                options = self._trailing(args)
        for key, value in kwargs.items():
            if key in self.synonyms:
                key = self.canonical(key, kwargs)
            if key in self.fields:
                values[key] = value
            elif key in self.options:
                options[key] = value
            else:
                raise TypeError(self._unknown(key))
        if args and kwargs:
            self._check_twice(len(args), {self.synonyms.get(key, key) for key in kwargs})
        if len(values) < len(self.fields):
            raise TypeError(self._missing(values))
        return self._converted(values), options

    def canonical(self, key: str, kwargs: dict[str, Any]) -> str:
        """The name of the field that a synonym means."""
        meant = self.synonyms[key]
        if meant in kwargs:
            raise TypeError(
                f"`{self.owner.__name__}` got both `{meant}` and `{key}`, which mean the same. "
                f"Keep `{meant}`."
            )
        return meant

    def _converted(self, values: dict[str, Any]) -> dict[str, Any]:
        name = ""
        try:
            for name, get in self.converters:
                values[name] = get(values[name])
        except ValueError as error:
            raise ValueError(f"`{self.owner.__name__}`, argument `{name}`: {error}") from error
        return values

    def _trailing(self, args: tuple[Any, ...]) -> dict[str, Any]:
        count = len(self.positional)
        if len(args) > count + len(self.tail):
            names = ", ".join(self.positional + self.tail) or "none"
            raise TypeError(
                f"`{self.owner.__name__}` takes at most {count + len(self.tail)} positional "
                f"argument(s) ({names}), got {len(args)}."
            )
        return dict(zip(self.tail, args[count:], strict=False))

    def _check_twice(self, count: int, kwargs: set[str]) -> None:
        for name in (self.positional + self.tail)[:count]:
            if name in kwargs:
                raise TypeError(
                    f"`{self.owner.__name__}` got two values for `{name}`: one by position, "
                    "one by keyword. Keep one."
                )

    def _unknown(self, key: str) -> str:
        known = [*self.fields, *self.options]
        listed = f" It takes {', '.join(known)}." if known else " It takes no arguments."
        meant = near_misses(key, known)
        return f"`{self.owner.__name__}` got an unknown argument `{key}`{meant}{listed}"

    def _missing(self, values: dict[str, Any]) -> str:
        missing = [f"`{name}`" for name in self.fields if name not in values]
        return (
            f"`{self.owner.__name__}` needs the argument{'s' * (len(missing) > 1)} "
            f"{', '.join(missing)}; it takes {', '.join(self.fields)}."
        )

    def signature(self) -> inspect.Signature:
        """The constructor as `help` and `inspect` show it."""
        kind = inspect.Parameter
        by_position = {*self.positional, *self.tail}
        return inspect.Signature(
            [
                kind(
                    name,
                    kind.POSITIONAL_OR_KEYWORD if name in by_position else kind.KEYWORD_ONLY,
                    default=kind.empty if field.default is REQUIRED else field.default,
                )
                for name, field in {**self.fields, **self.options}.items()
            ]
        )


def _is_property(owner: type, name: str) -> bool:
    return hasattr(inspect.getattr_static(owner, name, None), "__set__")


def _collect(owner: type[Configured]) -> dict[str, Field]:
    """The fields of a class and its bases.

    A field declared again moves to its new place; a plain value without annotation is a new
    default.
    """
    found: dict[str, Field] = {}
    for base in reversed(owner.__mro__):
        # A class that writes its own constructor says there what its arguments are.
        written = base.__dict__.get("__init__", Configured.__init__)
        if not issubclass(base, Configured) or written is not Configured.__init__:
            continue
        for name, annotation in inspect.get_annotations(base).items():
            if name.startswith("_"):
                continue
            found.pop(name, None)
            if "ClassVar" not in str(annotation).partition("[")[0]:
                found[name] = _field(base, name, annotation)
        for name in found.keys() & base.__dict__.keys():
            if isinstance(base.__dict__[name], _PLAIN):  # `name = "hinge"`: another default
                field = found[name]
                found[name] = Field(name, base.__dict__[name], field.converter, field.kw_only)
    optional = ""
    for name, field in found.items():
        if field.default is not REQUIRED and not field.kw_only:
            optional = name
        elif optional and not field.kw_only:
            raise TypeError(
                f"`{owner.__name__}`: `{name}` has no default but follows `{optional}`."
            )
    return found


def _field(base: type[Configured], name: str, annotation: Any) -> Field:
    default = base.__dict__.get(name, REQUIRED)
    if isinstance(default, (list, dict, set)):
        raise TypeError(
            f"`{base.__name__}.{name}`: all instances would share this default; use a tuple."
        )
    return Field(name, default, _converter(base, annotation), base._kw_only)


def _converter(base: type[Configured], annotation: Any) -> Converter | None:
    """The converter in `Annotated[..., converter]`, looked up if the annotation is a string."""
    if isinstance(annotation, str):
        first, *rest = re.findall(r"\w+", annotation.partition("|")[0]) or [""]
        annotation = vars(sys.modules.get(base._home, sys)).get(first)
        for attribute in rest:
            annotation = getattr(annotation, attribute, None)
    for extra in getattr(annotation, "__metadata__", ()):
        if hasattr(extra, "get") and hasattr(extra, "serialize"):
            found: Converter = extra
            return found
    return None


class _Signature:
    """Makes `inspect.signature` of a class show its fields."""

    def __get__(self, instance: Any, owner: type[Configured]) -> inspect.Signature | None:
        if instance is not None or owner.__init__ is not Configured.__init__:
            return None  # an instance is called in its own way; so is a written constructor
        return plan_of(owner).signature()


def plan_of(cls: type[Configured]) -> Plan:
    """The plan of a class, made when it is first needed."""
    plan: Plan | None = cls.__dict__.get("_plan")
    if plan is None:
        plan = cls._plan = Plan(cls)
    return plan


@dataclass_transform(eq_default=False)
class Configured:
    """The root of everything that is made from arguments and can be written to a config.

    A base may declare fields that are given by keyword only, `class Layer(Configured,
    kw_only=True)`, and take them over itself (`set_options`, `option_config`). `__post_init__` runs
    last.

    Classic subclasses with an `__init__` of their own work as ever: they may set attributes first,
    hand positional arguments up, and extend `get_config`.
    """

    argument_hooks: ClassVar[list[ArgumentHook]] = []
    """What all constructor arguments pass through, as `hook(cls, args, kwargs) -> args, kwargs`."""

    options_by_position: ClassVar[bool] = False
    """Whether keyword-only fields may also follow the others by position."""

    synonyms: ClassVar[Mapping[str, str]] = {}
    """Other names of arguments that are as good as the fields' own."""

    _home: ClassVar[str] = __name__
    _kw_only: ClassVar[bool] = False
    _plan: ClassVar[Plan | None] = None
    if not TYPE_CHECKING:
        __signature__ = _Signature()

    def __init_subclass__(cls, kw_only: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._kw_only = kw_only
        cls._home = cls.__module__
        cls.__module__ = public_room(cls.__module__)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        for hook in Configured.argument_hooks:
            args, kwargs = hook(cls, args, kwargs)
        plan = cls.__dict__.get("_plan") or plan_of(cls)
        values, options = plan.bind(args, kwargs)
        self.set_options(options)
        for name in plan.assigned:
            setattr(self, name, values.pop(name))
        self.__dict__.update(values)
        self.__post_init__()

    def __post_init__(self) -> None:
        """For subclasses: what else there is to do once all fields are stored."""

    def set_options(self, options: dict[str, Any]) -> None:
        """Store the keyword-only fields; `options` holds those that were given."""
        for name, field in plan_of(type(self)).options.items():
            value = options.get(name, field.default)
            if value is REQUIRED:
                raise TypeError(f"`{type(self).__name__}` needs the keyword argument `{name}`.")
            setattr(self, name, field.get(value))

    def option_config(self) -> dict[str, Any]:
        """The keyword-only fields' part of the config."""
        options = plan_of(type(self)).options
        return {name: field.serialize(getattr(self, name)) for name, field in options.items()}

    def field_config(self) -> dict[str, Any]:
        """The other fields' part of the config."""
        fields = plan_of(type(self)).fields
        return {name: field.serialize(getattr(self, name)) for name, field in fields.items()}

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal object, in terms that JSON can say."""
        return {**self.option_config(), **self.field_config()}

    @classmethod
    def from_config(cls: type[Self], config: dict[str, Any]) -> Self:
        """The object that a config describes."""
        return cls(**config)

    def __repr__(self) -> str:
        shown = []
        for name, field in plan_of(type(self)).fields.items():
            value = getattr(self, name, field.default)
            if field.default is REQUIRED or not _is_default(field, value):
                said = field.serialize(value)
                shown.append(
                    f"{name}={said!r}" if isinstance(said, _PLAIN) else f"{name}={value!r}"
                )
        return f"{type(self).__name__}({', '.join(shown)})"


def public_room(module: str) -> str:
    """The classic path of what a module of this package defines: the room, not the file in it.

    >>> public_room("keras.layers.core.dense"), public_room("keras.metrics.base")
    ('keras.layers.core', 'keras.metrics')
    """
    parts = module.split(".")
    if parts[0] != "keras":
        return module
    return ".".join(parts[: 3 if parts[1] in ("layers", "legacy") else 2])


def _is_default(field: Field, value: Any) -> bool:
    """Whether an argument can be left out of the repr."""
    if value is field.default:
        return True
    same = field.serialize(value) == field.serialize(field.get(field.default))
    return isinstance(same, bool) and same  # arrays answer with an array
