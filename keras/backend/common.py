"""The settings under their classic path, `keras.backend.common`."""
# ruff: noqa: F401  a table of contents

from .config import (
    epsilon,
    floatx,
    image_data_format,
    image_dim_ordering,
    normalize_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
    set_image_dim_ordering,
)
from .keras1 import legacy_weight_ordering, set_legacy_weight_ordering
from .session import eager, symbolic
from .values import cast_to_floatx, get_uid, is_keras_tensor, reset_uids
