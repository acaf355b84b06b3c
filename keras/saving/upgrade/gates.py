"""Weights of recurrent layers: gates in arrays of their own, and cuDNN's way to lay them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...caller import warn
from ..safety import FileError
from ..version import Origin

Arrays = list[Any]

# Keras 1 had kernel, recurrent kernel and bias for each gate: where each gate's three begin, in the
# order in which the gates stand side by side now.
LSTM_GATES = (0, 6, 3, 9)  # written i, c, f, o; now i, f, c, o
GRU_GATES = (0, 3, 6)  # z, r, h

GATE_COUNT = {"LSTM": 4, "CuDNNLSTM": 4, "GRU": 3, "CuDNNGRU": 3}


def kinds(layer: Any) -> set[str]:
    """The names of a layer's class and of those it derives from."""
    return {cls.__name__ for cls in type(layer).__mro__}


def keras1_gates(layer: Any, arrays: Arrays, origin: Origin) -> Arrays:
    """A kernel, a recurrent kernel and a bias from those of each gate."""
    found = kinds(layer)
    if origin.generation != 1:
        return arrays
    if len(arrays) == 12 and found & {"LSTM", "ConvLSTM2D"}:
        return _side_by_side(arrays, LSTM_GATES)
    if len(arrays) == 9 and "GRU" in found:
        return _side_by_side(arrays, GRU_GATES)
    return arrays


def _side_by_side(arrays: Arrays, starts: Sequence[int]) -> Arrays:
    return [np.concatenate([arrays[s + i][()] for s in starts], axis=-1) for i in range(3)]


# ---- cuDNN


def cudnn(layer: Any, arrays: Arrays, origin: Origin) -> Arrays:
    """Between the weights of cuDNN's layers and of plain ones, whichever way is needed.

    The bias tells who wrote them: cuDNN has one for the input and one for the state.
    """
    gates = next((GATE_COUNT[kind] for kind in kinds(layer) if kind in GATE_COUNT), 0)
    if not gates or len(arrays) != 3:
        return arrays
    units = arrays[1].shape[0] if len(arrays[1].shape) == 2 else -1
    source = _form(gates, units, tuple(arrays[2].shape))
    target = _form_of(layer, gates, units)
    if source == target or source is None:
        return arrays
    if "plain" in (source, target) and gates == 3:
        raise FileError(
            f"`{layer.name}`: the file's GRU has {source} weights, the layer takes {target} ones. "
            "A GRU with `reset_after=False` is another function than cuDNN's."
        )
    if source != "cuDNN":
        return _to_cudnn(arrays, gates)
    _check_activation(layer)
    return _from_cudnn(arrays, gates) if target == "cuDNN" or gates == 4 else _reset_after(arrays)


def _form(gates: int, units: int, bias: tuple[int, ...]) -> str | None:
    if bias == (2 * gates * units,):
        return "cuDNN"
    if bias == (gates * units,):
        return "plain"
    return "`reset_after`" if bias == (2, gates * units) else None


def _form_of(layer: Any, gates: int, units: int) -> str:
    if any(kind.startswith("CuDNN") for kind in kinds(layer)):
        return "cuDNN"
    return "`reset_after`" if gates == 3 and layer.reset_after else "plain"


def _check_activation(layer: Any) -> None:
    activation = getattr(layer.recurrent_activation, "__name__", "")
    if activation != "sigmoid":
        warn(
            f"`{layer.name}` gets weights of cuDNN, whose gates are sigmoids; its own "
            f"`recurrent_activation` is {activation!r}, so it will compute something else."
        )


def _each_gate(array: Any, gates: int, change: Callable[[Any], Any]) -> Any:
    parts = np.split(array[()], gates, axis=1)
    return np.concatenate([change(part) for part in parts], axis=1)


def _from_cudnn(arrays: Arrays, gates: int) -> Arrays:
    """cuDNN keeps the transposed kernels, and the LSTM the two biases one behind the other."""
    kernel = _each_gate(arrays[0], gates, lambda k: k.T.reshape(k.shape, order="F"))
    recurrent = _each_gate(arrays[1], gates, lambda k: k.T)
    return [kernel, recurrent, arrays[2][()].reshape(2, -1).sum(axis=0)]


def _reset_after(arrays: Arrays) -> Arrays:
    """As `_from_cudnn`, with a bias for the input and one for the state, as `reset_after` has."""
    kernel, recurrent, _ = _from_cudnn(arrays, 3)
    return [kernel, recurrent, arrays[2][()].reshape(2, -1)]


def _to_cudnn(arrays: Arrays, gates: int) -> Arrays:
    kernel = _each_gate(arrays[0], gates, lambda k: k.T.reshape(k.shape))
    recurrent = _each_gate(arrays[1], gates, lambda k: k.T)
    bias = arrays[2][()]
    bias = np.tile(0.5 * bias, 2) if gates == 4 else bias.reshape(-1)
    return [kernel, recurrent, bias]
