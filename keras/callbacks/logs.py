"""Callbacks that pass the numbers on: to a file, to a server, to functions."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..caller import warn
from .base import Callback, Logs, check_hook
from .spelling import look_up


class CSVLogger(Callback):
    """Writes a line of comma-separated values for each epoch.

    `separator`: what stands between two values; `append`: go on in a file that is there, under its
    own header.
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        super().__init__()
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self.told = False
        self.csv_file: IO[Any] | None = None
        self.began = 0  # where in the file the lines of this training begin

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Open the file."""
        self.keys = self._header_there() if self.append else None
        mode = "a" if self.append else "w"
        # Closed when the training ends.
        self.csv_file = Path(self.filename).open(mode, newline="", encoding="utf-8")  # noqa: SIM115
        self.began = self.csv_file.tell()

    def _header_there(self) -> list[str] | None:
        """The names in the first line of the file, without `epoch`."""
        path = Path(self.filename)
        if not path.exists():
            return None
        with path.open(newline="", encoding="utf-8") as file:
            header = next(csv.reader(file, delimiter=self.sep), [])
        return [name for name in header if name != "epoch"] or None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Write the line of the epoch."""
        logs = logs or {}
        if self.csv_file is None:
            raise RuntimeError("`CSVLogger` has no open file: `on_train_begin` was never called.")
        writer = csv.writer(self.csv_file, delimiter=self.sep)
        if self.keys is None:
            # A validation that isn't done each time gets its columns from the start.
            self.keys = sorted({*logs, *self.params.get("metrics", ())})
            writer.writerow(["epoch", *self.keys])
        self._tell_of_missing(logs, self.keys)
        writer.writerow([epoch, *(_cell(look_up(logs, name)) for name in self.keys)])
        self.csv_file.flush()

    def _tell_of_missing(self, logs: Logs, keys: list[str]) -> None:
        left_out = [name for name in logs if look_up(dict.fromkeys(keys, 1), name) is None]
        if left_out and not self.told:
            self.told = True
            warn(
                f"`CSVLogger`: {self.filename} has no column for {', '.join(left_out)}; its header "
                f"says {', '.join(keys)}. These numbers are left out.",
                RuntimeWarning,
            )

    def get_state(self) -> dict[str, Any]:
        """The lines of this training, for one that goes on with it."""
        with Path(self.filename).open(newline="", encoding="utf-8") as file:
            file.seek(self.began)
            return {"keys": self.keys, "began": self.began, "lines": file.read()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Have these lines in the file, and no others of this training."""
        self.keys, self.began = state["keys"], state["began"]
        assert self.csv_file is not None
        self.csv_file.seek(self.began)
        self.csv_file.truncate()
        self.csv_file.write(state["lines"])
        self.csv_file.flush()

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Close the file."""
        if self.csv_file is not None:
            self.csv_file.close()
            self.csv_file = None


def _cell(value: Any) -> Any:
    """A value as a line of a file holds it; one that is missing is NA."""
    if value is None:
        return "NA"
    if isinstance(value, str) or getattr(value, "ndim", 1) == 0 or not isinstance(value, Iterable):
        return value
    return f"[{', '.join(map(str, value))}]"


class RemoteMonitor(Callback):
    """Sends the numbers of each epoch to a server, as JSON.

    They go to `root + path` by POST: as the form field `field`, or as the whole body with
    `send_as_json`. A server that can't be reached is reported, and the training goes on.
    """

    TIMEOUT = 10.0  # seconds; a server that hangs shall not hold up the training

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: dict[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not root.startswith(("http://", "https://")):
            raise ValueError(
                f"`RemoteMonitor` sends to a server, 'http://...' or 'https://...'; got {root!r}."
            )
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Send the numbers of the epoch."""
        from urllib.error import URLError
        from urllib.parse import urlencode
        from urllib.request import Request, urlopen

        numbers = {name: _plain(value) for name, value in (logs or {}).items()}
        text = json.dumps({"epoch": epoch, **numbers})
        body = text if self.send_as_json else urlencode({self.field: text})
        kind = "json" if self.send_as_json else "x-www-form-urlencoded"
        headers = {"Content-Type": f"application/{kind}", **(self.headers or {})}
        request = Request(self.root + self.path, body.encode(), headers, method="POST")
        try:
            with urlopen(request, timeout=self.TIMEOUT):
                pass
        except (URLError, OSError) as error:
            warn(
                f"`RemoteMonitor` couldn't send epoch {epoch} to {self.root + self.path}: {error}.",
                RuntimeWarning,
            )


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


class LambdaCallback(Callback):
    """A callback made of functions, each under the name of its hook.

    Those of epochs and batches take `(number, logs)`, the others `(logs)`.

    >>> callback = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
    >>> callback.on_epoch_end(3, {"loss": 0.5})
    3 0.5
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_batch_begin: Callable[..., Any] | None = None,
        on_batch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_batch_begin": on_batch_begin,
            "on_batch_end": on_batch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
        }
        for name, value in {**hooks, **kwargs}.items():
            check_hook("LambdaCallback", name)
            # What is no hook is the user's own, for the functions to find.
            if value is not None or name not in hooks:
                vars(self)[name] = value
