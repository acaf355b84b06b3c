"""A server on this machine that misbehaves when asked to."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from keras.utils import get_file

CONTENT = bytes(range(256)) * 4000  # about a megabyte
END = len(CONTENT) - 1
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


class Server:
    """What the server does: `breaks` answers end after as many bytes; what it was asked."""

    def __init__(self) -> None:
        self.address = ""
        self.breaks: list[int] = []
        self.errors: list[int] = []
        self.ranges = True
        self.asked: list[str | None] = []  # the Range header of each request
        self.version = "one"
        self.headers: dict[str, str] = {}  # in place of the ETag
        self.shift = 0  # how far from what was asked for its rest begins


@contextmanager
def serving() -> Iterator[Server]:
    """A server that answers with `CONTENT`."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.headers.get("Range"))
            if state.errors:
                self.send_error(state.errors.pop(0))
                return
            first = 0
            if state.ranges and self.headers.get("If-Range") == state.version:
                first = int(self.headers["Range"].removeprefix("bytes=").rstrip("-"))
            if first >= len(CONTENT):
                self.send_error(416)
                return
            self.send_response(206 if first else 200)
            for name, value in (state.headers or {"ETag": state.version}).items():
                self.send_header(name, value)
            if first:
                first += state.shift
                self.send_header("Content-Range", f"bytes {first}-{END}/{len(CONTENT)}")
            self.send_header("Content-Length", str(len(CONTENT) - first))
            self.end_headers()
            last = first + state.breaks.pop(0) if state.breaks else len(CONTENT)
            self.wfile.write(CONTENT[first:last])

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state.address = f"http://127.0.0.1:{listening.server_port}/file.bin"
        yield state
        listening.shutdown()
        thread.join()


def everything_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def fetched(server: Server, tmp_path: Path, **more: Any) -> bytes:
    path = get_file("file.bin", server.address, cache_dir=tmp_path, **more)
    assert Path(path) == tmp_path / "datasets" / "file.bin"
    assert everything_in(tmp_path) == ["datasets", "datasets/file.bin"]
    return Path(path).read_bytes()


def nothing_is_left(tmp_path: Path) -> bool:
    return everything_in(tmp_path) in ([], ["datasets"])
