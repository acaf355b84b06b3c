"""Names, order and defaults of arguments are those of Keras 2.3.1."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest

from keras import layers
from keras.layers import merge
from tests.layers.signatures import SIGNATURES

NORMAL = (
    "axis=-1, momentum=0.99, epsilon=0.001, center=True, scale=True, beta_initializer='zeros', "
    "gamma_initializer='ones', moving_mean_initializer='zeros', "
    "moving_variance_initializer='ones', beta_regularizer=None, gamma_regularizer=None, "
    "beta_constraint=None, gamma_constraint=None"
)
DENSE = (
    "units, activation=None, use_bias=True, kernel_initializer='glorot_uniform', "
    "bias_initializer='zeros', kernel_regularizer=None, bias_regularizer=None, "
    "activity_regularizer=None, kernel_constraint=None, bias_constraint=None"
)
EMBEDDING = (
    "input_dim, output_dim, embeddings_initializer='uniform', embeddings_regularizer=None, "
    "activity_regularizer=None, embeddings_constraint=None, mask_zero=False, input_length=None"
)

CLASSIC = {
    **SIGNATURES,
    "Activation": "activation",
    "ActivityRegularization": "l1=0.0, l2=0.0",
    "Add": "",
    "AlphaDropout": "rate, noise_shape=None, seed=None",
    "Average": "",
    "BatchNormalization": NORMAL,
    "Bidirectional": "layer, merge_mode='concat', weights=None",
    "Concatenate": "axis=-1",
    "Dense": DENSE,
    "Dot": "axes, normalize=False",
    "Dropout": "rate, noise_shape=None, seed=None",
    "ELU": "alpha=1.0",
    "Embedding": EMBEDDING,
    "Flatten": "data_format=None",
    "GaussianDropout": "rate",
    "GaussianNoise": "stddev",
    "Lambda": "function, output_shape=None, mask=None, arguments=None",
    "LeakyReLU": "alpha=0.3",
    "Masking": "mask_value=0.0",
    "Maximum": "",
    "Minimum": "",
    "Multiply": "",
    "PReLU": (
        "alpha_initializer='zeros', alpha_regularizer=None, alpha_constraint=None, shared_axes=None"
    ),
    "Permute": "dims",
    "ReLU": "max_value=None, negative_slope=0.0, threshold=0.0",
    "RepeatVector": "n",
    "Reshape": "target_shape",
    "Softmax": "axis=-1",
    "SpatialDropout1D": "rate",
    "SpatialDropout2D": "rate, data_format=None",
    "SpatialDropout3D": "rate, data_format=None",
    "Subtract": "",
    "ThresholdedReLU": "theta=1.0",
    "TimeDistributed": "layer",
    "Wrapper": "layer",
}
OPTIONS = {
    "name",
    "trainable",
    "dtype",
    "input_shape",
    "batch_input_shape",
    "batch_size",
    "weights",
}

FUNCTIONS = {
    **dict.fromkeys(("add", "average", "maximum", "minimum", "multiply", "subtract"), "inputs"),
    "concatenate": "inputs, axis=-1",
    "dot": "inputs, axes, normalize=False",
}


def said(arguments: str) -> list[tuple[str, Any]]:
    """Names and defaults, of which some have none."""
    parsed = ast.parse(f"def f({arguments}): pass").body[0].args  # type: ignore[attr-defined]
    defaults = [ast.literal_eval(value) for value in parsed.defaults]
    names = [a.arg for a in parsed.args]
    return list(
        zip(names, [inspect.Parameter.empty] * (len(names) - len(defaults)) + defaults, strict=True)
    )


def offered(found: Any) -> list[tuple[str, Any]]:
    parameters = inspect.signature(found).parameters.values()
    return [(p.name, p.default) for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]


@pytest.mark.parametrize("name", CLASSIC)
def test_classes(name: str) -> None:
    found = getattr(layers, name)
    expected = said(CLASSIC[name])
    assert offered(found)[: len(expected)] == expected
    takes = inspect.signature(found).parameters
    assert {p.kind for p in takes.values()} >= {inspect.Parameter.VAR_KEYWORD} or set(
        takes
    ) >= OPTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name: str) -> None:
    assert offered(getattr(merge, name)) == said(FUNCTIONS[name])
    assert getattr(layers, name) is getattr(merge, name)


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("Dense", "core"),
        ("Dropout", "core"),
        ("Lambda", "core"),
        ("Embedding", "embeddings"),
        ("BatchNormalization", "normalization"),
        ("Add", "merge"),
        ("PReLU", "advanced_activations"),
        ("GaussianNoise", "noise"),
        ("TimeDistributed", "wrappers"),
        ("Bidirectional", "wrappers"),
    ],
)
def test_rooms(name: str, room: str) -> None:
    found = getattr(layers, name)
    assert found.__module__ == f"keras.layers.{room}"
    assert getattr(getattr(layers, room), name) is found
