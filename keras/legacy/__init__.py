"""The past, plugged in from outside: Keras 1, and paths that later versions gave up."""

from __future__ import annotations

from .install import install
from .plugs import LegacyWarning

__all__ = ["LegacyWarning", "install"]
