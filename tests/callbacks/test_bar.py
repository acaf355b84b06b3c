"""The progress bar as it is really shown: in a terminal, in a notebook, in a file."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from keras.callbacks import Progbar, bar, screen

ROOT = Path(__file__).resolve().parents[2]


class Stream:
    """Something to print to, with the manners of its kind."""

    encoding = "utf-8"

    def __init__(self, tty: bool) -> None:
        self.tty = tty
        self.text = ""

    def isatty(self) -> bool:
        return self.tty

    def write(self, text: str) -> None:
        text.encode(self.encoding)
        self.text += text

    def flush(self) -> None:
        """Nothing is kept back."""


class Clock:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(bar, "perf_counter", clock)
    return clock


def stream(monkeypatch: pytest.MonkeyPatch, tty: bool = True, home: str = "") -> Stream:
    kind = type("Stream", (Stream,), {"__module__": home}) if home else Stream
    made = kind(tty)
    # Not sys.stdout itself: pytest sets that anew between a fixture and its test.
    monkeypatch.setattr(screen, "sys", SimpleNamespace(stdout=made))
    return made


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Stream]:
    monkeypatch.setenv("COLUMNS", "100")
    yield stream(monkeypatch)
    screen.Screen.unfinished = None


def lines_shown(text: str) -> list[str]:
    """What a person sees in the end: a carriage return goes back, and writes over what is there."""
    shown = []
    for line in text.split("\n"):
        cells: list[str] = []
        for part in line.split("\r"):
            cells[: len(part)] = part
        shown.append("".join(cells).rstrip())
    return shown


def test_the_classic_line(terminal: Stream, clock: Clock) -> None:
    progress = Progbar(1797)
    clock.now += 4.0
    progress.update(640, [("loss", 0.51234), ("accuracy", 0.84111)])
    drawn = "640/1797 [=========>....................] - ETA: 7s - loss: 0.5123 - accuracy: 0.8411"
    assert terminal.text == f"\r {drawn}"
    clock.now += 6.0
    progress.update(1797, [("loss", 0.51234), ("accuracy", 0.84111)])
    assert lines_shown(terminal.text) == [
        f"1797/1797 [{'=' * 30}] - 10s 6ms/step - loss: 0.5123 - accuracy: 0.8411",
        "",
    ]


def test_it_redraws_by_time_not_by_batch(terminal: Stream, clock: Clock) -> None:
    progress = Progbar(100_000, interval=0.1)
    for batch in range(1, 50_001):
        clock.now += 0.0001  # five seconds in all
        progress.update(batch)
    assert 45 <= terminal.text.count("\r") <= 51


def test_due_says_when_to_redraw(terminal: Stream, clock: Clock) -> None:
    progress = Progbar(10, interval=0.1)
    assert progress.due()
    progress.show(1, [("loss", 2.0)])
    assert not progress.due()
    clock.now += 0.11
    assert progress.due()
    assert not any(Progbar(10, verbose=verbose).due() for verbose in (0, 2))


def test_due_is_cheap() -> None:
    progress = Progbar(10, verbose=0)
    began = time.perf_counter()
    for _ in range(10_000):
        progress.due()
    assert time.perf_counter() - began < 0.05


def test_values_are_averaged_over_units_and_stateful_ones_are_not(terminal: Stream) -> None:
    progress = Progbar(4, stateful_metrics=["auc"])
    progress.update(1, [("loss", 1.0), ("auc", 0.1)])
    progress.add(2, [("loss", 4.0), ("auc", 0.2)])
    progress.update(3, force=True)
    assert "loss: 3.0000 - auc: 0.2000" in terminal.text
    progress.update(4, [("loss", 7.0), ("auc", 0.3)])
    assert "loss: 4.0000 - auc: 0.3000" in terminal.text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.51234, "0.5123"),
        (0.0001, "1.0000e-04"),
        (0, "0.0000"),
        (-2.5, "-2.5000"),
        ("high", "high"),
    ],
)
def test_numbers(terminal: Stream, value: Any, text: str) -> None:
    Progbar(1).update(1, [("x", value)])
    assert terminal.text.endswith(f" - x: {text}\n")


@pytest.mark.parametrize(("seconds", "eta"), [(4.0, "12s"), (40.0, "2:00"), (4000.0, "3:20:00")])
def test_the_time_to_come(terminal: Stream, clock: Clock, seconds: float, eta: str) -> None:
    progress = Progbar(100)
    clock.now += seconds
    progress.update(25)
    assert f" - ETA: {eta}" in terminal.text


def test_a_slow_start_is_not_counted_for_ever(terminal: Stream, clock: Clock) -> None:
    progress = Progbar(11)
    clock.now += 100.0  # something was compiled
    progress.update(1)
    clock.now += 1.0
    progress.update(2)
    assert terminal.text.endswith("ETA: 9s" + " " * 3)  # the spaces wipe out `ETA: 16:40`


def test_an_unknown_target(terminal: Stream, clock: Clock) -> None:
    progress = Progbar(None)
    clock.now += 2.0
    progress.update(8, [("loss", 1.0)])
    assert terminal.text == "\r      8/Unknown - 2s 250ms/step - loss: 1.0000"
    progress.finish(9)
    assert terminal.text.endswith("\r      9/Unknown - 2s 222ms/step - loss: 1.0000\n")


@pytest.mark.parametrize("columns", range(1, 130))
def test_no_line_is_wider_than_the_terminal(
    terminal: Stream, monkeypatch: pytest.MonkeyPatch, clock: Clock, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    progress = Progbar(1797)
    clock.now += 4.0
    progress.update(640, [("loss", 0.51234), ("accuracy", 0.84111), ("val_准确率", 0.5)])
    assert screen.columns_of(terminal.text.strip("\r")) < columns


def test_what_gives_way_in_a_narrow_terminal(
    terminal: Stream, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    def drawn(columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        terminal.text = ""
        progress = Progbar(1797)
        progress._start -= 4.0
        progress.update(640, [("loss", 0.51234), ("accuracy", 0.84111)])
        return terminal.text.strip("\r")

    assert drawn(70) == " 640/1797 [===>.........] - ETA: 7s - loss: 0.5123 - accuracy: 0.8411"
    assert drawn(60) == " 640/1797 - ETA: 7s - loss: 0.5123 - accuracy: 0.8411"
    assert drawn(50) == " 640/1797 - ETA: 7s - loss: 0.5123 ..."
    assert drawn(12) == " 640/1797 - "[:11]


def test_a_line_that_stays_shows_everything(
    terminal: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    Progbar(2).update(2, [(f"metric_{i}", 0.5) for i in range(9)])
    assert "metric_8: 0.5000" in terminal.text


def test_a_shorter_line_wipes_out_the_longer(terminal: Stream) -> None:
    progress = Progbar(10)
    progress.update(1, [("x", "long text")])
    progress.stateful_metrics = {"x"}
    progress.update(2, [("x", "short")], force=True)
    assert lines_shown(terminal.text)[0].endswith("x: short")


def test_messages_do_not_run_into_the_bar(terminal: Stream, clock: Clock) -> None:
    progress = Progbar(10, interval=0.0)
    progress.update(5)
    screen.say("something happened")
    progress.update(10)
    shown = lines_shown(terminal.text)
    assert [line.split()[0] for line in shown[:3]] == ["5/10", "something", "10/10"]
    assert shown[3:] == [""]


def test_a_task_that_is_broken_off_ends_its_line(terminal: Stream) -> None:
    progress = Progbar(10)
    progress.update(5)
    progress.close()
    progress.close()
    progress.update(6)
    assert terminal.text.endswith("]\n") or terminal.text.count("\n") == 1


def test_it_ends_once(terminal: Stream) -> None:
    progress = Progbar(2)
    for seen in (2, 2, 3):
        progress.update(seen)
    progress.finish(3)
    assert terminal.text.count("\n") == 1


def test_more_than_the_target_fills_the_bar(terminal: Stream) -> None:
    Progbar(2).update(5)
    assert f"5/2 [{'=' * 30}]" in terminal.text


def test_silence(terminal: Stream) -> None:
    progress = Progbar(3, verbose=0)
    progress.update(1, [("loss", 1.0)])
    progress.update(3)
    assert terminal.text == ""


def test_two_lines_an_epoch(terminal: Stream, clock: Clock) -> None:
    progress = Progbar(3, verbose=2)
    progress.update(1, [("loss", 1.0)])
    clock.now += 2.0
    progress.update(3, [("loss", 4.0)])
    assert terminal.text == " - 2s - loss: 3.0000\n"


def test_in_a_file_there_is_one_line(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    file = stream(monkeypatch, tty=False)
    progress = Progbar(1797)
    for seen in range(1, 1797):
        clock.now += 0.001
        progress.update(seen, [("loss", 0.5)])
    progress.update(1797, [("loss", 0.5)])
    assert file.text == f"1797/1797 [{'=' * 30}] - 2s 999us/step - loss: 0.5000\n"


def test_in_a_file_a_long_epoch_writes_a_line_each_minute(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    file = stream(monkeypatch, tty=False)
    progress = Progbar(200)
    for seen in range(1, 151):
        clock.now += 1.0
        progress.update(seen)
    first, second = file.text.splitlines()
    assert first == f" 60/200 [{'=' * 8}>{'.' * 21}] - ETA: 2:20"
    assert second == f"120/200 [{'=' * 17}>{'.' * 12}] - ETA: 1:20"


@pytest.mark.parametrize(
    ("home", "tty", "kind"),
    [
        ("ipykernel.iostream", False, "notebook"),
        ("idlelib.run", True, "file"),
        ("", True, "terminal"),
        ("", False, "file"),
    ],
)
def test_kinds_of_screens(monkeypatch: pytest.MonkeyPatch, home: str, tty: bool, kind: str) -> None:
    stream(monkeypatch, tty, home)
    assert screen.Screen().kind == kind


def test_in_a_notebook_a_line_is_rewritten_however_long(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    notebook = stream(monkeypatch, tty=False, home="ipykernel.iostream")
    progress = Progbar(10)
    clock.now += 1.0
    progress.update(5, [("loss", 1.0)])
    progress.update(10, [("loss", 1.0)])
    assert notebook.text.startswith("\r 5/10 [==============>...............] - ETA:")
    assert lines_shown(notebook.text)[0] == f"10/10 [{'=' * 30}] - 1s 100ms/step - loss: 1.0000"


def test_letters_that_the_screen_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    ascii_only = stream(monkeypatch, tty=False)
    ascii_only.encoding = "ascii"
    Progbar(1).update(1, [("精度", 0.5)])
    assert ascii_only.text.endswith(r"\u7cbe\u5ea6: 0.5000" + "\n")


def test_a_program_without_a_console(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "sys", SimpleNamespace(stdout=None))
    Progbar(1).update(1)


def test_bytes_are_told_by_the_second(terminal: Stream, clock: Clock) -> None:
    progress = Progbar(4_000_000, unit_name="byte")
    clock.now += 2.0
    progress.update(4_000_000)
    assert " - 2s 2.0MB/s" in terminal.text


# ---- a real terminal

PROGRAM = """
import time
from keras.callbacks import ProgbarLogger, CallbackList, LambdaCallback
callbacks = CallbackList([ProgbarLogger("samples"), LambdaCallback(
    on_epoch_end=lambda epoch, logs: print("after epoch", epoch, "-", time.time() - began))])
