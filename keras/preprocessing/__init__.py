"""Data made ready for models. The table of contents."""

from . import (
    image as image,
    sequence as sequence,
    text as text,
)
