"""Data made ready for models. The table of contents."""

from . import image, sequence, text
