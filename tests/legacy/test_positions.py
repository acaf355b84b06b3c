"""Positional arguments in the order of Keras 1, told apart from those of today."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import keras
from keras import layers
from keras.configured import plan_of
from keras.legacy.arguments import LegacyWarning
from keras.legacy.positions import ATROUS, ORDERS
from keras.saving.upgrade.keras1_arguments import ARGUMENTS
from tests.legacy.test_arguments import spelled

POSITIONAL: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    (
        "Adam",
        (0.1, 0.8, 0.9, 0.0001, 0.2),
        {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.9, "epsilon": 0.0001, "decay": 0.2},
    ),
    ("BatchNormalization", (0.0001, 0, 1, 0.8), {"epsilon": 0.0001, "axis": 1, "momentum": 0.8}),
    (
        "Conv1D",
        (4, 3, "he_normal", "relu"),
        {"filters": 4, "kernel_size": 3, "kernel_initializer": "he_normal", "activation": "relu"},
    ),
    (
        "Conv2D",
        (4, 3, 2, "he_normal", "relu"),
        {
            "filters": 4,
            "kernel_size": (3, 2),
            "kernel_initializer": "he_normal",
            "activation": "relu",
        },
    ),
    ("Conv2D", (4, 3, 2), {"filters": 4, "kernel_size": (3, 2)}),
    (
        "Conv2DTranspose",
        (4, 3, 2, (None, 9, 9, 4), "uniform"),
        {"filters": 4, "kernel_size": (3, 2), "kernel_initializer": "uniform"},
    ),
    (
        "Conv3D",
        (4, 3, 2, 1, "he_normal"),
        {"filters": 4, "kernel_size": (3, 2, 1), "kernel_initializer": "he_normal"},
    ),
    (
        "ConvLSTM2D",
        (4, 3, 2, "uniform", "identity", "one", "relu"),
        {
            "filters": 4,
            "kernel_size": (3, 2),
            "kernel_initializer": "uniform",
            "recurrent_initializer": "identity",
            "activation": "relu",
            "recurrent_activation": "hard_sigmoid",
        },
    ),
    (
        "Dense",
        (4, "he_normal", "relu", None, "l2"),
        {
            "units": 4,
            "kernel_initializer": "he_normal",
            "activation": "relu",
            "kernel_regularizer": "l2",
        },
    ),
    (
        "Embedding",
        (9, 4, "normal", 6, "l2"),
        {
            "input_dim": 9,
            "output_dim": 4,
            "embeddings_initializer": "normal",
            "input_length": 6,
            "embeddings_regularizer": "l2",
        },
    ),
    (
        "GRU",
        (4, "uniform", "identity", "relu", "sigmoid"),
        {
            "units": 4,
            "kernel_initializer": "uniform",
            "recurrent_initializer": "identity",
            "activation": "relu",
            "recurrent_activation": "sigmoid",
        },
    ),
    (
        "LSTM",
        (4, "uniform", "identity", "zero", "relu"),
        {
            "units": 4,
            "kernel_initializer": "uniform",
            "recurrent_initializer": "identity",
            "unit_forget_bias": False,
            "activation": "relu",
            "recurrent_activation": "hard_sigmoid",
        },
    ),
    (
        "LocallyConnected1D",
        (4, 3, "uniform"),
        {"filters": 4, "kernel_size": 3, "kernel_initializer": "uniform"},
    ),
    (
        "LocallyConnected2D",
        (4, 3, 2, "uniform"),
        {"filters": 4, "kernel_size": (3, 2), "kernel_initializer": "uniform"},
    ),
    ("PReLU", ("one", None, [1]), {"alpha_initializer": "one", "shared_axes": [1]}),
    (
        "SGD",
        (0.1, 0.9, 1e-06, True),
        {"learning_rate": 0.1, "momentum": 0.9, "decay": 1e-06, "nesterov": True},
    ),
    (
        "SeparableConv2D",
        (4, 3, 2, "uniform"),
        {
            "filters": 4,
            "kernel_size": (3, 2),
            "depthwise_initializer": "uniform",
            "pointwise_initializer": "uniform",
        },
    ),
    (
        "SimpleRNN",
        (4, "uniform", "identity", "relu"),
        {
            "units": 4,
            "kernel_initializer": "uniform",
            "recurrent_initializer": "identity",
            "activation": "relu",
        },
    ),
]
OF_KERAS_1 = {"Highway", "MaxoutDense", "ParametricSoftplus"}  # tested below


def made_of(name: str) -> Any:
    return getattr(layers, name, None) or getattr(keras.optimizers, name)


@pytest.mark.parametrize(("name", "args", "today"), POSITIONAL)
def test_an_order(name: str, args: tuple[Any, ...], today: dict[str, Any]) -> None:
    with pytest.warns(LegacyWarning, match=r"the order \(.*\) -> arguments by name"):
        made = made_of(name)(*args).get_config()
    wanted = made_of(name)(**today).get_config()
    assert {**made, "name": ""} == {**wanted, "name": ""}


def test_all_orders_are_here() -> None:
    assert {name for name, _, _ in POSITIONAL} | OF_KERAS_1 == ORDERS.keys()


@pytest.mark.parametrize("name", sorted(ORDERS))
def test_orders_name_arguments(name: str) -> None:
    """Each name of an order is an argument, or is one in the terms of Keras 1."""
    cls = getattr(layers, name, None) or getattr(keras.optimizers, name)
    known = {*inspect.signature(cls).parameters, *plan_of(cls).synonyms}
    old = {word for verb in ARGUMENTS.get(name, ()) for word in spelled(verb)}
    old |= {word for verb in ARGUMENTS.get(name, ()) for word in getattr(verb, "old_names", ())}
    missing = set(ORDERS[name].names.split()) - known - old
    assert missing <= {"forget_bias_init", "depthwise_regularizer"}


@pytest.mark.parametrize(
    ("call", "today"),
    [
        (lambda: layers.Conv2D(4, (3, 3), (2, 2)), {"strides": (2, 2)}),
        (lambda: layers.Dense(4, "relu"), {"activation": "relu"}),
        (lambda: layers.LSTM(4, "tanh"), {"recurrent_activation": "sigmoid"}),
        (lambda: layers.Dropout(0.5, None, 3), {"seed": 3}),
        (lambda: layers.Embedding(5, 4, "uniform"), {"output_dim": 4}),
        (lambda: layers.BatchNormalization(1, 0.9), {"axis": 1, "momentum": 0.9}),
        (lambda: layers.MaxPooling2D((2, 2), (1, 1), "same"), {"padding": "same"}),
    ],
)
def test_orders_of_today_stay(call: Any, today: dict[str, Any]) -> None:
    """Without a warning, which would be an error here."""
    assert today.items() <= call().get_config().items()


def test_orders_of_layers_that_are_gone() -> None:
    array = [np.ones((1, 3, 2)), np.zeros((1, 2))]
    with pytest.warns(LegacyWarning, match="init, weights, W_regularizer"):
        maxout = layers.MaxoutDense(2, 1, "uniform", array, "l2")
    assert (maxout.output_dim, maxout.nb_feature) == (2, 1)
    assert maxout.W_regularizer.get_config()["l2"] == pytest.approx(0.01)
    model = keras.Sequential([layers.InputLayer((3,)), maxout])
    np.testing.assert_allclose(model.predict(np.ones((1, 3))), [[3.0, 3.0]])
    with pytest.warns(LegacyWarning):
        assert layers.Highway("uniform", "relu", None, "l1").W_regularizer is not None
    with pytest.warns(LegacyWarning):
        softplus = layers.ParametricSoftplus(0.5, 2.0, None, [1])
    assert (softplus.alpha_init, softplus.beta_init, softplus.shared_axes) == (0.5, 2.0, (1,))
    with pytest.warns(LegacyWarning):
        first = layers.InputLayer(None, (5, 3), "int32", None, "first")
    assert (first.batch_input_shape, first.dtype, first.name) == ((5, 3), "int32", "first")


@pytest.mark.parametrize("rank", [1, 2])
def test_atrous_convolutions(rank: int) -> None:
    """They make convolutions of today; as bases of a class they are themselves."""
    cls = getattr(layers, f"AtrousConvolution{rank}D")
    window = (3,) * rank
    names = ATROUS[rank].names.split()
    with pytest.warns(LegacyWarning):
        made = cls(4, *window, "uniform", None, None, "valid", *([1] if rank == 1 else [(1, 1)]), 2)
    assert names[rank + 6] == "atrous_rate"
    assert type(made) is getattr(layers, f"Conv{rank}D")
    assert (made.filters, made.dilation_rate) == (4, (2,) * rank)

    class Own(cls):  # type: ignore[misc, valid-type]  # as users write it
        pass

    assert isinstance(Own(4, window), cls)
