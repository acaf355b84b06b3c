"""Each row of the tables of arguments says what it stands for: old and new terms make one layer."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import keras
import keras.legacy.layers
from keras import layers
from keras.initializers import Orthogonal
from keras.legacy.arguments import DEFAULTS, OBJECTS, LegacyWarning
from keras.saving.upgrade.keras1_arguments import ARGUMENTS
from keras.saving.upgrade.verbs import Drop, Fold, Rename, Split, Values

# (old name, its value, new name, its value if that is another one)
Row = tuple[Any, ...]

BIAS: list[Row] = [
    ("bias", False, "use_bias"),
    ("b_regularizer", "l1", "bias_regularizer"),
    ("b_constraint", "non_neg", "bias_constraint"),
]
KERNEL: list[Row] = [
    ("init", "he_normal", "kernel_initializer"),
    ("W_regularizer", "l2", "kernel_regularizer"),
    ("W_constraint", "max_norm", "kernel_constraint"),
    *BIAS,
]
ORDER: list[Row] = [("dim_ordering", "th", "data_format", "channels_first")]
BORDER: list[Row] = [("border_mode", "same", "padding")]
CONV: list[Row] = [
    ("nb_filter", 5, "filters"),
    ("subsample", 2, "strides"),
    ("atrous_rate", 1, "dilation_rate"),
]
LENGTH: list[Row] = [("filter_length", 4, "kernel_size"), ("subsample_length", 2, "strides")]
PLANE: list[Row] = [(("nb_row", "nb_col"), (3, 2), "kernel_size")]
SPACE: list[Row] = [(("kernel_dim1", "kernel_dim2", "kernel_dim3"), (3, 2, 1), "kernel_size")]
RATE: list[Row] = [("p", 0.3, "rate")]
RECURRENT: list[Row] = [
    ("output_dim", 4, "units"),
    ("inner_init", "identity", "recurrent_initializer"),
    ("inner_activation", "sigmoid", "recurrent_activation"),
    ("U_regularizer", "l2", "recurrent_regularizer"),
    ("dropout_W", 0.1, "dropout"),
    ("dropout_U", 0.2, "recurrent_dropout"),
]
HOW: list[Row] = [("consume_less", "gpu", "implementation", 2)]
FORGET: list[Row] = [("forget_bias_init", "zero", "unit_forget_bias", False)]
POOL_1D: list[Row] = [("pool_length", 3, "pool_size"), ("stride", 2, "strides"), *BORDER]

UNREAD: list[Row] = [
    ("kernel_initializer", "ones", None),
    ("kernel_regularizer", "l2", None),
    ("kernel_constraint", "non_neg", None),
]

UNITS, FILTERS = {"units": 3}, {"filters": 2, "kernel_size": 2}
ONLY_CONV = [*CONV[:2], *KERNEL, *BORDER]

ROWS: dict[str, tuple[dict[str, Any], list[Row]]] = {
    "AveragePooling1D": ({}, POOL_1D),
    "AveragePooling2D": ({}, BORDER + ORDER),
    "AveragePooling3D": ({}, BORDER + ORDER),
    "BatchNormalization": (
        {},
        [
            ("beta_init", "one", "beta_initializer"),
            ("gamma_init", "zero", "gamma_initializer"),
            ("mode", 0, None),
        ],
    ),
    "Conv1D": (FILTERS, [*CONV, *KERNEL, *BORDER, *LENGTH]),
    "Conv2D": (FILTERS, [*CONV, *KERNEL, *BORDER, *ORDER, *PLANE]),
    "Conv2DTranspose": (
        FILTERS,
        [*CONV, *KERNEL, *BORDER, *ORDER, *PLANE, ("output_shape", (None, 8, 8, 2), None)],
    ),
    "Conv3D": (FILTERS, [*CONV, *KERNEL, *BORDER, *ORDER, *SPACE]),
    "ConvLSTM2D": (
        FILTERS,
        [
            *(*CONV, *KERNEL, *BORDER, *ORDER, *PLANE, *RECURRENT[1:], *FORGET),
            ("consume_less", "gpu", None),
        ],
    ),
    "Cropping2D": ({}, ORDER),
    "Cropping3D": ({}, ORDER),
    "Dense": (UNITS, [("output_dim", 4, "units"), *KERNEL]),
    "DepthwiseConv2D": ({"kernel_size": 2}, UNREAD),
    "Dropout": ({"rate": 0.5}, RATE),
    "Embedding": (
        {"input_dim": 5, "output_dim": 3},
        [
            ("init", "normal", "embeddings_initializer"),
            ("W_regularizer", "l2", "embeddings_regularizer"),
            ("W_constraint", "unit_norm", "embeddings_constraint"),
            ("dropout", 0, None),
        ],
    ),
    "GRU": (UNITS, RECURRENT + KERNEL + HOW),
    "GaussianDropout": ({"rate": 0.5}, RATE),
    "GaussianNoise": ({"stddev": 0.5}, [("sigma", 0.3, "stddev")]),
    "GlobalAveragePooling2D": ({}, ORDER),
    "GlobalAveragePooling3D": ({}, ORDER),
    "GlobalMaxPooling2D": ({}, ORDER),
    "GlobalMaxPooling3D": ({}, ORDER),
    "LSTM": (UNITS, RECURRENT + KERNEL + HOW + FORGET),
    "LocallyConnected1D": (
        FILTERS,
        [*CONV[:2], *KERNEL, ("border_mode", "valid", "padding"), *LENGTH],
    ),
    "LocallyConnected2D": (
        FILTERS,
        [*CONV[:2], *KERNEL, ("border_mode", "valid", "padding"), *ORDER, *PLANE],
    ),
    "MaxPooling1D": ({}, POOL_1D),
    "MaxPooling2D": ({}, BORDER + ORDER),
    "MaxPooling3D": ({}, BORDER + ORDER),
    "PReLU": ({}, [("init", "one", "alpha_initializer")]),
    "SeparableConv1D": (FILTERS, UNREAD),
    "SeparableConv2D": (
        FILTERS,
        [
            *UNREAD,
            *CONV[:2],
            *BORDER,
            *ORDER,
            *PLANE,
            *BIAS,
            ("init", "he_normal", ("depthwise_initializer", "pointwise_initializer")),
        ],
    ),
    "SimpleRNN": (UNITS, [*RECURRENT[:2], *RECURRENT[3:], *KERNEL, ("consume_less", "mem", None)]),
    "SpatialDropout1D": ({"rate": 0.5}, RATE),
    "SpatialDropout2D": ({"rate": 0.5}, RATE + ORDER),
    "SpatialDropout3D": ({"rate": 0.5}, RATE + ORDER),
    "UpSampling1D": ({}, [("length", 3, "size")]),
    "UpSampling2D": ({}, ORDER),
    "UpSampling3D": ({}, ORDER),
    "ZeroPadding1D": ({}, [("padding", {"left_pad": 1, "right_pad": 2}, "padding", (1, 2))]),
    "ZeroPadding2D": (
        {},
        [("padding", (1, 2, 0, 3), "padding", ((1, 2), (0, 3))), *ORDER],
    ),
    "ZeroPadding3D": ({}, ORDER),
}
ELSEWHERE = {"ConvRecurrent2D", "InputLayer", "Model", "Recurrent"}  # tested by what they do
WAS_DEFAULT = {
    "ConvLSTM2D": {
        "recurrent_activation": "hard_sigmoid",
        "recurrent_initializer": Orthogonal(1.1),
    },
    "GRU": {"recurrent_activation": "hard_sigmoid", "recurrent_initializer": Orthogonal(1.1)},
    "LSTM": {"recurrent_activation": "hard_sigmoid", "recurrent_initializer": Orthogonal(1.1)},
    "SimpleRNN": {"recurrent_initializer": Orthogonal(1.1)},
}

# A warning comes for a data format that classic configs leave out: both spellings say it.
pytestmark = pytest.mark.filterwarnings("ignore:.*classic configs:UserWarning")


def both(name: str, rows: list[Row]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments in old terms and in new ones."""
    needed, _ = ROWS[name]
    old: dict[str, Any] = {}
    new = {**WAS_DEFAULT.get(name, {}), **needed}
    told: set[str] = set()
    for row in rows:
        olds = row[0] if isinstance(row[0], tuple) else (row[0],)
        values = row[1] if isinstance(row[0], tuple) else (row[1],)
        old.update(zip(olds, values, strict=True))
        for key in () if row[2] is None else row[2] if isinstance(row[2], tuple) else (row[2],):
            new[key] = row[-1] if len(row) > 3 else row[1]
            told.add(key)
    return {**{k: v for k, v in needed.items() if k not in told}, **old}, new


