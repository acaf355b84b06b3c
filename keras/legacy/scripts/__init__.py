"""Scripts of long ago: `python -m keras run` and `python -m keras doctor`."""

from __future__ import annotations

from .command import doctor, run

__all__ = ["doctor", "run"]
