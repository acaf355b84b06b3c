"""Data of every form to lists of arrays, one for each input or output, checked by the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .. import backend as K
from ..backend.graph import runtime
from ..configured import near_misses

Shape = Any


def as_arrays(
    data: Any, names: Sequence[str], shapes: Sequence[Shape], kind: str, who: str
) -> list[Any]:
    """One array for each name, of the shapes the model expects (`None`: any of that rank).

    `data` is an array, a list of them, or a dict by name; `kind` says what it is in messages.
    """
    found = [
        _array(x, name) for x, name in zip(_listed(data, names, kind, who), names, strict=True)
    ]
    arrays = [
        x if x is None else _with_rank(x, shape) for x, shape in zip(found, shapes, strict=True)
    ]
    for x, name, shape in zip(arrays, names, shapes, strict=True):
        if x is None:
            raise ValueError(f"{who} needs data for the {kind} `{name}`, got None.")
        if getattr(getattr(x, "dtype", None), "kind", "f") not in "biufc":
            raise TypeError(
                f"{who}: the {kind} `{name}` holds {x.dtype}, not numbers. "
                "`keras.preprocessing.text.Tokenizer` makes numbers of words."
            )
        if shape is not None:
            _check_shape(x, name, shape, kind, who)
    return arrays


def _listed(data: Any, names: Sequence[str], kind: str, who: str) -> list[Any]:
    """The data in the order of the names."""
    if not names:
        if data is None or (hasattr(data, "__len__") and not len(data)):
            return []
        raise ValueError(f"{who} takes no {kind} data, got {_what(data)}.")
    if data is None:
        return [None] * len(names)
    if isinstance(data, Mapping):
        missing = [name for name in names if name not in data]
        if missing:
            hints = "".join(near_misses(name, data).rstrip(".") for name in missing[:1])
            raise ValueError(
                f"{who} has the {kind}s {', '.join(names)}; the data has "
                f"{', '.join(map(str, data))}: {', '.join(f'`{m}`' for m in missing)} is missing"
                f"{hints}"
            )
        return [data[name] for name in names]
    if isinstance(data, (list, tuple)):
        return _from_list(list(data), names, kind, who)
    if len(names) > 1:
        raise ValueError(
            f"{who} has {len(names)} {kind}s ({', '.join(names)}); got one {_what(data)}. "
            "Give a list with an array for each."
        )
    return [data]


def _from_list(data: list[Any], names: Sequence[str], kind: str, who: str) -> list[Any]:
    if len(data) == len(names) and (len(data) > 1 or _is_array_like(data[0])):
        return data
    if len(names) == 1 and data and not any(_is_array_like(x) for x in data):
        return [_made(data, names[0])]  # a list of numbers, or of lists of them
    if len(names) == 1 and len(data) > 1 and any(_is_array_like(x) for x in data):
        raise ValueError(
            f"{who} has one {kind} (`{names[0]}`); got a list of {len(data)}, the first a "
            f"{_what(data[0])}. If they are its samples, `numpy.array(data)` makes one array."
        )
    raise ValueError(
        f"{who} has {len(names)} {kind}(s) ({', '.join(names)}); got a list of {len(data)}: "
        f"{', '.join(_what(x) for x in data[:4])}."
    )


def _is_array_like(value: Any) -> bool:
    return (hasattr(value, "shape") and np.ndim(value) > 0) or (
        isinstance(value, (list, tuple)) and (bool(value) and hasattr(value[0], "shape"))
    )


def _array(value: Any, name: str) -> Any:
    """A numpy array, or something that behaves like one and is read in slices."""
    if value is None or isinstance(value, np.ndarray) or runtime.is_engine_array(value):
        return value
    if hasattr(value, "toarray") and hasattr(value, "tocsr"):
        return value.tocsr()
    if hasattr(value, "to_numpy"):
        return _of_frame(value)
    if hasattr(value, "__dlpack__") or callable(getattr(value, "numpy", None)):
        return np.asarray(value)  # another engine's array, which is in memory as a whole
    if hasattr(value, "shape") and hasattr(value, "__getitem__"):
        return value
    if K.is_tensor(value):
        raise ValueError(
            f"`{name}`: got the symbolic tensor `{value.name}` where data are expected. "
            "`compile(target_tensors=...)` and `Input(tensor=...)` take tensors."
        )
    return _made(value, name)


def _of_frame(value: Any) -> np.ndarray:
    """The numbers of pandas' frame or series, whose columns may have different types."""
    made: np.ndarray = value.to_numpy()
    columns: Any = getattr(value, "dtypes", made.dtype)
    columns = columns if hasattr(columns, "__iter__") else [columns]
    if made.dtype == object and all(getattr(d, "kind", "O") in "biuf" for d in columns):
        made = value.to_numpy(dtype=K.floatx(), na_value=np.nan)
    return made


def _made(value: Any, name: str) -> np.ndarray:
    """An array of lists of numbers."""
    problem: Exception | None = None
    try:
        made = np.asarray(value)
    except ValueError as error:
        problem = error
    if problem is not None or made.dtype == object:
        raise ValueError(
            f"`{name}`: the data ({_what(value)}) can't be made an array of numbers: its parts "
            "have different lengths. `keras.preprocessing.sequence.pad_sequences` makes them equal."
        ) from problem
    return made


