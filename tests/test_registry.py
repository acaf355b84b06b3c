"""Names to objects and back; custom objects."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

from keras.configured import Configured
from keras.registry import (
    CustomObjectScope,
    Registry,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    has_arg,
    serialize_keras_object,
)


class Ball(Configured):
    radius: float = 1.0


def ball_of_two(seed: int | None = None) -> Ball:
    return Ball(2.0)


def rolls(x: float) -> float:
    return x


@pytest.fixture
def module() -> Iterator[types.ModuleType]:
    """A module of named things, as `keras.activations` is one."""
    home = types.ModuleType("keras.toys")
    for thing in (Ball, ball_of_two, rolls):
        thing.__module__ = "keras.toys"
    vars(home).update(
        Ball=Ball, ball_of_two=ball_of_two, rolls=rolls, Any=Any, sys=sys, _hidden=rolls
    )
    yield home
    for kind in ("toy", "toy factory"):
        Registry.by_kind.pop(kind, None)
    for thing in (Ball, ball_of_two, rolls):
        thing.__module__ = __name__


@pytest.fixture
def toys(module: types.ModuleType) -> Registry:
    return Registry("toy", vars(module))


@pytest.fixture
def factories(module: types.ModuleType) -> Registry:
    return Registry("toy factory", vars(module), makes=True, none=lambda: None)


def test_a_function_is_itself_or_makes_the_object(toys: Registry, factories: Registry) -> None:
    assert toys.get("ball_of_two") is ball_of_two
    assert factories.get("ball_of_two").radius == 2.0
    assert factories.get("rolls") is rolls  # needs an argument: it is meant itself


def test_classes_instances_and_configs(toys: Registry) -> None:
    ball = Ball(3.0)
    assert toys.get(rolls) is rolls
    assert toys.get(Ball).radius == toys.get("Ball").radius == 1.0
    assert toys.get(toys.serialize(ball)).radius == 3.0
    assert toys.deserialize({"class_name": "Ball", "config": {}}).radius == 1.0
    assert toys.serialize(rolls) == "rolls"


def test_none(toys: Registry, factories: Registry) -> None:
    assert factories.get(None) is None
    with pytest.raises(ValueError, match="Expected a toy or the name of one, got None"):
        toys.get(None)


def test_helpers_of_the_module_are_no_names(toys: Registry) -> None:
    assert set(toys.names()) == {"Ball", "ball_of_two", "rolls"}
    for name in ("Any", "sys", "_hidden"):
        with pytest.raises(ValueError, match="Unknown toy"):
            toys.get(name)


def test_what_a_user_puts_into_the_module_is_found(
    toys: Registry, module: types.ModuleType
) -> None:
    module.swish = len  # type: ignore[attr-defined]
    vars(module)["get"] = toys.get
    assert toys.get("swish") is len
    assert "get" not in toys.names()


def test_case_is_folded_where_asked(module: types.ModuleType) -> None:
    assert Registry("toy", vars(module), fold_case=True).get("BALL").radius == 1.0


def test_unknown_names_list_near_misses(toys: Registry) -> None:
    with pytest.raises(
        ValueError, match=r"Unknown toy `bal`; did you mean `Ball`\? A custom one is found"
    ):
        toys.get("bal")
    with pytest.raises(ValueError, match="is described by its name or by a dictionary"):
        toys.get({"name": "Ball"})


def test_custom_objects_win(toys: Registry) -> None:
    class Other(Ball):
        pass

    with custom_object_scope({"Ball": Other}):
        assert type(toys.get("Ball")) is Other
    assert type(toys.get("Ball")) is Ball
    assert type(toys.deserialize("Ball", custom_objects={"Ball": Other})) is Other
    config = {"class_name": "Ball", "config": {"radius": 2.0}}
    assert type(toys.deserialize(config, {"Ball": Other})) is Other


def test_a_custom_object_may_be_an_instance_or_a_function(factories: Registry) -> None:
    ball = Ball(9.0)
    with CustomObjectScope({"mine": ball}, {"roll": lambda x: x + 1}):
        assert factories.get("mine") is ball
        assert factories.get("roll")(1) == 2


def test_scopes_nest_and_end() -> None:
    before = dict(get_custom_objects())
    with CustomObjectScope({"a": 1}) as outer:
        with CustomObjectScope({"a": 2, "b": 3}):
            assert get_custom_objects()["a"] == 2
        assert get_custom_objects()["a"] == 1
        assert isinstance(outer, CustomObjectScope)
    assert get_custom_objects() == before


def test_a_scope_ends_with_an_error_as_well() -> None:
    with pytest.raises(KeyError), CustomObjectScope({"a": 1}):
        raise KeyError
    assert "a" not in get_custom_objects()


def test_custom_objects_reach_nested_configs() -> None:
    class Inner(Configured):
        size: int = 1

    class Outer:
        def __init__(self, inner: Any) -> None:
            self.inner = deserialize_keras_object(inner, {})

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Outer:
            return cls(**config)

    config = {
        "class_name": "Outer",
        "config": {"inner": {"class_name": "Inner", "config": {"size": 4}}},
    }
    made = deserialize_keras_object(config, {"Outer": Outer}, {"Inner": Inner})
    assert made.inner.size == 4


def test_from_config_that_asks_for_custom_objects() -> None:
    class Asking:
        @classmethod
        def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
            return custom_objects

    made = deserialize_keras_object({"class_name": "A", "config": {}}, {"A": Asking}, {"B": 1})
    assert made == {"B": 1}


def test_serialize() -> None:
    assert serialize_keras_object(None) is None
    assert serialize_keras_object(len) == "len"
    assert serialize_keras_object(Ball(2.0)) == {"class_name": "Ball", "config": {"radius": 2.0}}
    with pytest.raises(ValueError, match="neither `get_config\\(\\)` nor a name"):
        serialize_keras_object(3)


def test_upgrades_pass_old_configs(toys: Registry) -> None:
    def old(kind: str, config: Any) -> Any:
        is_old = kind == "toy" and isinstance(config, dict) and "name" in config
        return (
            {"class_name": config["name"], "config": {"radius": config["r"]}} if is_old else config
        )

    Registry.upgrades.append(old)
    try:
        assert toys.get({"name": "Ball", "r": 5.0}).radius == 5.0
    finally:
        Registry.upgrades.remove(old)


def test_has_arg() -> None:
    def takes(a: int, *rest: int, b: int = 1, **kwargs: int) -> None: ...

    assert has_arg(takes, "a")
    assert has_arg(takes, "b")
    assert not has_arg(takes, "rest")
    assert not has_arg(takes, "c")
    assert has_arg(takes, "c", accept_all=True)
    assert has_arg(Ball, "radius")
