"""Keras 1's names of classes and arguments of layers, as tables.

Files and live calls say the same things by these names: both read these tables.
"""

from __future__ import annotations

from typing import Any

from .verbs import Arguments, Drop, Fold, Rename, Split, Values, Verb, apply

NAMES = {
    "AtrousConv1D": "Conv1D",
    "AtrousConv2D": "Conv2D",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "Container": "Model",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Deconv2D": "Conv2DTranspose",
    "Deconvolution2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D",
}
"""Classes that are called otherwise now."""


def forget_bias(arguments: Arguments) -> list[str]:
    """`forget_bias_init='one'` is `unit_forget_bias` now; others are a bias that begins so."""
    if "forget_bias_init" not in arguments:
        return []
    said = apply([Rename(forget_bias_init="unit_forget_bias")], arguments)
    name = arguments["unit_forget_bias"]
    if name in ("one", "ones", "zero", "zeros"):
        arguments["unit_forget_bias"] = name.startswith("one")
        return said
    arguments["unit_forget_bias"] = False
    arguments["bias_initializer"] = {"class_name": "ForgetBias", "config": {"initializer": name}}
    return ["forget_bias_init -> bias_initializer"]


def named_padding(arguments: Arguments) -> list[str]:
    """Padding told side by side is a pair for each axis now."""
    sides = arguments.get("padding")
    if isinstance(sides, (list, tuple)) and len(sides) == 4:
        sides = dict(zip(("top_pad", "bottom_pad", "left_pad", "right_pad"), sides, strict=True))
    if not isinstance(sides, dict):
        return []
    if set(sides) <= {"left_pad", "right_pad"}:
        arguments["padding"] = (sides.get("left_pad", 0), sides.get("right_pad", 0))
    else:
        top, bottom = sides.get("top_pad", 0), sides.get("bottom_pad", 0)
        left, right = sides.get("left_pad", 0), sides.get("right_pad", 0)
        arguments["padding"] = ((top, bottom), (left, right))
    return ["padding by sides -> padding by axes"]


# ---- what several layers share

ORDER: list[Verb] = [
    Rename(dim_ordering="data_format"),
    Values("data_format", tf="channels_last", th="channels_first", default=None),
]
BORDER = Rename(border_mode="padding")
BIAS = {"bias": "use_bias", "b_regularizer": "bias_regularizer", "b_constraint": "bias_constraint"}
WEIGHT = {"W_regularizer": "kernel_regularizer", "W_constraint": "kernel_constraint"}
KERNEL = Rename(init="kernel_initializer", **WEIGHT, **BIAS)
CONV = Rename(nb_filter="filters", subsample="strides", atrous_rate="dilation_rate")
LENGTH = Rename(filter_length="kernel_size", subsample_length="strides")
PLANE = Fold("kernel_size", "nb_row", "nb_col")
GATES = Rename(
    inner_init="recurrent_initializer",
    inner_activation="recurrent_activation",
    U_regularizer="recurrent_regularizer",
    dropout_W="dropout",
    dropout_U="recurrent_dropout",
)
HOW: list[Verb] = [
    Rename(consume_less="implementation"),
    Values("implementation", cpu=0, mem=1, gpu=2),
]
RECURRENT: list[Verb] = [Rename(output_dim="units"), GATES, *HOW, KERNEL]
RATE: list[Verb] = [Rename(p="rate")]
POOL: list[Verb] = [BORDER, *ORDER]
POOL_1D: list[Verb] = [Rename(pool_length="pool_size", stride="strides"), BORDER]

# Layers with other kernels took these from their base class, and did nothing with them.
NO_KERNEL: list[Verb] = [
    Drop("kernel_initializer"),
    Drop("kernel_regularizer"),
    Drop("kernel_constraint"),
]

