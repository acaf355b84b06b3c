"""Recurrent layers written out with numpy, step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Step = Callable[[Any, list[Any]], tuple[Any, list[Any]]]


def sigmoid(x: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-x))


def hard_sigmoid(x: Any) -> Any:
    return np.clip(0.2 * x + 0.5, 0.0, 1.0)


def over_time(
    step: Step, x: Any, states: Sequence[Any], mask: Any = None, go_backwards: bool = False
) -> tuple[Any, list[Any]]:
    """The outputs of all steps (batch, time, units), in the order of computation, and the states.

    Where the mask is 0 the states stay and the output is that of the step before, at first zeros.
    """
    states, outputs = list(states), []
    times = range(x.shape[1])
    for time in reversed(times) if go_backwards else times:
        output, news = step(x[:, time], states)
        if mask is not None:
            keep = mask[:, time].astype(bool)[:, None]
            before = outputs[-1] if outputs else np.zeros_like(output)
            output = np.where(keep, output, before)
            news = [np.where(keep, n, s) for n, s in zip(news, states, strict=True)]
        states = news
        outputs.append(output)
    return np.stack(outputs, 1), states


def simple(weights: Sequence[Any], activation: Any = np.tanh) -> Step:
    """h = a(x W + h U + b)."""
    kernel, recurrent, bias = weights

    def step(x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        h = activation(x @ kernel + states[0] @ recurrent + bias)
        return h, [h]

    return step


def lstm(weights: Sequence[Any], switch: Any = sigmoid, activation: Any = np.tanh) -> Step:
    """Gates i, f, c, o."""
    kernel, recurrent, bias = weights

    def step(x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        h, c = states
        i, f, g, o = np.split(x @ kernel + h @ recurrent + bias, 4, -1)
        c = switch(f) * c + switch(i) * activation(g)
        h = switch(o) * activation(c)
        return h, [h, c]

    return step


def gru(weights: Sequence[Any], reset_after: bool, switch: Any = sigmoid) -> Step:
    """Gates z, r, h; the reset gate before the product, or after it."""
    kernel, recurrent, bias = weights
    bias, recurrent_bias = bias if reset_after else (bias, 0.0)

    def step(x: Any, states: list[Any]) -> tuple[Any, list[Any]]:
        (h,) = states
        a_z, a_r, a_h = np.split(x @ kernel + bias, 3, -1)
        b_z, b_r, b_h = np.split(h @ recurrent + recurrent_bias, 3, -1)
        z, r = switch(a_z + b_z), switch(a_r + b_r)
        inside = r * b_h if reset_after else (r * h) @ np.split(recurrent, 3, -1)[2]
        h = z * h + (1.0 - z) * np.tanh(a_h + inside)
        return h, [h]

    return step
