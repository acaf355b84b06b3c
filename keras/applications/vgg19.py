"""VGG19, and the images it wants."""

from __future__ import annotations

from .imagenet_utils import decode_predictions, preprocess_input
from .vgg import vgg

__all__ = ["VGG19", "decode_predictions", "preprocess_input"]

VGG19 = vgg(
    "VGG19",
    __name__,
    (2, 2, 4, 4, 4),
    "cbe5617147190e668d6c5d5026f83318",
    "253f8cb515780f3b799900260a226db6",
)
