"""The table of layers: class, arguments, shape of the input (with the batch; `None` is drawn).

A new layer is tested by a row. A row may name checks that can't hold, each with its reason.
"""

from __future__ import annotations

from typing import Any

from keras import backend as K, layers, regularizers
from keras.utils.test_utils import Sample


def row(layer: Any, kwargs: Any, shape: Any, **more: Any) -> Sample:
    """A row of the table."""
    return Sample(layer, kwargs, shape, **more)


CORE = [
    row(layers.Dense, {"units": 3}, (None, 5)),
    row(layers.Dense, {"units": 3, "activation": "tanh", "use_bias": False}, (None, None, 5)),
    row(layers.Activation, {"activation": "relu"}, (None, None, 3)),
    row(layers.Dropout, {"rate": 0.5}, (None, 4)),
    row(layers.Dropout, {"rate": 0.5, "noise_shape": (None, 1, 3), "seed": 1}, (None, None, 3)),
    row(layers.SpatialDropout1D, {"rate": 0.5}, (None, None, 3)),
    row(layers.SpatialDropout2D, {"rate": 0.5}, (None, 4, None, 3)),
    row(layers.SpatialDropout3D, {"rate": 0.5}, (None, 2, 3, None, 3)),
    row(layers.Flatten, {}, (None, 3, 4)),
    row(layers.Flatten, {"data_format": "channels_first"}, (None, 3, 4, 2)),
    row(layers.Flatten, {}, (None, None, 4)),
    row(layers.Reshape, {"target_shape": (4, 3)}, (None, 3, 4)),
    row(layers.Reshape, {"target_shape": (-1, 2)}, (None, None, 4)),
    row(layers.Permute, {"dims": (2, 1)}, (None, None, 4)),
    row(layers.Permute, {"dims": (3, 1, 2)}, (None, 2, 3, 4)),
    row(layers.RepeatVector, {"n": 3}, (None, 4)),
    row(layers.Lambda, {"function": lambda x: 2.0 * x}, (None, 4)),
    row(layers.Lambda, {"function": lambda x: K.concatenate([x, -x])}, (None, None, 4)),
    row(layers.Masking, {}, (None, None, 4)),
    row(layers.Masking, {"mask_value": 0.5}, (None, 3, 4)),
    row(layers.ActivityRegularization, {"l1": 0.1, "l2": 0.2}, (None, 4)),
]

ACTIVATIONS = [
    row(layers.LeakyReLU, {"alpha": 0.2}, (None, 4)),
    row(layers.PReLU, {"alpha_initializer": "ones"}, (None, 3, 4)),
    row(layers.PReLU, {"shared_axes": [1]}, (None, None, 4)),
    row(layers.ELU, {"alpha": 0.5}, (None, 4)),
    row(layers.ThresholdedReLU, {"theta": 0.5}, (None, 4)),
    row(layers.Softmax, {"axis": 1}, (None, None, 4)),
    row(layers.ReLU, {"max_value": 1.0, "negative_slope": 0.1, "threshold": 0.2}, (None, 4)),
]

NOISE = [
    row(layers.GaussianNoise, {"stddev": 0.3}, (None, None, 4)),
    row(layers.GaussianDropout, {"rate": 0.3}, (None, 4)),
    row(layers.AlphaDropout, {"rate": 0.3}, (None, None, 4)),
    row(layers.AlphaDropout, {"rate": 0.3, "noise_shape": (None, 1, 4), "seed": 3}, (None, 3, 4)),
]

NORMALIZATION = [
    row(layers.BatchNormalization, {}, (None, 4)),
    row(layers.BatchNormalization, {"axis": 1, "momentum": 0.5}, (None, 3, None, 2)),
    row(layers.BatchNormalization, {"scale": False, "epsilon": 1e-5}, (None, None, 3)),
    row(layers.BatchNormalization, {"center": False}, (None, 2, 2, 2, 3)),
]

EMBEDDINGS = [
    row(layers.Embedding, {"input_dim": 3, "output_dim": 2}, (None, None), input_dtype="int32"),
    row(
        layers.Embedding,
        {"input_dim": 3, "output_dim": 2, "input_length": 4, "mask_zero": True},
        (None, 4),
        input_dtype="int32",
    ),
]

MIXED = [(None, 3, 4), (None, 4), (None, 3, 1)]

