"""A progress bar: in a terminal, in a notebook, in a log file."""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import Any

from .screen import Screen, columns_of

Values = Iterable[tuple[str, Any]]

NARROWEST = 8  # columns of a bar that is still one
SECONDS_IN_FILE = (
    60.0  # in a file there is a line for each epoch, and for each minute of a long one
)


class Progbar:
    """Shows how far a long task is, how long it will take, and some numbers.

    `target`: the number of units that make the whole, `None` if nobody knows. `verbose`: 0 shows
    nothing, 1 a bar that is redrawn every `interval` seconds at most, 2 one line at the end. Values
    are averaged over the units, but for `stateful_metrics`: these are shown as they come.

    Where lines can't be rewritten, in a file, only the last state is written, and one each minute.
    """

    def __init__(
        self,
        target: int | None,
        width: int = 30,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        self.target = target
        self.width = width
        self.verbose = verbose
        self.interval = interval
        self.stateful_metrics = set(stateful_metrics or ())
        self.unit_name = unit_name
        self.screen = Screen()
        self.finished = False
        self._averages: dict[str, _Average] = {}
        self._seen_so_far = 0
        self._start = perf_counter()
        self._first: tuple[float, int] | None = (
            None  # the first sign of progress: when, and how far
        )
        self._next = self._start if verbose == 1 else float("inf")
        if verbose == 1 and self.screen.kind == "file":
            self._next += max(interval, SECONDS_IN_FILE)

    def hurry(self) -> None:
        """Let the next progress be shown at once, in a file as well."""
        self._next = min(self._next, self._start)

    def due(self) -> bool:
        """Whether it is time to redraw: ask this first where the values are dear."""
        return perf_counter() >= self._next

    def update(self, current: int, values: Values | None = None, force: bool = False) -> None:
        """`current` units are done; `values`: pairs of a name and a number for the last of them.

        The bar ends when `current` reaches the target; `force` redraws it before it is due.
        """
        self._note(current, values or ())
        if self.target is not None and current >= self.target:
            self.finish(current)
        elif force or self.due():
            self._draw()

    def move(self, current: int, values: Values) -> None:
        """As `update`, but even at the target the bar waits for `finish`."""
        self._note(current, values)
        if self.due():
            self._draw()

    def add(self, n: int, values: Values | None = None) -> None:
        """`n` more units are done."""
        self.update(self._seen_so_far + n, values)

    def show(self, current: int, values: Values) -> None:
        """Redraw with numbers that are already averages."""
        for name, value in values:
            self._averages[name] = _Average(value)
        self._seen_so_far = current
        self._draw()

    def finish(self, current: int, values: Values = ()) -> None:
        """Draw the last state and end the line, however far it is; `values` are averages."""
        if self.finished:
            return
        self.finished = True
        self._seen_so_far = current
        for name, value in values:
            self._averages[name] = _Average(value)
        if self.verbose == 1:
            self.screen.end(self._line())
        elif self.verbose:
            elapsed = perf_counter() - self._start
            self.screen.end(f" - {elapsed:.0f}s{''.join(self._metrics())}")

    def close(self) -> None:
        """End the line as it is: the task was broken off."""
        self.finished = True
        self.screen.close()

    def _note(self, current: int, values: Values) -> None:
        for name, value in values:
            self._average(name).add(value, current - self._seen_so_far)
        self._seen_so_far = current

    def _average(self, name: str) -> _Average:
        if name not in self._averages or name in self.stateful_metrics:
            self._averages[name] = _Average()
        return self._averages[name]

    def _draw(self) -> None:
        if self.verbose != 1 or self.finished:
            return
        now = perf_counter()
        self._first = self._first or (now, self._seen_so_far)
        if self.screen.kind == "file":
            if self._seen_so_far != self.target:  # the last state is for `finish`
                self._next = now + max(self.interval, SECONDS_IN_FILE)
                self.screen.end(self._line())
        else:
            self._next = now + self.interval
            self.screen.rewrite(self._line())

    # ---- the parts of the line

    def _line(self) -> str:
        head, tail, metrics = self._counter(), self._times(perf_counter()), self._metrics()
        text = "".join(metrics)
        if self.screen.columns is None or self.finished:
            return head + self._bar(self.width) + tail + text  # a line that stays may be long
        room = self.screen.columns - 1  # most terminals break a line that fills its last column
        space = room - columns_of(head + tail + text) - len(" []")
        if self.target is not None and space >= NARROWEST:
            return head + self._bar(min(self.width, space)) + tail + text
        return _cut([head + tail, *metrics], room)

    def _counter(self) -> str:
        if self.target is None:
            return f"{self._seen_so_far:7d}/Unknown"
        return f"{self._seen_so_far:{len(str(self.target))}d}/{self.target}"

    def _bar(self, width: int) -> str:
        if self.target is None:
            return ""
        done = width * min(self._seen_so_far, self.target) // max(self.target, 1)
        reached = "=" * done
        if 0 < done < width:
            reached = reached[:-1] + ">"
        return f" [{reached}{'.' * (width - done)}]"

    def _times(self, now: float) -> str:
        left = None if self.target is None else self.target - self._seen_so_far
        if left and not self.finished:
            each = self._pace(now)
            return f" - ETA: {_duration(each * left)}" if each else ""
        elapsed = now - self._start
        return f" - {elapsed:.0f}s{_speed(elapsed, self._seen_so_far, self.unit_name)}"

    def _pace(self, now: float) -> float:
        """Seconds for a unit; the start, which is slower, counts only while there is no more."""
        since, before = self._first or (self._start, 0)
        if self._seen_so_far == before:
            since, before = self._start, 0
        return (now - since) / (self._seen_so_far - before) if self._seen_so_far > before else 0.0

    def _metrics(self) -> list[str]:
        return [f" - {name}: {average}" for name, average in self._averages.items()]


class _Average:
    """A mean weighted by units; or one value as it is."""

    def __init__(self, value: Any = None) -> None:
        self.last = value
        self.total = 0.0
        self.units = 0

    def add(self, value: Any, units: int) -> None:
        self.last = value
        if not isinstance(value, str):
            self.total += float(value) * units
            self.units += units

    def __str__(self) -> str:
        if isinstance(self.last, str):
            return self.last
        value = self.total / self.units if self.units else float(self.last)
        return f"{value:.4f}" if abs(value) > 1e-3 or value == 0 else f"{value:.4e}"


def _cut(parts: list[str], room: int) -> str:
    """As many of the parts as fit."""
    line = "".join(parts)
    while columns_of(line) > room and len(parts) > 1:
        parts = parts[:-1]
        line = "".join(parts) + " ..."
    return line if columns_of(line) <= room else line[: max(room, 0)]


def _duration(seconds: float) -> str:
    """A time to come, as a person says it.

    >>> _duration(42), _duration(75), _duration(3725)
    ('42s', '1:15', '1:02:05')
    """
    minutes, rest = divmod(int(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
    return f"{minutes}:{rest:02d}" if minutes else f"{rest}s"


def _speed(seconds: float, units: int, name: str) -> str:
    """The time for one unit; for bytes, how many in a second.

    >>> _speed(2.0, 500, "step"), _speed(2.0, 5000000, "byte")
    (' 4ms/step', ' 2.5MB/s')
    """
    if not units:
        return ""
    if name == "byte":
        return f" {units / max(seconds, 1e-9) / 1e6:.1f}MB/s"
    each = seconds / units
    if each >= 1:
        return f" {each:.0f}s/{name}"
    return f" {each * 1e3:.0f}ms/{name}" if each >= 1e-3 else f" {each * 1e6:.0f}us/{name}"