callbacks.set_params(
    {"epochs": 2, "samples": 200, "verbose": VERBOSE, "metrics": ["loss", "val_loss"]})
callbacks.on_train_begin()
for epoch in range(2):
    callbacks.on_epoch_begin(epoch)
    began = time.time()
    for batch in range(20):
        time.sleep(0.02)
        callbacks.on_batch_end(batch, {"batch": batch, "size": 10, "loss": 1.0 + batch})
    callbacks.on_epoch_end(epoch, {"loss": 10.5, "val_loss": 2.0})
callbacks.on_train_end()
"""


def run_in_terminal(program: str, columns: int) -> str:
    """What a program writes to a terminal of this width."""
    keeper, terminal = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("COLUMNS", None)
    os.set_blocking(keeper, True)
    import fcntl
    import struct
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([sys.executable, "-c", program], stdout=terminal, env=environment)
    os.close(terminal)
    text = b""
    while True:
        try:
            part = os.read(keeper, 4096)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        text += part
    os.close(keeper)
    assert process.wait() == 0
    return text.decode().replace("\r\n", "\n")


def test_a_real_terminal() -> None:
    text = run_in_terminal(PROGRAM.replace("VERBOSE", "1"), columns=72)
    shown = lines_shown(text)
    assert [line.split(" -")[0] for line in shown] == [
        "Epoch 1/2",
        f"200/200 [{'=' * 30}]",
        "after epoch 0",
        "Epoch 2/2",
        f"200/200 [{'=' * 30}]",
        "after epoch 1",
        "",
    ]
    assert shown[1].endswith("ms/sample - loss: 10.5000 - val_loss: 2.0000")
    rewritten = [part for part in text.split("\n")[1].split("\r") if part]
    seconds = float(shown[2].split()[-1])
    assert 3 <= len(rewritten) <= 10 * seconds + 2, "ten times a second at most, and the last"
    assert all(len(part) < 72 for part in rewritten[:-1])
    assert all("ETA: " in part or "200/200" in part for part in rewritten[:-1])
    assert not any("val_loss" in part for part in rewritten[:-1])


def test_verbose_2_in_a_real_terminal() -> None:
    text = run_in_terminal(PROGRAM.replace("VERBOSE", "2"), columns=72)
    assert text.splitlines()[:2] == [
        "Epoch 1/2",
        " - 0s - loss: 10.5000 - val_loss: 2.0000",
    ]
    assert text.splitlines()[2].startswith("after epoch 0 - ")


def test_piped_into_a_file() -> None:
    program = PROGRAM.replace("VERBOSE", "1")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    lines = done.stdout.split("\n")
    assert "\r" not in done.stdout
    begun, done_with = lines[1:3]
    assert begun.startswith(" 10/200 [>"), "who waits sees at once that it has begun"
    assert begun.endswith("s - loss: 1.0000")
    assert done_with.startswith(f"200/200 [{'=' * 30}] - ")
    assert done_with.endswith("ms/sample - loss: 10.5000 - val_loss: 2.0000")
    assert len(lines) == 8, "the second epoch has only its last state"
