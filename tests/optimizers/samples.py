"""One row for each optimizer: arguments, and its rule written out in numpy for one array.

A rule is `rule(p, g, s, lr, t)`, where `s` keeps what it likes from step to step; it returns the
new parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Rule = Callable[[Any, Any, dict[str, Any], float, int], Any]


def sgd(momentum: float = 0.0, nesterov: bool = False) -> Rule:
    def rule(p: Any, g: Any, s: dict[str, Any], lr: float, t: int) -> Any:
        s["v"] = momentum * s.get("v", 0.0) - lr * g
        return p + momentum * s["v"] - lr * g if nesterov else p + s["v"]

    return rule


def rmsprop(rho: float = 0.9, epsilon: float = 1e-7) -> Rule:
    def rule(p: Any, g: Any, s: dict[str, Any], lr: float, t: int) -> Any:
        s["a"] = rho * s.get("a", 0.0) + (1 - rho) * g**2
        return p - lr * g / (np.sqrt(s["a"]) + epsilon)

    return rule


def adagrad(epsilon: float = 1e-7) -> Rule:
    def rule(p: Any, g: Any, s: dict[str, Any], lr: float, t: int) -> Any:
        s["a"] = s.get("a", 0.0) + g**2
        return p - lr * g / (np.sqrt(s["a"]) + epsilon)

    return rule


def adadelta(rho: float = 0.95, epsilon: float = 1e-7) -> Rule:
    def rule(p: Any, g: Any, s: dict[str, Any], lr: float, t: int) -> Any:
        s["a"] = rho * s.get("a", 0.0) + (1 - rho) * g**2
        u = g * np.sqrt(s.get("d", 0.0) + epsilon) / np.sqrt(s["a"] + epsilon)
        s["d"] = rho * s.get("d", 0.0) + (1 - rho) * u**2
        return p - lr * u

    return rule


def adam(b1: float = 0.9, b2: float = 0.999, epsilon: float = 1e-7, amsgrad: bool = False) -> Rule:
    def rule(p: Any, g: Any, s: dict[str, Any], lr: float, t: int) -> Any:
        s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
        s["v"] = b2 * s.get("v", 0.0) + (1 - b2) * g**2
        s["top"] = np.maximum(s.get("top", 0.0), s["v"]) if amsgrad else s["v"]
        rate = lr * np.sqrt(1 - b2**t) / (1 - b1**t)
        return p - rate * s["m"] / (np.sqrt(s["top"]) + epsilon)

    return rule


def adamax(b1: float = 0.9, b2: float = 0.999, epsilon: float = 1e-7) -> Rule:
    def rule(p: Any, g: Any, s: dict[str, Any], lr: float, t: int) -> Any:
        s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
        s["u"] = np.maximum(b2 * s.get("u", 0.0), np.abs(g))
        return p - lr / (1 - b1**t) * s["m"] / (s["u"] + epsilon)

    return rule


def nadam(b1: float = 0.9, b2: float = 0.999, epsilon: float = 1e-7, decay: float = 0.004) -> Rule:
    def rule(p: Any, g: Any, s: dict[str, Any], lr: float, t: int) -> Any:
        now, ahead = (b1 * (1 - 0.5 * 0.96 ** (k * decay)) for k in (t, t + 1))
        s["schedule"] = s.get("schedule", 1.0) * now
        s["m"] = b1 * s.get("m", 0.0) + (1 - b1) * g
        s["v"] = b2 * s.get("v", 0.0) + (1 - b2) * g**2
        g_hat = g / (1 - s["schedule"])
        m_hat = s["m"] / (1 - s["schedule"] * ahead)
        v_hat = s["v"] / (1 - b2**t)
        return p - lr * ((1 - now) * g_hat + ahead * m_hat) / (np.sqrt(v_hat) + epsilon)

    return rule


SAMPLES: list[tuple[str, dict[str, Any], float, Rule]] = [
    ("SGD", {}, 0.01, sgd()),
    ("SGD", {"momentum": 0.9}, 0.01, sgd(0.9)),
    ("SGD", {"lr": 0.1, "momentum": 0.7, "nesterov": True}, 0.1, sgd(0.7, nesterov=True)),
    ("RMSprop", {}, 0.001, rmsprop()),
    ("RMSprop", {"rho": 0.5, "epsilon": 0.01, "lr": 0.1}, 0.1, rmsprop(0.5, 0.01)),
    ("Adagrad", {}, 0.01, adagrad()),
    ("Adadelta", {}, 1.0, adadelta()),
    ("Adadelta", {"rho": 0.5, "epsilon": 1e-3}, 1.0, adadelta(0.5, 1e-3)),
    ("Adam", {}, 0.001, adam()),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.9, "lr": 0.1}, 0.1, adam(0.5, 0.9)),
    ("Adam", {"amsgrad": True, "beta_2": 0.5}, 0.001, adam(b2=0.5, amsgrad=True)),
    ("Adamax", {}, 0.002, adamax()),
    ("Adamax", {"beta_2": 0.6, "epsilon": 0.01}, 0.002, adamax(b2=0.6, epsilon=0.01)),
    ("Nadam", {}, 0.002, nadam()),
    ("Nadam", {"schedule_decay": 0.5, "lr": 0.05}, 0.05, nadam(decay=0.5)),
]
