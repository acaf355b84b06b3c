"""Names to objects and back: how `"relu"` and `{"class_name": ..., "config": ...}` are read.

Each module of named things (activations, losses, ...) has one `Registry` over its own names. What a
user registers wins over what is built in. A name is only ever looked up: nothing is imported or
evaluated to find it, so a model file can't run code of its own choosing.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

from .configured import near_misses

Objects = Mapping[str, Any]

_custom_objects: dict[str, Any] = {}
_OWN = ("get", "serialize", "deserialize")
_HOUSE = ("keras.configured", "keras.registry", "keras.backend")


# ---- custom objects


def get_custom_objects() -> dict[str, Any]:
    """The custom objects known everywhere: a dictionary from names to classes and functions.

    >>> get_custom_objects()["double"] = lambda x: 2 * x
    >>> del get_custom_objects()["double"]
    """
    return _custom_objects


class CustomObjectScope:
    """Custom objects that are known inside a `with` block.

    >>> def swish(x): return x
    >>> with CustomObjectScope({"swish": swish}):
    ...     "swish" in get_custom_objects()
    True
    >>> "swish" in get_custom_objects()
    False
    """

    def __init__(self, *args: Objects) -> None:
        self.custom_objects = args
        self.backup: dict[str, Any] | None = None

    def __enter__(self) -> CustomObjectScope:
        self.backup = dict(_custom_objects)
        for objects in self.custom_objects:
            _custom_objects.update(objects)
        return self

    def __exit__(self, *args: object) -> None:
        _custom_objects.clear()
        _custom_objects.update(self.backup or {})


def custom_object_scope(*args: Objects) -> CustomObjectScope:
    """A `with` block in which the given dictionaries of custom objects are known."""
    return CustomObjectScope(*args)


# ---- objects to and from configs


def serialize_keras_object(instance: Any) -> Any:
    """What a config says of an object: `{"class_name", "config"}`, or the name of a function."""
    if instance is None:
        return None
    if hasattr(instance, "get_config") and not isinstance(instance, type):
        return {"class_name": type(instance).__name__, "config": instance.get_config()}
    if hasattr(instance, "__name__"):
        return instance.__name__
    raise ValueError(
        f"{instance!r} can't be written to a config: it has neither `get_config()` nor a name. "
        "Give it a `get_config` method, or use a function."
    )


def deserialize_keras_object(
    identifier: Any,
    module_objects: Objects | None = None,
    custom_objects: Objects | None = None,
    printable_module_name: str = "object",
) -> Any:
    """The object that a config or a name describes; a name of a function is that function."""
    if isinstance(identifier, str):
        found = find(identifier, module_objects or {}, custom_objects, printable_module_name)
        return found() if isinstance(found, type) else found
    if not isinstance(identifier, Mapping) or not {"class_name", "config"} <= set(identifier):
        raise ValueError(
            f"A {printable_module_name} is described by its name or by a dictionary with "
            f'"class_name" and "config"; got {identifier!r}.'
        )
    found = find(
        identifier["class_name"], module_objects or {}, custom_objects, printable_module_name
    )
    return build(found, identifier["config"], custom_objects)


def find(name: str, objects: Objects, custom_objects: Objects | None, kind: str) -> Any:
    """The object of that name; custom objects win."""
    for place in (custom_objects or {}, _custom_objects, objects):
        found = place.get(name)
        if found is not None:
            return found
    known = [*(custom_objects or {}), *_custom_objects, *objects]
    raise ValueError(
        f"Unknown {kind} `{name}`{near_misses(name, known)} A custom one is found when it is in "
        "`custom_objects` or in a `custom_object_scope`."
    )


def build(
    factory: Any, config: Mapping[str, Any] | None, custom_objects: Objects | None = None
) -> Any:
    """An instance of a class, or the result of a function, from a config."""
    config = dict(config or {})
    with CustomObjectScope(custom_objects or {}):
        if not hasattr(factory, "from_config"):
            return factory(**config)
        make = factory.from_config
        if _takes_custom_objects(getattr(make, "__func__", make)):
            return factory.from_config(config, custom_objects=dict(_custom_objects))
        return factory.from_config(config)


@functools.lru_cache
def _takes_custom_objects(from_config: Callable[..., Any]) -> bool:
    return has_arg(from_config, "custom_objects")


def has_arg(fn: Callable[..., Any], name: str, accept_all: bool = False) -> bool:
    """Whether a callable takes a keyword argument; `accept_all`: `**kwargs` counts.

    >>> has_arg(lambda x, y=1: x, "y"), has_arg(lambda **kwargs: 0, "y", accept_all=True)
    (True, True)
    """
    parameters = inspect.signature(fn).parameters
    found = parameters.get(name)
    if found is not None and found.kind in (found.POSITIONAL_OR_KEYWORD, found.KEYWORD_ONLY):
        return True
    return accept_all and any(p.kind is p.VAR_KEYWORD for p in parameters.values())


# ---- one registry for each kind of named things


class Registry:
    """The names of one module: `get`, `serialize`, `deserialize`.

    `makes`: its functions are not the objects themselves but make them (`l2(0.1)`, `he_normal()`).
    `none`: what `None` stands for. `kinds`: a class whose instances are taken as they are, where
    being callable isn't enough.
    """

    upgrades: ClassVar[list[Callable[[str, Any], Any]]] = []
    """What configs pass through before they are read, as `upgrade(kind, config) -> config`."""

    elsewhere: ClassVar[list[Callable[[str, str], Any]]] = []
    """Where names that aren't here are looked for, as `lookup(kind, name)`; `None`: not there."""

    by_kind: ClassVar[dict[str, Registry]] = {}

    def __init__(
        self,
        kind: str,
        namespace: dict[str, Any],
        *,
        makes: bool = False,
        none: Callable[[], Any] | None = None,
        kinds: type | None = None,
        fold_case: bool = False,
    ) -> None:
        self.kind = kind
        self.namespace = namespace
        self.makes = makes
        self.none = none
        self.kinds = kinds
        self.fold_case = fold_case
        # Helpers that the module imported for itself are no named things.
        self.guests: dict[str, Any] = {}
        self.helpers = {n for n, found in namespace.items() if not _is_named_thing(n, found)}
        Registry.by_kind[kind] = self

    def names(self) -> dict[str, Any]:
        """All names and what they stand for; also those that a user put into the module."""
        own = {name: self.namespace[name] for name in self.namespace if self._offers(name)}
        return {**self.guests, **own}

    def include(self, **found: Any) -> None:
        """Add names that are of this kind but live in a room further up, as models among layers."""
        self.guests.update(found)

    def _offers(self, name: str) -> bool:
        if name in self.helpers or name in _OWN or name.startswith("_"):
            return False
        return callable(self.namespace.get(name))

    def find(self, name: str, custom_objects: Objects | None = None) -> Any:
        """The class or function of that name; custom objects win."""
        for place in (custom_objects, _custom_objects):
            if place and name in place:
                return place[name]
        if self._offers(name):
            return self.namespace[name]
        names = self.names()
        if self.fold_case:
            names = {key.lower(): found for key, found in names.items()}
            name = str(name).lower()
        if name not in names and (found := self._elsewhere(name)) is not None:
            return found
        return find(name, names, custom_objects, self.kind)

    def known(self, name: str) -> Any:
        """What we offer under that name, whatever the user has registered; or `None`."""
        own = self.namespace[name] if self._offers(name) else self.guests.get(name)
        return own or self._elsewhere(name)

    def _elsewhere(self, name: str) -> Any:
        answers = (lookup(self.kind, name) for lookup in Registry.elsewhere)
        return next((found for found in answers if found is not None), None)

    def _makes(self, found: Any) -> bool:
        """Whether what a name stands for has to be called to get the object."""
        if isinstance(found, type):
            return True
        code = getattr(found, "__code__", None)
        if not self.makes or code is None:
            return False  # a custom object may be a ready instance
        # A function that needs arguments is itself what is meant: `my_init(shape, dtype=None)`.
        return bool(code.co_argcount == len(found.__defaults__ or ()))

    def get(self, identifier: Any) -> Any:
        """The object for a name, a config, or the object itself."""
        if identifier is None and self.none is not None:
            return self.none()
        if isinstance(identifier, (str, Mapping)):
            return self.deserialize(identifier)
        if isinstance(identifier, type):
            return identifier()
        if isinstance(identifier, self.kinds) if self.kinds else callable(identifier):
            return identifier
        raise ValueError(
            f"Expected {_article(self.kind)} {self.kind} or the name of one, got {identifier!r}."
        )

    def deserialize(self, config: Any, custom_objects: Objects | None = None) -> Any:
        """The object that a name or a config describes."""
        for upgrade in Registry.upgrades:
            config = upgrade(self.kind, config)
        if isinstance(config, str):
            found = self.find(config, custom_objects)
            return found() if self._makes(found) else found
        if not isinstance(config, Mapping) or "class_name" not in config:
            return deserialize_keras_object(config, {}, custom_objects, self.kind)
        found = self.find(config["class_name"], custom_objects)
        return build(found, config.get("config"), custom_objects)

    def serialize(self, instance: Any) -> Any:
        """What a config says of an object."""
        return serialize_keras_object(instance)


def _is_named_thing(name: str, found: Any) -> bool:
    home = getattr(found, "__module__", None) or ""
    return home.startswith("keras.") and not home.startswith(_HOUSE) and not name.startswith("_")


def renamed(function: Callable[..., Any], **names: str) -> Callable[..., Any]:
    """The function with other names for parameters: each classic module calls them differently.

    >>> renamed(lambda instance: instance, instance="loss")(loss=3)
    3
    """
    back = {new: old for old, new in names.items()}

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **{back.get(key, key): value for key, value in kwargs.items()})

    signature = inspect.signature(function)
    parameters = [p.replace(name=names.get(p.name, p.name)) for p in signature.parameters.values()]
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return call


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


# ---- what annotations of fields say


class Named:
    """Converts a field's values by the registry of a kind, which may not exist yet."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def get(self, value: Any) -> Any:
        """The object for a name, a config, or the object itself."""
        return Registry.by_kind[self.kind].get(value)

    def serialize(self, value: Any) -> Any:
        """What a config says of it."""
        return Registry.by_kind[self.kind].serialize(value)


Activation = Annotated[Any, Named("activation")]
Initializer = Annotated[Any, Named("initializer")]
Regularizer = Annotated[Any, Named("regularizer")]
Constraint = Annotated[Any, Named("constraint")]