def config(name: str, arguments: dict[str, Any]) -> Any:
    return getattr(layers, name)(**arguments, name="layer").get_config()


def distinct(rows: list[Row]) -> list[Row]:
    """Rows of which no two mean the same argument."""
    return list({row[2] or row[0]: row for row in reversed(rows)}.values())


ALL = [
    pytest.param(name, row, id=f"{name}-{row[0]}")
    for name, (_, rows) in ROWS.items()
    for row in rows
]


@pytest.mark.parametrize(("name", "row"), ALL)
def test_a_row(name: str, row: Row) -> None:
    old, new = both(name, [row])
    with pytest.warns(LegacyWarning, match=f"`{name}` is called in the terms of Keras 1; today: "):
        made = config(name, old)
    assert made == config(name, new)


@settings(max_examples=40)
@given(st.data())
def test_any_rows_together(data: Any) -> None:
    name = data.draw(st.sampled_from(sorted(ROWS)))
    rows = data.draw(st.lists(st.sampled_from(distinct(ROWS[name][1])), unique_by=id, min_size=1))
    old, new = both(name, rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert config(name, old) == config(name, new)


@pytest.mark.parametrize(
    ("name", "row"), [p for p in ALL if p.values[1][2] not in (None, "padding")]
)
def test_both_spellings_are_refused(name: str, row: Row) -> None:
    old, new = both(name, [row])
    new = {k: v for k, v in new.items() if k not in WAS_DEFAULT.get(name, {}) or k == row[2]}
    with pytest.raises(TypeError, match="mean the same; both are given"):
        config(name, {**new, **old})


def test_all_rows_are_here() -> None:
    assert ROWS.keys() | ELSEWHERE == ARGUMENTS.keys()
    for name, (_, rows) in ROWS.items():
        here = {o for row in rows for o in (row[0] if isinstance(row[0], tuple) else [row[0]])}
        assert {old for verb in ARGUMENTS[name] for old in spelled(verb)} - here <= {
            "atrous_rate" if name.startswith(("Loc", "Sep")) else "",
            "inner_activation" if name == "SimpleRNN" else "",
        }


def spelled(verb: Any) -> Iterator[str]:
    """The old names that a verb understands."""
    if isinstance(verb, Rename):
        yield from verb.names
    elif isinstance(verb, Fold):
        yield from verb.old
    elif isinstance(verb, Split):
        yield verb.old
    elif isinstance(verb, Drop):
        yield verb.name


def targets(verb: Any) -> Iterator[str]:
    """The names of today that a verb leads to."""
    if isinstance(verb, Rename):
        yield from verb.names.values()
    elif isinstance(verb, Fold):
        yield verb.new
    elif isinstance(verb, Split):
        yield from verb.new
    elif isinstance(verb, Values):
        yield verb.name


@pytest.mark.parametrize("name", sorted(ARGUMENTS.keys() | OBJECTS.keys() | DEFAULTS.keys()))
def test_targets_are_arguments(name: str) -> None:
    """Rows that several classes share may name what one of them doesn't have."""
    shared = {
        "dilation_rate": ("LocallyConnected1D", "LocallyConnected2D"),
        "recurrent_activation": ("SimpleRNN",),
        "implementation": ("SimpleRNN",),
    }
    owner = next(
        room
        for room in (layers, keras.models, keras.constraints, keras.legacy.layers)
        if hasattr(room, name)
    )
    known = set(inspect.signature(getattr(owner, name)).parameters) | {"inputs", "outputs"}
    verbs = [*ARGUMENTS.get(name, ()), *OBJECTS.get(name, ())]
    wanted = {new for verb in verbs for new in targets(verb)} | DEFAULTS.get(name, {}).keys()
    assert {new for new in wanted - known if name not in shared.get(new, ())} == set()


def test_other_biases_of_the_forget_gate() -> None:
    """An initializer that is neither zero nor one becomes part of the bias's, and goes to files."""
    with pytest.warns(LegacyWarning, match="forget_bias_init -> bias_initializer"):
        layer = layers.LSTM(output_dim=2, forget_bias_init=keras.initializers.Constant(3))
    model = keras.Sequential([layers.InputLayer((4, 1)), layer])
    assert layer.get_weights()[2].tolist() == [0, 0, 3, 3, 0, 0, 0, 0]
    again = keras.models.model_from_json(model.to_json())
    assert again.get_weights()[2].tolist() == [0, 0, 3, 3, 0, 0, 0, 0]
