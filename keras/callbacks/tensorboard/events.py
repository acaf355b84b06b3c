"""Event files: what TensorBoard reads. Its own package writes them."""

from __future__ import annotations

import io
import time
from typing import Any

import numpy as np


def need_tensorboard(owner: str) -> None:
    """Complain now, and not after the first epoch, if the package isn't there."""
    from importlib.util import find_spec

    if find_spec("tensorboard") is None:
        raise ImportError(
            f"`{owner}` writes its files with the package tensorboard, which isn't installed: "
            "pip install 'evergreen-keras[tensorboard]'."
        )


class EventFile:
    """A new file of events in a folder, each with a step: scalars, histograms, images, a graph."""

    def __init__(self, folder: str) -> None:
        from tensorboard.compat.proto import event_pb2, summary_pb2
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self.events = event_pb2
        self.summaries = summary_pb2
        self.writer = EventFileWriter(folder)

    def go_on(self, step: int) -> None:
        """What earlier files in the folder say of this step and later ones is void."""
        start = self.events.SessionLog(status=self.events.SessionLog.START)
        self._add(step, session_log=start)

    def _add(self, step: int, **what: Any) -> None:
        self.writer.add_event(self.events.Event(wall_time=time.time(), step=step, **what))

    def _summary(self, step: int, tag: str, **what: Any) -> None:
        value = self.summaries.Summary.Value(tag=tag, **what)
        self._add(step, summary=self.summaries.Summary(value=[value]))

    def scalar(self, tag: str, value: float, step: int) -> None:
        """A number."""
        self._summary(step, tag, simple_value=float(value))

    def histogram(self, tag: str, values: Histogram, step: int) -> None:
        """A distribution."""
        if values.count:
            self._summary(step, tag, histo=self.summaries.HistogramProto(**values.as_fields()))

    def image(self, tag: str, pixels: np.ndarray, step: int) -> None:
        """A picture: (height, width) in grey or (height, width, 3) in colour, bytes."""
        from PIL import Image

        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format="png")
        made = self.summaries.Summary.Image(
            height=pixels.shape[0],
            width=pixels.shape[1],
            colorspace=3 if pixels.ndim == 3 else 1,
            encoded_image_string=buffer.getvalue(),
        )
        self._summary(step, tag, image=made)

    def graph(self, definition: Any) -> None:
        """The graph of the model, a `GraphDef`."""
        self._add(0, graph_def=definition.SerializeToString())

    def flush(self) -> None:
        """Let readers see what was written so far."""
        self.writer.flush()

    def close(self) -> None:
        """Write the rest."""
        self.writer.close()


def _limits() -> np.ndarray:
    """Buckets that grow by a tenth away from zero, as TensorBoard's readers expect them."""
    above = 1e-12 * 1.1 ** np.arange(775)
    return np.concatenate([-above[::-1], above, [np.finfo("float64").max]])


class Histogram:
    """How many numbers fall into which bucket; numbers are added part by part."""

    LIMITS = _limits()

    def __init__(self, values: Any = ()) -> None:
        self.buckets = np.zeros(len(self.LIMITS), "int64")
        self.count = 0
        self.least, self.most = np.inf, -np.inf
        self.total = self.squares = 0.0
        self.add(values)

    def add(self, values: Any) -> None:
        """Count numbers in; nan and infinity have no place."""
        values = np.asarray(values, "float64").ravel()
        values = values[np.isfinite(values)]
        if values.size:
            places = np.searchsorted(self.LIMITS, values, side="left")
            self.buckets += np.bincount(places, minlength=len(self.LIMITS))
            self.count += values.size
            self.least = min(self.least, float(values.min()))
            self.most = max(self.most, float(values.max()))
            self.total += float(values.sum())
            self.squares += float(np.square(values).sum())

    def as_fields(self) -> dict[str, Any]:
        """The fields of a `HistogramProto`; buckets that are empty at both ends are left out."""
        used = np.flatnonzero(self.buckets)
        span = slice(max(used[0] - 1, 0), used[-1] + 1)
        return {
            "min": self.least,
            "max": self.most,
            "num": self.count,
            "sum": self.total,
            "sum_squares": self.squares,
            "bucket_limit": self.LIMITS[span],
            "bucket": self.buckets[span],
        }
