"""Data on their way into a model: checked, cut into batches, shuffled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ... import backend as K
from ...layers.base import InputLayer
from ...models import Network
from ...training import standardize
from ...training.feed.generators import is_sequence
from ...training.fitting import _validation_due
from ...utils.generic_utils import slice_arrays

Arrays = Sequence[Any]


def slice_X(X: Any, start: Any = None, stop: int | None = None) -> Any:
    """`slice_arrays`: rows `start` to `stop`, or those that a list `start` names, of each array."""
    return slice_arrays(X, start, stop)


def make_batches(size: int, batch_size: int) -> list[tuple[int, int]]:
    """Where each batch begins and ends.

    >>> make_batches(5, 2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return [(start, min(start + batch_size, size)) for start in range(0, size, batch_size)]


def batch_shuffle(index_array: Any, batch_size: int) -> Any:
    """The indices with whole batches shuffled; what is left over stays at the end.

    >>> shuffled = batch_shuffle(np.arange(5), 2).tolist()
    >>> sorted(shuffled[:4]), shuffled[4]
    ([0, 1, 2, 3], 4)
    """
    whole = len(index_array) // batch_size * batch_size
    batches = np.asarray(index_array[:whole]).reshape(-1, batch_size)
    return np.concatenate([np.random.permutation(batches).reshape(-1), index_array[whole:]])


def standardize_single_array(x: Any) -> Any:
    """(n,) becomes (n, 1); tensors and other arrays stay."""
    if x is None or K.is_tensor(x):
        return x
    return np.expand_dims(x, 1) if np.ndim(x) == 1 else x


def standardize_input_data(
    data: Any,
    names: Sequence[str],
    shapes: Sequence[Any] | None = None,
    check_batch_axis: bool = True,
    exception_prefix: str = "",
) -> list[Any]:
    """A list with one array for each name, of these shapes (`None` in one: any size)."""
    wanted = list(shapes) if shapes else [None] * len(names)
    if not check_batch_axis:
        wanted = [shape and (None, *shape[1:]) for shape in wanted]
    return standardize.as_arrays(data, names, wanted, exception_prefix or "input", "The model")


def check_array_length_consistency(
    inputs: Arrays, targets: Arrays, weights: Arrays | None = None
) -> None:
    """Raise unless all arrays have as many samples."""
    standardize.check_lengths(inputs, targets, weights, "The model")


check_array_lengths = check_array_length_consistency


def check_num_samples(
    ins: Any, batch_size: int | None = None, steps: int | None = None, steps_name: str = "steps"
) -> int | None:
    """The number of samples; `None` where a number of steps is given."""
    if steps is not None:
        if batch_size is not None:
            raise ValueError(
                f"`batch_size` and `{steps_name}` both say how far to go; give one of them."
            )
        return None
    if not ins or not hasattr(ins[0], "shape"):
        raise ValueError(f"Without arrays of data, `{steps_name}` says how many batches there are.")
    return int(ins[0].shape[0])


def check_generator_arguments(
    y: Any = None, sample_weight: Any = None, validation_split: Any = None
) -> None:
    """Raise if something is given that batches of a generator hold themselves."""
    given = {"y": y, "sample_weight": sample_weight}
    wrong = [name for name, value in given.items() if value is not None]
    wrong += ["validation_split"] if validation_split else []
    if wrong:
        raise ValueError(
            f"With a generator or a Sequence, {', '.join(f'`{n}`' for n in wrong)} can't be given: "
            "its batches are (inputs, targets) or (inputs, targets, sample_weights)."
        )


def is_generator_or_sequence(x: Any) -> bool:
    """Whether it hands out batches."""
    return hasattr(x, "__next__") or is_sequence(x)


def iter_sequence_infinite(seq: Any) -> Iterator[Any]:
    """The batches of a sequence, again and again."""
    while True:
        for i in range(len(seq)):
            yield seq[i]


def should_run_validation(validation_freq: Any, epoch: int) -> bool:
    """Whether the epoch with this number (from 0) ends with validation.

    >>> should_run_validation(2, 0), should_run_validation(2, 1), should_run_validation([1], 0)
    (False, True, True)
    """
    return _validation_due(validation_freq, epoch)


def _first(layer: Any) -> Any:
    """The layer that a model begins with."""
    while isinstance(layer, Network):
        layer = layer.layers[0] if layer.layers else None
    return layer


def get_static_batch_size(layer: Any) -> int | None:
    """The batch size that a layer's input has fixed; `None` if it hasn't."""
    shape, _ = get_input_shape_and_dtype(layer)
    return shape[0] if shape else None


def get_input_shape_and_dtype(layer: Any) -> tuple[Any, str | None]:
    """The shape (with the batch) and dtype of the input that a layer, or model, was given."""
    found = _first(layer)
    if found is None or found.batch_input_shape is None:
        return None, None
    dtype = found.dtype if isinstance(found, InputLayer) else found.dtype or K.floatx()
    return found.batch_input_shape, dtype
