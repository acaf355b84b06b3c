"""Where progress and messages are written: a terminal, a notebook, or a file."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any


def columns_of(text: str) -> int:
    """How many columns a text takes in a terminal; Chinese, Japanese and Korean take two for each.

    >>> columns_of("loss"), columns_of("损失")
    (4, 4)
    """
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    hidden = sum(unicodedata.combining(letter) > 0 for letter in text)
    return len(text) + wide - hidden


class Screen:
    """Standard output as it is when the screen is made, and its manners.

    `kind` is "terminal" or "notebook" where a line can be rewritten in its place, or "file".
    """

    unfinished: Screen | None = None  # the one whose last line has no end yet

    def __init__(self) -> None:
        self.stream: Any = sys.stdout
        self.kind = _kind(self.stream)
        self.shown = 0  # columns of the line that is being rewritten

    @property
    def columns(self) -> int | None:
        """The width of a line; `None` if there is no limit."""
        if self.kind != "terminal":
            return None
        import shutil  # here, since it takes long to import

        return shutil.get_terminal_size().columns

    def rewrite(self, line: str) -> None:
        """Put a line in the place of the one before."""
        width = columns_of(line)
        self._write("\r" + line + " " * (self.shown - width))
        self.shown = width
        Screen.unfinished = self

    def end(self, line: str) -> None:
        """Write a line that stays, in the place of one that was being rewritten."""
        if Screen.unfinished is self:
            self.rewrite(line)
            self.close()
        else:
            self.write(line)

    def write(self, line: str) -> None:
        """Write a line below whatever is being rewritten."""
        if Screen.unfinished is not None:
            Screen.unfinished.close()
        self._write(line + "\n")

    def close(self) -> None:
        """End the line that is being rewritten, if there is one."""
        if Screen.unfinished is self:
            Screen.unfinished = None
            self.shown = 0
            self._write("\n")

    def _write(self, text: str) -> None:
        if self.stream is None or getattr(self.stream, "closed", False):
            return  # a program without a console, or one that has closed it
        try:
            self.stream.write(text)
        except UnicodeEncodeError:
            encoding = self.stream.encoding
            self.stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self.stream.flush()


def _kind(stream: Any) -> str:
    home = type(stream).__module__.partition(".")[0]
    if home == "ipykernel":
        return "notebook"
    # IDLE says it is a terminal, but can't go back to the start of a line.
    if home == "idlelib" or not getattr(stream, "isatty", bool)():
        return "file"
    return "terminal"


def say(line: str) -> None:
    """Write a message for the person in front of the screen."""
    Screen().write(line)