def _with_rank(x: Any, shape: Shape) -> Any:
    """(n,) becomes (n, 1): one number for each sample."""
    if len(x.shape) == 1 and not (shape is not None and len(shape) == 1):
        return (
            x[:, None]
            if isinstance(x, np.ndarray) or runtime.is_engine_array(x)
            else np.asarray(x)[:, None]
        )
    return x


def _check_shape(x: Any, name: str, shape: Shape, kind: str, who: str) -> None:
    have, want = tuple(x.shape), tuple(shape)
    if len(have) != len(want):
        raise ValueError(
            f"{who}: the {kind} `{name}` needs {len(want)} dimensions, {_shown(want)}, got an "
            f"array of shape {have}.{_advice(have, want)}"
        )
    for axis, (a, b) in enumerate(zip(have, want, strict=True)):
        if axis and b is not None and a != b:
            raise ValueError(
                f"{who}: the {kind} `{name}` needs shape {_shown(want)}, got an array of shape "
                f"{have}.{_advice(have, want)}"
            )
        if not axis and b is not None and a % b:
            raise ValueError(
                f"{who}: the {kind} `{name}` has the fixed batch size {b}; {a} samples can't be "
                "divided into such batches."
            )


def _advice(have: tuple[Any, ...], want: tuple[Any, ...]) -> str:
    if len(have) == len(want) - 1 and want[-1] == 1 and have[1:] == want[1:-1]:
        return " `x[..., None]` adds the last axis."
    if len(have) == len(want) and len(want) == 4 and (have[1:] == (want[3], want[1], want[2])):
        return " The channels stand elsewhere: `x.transpose(0, 2, 3, 1)`, or another `data_format`."
    if want[-1] is not None and want[-1] > 1 and have[1:] in ((), (1,)):
        return (
            " `keras.utils.to_categorical` makes rows of class numbers; a sparse loss takes the "
            "numbers."
        )
    return ""


def _shown(shape: Sequence[Any]) -> str:
    return (
        "("
        + ", ".join("n" if s is None else str(s) for s in shape)
        + ("," if len(shape) == 1 else "")
        + ")"
    )


def _what(value: Any) -> str:
    shape = getattr(value, "shape", None)
    return (
        f"{type(value).__name__} of shape {tuple(shape)}"
        if shape is not None
        else f"{type(value).__name__}"
    )


def check_lengths(
    inputs: Sequence[Any], targets: Sequence[Any] | None, weights: Sequence[Any] | None, who: str
) -> int | None:
    """The number of samples, the same in all arrays; at least one."""
    groups = {"inputs": inputs, "targets": targets or [], "sample weights": weights or []}
    sizes = {k: {int(x.shape[0]) for x in v if x is not None} for k, v in groups.items()}
    for kind, found in sizes.items():
        if len(found) > 1:
            raise ValueError(
                f"{who}: the {kind} have different numbers of samples: "
                f"{', '.join(str(tuple(x.shape)) for x in groups[kind] if x is not None)}."
            )
    known = {kind: next(iter(found)) for kind, found in sizes.items() if found}
    if len(set(known.values())) > 1:
        counted = ", ".join(f"{n} {kind}" for kind, n in known.items())
        raise ValueError(f"{who}: the numbers of samples differ: {counted}.")
    count = next(iter(known.values()), None)
    if count == 0:
        raise ValueError(
            f"{who}: the data are empty: an array of shape "
            f"{tuple(inputs[0].shape) if inputs else ()} has no samples."
        )
    return count


def check_targets(targets: Sequence[Any], outputs: Sequence[Any], who: str) -> None:
    """Targets that can't be meant: what classes are counted by, and numbers that are none."""
    from .. import losses
    from . import objectives

    for y, output in zip(targets, outputs, strict=True):
        if y is None or not isinstance(y, np.ndarray):
            continue
        if (
            objectives.is_loss(
                output.loss, losses.categorical_crossentropy, losses.CategoricalCrossentropy
            )
            and y.shape[-1] == 1
        ):
            raise ValueError(
                f"{who}: `{output.name}` has targets of shape {y.shape} and the loss "
                "categorical_crossentropy, which takes a row of ones and zeros for each sample: "
                "`keras.utils.to_categorical(y)` makes them; sparse_categorical_crossentropy takes "
                "class numbers."
            )


def no_numbers(arrays: Sequence[tuple[str, Any]]) -> str:
    """Which data hold nan or infinity: the likeliest reason of a loss that is nan."""
    wrong = []
    for name, x in arrays:
        if isinstance(x, np.ndarray) and x.dtype.kind == "f" and not np.isfinite(x).all():
            wrong.append(
                f"`{name}` has {np.count_nonzero(~np.isfinite(x))} values that are nan or inf"
            )
    if wrong:
        return f"{'; '.join(wrong)}."
    return "the data are finite, so the training has diverged; a smaller learning rate may help."
