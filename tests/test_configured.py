"""Constructors, configs and reprs from fields; classic subclasses that write their own."""

from __future__ import annotations

import copy
import inspect
import pickle
import subprocess
import sys
from typing import Annotated, Any, ClassVar

import pytest
from hypothesis import given, strategies as st

from keras.configured import Configured, near_misses, plan_of


class Upper:
    """A converter: stored in upper case, written in lower case."""

    def get(self, value: Any) -> Any:
        if value == "bad":
            raise ValueError("`bad` is no word.")
        return None if value is None else value.upper()

    def serialize(self, value: Any) -> Any:
        return None if value is None else value.lower()


Word = Annotated[Any, Upper()]


class Scale(Configured):
    factor: float
    axis: int = -1
    label: Word = "left"
    limit: ClassVar[int] = 3
    _hidden: int = 4


class Room(Configured, kw_only=True):
    """A base as `Layer` is one: takes its keyword-only fields over itself."""

    name: str | None = None
    colour: Word = "red"

    def set_options(self, options: dict[str, Any]) -> None:
        self.name = options.get("name") or f"{type(self).__name__.lower()}_1"
        self.colour = options.get("colour")

    def option_config(self) -> dict[str, Any]:
        return {"name": self.name}


class Kitchen(Room):
    stoves: int
    window: bool = True


class Metric(Configured, kw_only=True):
    options_by_position = True
    name: str = "metric"
    dtype: str | None = None


class Counted(Metric):
    k: int = 5


class Reordered(Metric):
    name: str = "reordered"
    dtype: str | None = None
    threshold: float = 0.5


def test_arguments_by_position_and_keyword() -> None:
    scale = Scale(2.0, label="right")
    assert (scale.factor, scale.axis, scale.label) == (2.0, -1, "RIGHT")
    assert vars(Scale(2.0)) == {"factor": 2.0, "axis": -1, "label": "LEFT"}


def test_config_round_trip() -> None:
    config = {"factor": 2.0, "axis": 0, "label": "up"}
    assert Scale.from_config(config).get_config() == config


@given(st.floats(allow_nan=False), st.integers(), st.sampled_from(["a", "b", None]))
def test_config_is_a_fixed_point(factor: float, axis: int, label: str | None) -> None:
    config = Scale(factor, axis, label).get_config()
    assert Scale(**config).get_config() == config


def test_repr_shows_what_is_not_the_default() -> None:
    assert repr(Scale(2.0)) == "Scale(factor=2.0)"
    assert repr(Scale(2.0, 1, "right")) == "Scale(factor=2.0, axis=1, label='right')"


def test_signature_shows_the_fields() -> None:
    assert str(inspect.signature(Scale)) == "(factor, axis=-1, label='left')"
    assert str(inspect.signature(Kitchen)) == "(stoves, window=True, *, name=None, colour='red')"
    assert str(inspect.signature(Counted)) == "(k=5, name='metric', dtype=None)"


