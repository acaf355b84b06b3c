"""Images: read, changed at random, and brought to a model in batches. The table of contents."""

from .affine import (
    apply_affine_transform as apply_affine_transform,
    random_rotation as random_rotation,
    random_shear as random_shear,
    random_shift as random_shift,
    random_zoom as random_zoom,
    transform_matrix_offset_center as transform_matrix_offset_center,
)
from .arrays import (
    array_to_img as array_to_img,
    img_to_array as img_to_array,
    list_pictures as list_pictures,
    load_img as load_img,
    save_img as save_img,
)
from .arrays_iterator import (
    NumpyArrayIterator as NumpyArrayIterator,
)
from .colour import (
    apply_brightness_shift as apply_brightness_shift,
    apply_channel_shift as apply_channel_shift,
    random_brightness as random_brightness,
    random_channel_shift as random_channel_shift,
)
from .files import (
    BatchFromFilesMixin as BatchFromFilesMixin,
)
from .folders import (
    DirectoryIterator as DirectoryIterator,
)
from .frames import (
    DataFrameIterator as DataFrameIterator,
)
from .generator import (
    ImageDataGenerator as ImageDataGenerator,
)
from .iterator import (
    Iterator as Iterator,
)
