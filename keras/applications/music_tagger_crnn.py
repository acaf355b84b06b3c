"""A network for the tags of music: convolutions, then recurrent layers along time.

Choi et al., 2016, arXiv:1609.04243
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .. import backend as K
from ..layers import (
    ELU,
    GRU,
    BatchNormalization,
    Conv2D,
    Dense,
    MaxPooling2D,
    Permute,
    Reshape,
    ZeroPadding2D,
)
from ..models import Model
from ..models.topology import get_source_inputs
from . import files
from .audio_conv_utils import BANDS, decode_predictions, preprocess_input
from .files import DEEP_LEARNING_MODELS, File
from .frame import network_input
from .steps import Tensor, image_axes, normal

__all__ = ["MusicTaggerCRNN", "decode_predictions", "preprocess_input"]

STEPS = 1366
RELEASED = File(
    f"{DEEP_LEARNING_MODELS}v0.3/music_tagger_crnn_weights_tf_kernels_tf_dim_ordering.h5"
)
BLOCKS = ((64, (2, 2)), (128, (3, 3)), (128, (4, 4)), (128, (4, 4)))
"""The filters of each block, and its pool."""


def body(x: Tensor) -> Tensor:
    """From spectrograms to features, (batch, 32)."""
    _, steps = image_axes()
    x = ZeroPadding2D((0, 37))(x)
    # Each step is normalized, whatever the name says: the trained weights are one for each.
    x = BatchNormalization(axis=steps, name="bn_0_freq")(x)
    for number, (filters, pool) in enumerate(BLOCKS, 1):
        x = Conv2D(filters, 3, padding="same", name=f"conv{number}")(x)
        x = ELU()(normal(x, f"bn{number}"))
        x = MaxPooling2D(pool, strides=pool, name=f"pool{number}")(x)
    if K.image_data_format() == "channels_first":
        x = Permute((3, 1, 2))(x)
    x = Reshape((15, 128))(x)  # only one row of bands is left
    for number in (1, 2):
        x = GRU(
            units=32,
            return_sequences=number == 1,
            recurrent_activation="hard_sigmoid",
            name=f"gru{number}",
        )(x)
    return x


def MusicTaggerCRNN(
    weights: Any = "msd", input_tensor: Any = None, include_top: bool = True, classes: int = 50
) -> Model:
    """A network for the tags of music (Choi et al., 2016, arXiv:1609.04243).

    Its inputs are what `preprocess_input` makes of sounds, (batch, 96, 1366, 1), its outputs the
    probabilities of `classes` tags, or without `include_top` features, (batch, 32). `weights`:
    'msd' (trained on the Million Song Dataset, with 50 tags), the path of a file, or `None`.
    """
    if weights == "msd":
        if include_top and classes != 50:
            raise ValueError(
                "`MusicTaggerCRNN`: the weights of 'msd' tell 50 tags apart, got "
                f"`classes={classes}`. Leave `classes` out, or take `include_top=False`."
            )
    elif weights is not None and not Path(os.fspath(weights)).exists():
        raise ValueError(
            "`MusicTaggerCRNN`: `weights` is None (random), 'msd' or the path of a file, got "
            f"{weights!r}, which is no file."
        )
    first = K.image_data_format() == "channels_first"
    shape = (1, BANDS, STEPS) if first else (BANDS, STEPS, 1)
    sounds = network_input(input_tensor, shape)
    x = body(sounds)
    if include_top:
        x = Dense(classes, activation="sigmoid", name="output")(x)
    model = Model(sounds if input_tensor is None else get_source_inputs(sounds), x)
    if weights is not None:
        # The file has the top, too; without it the layers are found by their names.
        path = RELEASED.path() if weights == "msd" else weights
        files.load(model, path, by_name=weights == "msd" and not include_top)
    return model
