"""The one place where the graph meets an engine, which it gets to know by its protocol only."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import config
from .dtypes import is_float, name_of
from .tensor import Spec, Tensor

if TYPE_CHECKING:
    from ..engines.protocol import Engine
    from .op import Op

NUMBERS = (bool, int, float)
_loader: Callable[[], Engine] | None = None
_engine: Engine | None = None
_library: str | None = None


def set_loader(loader: Callable[[], Engine], library: str | None = None) -> None:
    """Say how the running engine is found, once something has to be computed; `library`: the module
    whose functions take tensors of the graph only after the engine has told it."""
    global _loader, _engine, _library
    _loader, _engine, _library = loader, None, library


class Other(threading.local):
    """An engine that runs in this thread instead of the one that was chosen."""

    engine: Engine | None = None


_other = Other()


@contextmanager
def running_on(engine: Engine) -> Iterator[None]:
    """Let another engine run in this thread."""
    before, _other.engine = _other.engine, engine
    try:
        yield
    finally:
        _other.engine = before


def engine() -> Engine:
    """The running engine; importing it is put off until here."""
    global _engine
    if _other.engine is not None:
        return _other.engine
    if _engine is None:
        assert _loader is not None
        before = np.random.get_state()
        _engine = _loader()
        np.random.set_state(
            before
        )  # some of what an engine imports draws from the user's generator
    return _engine


def meet() -> bool:
    """Load the engine now where its library is loaded already, so that it knows of tensors; true if
    it was."""
    if _engine is not None or _library not in sys.modules:
        return False
    engine()
    return True


def takes_options() -> frozenset[str]:
    """The arguments for the engine's own compiler that `compile` and `K.function` hand on."""
    found: frozenset[str] = getattr(engine(), "options", frozenset())
    return found


def forked() -> None:
    """Tell the engine, if there is one, that this process was forked from the one it runs in."""
    if _engine is not None:
        _engine.forked()


def forget() -> None:
    """Let the engine, if there is one, let go of what it keeps in case it is needed again."""
    if _engine is not None:
        _engine.forget()


def is_engine_array(value: Any) -> bool:
    """True for an array of the running engine (asking loads none)."""
    running = _other.engine or _engine
    return running is not None and running.is_array(value)


def to_numpy(value: Any, dtype: str | None = None) -> np.ndarray:
    """A numpy array; floats without a wish for a dtype take the default float type."""
    if hasattr(value, "tocoo"):  # a scipy matrix
        value = value.toarray()
    array = value if isinstance(value, np.ndarray) else np.asarray(value)
    if dtype is None:
        dtype = config.floatx() if array.dtype.kind == "f" else None
        if array.dtype == np.int64 and not isinstance(value, (np.ndarray, np.generic)):
            dtype = "int32"
    return array if dtype is None or array.dtype == dtype else array.astype(dtype)


def describe_value(value: Any, dtype: str | None = None) -> tuple[Any, tuple[int, ...], str]:
    """An array (as it is, or made by numpy), its shape and the name of its dtype."""
    if is_engine_array(value):
        found = name_of(value.dtype)
        if dtype is not None and dtype != found:
            value = engine().cast(value, dtype)
        return value, tuple(value.shape), dtype or found
    if dtype == "bfloat16":  # numpy has none: the engine converts when it takes the array
        array = to_numpy(value, "float32")
        return array, array.shape, dtype
    array = to_numpy(value, dtype)
    if array.dtype == object:
        raise TypeError(f"{type(value).__name__} {value!r} can't be made an array of numbers.")
    return array, array.shape, name_of(array.dtype)


def ready(value: Any) -> Any:
    """What an op may calculate with: an array of the engine, or a Python number."""
    if value is None or type(value) in NUMBERS:
        return value
    array, _, dtype = describe_value(value)
    return engine().array(array, dtype)


def run_now(op: Op, values: list[Any]) -> Any:
    """Compute an op on arrays at once."""
    running = engine()
    lonely = all(v is None or type(v) in NUMBERS for v in op.operands(values))

    def prepared(value: Any) -> Any:
        return (
            running.array(*describe_value(value)[::2])
            if lonely and value is not None
            else ready(value)
        )

    for i in op.arrays:
        values[i] = [prepared(v) for v in values[i]] if i in op.lists else prepared(values[i])
    if op.body is not None and op.name not in running.table:
        return _without_symbols(op.body(*values))
    if op.body is not None:
        settled = {p: values[i] for i, p in enumerate(op.parameters) if i not in op.arrays}
    else:
        described = list(values)
        for i in op.arrays:
            described[i] = [_spec(v) for v in values[i]] if i in op.lists else _spec(values[i])
        specs = op.rule(*described)
        settled = (specs if isinstance(specs, Spec) else specs[0]).attributes
        made = running.run_now(op.name, op.operands(values), settled)
        return _as_declared(made, specs)
    return running.run_now(op.name, op.operands(values), settled)


def _without_symbols(made: Any) -> Any:
    """Arrays, where a definition has used constants of the graph, such as `K.arange`."""
    results = made if isinstance(made, tuple) else (made,)
    if any(isinstance(r, Tensor) for r in results):
        from .function import evaluate

        results = tuple(evaluate(results))
    return results if isinstance(made, tuple) else results[0]


def _as_declared(made: Any, specs: Any) -> Any:
    """The results in the dtypes that the op's rule promises; engines go their own ways with
    integers."""
    if isinstance(specs, Spec):
        return made if name_of(made.dtype) == specs.dtype else engine().cast(made, specs.dtype)
    return tuple(_as_declared(m, s) for m, s in zip(made, specs, strict=True))


def _spec(value: Any) -> Any:
    if value is None or type(value) in NUMBERS:
        return value
    return Spec(tuple(value.shape), name_of(value.dtype))


def is_floating(value: Any) -> bool:
    """True if gradients can flow to this tensor."""
    return is_float(value.dtype)


def current_device() -> Any:
    """The device that `K.device` has set, `None` for the engine's own choice."""
    return _device


_device: Any = None


def set_device(device: Any) -> Any:
    """Set the device for what is made from here on; returns the one before."""
    global _device
    before, _device = _device, device
    return before