MERGE = [
    row(layers.Add, {}, MIXED),
    row(layers.Subtract, {}, [(None, None, 4), (None, None, 4)]),
    row(layers.Multiply, {}, MIXED),
    row(layers.Average, {}, MIXED),
    row(layers.Maximum, {}, MIXED),
    row(layers.Minimum, {}, MIXED),
    row(layers.Concatenate, {}, [(None, None, 4), (None, None, 2)]),
    row(layers.Concatenate, {"axis": 1}, [(None, 3, 4), (None, None, 4)]),
    row(layers.Dot, {"axes": 1}, [(None, 4), (None, 4)]),
    row(layers.Dot, {"axes": (2, 1), "normalize": True}, [(None, 3, 4), (None, 4, 2)]),
    row(layers.Dot, {"axes": -1}, [(None, None, 4), (None, 2, 4)]),
]

INNER = {"dtypes": "the inner layer has a dtype of its own"}

WRAPPERS = [
    row(
        layers.TimeDistributed,
        lambda: {"layer": layers.Dense(3, kernel_regularizer=regularizers.l2(0.1))},
        (None, None, 4),
        skip=INNER,
    ),
    row(
        layers.TimeDistributed,
        lambda: {"layer": layers.BatchNormalization()},
        (None, 3, None, 2),
        skip=INNER,
    ),
    row(
        layers.TimeDistributed,
        lambda: {"layer": layers.LSTM(2)},
        (None, 2, None, 3),
        skip=INNER,
    ),
    row(layers.Bidirectional, lambda: {"layer": layers.GRU(2)}, (None, None, 3), skip=INNER),
    row(
        layers.Bidirectional,
        lambda: {"layer": layers.LSTM(2, return_sequences=True, go_backwards=True)},
        (None, 4, 3),
        skip=INNER,
    ),
    row(
        layers.Bidirectional,
        lambda: {
            "layer": layers.SimpleRNN(2, return_sequences=True, return_state=True),
            "merge_mode": None,
        },
        (None, None, 3),
        skip=INNER,
    ),
]

FIRST = {"data_format": "channels_first"}
PICTURE, PICTURE_FIRST = (None, 6, None, 3), (None, 3, None, 6)

CONVOLUTIONAL = [
    row(layers.Conv1D, {"filters": 2, "kernel_size": 3, "activation": "relu"}, (None, None, 3)),
    row(layers.Conv1D, {"filters": 2, "kernel_size": 3, "padding": "causal"}, (None, 6, 3)),
    row(layers.Conv2D, {"filters": 2, "kernel_size": (2, 3), "strides": (1, 2)}, PICTURE),
    row(
        layers.Conv2D,
        {"filters": 4, "kernel_size": 2, "padding": "same", "dilation_rate": 2, **FIRST},
        PICTURE_FIRST,
    ),
    row(layers.Conv3D, {"filters": 2, "kernel_size": 2, "use_bias": False}, (None, 4, 3, None, 2)),
    row(
        layers.Conv2DTranspose,
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 1},
        PICTURE,
    ),
    row(layers.Conv2DTranspose, {"filters": 2, "kernel_size": 3, **FIRST}, PICTURE_FIRST),
    row(layers.Conv3DTranspose, {"filters": 2, "kernel_size": 2, "strides": 2}, (None, 2, 3, 2, 2)),
    row(
        layers.SeparableConv1D,
        {"filters": 2, "kernel_size": 3, "depth_multiplier": 2},
        (None, None, 3),
    ),
    row(layers.SeparableConv2D, {"filters": 2, "kernel_size": 2, "padding": "same"}, PICTURE),
    row(layers.DepthwiseConv2D, {"kernel_size": 2, "depth_multiplier": 2, **FIRST}, PICTURE_FIRST),
    row(layers.UpSampling1D, {"size": 3}, (None, None, 2)),
    row(layers.UpSampling2D, {"size": (2, 1), "interpolation": "bilinear"}, PICTURE),
    row(layers.UpSampling2D, FIRST, PICTURE_FIRST),
    row(layers.UpSampling3D, {"size": (1, 2, 2)}, (None, 2, None, 2, 2)),
    row(layers.ZeroPadding1D, {"padding": (1, 0)}, (None, None, 2)),
    row(layers.ZeroPadding2D, {"padding": ((1, 0), (2, 3)), **FIRST}, PICTURE_FIRST),
    row(layers.ZeroPadding3D, {}, (None, 2, None, 2, 2)),
    row(layers.Cropping1D, {"cropping": (1, 0)}, (None, None, 2)),
    row(layers.Cropping2D, {"cropping": ((1, 0), (0, 1)), **FIRST}, PICTURE_FIRST),
    row(layers.Cropping3D, {}, (None, 4, 3, None, 2)),
]

