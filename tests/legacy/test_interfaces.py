"""Decorators for the classes of others."""

from __future__ import annotations

from typing import Any

import pytest

from keras.legacy import interfaces
from keras.legacy.arguments import LegacyWarning


class Own:
    """A class of somebody else's, with the arguments of several layers."""

    @interfaces.legacy_dense_support
    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        self.said = {
            "units": units,
            "activation": activation,
            "use_bias": use_bias,
            "kernel_initializer": kernel_initializer,
            "kernel_regularizer": kernel_regularizer,
            **kwargs,
        }


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        ((), {"output_dim": 3, "bias": False}, {"units": 3, "use_bias": False}),
        ((3, "he_normal", "relu"), {}, {"kernel_initializer": "he_normal", "activation": "relu"}),
        ((3,), {"W_regularizer": "l2", "own": 1}, {"kernel_regularizer": "l2", "own": 1}),
    ],
)
def test_a_constructor(args: Any, kwargs: Any, expected: dict[str, Any]) -> None:
    with pytest.warns(LegacyWarning, match="`Own` is called in the terms of Keras 1"):
        assert expected.items() <= Own(*args, **kwargs).said.items()


def test_terms_of_today_pass() -> None:
    """Without a warning; what is unknown is the class's own affair."""
    made = Own(3, "relu", kernel_initializer="uniform", name="own", colour="red").said
    assert (made["activation"], made["name"], made["colour"]) == ("relu", "own", "red")
    assert Own.__init__._original_function.__name__ == "__init__"  # type: ignore[attr-defined]
    with pytest.raises(TypeError, match="`Own`: `units` and `output_dim` mean the same"):
        Own(units=3, output_dim=3)


def test_methods() -> None:
    class Trainer:
        @interfaces.legacy_generator_methods_support
        def fit_generator(
            self, generator: Any, steps_per_epoch: Any = None, epochs: int = 1, workers: int = 1
        ) -> Any:
            return steps_per_epoch, epochs, workers

        @interfaces.legacy_add_weight_support
        def add_weight(self, name: Any, shape: Any, initializer: Any = None) -> Any:
            return name, shape, initializer

        @interfaces.legacy_get_updates_support
        def get_updates(self, loss: Any, params: Any) -> Any:
            return loss, params

    trainer = Trainer()
    with pytest.warns(LegacyWarning, match="nb_epoch -> epochs"):
        assert trainer.fit_generator([], nb_epoch=3, nb_worker=2) == (None, 3, 2)
    assert trainer.fit_generator([], 4, epochs=2) == (4, 2, 1)
    with pytest.warns(LegacyWarning):
        assert trainer.add_weight((2, 3), "uniform", "w") == ("w", (2, 3), "uniform")
    with pytest.warns(LegacyWarning):
        assert trainer.get_updates(["p"], {}, "loss") == ("loss", ["p"])


@pytest.mark.parametrize("name", [n for n in dir(interfaces) if n.endswith("_support")])
def test_each_decorator_lets_the_terms_of_today_pass(name: str) -> None:
    def method(self: Any, first: Any, second: Any = None, **kwargs: Any) -> Any:
        return first, second, kwargs

    decorated = getattr(interfaces, name)(method)
    assert decorated(object(), "a", second=2, name="n") == ("a", 2, {"name": "n"})
    assert decorated._original_function is method


def test_one_made_by_hand() -> None:
    support = interfaces.generate_legacy_interface(
        allowed_positional_args=["size"],
        conversions=[("dim_ordering", "data_format")],
        value_conversions={"dim_ordering": {"th": "channels_first", "default": None}},
    )

    class Upscale:
        @support
        def __init__(self, size: int = 2, data_format: Any = "own", more: int = 0) -> None:
            self.said = size, data_format, more

    with pytest.warns(LegacyWarning, match="'th' -> 'channels_first', dim_ordering -> data_format"):
        assert Upscale(3, dim_ordering="th").said == (3, "channels_first", 0)
    with pytest.warns(LegacyWarning, match="names for the arguments after size"):
        assert Upscale(3, "channels_last").said == (3, "channels_last", 0)
    assert Upscale(3, data_format="channels_last").said == (3, "channels_last", 0)
    with pytest.raises(TypeError, match="mean the same"):
        Upscale(3, data_format="channels_last", dim_ordering="th")


def test_one_with_a_preprocessor() -> None:
    def halve(args: Any, kwargs: Any) -> Any:
        if "twice" not in kwargs:
            return args, kwargs, []
        return args, {"once": kwargs["twice"] / 2}, [("twice", "once")]

    @interfaces.generate_legacy_interface(preprocessor=halve, object_type="method")
    def method(self: Any, once: float) -> float:
        return once

    with pytest.warns(LegacyWarning, match="twice -> once"):
        assert method(object(), twice=4) == 2
    assert method(object(), once=3) == 3
    with pytest.raises(TypeError, match="`new` and `old` mean the same"):
        interfaces.raise_duplicate_arg_error("old", "new")


PREPROCESSED = {
    "batchnorm_args_preprocessor": ((1e-4, 0, 1), {}, {"epsilon": 1e-4, "axis": 1}),
    "conv1d_args_preprocessor": ((3, 2, "uniform"), {}, {"filters": 3, "kernel_size": 2}),
    "conv2d_args_preprocessor": ((3, 2, 4), {}, {"filters": 3, "kernel_size": (2, 4)}),
    "conv3d_args_preprocessor": ((3, 2, 4, 5), {}, {"kernel_size": (2, 4, 5)}),
    "convlstm2d_args_preprocessor": ((), {"forget_bias_init": "one"}, {"unit_forget_bias": True}),
    "deconv2d_args_preprocessor": ((3, 2, 4), {"output_shape": (1,)}, {"kernel_size": (2, 4)}),
    "embedding_kwargs_preprocessor": ((5, 3), {"dropout": 0}, {"input_dim": 5, "output_dim": 3}),
    "recurrent_args_preprocessor": ((3,), {"dropout_W": 0.1}, {"units": 3, "dropout": 0.1}),
    "separable_conv2d_args_preprocessor": ((3, 2, 4), {}, {"filters": 3, "kernel_size": (2, 4)}),
    "zeropadding2d_args_preprocessor": (((1, 2, 3, 4),), {}, {"padding": ((1, 2), (3, 4))}),
}  # fmt: skip


@pytest.mark.parametrize("name", PREPROCESSED)
def test_arguments_alone(name: str) -> None:
    args, kwargs, expected = PREPROCESSED[name]
    (own, *rest), made, converted = getattr(interfaces, name)(("self", *args), kwargs)
    assert (own, rest) == ("self", [])
    assert expected.items() <= made.items()
    assert converted
    assert all(len(pair) == 2 for pair in converted)


def test_arguments_of_methods_alone() -> None:
    _, made, _ = interfaces.add_weight_args_preprocessing((object(), (2,), "one", "w"), {})
    assert made == {"shape": (2,), "initializer": "one", "name": "w"}
    _, made, _ = interfaces.get_updates_arg_preprocessing((object(), ["p"], {}, "loss"), {})
    assert made == {"params": ["p"], "loss": "loss"}
    _, made, converted = interfaces.generator_methods_args_preprocessor(
        (object(), []), {"nb_epoch": 2}
    )
    assert (made, converted) == ({"generator": [], "epochs": 2}, [("nb_epoch", "epochs")])
