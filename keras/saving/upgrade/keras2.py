"""What changed between 2.0 and 2.3.1, and what those versions wrote that needs a word."""

from __future__ import annotations

from typing import Any

from ..version import Origin

Entry = dict[str, Any]

GATED = ("LSTM", "GRU", "LSTMCell", "GRUCell", "CuDNNLSTM", "CuDNNGRU")


def flatten_in_order(entry: Entry, origin: Origin) -> Entry:
    """`Flatten` took the numbers as they lie, before it had a `data_format`."""
    return _with_default(entry, ("Flatten",), "data_format", "channels_last")


def gates_before_2_3(entry: Entry, origin: Origin) -> Entry:
    """Gates were hard sigmoids by default until 2.3; a config that doesn't say means that."""
    if origin.is_tf_keras or origin.release >= (2, 3):
        return entry
    return _with_default(entry, GATED[:4], "recurrent_activation", "hard_sigmoid")


def embedding_dtype(entry: Entry, origin: Origin) -> Entry:
    """2.0 noted the integers that an `Embedding` gets as its dtype; its weights are floats."""
    if entry["class_name"] != "Embedding":
        return entry
    kept = {
        key: value
        for key, value in entry["config"].items()
        if key not in ("dtype", "input_dtype") or not str(value).startswith(("int", "uint"))
    }
    return {**entry, "config": kept}


def _with_default(entry: Entry, classes: tuple[str, ...], key: str, value: Any) -> Entry:
    if entry["class_name"] not in classes or key in entry["config"]:
        return entry
    return {**entry, "config": {**entry["config"], key: value}}
