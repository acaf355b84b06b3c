"""Arguments of the layers of Keras 2.3.1 that move windows or run over time."""

from __future__ import annotations

END = (
    "kernel_initializer='glorot_uniform', bias_initializer='zeros', kernel_regularizer=None, "
    "bias_regularizer=None, activity_regularizer=None, kernel_constraint=None, bias_constraint=None"
)
LAST, OPEN = "data_format='channels_last'", "data_format=None"


def conv(ones: str, data_format: str, before: str = "", dilation: bool = True) -> str:
    """A convolution with weights of one kind; `ones`: its default strides."""
    rate = f", dilation_rate={ones}" if dilation else ""
    return (
        f"filters, kernel_size, strides={ones}, padding='valid'{before}, {data_format}{rate}, "
        f"activation=None, use_bias=True, {END}"
    )


def separable(ones: str, data_format: str) -> str:
    """A convolution in two parts."""
    return (
        f"filters, kernel_size, strides={ones}, padding='valid', {data_format}, "
        f"dilation_rate={ones}, depth_multiplier=1, activation=None, use_bias=True, "
        "depthwise_initializer='glorot_uniform', pointwise_initializer='glorot_uniform', "
        "bias_initializer='zeros', depthwise_regularizer=None, pointwise_regularizer=None, "
        "bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None, "
        "pointwise_constraint=None, bias_constraint=None"
    )


def pool(size: str, data_format: str = OPEN) -> str:
    return f"pool_size={size}, strides=None, padding='valid', {data_format}"


def weights(activity: bool, forget: bool = False) -> str:
    """What recurrent layers say of their weights."""
    return (
        "kernel_initializer='glorot_uniform', recurrent_initializer='orthogonal', "
        f"bias_initializer='zeros', {'unit_forget_bias=True, ' * forget}kernel_regularizer=None, "
        "recurrent_regularizer=None, bias_regularizer=None, "
        f"{'activity_regularizer=None, ' * activity}kernel_constraint=None, "
        "recurrent_constraint=None, bias_constraint=None"
    )


RATES = "dropout=0.0, recurrent_dropout=0.0"
RUN = "return_sequences=False, return_state=False, go_backwards=False, stateful=False, unroll=False"
SIMPLE = "units, activation='tanh', use_bias=True"
GATED = "units, activation='tanh', recurrent_activation='sigmoid', use_bias=True"
IMAGES = (
    "filters, kernel_size, strides=(1, 1), padding='valid', data_format=None, "
    "dilation_rate=(1, 1), activation='tanh', recurrent_activation='hard_sigmoid', use_bias=True"
)
CUDNN_RUN = "return_sequences=False, return_state=False, stateful=False"

SIGNATURES = {
    "Conv1D": conv("1", LAST),
    "Conv2D": conv("(1, 1)", OPEN),
    "Conv3D": conv("(1, 1, 1)", OPEN),
    "Conv2DTranspose": conv("(1, 1)", OPEN, ", output_padding=None"),
    "Conv3DTranspose": conv("(1, 1, 1)", OPEN, ", output_padding=None", dilation=False),
    "LocallyConnected1D": conv("1", OPEN, dilation=False),
    "LocallyConnected2D": conv("(1, 1)", OPEN, dilation=False),
    "SeparableConv1D": separable("1", LAST),
    "SeparableConv2D": separable("(1, 1)", OPEN),
    "DepthwiseConv2D": "kernel_size, strides=(1, 1), padding='valid', depth_multiplier=1, "
    "data_format=None, dilation_rate=(1, 1), activation=None, use_bias=True, "
    "depthwise_initializer='glorot_uniform', bias_initializer='zeros', depthwise_regularizer=None, "
    "bias_regularizer=None, activity_regularizer=None, depthwise_constraint=None, "
    "bias_constraint=None",
    "UpSampling1D": "size=2",
    "UpSampling2D": "size=(2, 2), data_format=None, interpolation='nearest'",
    "UpSampling3D": "size=(2, 2, 2), data_format=None",
    "ZeroPadding1D": "padding=1",
    "ZeroPadding2D": "padding=(1, 1), data_format=None",
    "ZeroPadding3D": "padding=(1, 1, 1), data_format=None",
    "Cropping1D": "cropping=(1, 1)",
    "Cropping2D": "cropping=((0, 0), (0, 0)), data_format=None",
    "Cropping3D": "cropping=((1, 1), (1, 1), (1, 1)), data_format=None",
    **{f"{kind}Pooling1D": pool("2", LAST) for kind in ("Max", "Average")},
    **{f"{kind}Pooling2D": pool("(2, 2)") for kind in ("Max", "Average")},
    **{f"{kind}Pooling3D": pool("(2, 2, 2)") for kind in ("Max", "Average")},
    **{f"Global{kind}Pooling1D": LAST for kind in ("Max", "Average")},
    **{f"Global{kind}Pooling{n}D": OPEN for kind in ("Max", "Average") for n in (2, 3)},
    "RNN": f"cell, {RUN}",
    "StackedRNNCells": "cells",
    "SimpleRNNCell": f"{SIMPLE}, {weights(False)}, {RATES}",
    "SimpleRNN": f"{SIMPLE}, {weights(True)}, {RATES}, {RUN}",
    "GRUCell": f"{GATED}, {weights(False)}, {RATES}, implementation=2, reset_after=False",
    "GRU": f"{GATED}, {weights(True)}, {RATES}, implementation=2, {RUN}, reset_after=False",
    "LSTMCell": f"{GATED}, {weights(False, True)}, {RATES}, implementation=2",
    "LSTM": f"{GATED}, {weights(True, True)}, {RATES}, implementation=2, {RUN}",
    "ConvRNN2D": f"cell, {RUN}",
    "ConvLSTM2DCell": f"{IMAGES}, {weights(False, True)}, {RATES}",
    "ConvLSTM2D": f"{IMAGES}, {weights(True, True)}, return_sequences=False, go_backwards=False, "
    f"stateful=False, {RATES}",
    "CuDNNGRU": f"units, {weights(True)}, {CUDNN_RUN}",
    "CuDNNLSTM": f"units, {weights(True, True)}, {CUDNN_RUN}",
}
