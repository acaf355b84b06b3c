"""Images: read, changed at random, and brought to a model in batches. The table of contents."""

from .affine import (
    apply_affine_transform,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
    transform_matrix_offset_center,
)
from .arrays import array_to_img, img_to_array, list_pictures, load_img, save_img
from .arrays_iterator import NumpyArrayIterator
from .colour import (
    apply_brightness_shift,
    apply_channel_shift,
    random_brightness,
    random_channel_shift,
)
from .files import BatchFromFilesMixin
from .folders import DirectoryIterator
from .frames import DataFrameIterator
from .generator import ImageDataGenerator
from .iterator import Iterator
