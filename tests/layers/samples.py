"""The table of layers: class, arguments, shape of the input (with the batch; `None` is drawn).

A new layer is tested by a row. A row may name checks that can't hold, each with its reason.
"""

from __future__ import annotations

from typing import Any

from keras import backend as K
from keras import layers, regularizers
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
]

SAMPLES = [*CORE, *ACTIVATIONS, *NOISE, *NORMALIZATION, *EMBEDDINGS, *MERGE, *WRAPPERS]