def test_signature_of_a_class_with_its_own_constructor() -> None:
    class Own(Scale):
        def __init__(self, a: int, b: int = 2) -> None:
            super().__init__(a * b)

    assert str(inspect.signature(Own)) == "(a: 'int', b: 'int' = 2) -> 'None'"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Scale(), "`Scale` needs the argument `factor`; it takes factor, axis, label."),
        (
            lambda: Scale(1.0, axes=2),
            r"`Scale` got an unknown argument `axes`; did you mean `axis`\? It takes factor, axis,",
        ),
        (
            lambda: Scale(1.0, 2, "a", 4),
            r"`Scale` takes at most 3 positional argument\(s\) \(factor, axis, label\), got 4.",
        ),
        (lambda: Scale(1.0, factor=2.0), "`Scale` got two values for `factor`: one by position"),
        (lambda: Kitchen(1, False, "name"), "`Kitchen` takes at most 2 positional"),
        (lambda: Kitchen(1, nam="x"), "did you mean `name`"),
    ],
)
def test_messages(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_a_bad_value_names_class_and_argument() -> None:
    with pytest.raises(ValueError, match=r"`Scale`, argument `label`: `bad` is no word\."):
        Scale(1.0, label="bad")


def test_base_takes_its_options_over() -> None:
    kitchen = Kitchen(2, colour="blue")
    assert (kitchen.name, kitchen.colour) == ("kitchen_1", "blue")
    assert kitchen.get_config() == {"name": "kitchen_1", "stoves": 2, "window": True}
    assert Kitchen(2, name="mine").name == "mine"


def test_options_may_follow_by_position_where_the_base_says_so() -> None:
    counted = Counted(3, "mine", "float64")
    assert (counted.k, counted.name, counted.dtype) == (3, "mine", "float64")
    assert counted.get_config() == {"name": "mine", "dtype": "float64", "k": 3}
    with pytest.raises(TypeError, match="takes at most 3"):
        Counted(3, "mine", "float64", 1)
    with pytest.raises(TypeError, match="two values for `name`"):
        Counted(3, "mine", name="other")


def test_a_field_declared_again_moves_to_its_new_place() -> None:
    made = Reordered("mine", None, 0.3)
    assert (made.name, made.dtype, made.threshold) == ("mine", None, 0.3)
    assert list(plan_of(Reordered).fields) == ["name", "dtype", "threshold"]


def test_a_class_variable_is_no_field_and_takes_an_inherited_one_away() -> None:
    class Fixed(Scale):
        axis: ClassVar[int] = 7  # type: ignore[misc]  # that is the point

    assert list(plan_of(Fixed).fields) == ["factor", "label"]
    assert Fixed(1.0).axis == 7


def test_a_required_field_after_an_optional_one_is_refused() -> None:
    class Wrong(Scale):
        late: int  # type: ignore[misc]  # that is the point

    with pytest.raises(TypeError, match="`late` has no default but follows `label`"):
        Wrong(1.0, late=2)


def test_a_shared_default_is_refused() -> None:
    class Shared(Configured):
        sizes: Any = [1, 2]  # noqa: RUF012  that is the point

    with pytest.raises(TypeError, match=r"`Shared\.sizes`: all instances would share"):
        Shared()


# ---- classic subclasses


class Classic(Room):
    """As users have always written them."""

    def __init__(self, output_dim: int, **kwargs: Any) -> None:
        self.output_dim = output_dim  # before the base's constructor
        super().__init__(**kwargs)

    def get_config(self) -> dict[str, Any]:
        base_config = super().get_config()
        return {**base_config, "output_dim": self.output_dim}


def test_classic_subclass() -> None:
    classic = Classic(4, name="mine")
    assert classic.get_config() == {"name": "mine", "output_dim": 4}
    assert Classic.from_config(classic.get_config()).output_dim == 4
    with pytest.raises(
        TypeError, match="`Classic` got an unknown argument `nam`; did you mean `name`"
    ):
        Classic(4, nam="mine")


def test_classic_subclass_hands_positional_arguments_up() -> None:
    class Sunny(Kitchen):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)

    sunny = Sunny(3, False, name="s")
    assert (sunny.stoves, sunny.window, sunny.name) == (3, False, "s")
    assert sunny.get_config() == {"name": "s", "stoves": 3, "window": False}


def test_fields_below_a_classic_constructor() -> None:
    class Child(Classic):
        depth: int = 2

    child = Child(4, depth=3, name="c")
    assert (child.output_dim, child.depth) == (4, 3)


def test_annotations_beside_a_written_constructor_are_no_fields() -> None:
    class Annotated_(Room):
        kernel: Any

        def __init__(self) -> None:
            super().__init__()

    assert Annotated_().get_config() == {"name": "annotated__1"}


def test_a_property_of_the_same_name_is_assigned_to() -> None:
    class Doubled(Configured):
        factor: float

    class Property(Doubled):
        @property
        def factor(self) -> float:  # type: ignore[override]  # that is the point
            return self._factor

        @factor.setter
        def factor(self, value: float) -> None:
            self._factor = 2 * value

    assert Property(3.0).factor == 6.0


def test_custom_setattr_sees_the_fields() -> None:
    seen = []

    class Watching(Scale):
        def __setattr__(self, name: str, value: Any) -> None:
            seen.append(name)
            super().__setattr__(name, value)

    Watching(1.0)
    assert seen == ["factor", "axis", "label"]


def test_post_init_runs_last() -> None:
    class Checked(Scale):
        def __post_init__(self) -> None:
            self.total = self.factor + self.axis

    assert Checked(3.0).total == 2.0


def test_hooks_see_all_arguments() -> None:
    def rename(
        cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if issubclass(cls, Kitchen) and "ovens" in kwargs:
            kwargs["stoves"] = kwargs.pop("ovens")
        return args, kwargs

    Configured.argument_hooks.append(rename)
    try:
        assert Kitchen(ovens=3).stoves == 3  # type: ignore[call-arg]  # the old name
    finally:
        Configured.argument_hooks.remove(rename)


def test_copies_and_pickles() -> None:
    scale = Scale(2.0, label="right")
    assert vars(copy.deepcopy(scale)) == vars(scale)
    assert vars(pickle.loads(pickle.dumps(scale))) == vars(scale)


def test_near_misses_prefer_another_case() -> None:
    assert near_misses("ADAM", ["Adam", "Adamax"]) == "; did you mean `Adam`?"
    assert near_misses("xyz", ["Adam"]) == "."


def test_no_engine_is_imported() -> None:
    code = "import keras.configured, keras.registry, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
