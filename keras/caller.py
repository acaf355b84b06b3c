"""Where the user's program calls us: the line that errors name and warnings point at."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from types import FrameType

# This package, the programs that it writes, and Python's own import machinery.
INSIDE = (f"{Path(__file__).absolute().parent}{os.sep}", "<keras ", "<frozen ")
_known: dict[str, bool] = {}


def user_frame() -> FrameType:
    """The innermost frame outside this package; where all are inside it, the outermost."""
    frame = sys._getframe(1)
    while True:
        file = frame.f_code.co_filename
        inside = _known.get(file)
        if inside is None:
            inside = _known[file] = file.startswith(INSIDE)
        if not inside or frame.f_back is None:
            return frame
        frame = frame.f_back


def user_line() -> tuple[str, int]:
    """File and line of `user_frame`."""
    frame = user_frame()
    return frame.f_code.co_filename, frame.f_lineno


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """A warning that points at the user's line, however deep inside the package it is given.

    As `warnings.warn` does, it is shown once for each line of the user's program.
    """
    frame = user_frame()
    warnings.warn_explicit(
        message,
        category,
        filename=frame.f_code.co_filename,
        lineno=frame.f_lineno,
        module=frame.f_globals.get("__name__", "__main__"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )
