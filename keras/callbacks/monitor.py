"""A number in the logs that a callback watches, and whether it gets better."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..caller import warn
from ..configured import near_misses
from .spelling import look_up

MODES = ("auto", "min", "max")
LARGER_IS_BETTER = ("acc", "fmeasure")  # what mode 'auto' takes so, as it always did
LARGER_SHOULD_BE = ("auc", "precision", "recall", "f1", "iou", "specificity")


class Monitor:
    """Which of two values is better, by the mode; and reading them, with a word if there are none.

    >>> watched = Monitor("EarlyStopping", "val_loss")
    >>> watched.operator(0.3, 0.4), watched.worst
    (np.True_, inf)
    """

    def __init__(self, owner: str, name: str, mode: str = "auto") -> None:
        self.owner = owner
        self.mode = _direction(owner, name, mode)
        self.operator = np.greater if self.mode == "max" else np.less
        self.worst = -math.inf if self.mode == "max" else math.inf
        self.told = False

    def read(self, name: str, logs: Mapping[str, Any], expected: Any = ()) -> Any:
        """The number; `None`, and a warning the first time, if there is none.

        `expected`: names that some epochs have, such as those of a validation that isn't done each
        time.
        """
        value = look_up(logs, name)
        if value is None and not self.told and name not in expected:
            self.told = True
            warn(self._missing(name, logs), RuntimeWarning)
        return value

    def _missing(self, name: str, logs: Mapping[str, Any]) -> str:
        known = [key for key in logs if key not in ("batch", "size")]
        if name.startswith("val_") and not any(key.startswith("val_") for key in known):
            why = "; there is no validation: give `fit` `validation_data` or `validation_split`."
        else:
            why = near_misses(name, known)
        meant = [key for key in known if f"`{key}`" in why]
        listed = ", ".join([*meant, *(key for key in known if key not in meant)]) or "nothing"
        return (
            f"`{self.owner}` watches `{name}`, which isn't in the logs{why} They hold: {listed}. "
            "Without it the callback does nothing."
        )


def _direction(owner: str, name: str, mode: str) -> str:
    """ "min" or "max": what is better."""
    if mode not in MODES:
        warn(
            f"`{owner}`: `mode` is 'auto', 'min' or 'max', got {mode!r}; 'auto' is used.",
            RuntimeWarning,
        )
        mode = "auto"
    if mode != "auto":
        return mode
    if any(word in name for word in LARGER_IS_BETTER):
        return "max"
    if any(word in name for word in LARGER_SHOULD_BE):
        warn(
            f"`{owner}` takes a smaller `{name}` as the better one: mode 'auto' knows only "
            "accuracies as what should grow. Write `mode='max'` (or 'min', if that is meant).",
            RuntimeWarning,
        )
    return "min"
