"""CSVLogger, RemoteMonitor, LambdaCallback."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest

from keras.callbacks import CallbackList, CSVLogger, LambdaCallback, RemoteMonitor
from tests.callbacks.fakes import FakeModel, losses, train


def rows(path: Path, separator: str = ",") -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_line_for_each_epoch(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "log.csv"
    train(
        [CSVLogger(path, separator)],
        [{"loss": 0.5, "acc": 0.1}, {"loss": np.float32(0.25), "acc": 1}],
    )
    assert path.read_text().splitlines()[0] == separator.join(("epoch", "acc", "loss"))
    assert rows(path, separator) == [
        {"epoch": "0", "acc": "0.1", "loss": "0.5"},
        {"epoch": "1", "acc": "1", "loss": "0.25"},
    ]


def test_lines_are_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    counts: list[int] = []
    train([CSVLogger(path)], losses(1.0, 1.0), step=lambda epoch: counts.append(len(rows(path))))
    assert counts == [0, 1]


@pytest.mark.parametrize(("append", "epochs"), [(False, ["0"]), (True, ["0", "0"])])
def test_append_goes_on_under_the_same_header(
    tmp_path: Path, append: bool, epochs: list[str]
) -> None:
    path = tmp_path / "log.csv"
    for _ in range(2):
        train([CSVLogger(path, append=append)], [{"loss": 1.0, "acc": 0.5}])
    assert [row["epoch"] for row in rows(path)] == epochs


def test_append_takes_the_columns_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss,accuracy,old\r\n")
    with pytest.warns(
        RuntimeWarning, match=r"no column for new; its header says loss, accuracy, old"
    ):
        train([CSVLogger(path, append=True)], [{"acc": 0.5, "loss": 1.0, "new": 3}] * 2)
    assert rows(path)[1] == {"epoch": "1", "loss": "1.0", "accuracy": "0.5", "old": "NA"}


def test_an_empty_file_to_append_to_gets_a_header(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.touch()
    train([CSVLogger(path, append=True)], losses(1.0))
    assert path.read_text().split() == ["epoch,val_loss", "0,1.0"]


def test_a_validation_in_some_epochs_has_its_column(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    logs = [{"loss": 1.0}, {"loss": 1.0, "val_loss": 2.0}]
    train([CSVLogger(path)], logs, metrics=["loss", "val_loss"])
    assert [row["val_loss"] for row in rows(path)] == ["NA", "2.0"]


def test_lists_and_texts_are_values_too(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    train([CSVLogger(path)], [{"a": [1, 2], "b": "x", "c": np.array([0.5, 1.5]), "d": np.array(3)}])
    assert rows(path) == [{"epoch": "0", "a": "[1, 2]", "b": "x", "c": "[0.5, 1.5]", "d": "3"}]


def test_without_a_beginning_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="`on_train_begin` was never called"):
        CSVLogger(tmp_path / "log.csv").on_epoch_end(0, {})


Seen = list[tuple[str, dict[str, str], str]]


@pytest.fixture
def server() -> Iterator[tuple[str, Seen]]:
    """A server on this machine, and what it was sent: path, headers, body."""
    seen: Seen = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            seen.append((self.path, dict(self.headers), body))
            self.send_response(404 if "lost" in self.path else 200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", seen
        listening.shutdown()
        thread.join()


def test_numbers_are_sent_as_a_form(server: tuple[str, Seen]) -> None:
    root, seen = server
    train([RemoteMonitor(root)], [{"loss": np.float32(0.5)}, {"loss": 0.25}])
    assert [path for path, _, _ in seen] == ["/publish/epoch/end/"] * 2
    sent = [json.loads(parse_qs(body)["data"][0]) for _, _, body in seen]
    assert sent == [{"epoch": 0, "loss": 0.5}, {"epoch": 1, "loss": 0.25}]


def test_numbers_are_sent_as_json(server: tuple[str, Seen]) -> None:
    root, seen = server
    monitor = RemoteMonitor(root, "/x", headers={"X-Token": "a"}, send_as_json=True)
    train([monitor], [{"loss": 0.5, "weights": np.arange(2)}])
    ((path, headers, body),) = seen
    assert (path, headers["X-Token"], headers["Content-Type"]) == ("/x", "a", "application/json")
    assert json.loads(body) == {"epoch": 0, "loss": 0.5, "weights": [0, 1]}


def test_a_server_that_does_not_answer_is_told_of_and_the_training_goes_on(
    server: tuple[str, Seen],
) -> None:
    root, _ = server
    with pytest.warns(RuntimeWarning, match="couldn't send epoch [01] to http.*: HTTP Error 404"):
        assert train([RemoteMonitor(root, "/lost")], losses(1.0, 1.0)) == 2
    with pytest.warns(RuntimeWarning, match="couldn't send epoch 0 to http://127.0.0.1:1/"):
        train([RemoteMonitor("http://127.0.0.1:1")], losses(1.0))


def test_only_servers_are_sent_to() -> None:
    with pytest.raises(ValueError, match="got 'file:///etc'"):
        RemoteMonitor("file:///etc")


def test_functions_under_the_names_of_hooks() -> None:
    heard: list[Any] = []
    callback = LambdaCallback(
        on_epoch_begin=lambda epoch, logs: heard.append(("begin", epoch)),
        on_batch_end=lambda batch, logs: heard.append((batch, logs["size"])),
        on_train_end=lambda logs: heard.append("end"),
        on_test_begin=lambda logs: heard.append("test"),
        threshold=3,
    )
    listed = CallbackList([callback])
    listed.set_model(FakeModel())
    listed.on_epoch_begin(0)
    listed.on_train_batch_end(1, {"size": 2})
    listed.on_test_begin()
    listed.on_train_end()
    assert heard == [("begin", 0), (1, 2), "test", "end"]
    assert callback.threshold == 3  # type: ignore[attr-defined]


def test_a_hook_that_was_not_given_listens_to_nothing() -> None:
    assert not CallbackList([LambdaCallback(on_epoch_end=print)]).listens()


def test_a_misspelt_hook_is_named() -> None:
    with pytest.raises(TypeError, match="no hook `on_epoch_ends`; did you mean `on_epoch_end`"):
        LambdaCallback(on_epoch_ends=print)
