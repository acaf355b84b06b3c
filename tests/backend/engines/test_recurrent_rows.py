"""The engine's kernels of recurrent layers against their definition: values, states, gradients."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph import runtime

pytestmark = pytest.mark.skipif(
    "lstm" not in runtime.engine().table, reason="this engine runs their definitions"
)

GATES = {"lstm": 4, "gru": 3, "simple_rnn": 1}
BATCH, TIME, INPUTS, UNITS = 3, 5, 4, 6


@contextmanager
def without_row(kind: str) -> Iterator[None]:
    """The composite instead of the engine's kernel."""
    table: Any = runtime.engine().table
    row = table.pop(kind)
    try:
        yield
    finally:
        table[kind] = row


class Layer:
    """Variables for all inputs of one of the three functions, and what it returns for them."""

    def __init__(self, kind: str, dtype: str, bias: bool, masked: bool, **settled: Any) -> None:
        self.kind, gates = kind, GATES[kind]
        states = [(BATCH, UNITS)] * (2 if kind == "lstm" else 1)
        shapes: list[Any] = [(BATCH, TIME, INPUTS), *states]
        shapes += [(INPUTS, gates * UNITS), (UNITS, gates * UNITS), (gates * UNITS,)]
        if kind == "gru":
            shapes.append((gates * UNITS,))
        values = [K.variable(np.random.standard_normal(s) * 0.5, dtype) for s in shapes]
        self.inputs: list[Any] = list(values)
        last = len(shapes) if bias else 3 + len(states)
        self.inputs[last:] = [None] * (len(shapes) - last)
        if kind == "gru" and not settled["reset_after"]:
            self.inputs[-1] = None
        self.variables = [v for v in self.inputs if v is not None]
        mask = K.constant(np.random.random((BATCH, TIME)) > 0.4) if masked else None
        self.outputs = getattr(K, kind)(*self.inputs, mask, **settled)
        self.weights = [
            K.constant(np.random.standard_normal([n or 1 for n in y.shape]), dtype)
            for y in self.outputs
        ]

    def results(self, used: tuple[int, ...]) -> list[Any]:
        """The outputs, and the gradients of a weighted sum of some of them."""
        loss = sum(K.sum(self.outputs[i] * self.weights[i]) for i in used)
        fetched = [*self.outputs, *K.gradients(loss, self.variables)]
        function = K.function([], fetched)
        made = function([])
        with without_row(self.kind):
            expected = K.function([], fetched)([])
        assert f" {self.kind}(" in function.source
        return list(zip(made, expected, strict=True))


def variants(kind: str) -> Iterator[dict[str, Any]]:
    """All combinations of the settled arguments."""
    for backwards, activation in itertools.product((False, True), ("tanh", "relu", "linear")):
        settled: dict[str, Any] = {"go_backwards": backwards, "activation": activation}
        if kind == "simple_rnn":
            yield settled
            continue
        for switch in ("sigmoid", "hard_sigmoid"):
            resets = [{"reset_after": flag} for flag in (True, False)] if kind == "gru" else [{}]
            for reset in resets:
                yield {**settled, "recurrent_activation": switch, **reset}


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("masked", [False, True])
def test_rows_are_what_the_composites_say(kind: str, bias: bool, masked: bool) -> None:
    for settled in variants(kind):
        layer = Layer(kind, "float64", bias, masked, **settled)
        rest = tuple(range(2, len(layer.outputs)))
        for used in ((0,), (1,), rest, (0, 1, *rest)):
            for made, expected in layer.results(used):
                np.testing.assert_allclose(made, expected, rtol=1e-9, atol=1e-9, err_msg=settled)


@pytest.mark.parametrize("go_backwards", [False, True])
def test_the_lstm_of_single_precision(go_backwards: bool) -> None:
    """It has a kernel of its own."""
    layer = Layer("lstm", "float32", True, False, go_backwards=go_backwards)
    for used in ((0,), (1,), (2, 3), (0, 1, 2, 3)):
        for made, expected in layer.results(used):
            np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", GATES)
def test_only_what_is_asked_for(kind: str) -> None:
    """Gradients of a few inputs, in their order."""
    settled = {"reset_after": True} if kind == "gru" else {}
    layer = Layer(kind, "float64", True, False, **settled)
    loss = K.sum(layer.outputs[1] * layer.weights[1])
    everything = K.function([], K.gradients(loss, layer.variables))([])
    for few in ((0,), (1, 3), (len(layer.variables) - 1, 0)):
        made = K.function([], K.gradients(loss, [layer.variables[i] for i in few]))([])
        for got, number in zip(made, few, strict=True):
            np.testing.assert_allclose(got, everything[number], rtol=1e-12)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("masked", [False, True])
def test_gradients_of_gradients(kind: str, masked: bool) -> None:
    """Against differences of the first ones."""
    settled = {"reset_after": False} if kind == "gru" else {}
    layer = Layer(kind, "float64", True, masked, **settled)
    x, kernel = layer.variables[0], layer.variables[-2]
    (first,) = K.gradients(K.sum(layer.outputs[1] * layer.outputs[1]), [x])
    loss = K.sum(first * first)
    (second,) = K.gradients(loss, [kernel])
    (got,) = K.function([], [second])([])
    value, function = K.get_value(kernel).copy(), K.function([], [loss])
    way = np.random.standard_normal(value.shape)
    sides = []
    for sign in (1.0, -1.0):
        K.set_value(kernel, value + sign * 1e-6 * way)
        sides.append(float(function([])[0]))
    np.testing.assert_allclose((got * way).sum(), (sides[0] - sides[1]) / 2e-6, rtol=1e-5)


def test_without_a_way_back_no_tape_is_kept() -> None:
    layer = Layer("lstm", "float32", True, False)
    with without_row("lstm"):
        expected = K.function([], layer.outputs)([])
    for made, other in zip(K.function([], layer.outputs)([]), expected, strict=True):
        np.testing.assert_allclose(made, other, rtol=1e-4, atol=1e-5)
