"""Loops over batches with a function of one's own, and methods of models as functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ... import backend as K, callbacks as cbks
from ...layers.base.calls import one_or_list, to_list
from ...layers.base.weights import unique
from ...utils.generic_utils import slice_arrays
from .arrays import batch_shuffle, check_num_samples, make_batches, should_run_validation

Function = Callable[..., Any]
Arrays = Sequence[Any]

# ---- models


def fit_generator(model: Any, generator: Any, *args: Any, **kwargs: Any) -> Any:
    """`model.fit_generator(generator, ...)`."""
    return model.fit_generator(generator, *args, **kwargs)


def evaluate_generator(model: Any, generator: Any, *args: Any, **kwargs: Any) -> Any:
    """`model.evaluate_generator(generator, ...)`."""
    return model.evaluate_generator(generator, *args, **kwargs)


def predict_generator(model: Any, generator: Any, *args: Any, **kwargs: Any) -> Any:
    """`model.predict_generator(generator, ...)`."""
    return model.predict_generator(generator, *args, **kwargs)


def print_layer_summary(
    model: Any, line_length: int | None = None, positions: Any = None, print_fn: Any = None
) -> None:
    """`model.summary(...)`."""
    model.summary(line_length, positions, print_fn)


def count_params(weights: Sequence[Any]) -> int:
    """How many numbers weights hold together, each weight counted once."""
    return sum(K.count_params(w) for w in unique(list(weights)))


# ---- loops


def _batches(
    ins: Arrays, samples: int | None, steps: int | None, order: Any, batch_size: int
) -> Iterator[tuple[list[Any], int]]:
    """What a function is called with, and how many samples that is; a step counts as one."""
    if samples is None:
        for _ in range(steps or 0):
            yield list(ins), 1
        return
    for start, stop in make_batches(samples, batch_size):
        rows = slice(start, stop) if order is None else order[start:stop]
        whole = [a if isinstance(a, (int, float)) else None for a in ins]  # the learning phase
        parts = slice_arrays([a for a in ins if not isinstance(a, (int, float))], *_rows(rows))
        rest = iter(parts)
        yield [next(rest) if a is None else a for a in whole], stop - start


def _rows(rows: Any) -> tuple[Any, ...]:
    return (rows.start, rows.stop) if isinstance(rows, slice) else (rows,)


def _order(samples: int | None, shuffle: Any, batch_size: int) -> Any:
    if samples is None or not shuffle:
        return None
    indices = np.arange(samples)
    return (
        batch_shuffle(indices, batch_size) if shuffle == "batch" else np.random.permutation(indices)
    )


def predict_loop(
    model: Any,
    f: Function,
    ins: Arrays,
    batch_size: int | None = 32,
    verbose: int = 0,
    steps: int | None = None,
    callbacks: Any = None,
) -> Any:
    """What `f` returns for all batches, put together."""
    samples = check_num_samples(ins, None if steps else batch_size, steps)
    listed = _listening(model, callbacks, {"samples": samples, "steps": steps, "verbose": verbose})
    listed.on_predict_begin({})
    found: list[list[Any]] = []
    for i, (batch, size) in enumerate(_batches(ins, samples, steps, None, batch_size or 32)):
        listed.on_predict_batch_begin(i, {"batch": i, "size": size})
        found.append(to_list(f(batch)))
        listed.on_predict_batch_end(i, {"batch": i, "size": size, "outputs": found[-1]})
    listed.on_predict_end({})
    return one_or_list([np.concatenate(parts) for parts in zip(*found, strict=True)])


def test_loop(
    model: Any,
    f: Function,
    ins: Arrays,
    batch_size: int | None = None,
    verbose: int = 0,
    steps: int | None = None,
    callbacks: Any = None,
) -> Any:
    """The means of what `f` returns, each batch by the number of its samples."""
    samples = check_num_samples(ins, batch_size, steps)
    listed = _listening(model, callbacks, {"samples": samples, "steps": steps, "verbose": verbose})
    listed.on_test_begin({})
    found, sizes = [], []
    for i, (batch, size) in enumerate(_batches(ins, samples, steps, None, batch_size or 32)):
        listed.on_test_batch_begin(i, {"batch": i, "size": size})
        found.append(to_list(f(batch)))
        sizes.append(size)
        listed.on_test_batch_end(i, {"batch": i, "size": size})
    listed.on_test_end({})
    return one_or_list([float(v) for v in np.average(found, axis=0, weights=sizes)])


def fit_loop(
    model: Any,
    fit_function: Function,
    fit_inputs: Arrays,
    out_labels: Sequence[str] | None = None,
    batch_size: int | None = None,
    epochs: int = 100,
    verbose: int = 1,
    callbacks: Any = None,
    val_function: Function | None = None,
    val_inputs: Arrays | None = None,
    shuffle: Any = True,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_freq: Any = 1,
) -> Any:
    """Call `fit_function` on all batches of each epoch; returns the `History`.

    `out_labels` names what it returns (the model's `metrics_names` if they aren't given).
    """
    labels = list(out_labels or model.metrics_names)
    samples = check_num_samples(fit_inputs, batch_size, steps_per_epoch, "steps_per_epoch")
    size = batch_size or 32
    validates = val_function is not None and bool(val_inputs)
    history = cbks.History()
    bar = [cbks.ProgbarLogger("samples" if samples else "steps")] if verbose else []
    params = {
        "batch_size": size,
        "epochs": epochs,
        "steps": steps_per_epoch,
        "samples": samples,
        "verbose": verbose,
        "do_validation": validates,
        "metrics": labels + ([f"val_{name}" for name in labels] if validates else []),
    }
    listed = _listening(model, [*bar, *to_list(callbacks or []), history], params)
    model.stop_training = False
    model.history = history
    listed.on_train_begin({})
    for epoch in range(initial_epoch, epochs):
        listed.on_epoch_begin(epoch, {})
        order = _order(samples, shuffle, size)
        values, sizes = [], []
        for i, (batch, n) in enumerate(_batches(fit_inputs, samples, steps_per_epoch, order, size)):
            listed.on_batch_begin(i, {"batch": i, "size": n})
            values.append(to_list(fit_function(batch)))
            sizes.append(n)
            now = dict(zip(labels, values[-1], strict=True))
            listed.on_batch_end(i, {"batch": i, "size": n, **now})
            if model.stop_training:
                break
        means = np.average(values, axis=0, weights=sizes)
        logs = dict(zip(labels, map(float, means), strict=True))
        if validates and should_run_validation(validation_freq, epoch):
            tested = test_loop(
                model,
                val_function,  # type: ignore[arg-type]  # `validates` says it is there
                val_inputs or (),
                None if validation_steps else size,
                steps=validation_steps,
            )
            logs.update({f"val_{n}": v for n, v in zip(labels, to_list(tested), strict=True)})
        listed.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    listed.on_train_end({})
    return history


def _listening(model: Any, callbacks: Any, params: dict[str, Any]) -> Any:
    listed = cbks.CallbackList(to_list(callbacks or []))
    listed.set_model(model)
    listed.set_params({"metrics": [], "epochs": 1, "do_validation": False, **params})
    return listed
