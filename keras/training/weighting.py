"""How much each sample counts: `sample_weight` and `class_weight` as one array for each output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from ..configured import near_misses
from .compilation import Output


def weights_for(
    outputs: Sequence[Output],
    targets: Sequence[Any],
    sample_weight: Any,
    class_weight: Any,
    who: str,
) -> list[Any]:
    """An array of weights for each output, `None` where all samples count the same."""
    names = [o.name for o in outputs]
    samples = _by_output(sample_weight, names, "sample_weight", who)
    classes = _by_output(class_weight, names, "class_weight", who)
    return [
        output_weights(o, y, s, c, who)
        for o, y, s, c in zip(outputs, targets, samples, classes, strict=True)
    ]


def _by_output(given: Any, names: Sequence[str], what: str, who: str) -> list[Any]:
    if given is None:
        return [None] * len(names)
    if isinstance(given, Mapping):
        if what == "class_weight" and not any(isinstance(k, str) for k in given):
            if len(names) != 1:
                raise ValueError(
                    f"{who}: `class_weight` by class number needs one output; for {len(names)} "
                    f"({', '.join(names)}) give a dict by output of dicts by class."
                )
            return [given]
        for name in given:
            if name not in names:
                raise ValueError(
                    f"{who}: `{what}` names `{name}`, which is no output{near_misses(name, names)} "
                    f"The outputs are {', '.join(names)}."
                )
        return [given.get(name) for name in names]
    if isinstance(given, list) and (len(names) > 1 or (given and np.ndim(given[0]) > 0)):
        if len(given) != len(names):
            raise ValueError(
                f"{who}: `{what}` lists {len(given)} for {len(names)} outputs ({', '.join(names)})."
            )
        return list(given)
    if len(names) > 1 or isinstance(given, tuple):
        raise TypeError(
            f"{who}: `{what}` is a list or a dict with one for each of the outputs "
            f"{', '.join(names)}, got {type(given).__name__}."
        )
    return [given]


def output_weights(output: Output, y: Any, samples: Any, classes: Any, who: str) -> Any:
    """The weights of one output: its samples' times its classes'."""
    made = None if samples is None else np.asarray(samples, dtype=K.floatx())
    if made is not None:
        _check(output, y, made, who)
    if classes is None:
        return made
    if output.mode == "temporal" or y is None or np.ndim(y) > 2:
        raise ValueError(
            f"{who}: `class_weight` needs targets (samples, classes) or (samples, 1); output "
            f"`{output.name}` has {'none' if y is None else tuple(y.shape)}. Give `sample_weight`."
        )
    by_class = _class_weights(output, np.asarray(y), classes, who)
    return by_class if made is None else made * by_class


def _check(output: Output, y: Any, weights: np.ndarray, who: str) -> None:
    wanted = 2 if output.mode == "temporal" else 1
    if weights.ndim != wanted:
        hint = (
            ' `compile(sample_weight_mode="temporal")` takes a weight for each time step.'
            if weights.ndim == 2
            else ""
        )
        raise ValueError(
            f"{who}: the sample weights of `{output.name}` need {wanted} dimension(s), got shape "
            f"{weights.shape}.{hint}"
        )
    if y is not None and wanted == 2 and tuple(y.shape[:2]) != weights.shape:
        raise ValueError(
            f"{who}: the sample weights of `{output.name}` have shape {weights.shape}, its targets "
            f"{tuple(y.shape)}: there must be one for each time step."
        )


def _class_weights(output: Output, y: np.ndarray, classes: Any, who: str) -> np.ndarray:
    if not isinstance(classes, Mapping):
        raise TypeError(
            f"{who}: `class_weight` is a dict from class numbers to weights, got "
            f"{type(classes).__name__}."
        )
    numbers = y.argmax(axis=1) if y.ndim == 2 and y.shape[1] > 1 else y.reshape(-1)
    numbers = numbers.astype("int64")
    missing = sorted(set(np.unique(numbers).tolist()) - {int(k) for k in classes})
    if missing:
        raise ValueError(
            f"{who}: `class_weight` has no weight for the class(es) {missing} in the targets of "
            f"`{output.name}`; it has {sorted(int(k) for k in classes)}."
        )
    table = np.ones(int(numbers.max()) + 1, dtype=K.floatx())
    for number, weight in classes.items():
        if 0 <= int(number) < len(table):
            table[int(number)] = weight
    made: np.ndarray = table[numbers]
    return made