ARGUMENTS: dict[str, list[Verb]] = {
    "AveragePooling1D": POOL_1D,
    "AveragePooling2D": POOL,
    "AveragePooling3D": POOL,
    "BatchNormalization": [
        Rename(beta_init="beta_initializer", gamma_init="gamma_initializer"),
        Drop("mode", 0),
    ],
    "Conv1D": [CONV, LENGTH, KERNEL, BORDER],
    "Conv2D": [CONV, PLANE, KERNEL, BORDER, *ORDER],
    "Conv2DTranspose": [CONV, PLANE, KERNEL, BORDER, *ORDER, Drop("output_shape")],
    "Conv3D": [
        CONV,
        Fold("kernel_size", "kernel_dim1", "kernel_dim2", "kernel_dim3"),
        KERNEL,
        BORDER,
        *ORDER,
    ],
    "ConvLSTM2D": [CONV, PLANE, GATES, Drop("consume_less"), KERNEL, BORDER, *ORDER, forget_bias],
    "ConvRecurrent2D": [CONV, PLANE, BORDER, *ORDER],
    "Cropping2D": ORDER,
    "Cropping3D": ORDER,
    "Dense": [Rename(output_dim="units"), KERNEL],
    "DepthwiseConv2D": NO_KERNEL,
    "Dropout": RATE,
    "Embedding": [
        Rename(
            init="embeddings_initializer",
            W_regularizer="embeddings_regularizer",
            W_constraint="embeddings_constraint",
        ),
        Drop("dropout", 0),
    ],
    "GRU": RECURRENT,
    "GaussianDropout": RATE,
    "GaussianNoise": [Rename(sigma="stddev")],
    "GlobalAveragePooling2D": ORDER,
    "GlobalAveragePooling3D": ORDER,
    "GlobalMaxPooling2D": ORDER,
    "GlobalMaxPooling3D": ORDER,
    "InputLayer": [Rename(input_dtype="dtype")],
    "LSTM": [*RECURRENT, forget_bias],
    "LocallyConnected1D": [CONV, LENGTH, KERNEL, BORDER],
    "LocallyConnected2D": [CONV, PLANE, KERNEL, BORDER, *ORDER],
    "MaxPooling1D": POOL_1D,
    "MaxPooling2D": POOL,
    "MaxPooling3D": POOL,
    "Model": [Rename(input="inputs", output="outputs")],
    "PReLU": [Rename(init="alpha_initializer")],
    "Recurrent": HOW,
    "SeparableConv1D": NO_KERNEL,
    "SeparableConv2D": [
        *NO_KERNEL,
        CONV,
        PLANE,
        Split("init", "depthwise_initializer", "pointwise_initializer"),
        Rename(**BIAS),
        BORDER,
        *ORDER,
    ],
    "SimpleRNN": [Drop("consume_less"), *RECURRENT],
    "SpatialDropout1D": RATE,
    "SpatialDropout2D": [*RATE, *ORDER],
    "SpatialDropout3D": [*RATE, *ORDER],
    "UpSampling1D": [Rename(length="size")],
    "UpSampling2D": ORDER,
    "UpSampling3D": ORDER,
    "ZeroPadding1D": [named_padding],
    "ZeroPadding2D": [named_padding, *ORDER],
    "ZeroPadding3D": ORDER,
}
"""What the arguments of a class (by its new name) were called. What isn't here kept its names."""

MERGES: dict[str, tuple[str, dict[str, str]]] = {
    "ave": ("Average", {}),
    "concat": ("Concatenate", {"concat_axis": "axis"}),
    "dot": ("Dot", {"dot_axes": "axes"}),
    "max": ("Maximum", {}),
    "mul": ("Multiply", {}),
    "sum": ("Add", {}),
}
"""`Merge` by its mode: the class that does it now, and which arguments stay, by new names."""


def merged(config: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The class and config that do what a `Merge` did; `None` if only itself can.

    >>> merged({"name": "m", "mode": "concat", "concat_axis": -1})
    ('Concatenate', {'name': 'm', 'axis': -1})
    """
    mode = config.get("mode", "sum")
    if config.get("mode_type", "raw") != "raw" or mode not in MERGES:
        return None
    if config.get("output_mask") is not None:
        return None
    name, kept = MERGES[mode]
    made: dict[str, Any] = {new: config[old] for old, new in kept.items() if old in config}
    options: dict[str, Any] = {key: config[key] for key in ("name", "trainable") if key in config}
    return name, {**options, **made}