POOLING = [
    row(layers.MaxPooling1D, {}, (None, None, 2)),
    row(layers.MaxPooling2D, {"pool_size": 3, "strides": 2, "padding": "same"}, PICTURE),
    row(layers.MaxPooling3D, {"pool_size": (1, 2, 2)}, (None, 2, 3, None, 2)),
    row(layers.AveragePooling1D, {"pool_size": 3, "strides": 1, **FIRST}, (None, 2, None)),
    row(layers.AveragePooling2D, {"padding": "same", **FIRST}, PICTURE_FIRST),
    row(layers.AveragePooling3D, {"strides": 1}, (None, 2, 3, None, 2)),
    row(layers.GlobalMaxPooling1D, FIRST, (None, 2, None)),
    row(layers.GlobalMaxPooling2D, {}, PICTURE),
    row(layers.GlobalMaxPooling3D, {}, (None, 2, 3, None, 2)),
    row(layers.GlobalAveragePooling1D, {}, (None, None, 3)),
    row(layers.GlobalAveragePooling2D, FIRST, PICTURE_FIRST),
    row(layers.GlobalAveragePooling3D, {}, (None, 2, 3, None, 2)),
]

LOCAL = [
    row(layers.LocallyConnected1D, {"filters": 2, "kernel_size": 3, "strides": 2}, (None, 6, 2)),
    row(
        layers.LocallyConnected1D,
        {"filters": 2, "kernel_size": 3, "implementation": 3, "padding": "same", **FIRST},
        (None, 2, 5),
    ),
    row(layers.LocallyConnected2D, {"filters": 2, "kernel_size": (2, 1)}, (None, 3, 4, 2)),
    row(
        layers.LocallyConnected2D,
        {"filters": 2, "kernel_size": 2, "implementation": 2, **FIRST},
        (None, 2, 3, 3),
        skip={"weights": "where nothing is connected the weights make no difference"},
    ),
]

SEQUENCE, CLIP = (None, None, 3), (None, 3, 4, None, 2)

RECURRENT = [
    row(layers.SimpleRNN, {"units": 4}, SEQUENCE),
    row(layers.SimpleRNN, {"units": 4, "unroll": True, "return_sequences": True}, (None, 3, 2)),
    row(layers.GRU, {"units": 4, "return_sequences": True, "return_state": True}, SEQUENCE),
    row(layers.GRU, {"units": 4, "reset_after": True, "go_backwards": True}, SEQUENCE),
    row(layers.GRU, {"units": 4, "dropout": 0.2, "recurrent_dropout": 0.3}, SEQUENCE),
    row(layers.LSTM, {"units": 4, "unit_forget_bias": False, "return_state": True}, SEQUENCE),
    row(
        layers.LSTM,
        {"units": 4, "recurrent_activation": "hard_sigmoid", "return_sequences": True},
        SEQUENCE,
    ),
    row(
        layers.LSTM,
        {"units": 4, "implementation": 1, "dropout": 0.2, "recurrent_dropout": 0.3},
        SEQUENCE,
    ),
    row(layers.RNN, lambda: {"cell": layers.LSTMCell(4)}, SEQUENCE, skip=INNER),
    row(
        layers.RNN,
        lambda: {"cell": [layers.GRUCell(4), layers.SimpleRNNCell(2)], "return_state": True},
        SEQUENCE,
        skip=INNER,
    ),
    row(layers.CuDNNLSTM, {"units": 4}, SEQUENCE),
    row(layers.CuDNNGRU, {"units": 4, "return_sequences": True}, SEQUENCE),
    row(layers.ConvLSTM2D, {"filters": 2, "kernel_size": 2, "padding": "same"}, CLIP),
    row(
        layers.ConvLSTM2D,
        {"filters": 2, "kernel_size": 2, "strides": 2, "return_sequences": True, **FIRST},
        (None, None, 2, 4, 4),
    ),
    row(
        layers.ConvRNN2D,
        lambda: {"cell": layers.ConvLSTM2DCell(2, 2)},
        (None, 3, 4, 4, 2),
        skip=INNER,
    ),
]

SAMPLES = [
    *CORE,
    *ACTIVATIONS,
    *NOISE,
    *NORMALIZATION,
    *EMBEDDINGS,
    *MERGE,
    *CONVOLUTIONAL,
    *POOLING,
    *LOCAL,
    *RECURRENT,
    *WRAPPERS,
]
