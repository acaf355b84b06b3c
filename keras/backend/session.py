"""What old scripts mean by a session: something that runs tensors. There is one graph and one
engine, so its contexts change nothing; the session exists so that the scripts run."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from .graph.function import Function, function
from .graph.tensor import Node, Tensor

Anything = TypeVar("Anything")
KEPT = 64  # functions that a session remembers


class Graph:
    """The graph of all tensors; it is always the default one."""

    @contextmanager
    def as_default(self) -> Iterator[Graph]:
        yield self


class Session:
    """Runs tensors: `session.run(fetches, feed_dict)`.

    >>> import keras.backend as K
    >>> x = K.placeholder((None, 2))
    >>> K.get_session().run({"sum": K.sum(x)}, {x: [[1.0, 2.0]]})["sum"].item()
    3.0
    """

    graph = Graph()

    def __init__(self) -> None:
        self._functions: OrderedDict[Any, Function] = OrderedDict()

    def run(self, fetches: Any, feed_dict: Mapping[Tensor, Any] | None = None) -> Any:
        """The values of tensors, in the structure (lists, tuples, dictionaries) they are asked in.

        `feed_dict` gives values for tensors, `K.learning_phase()` among them. Updates that are
        fetched are carried out.
        """
        wanted: list[Tensor] = []
        rebuild = _collected(fetches, wanted)
        fed = dict(feed_dict or {})
        values = self._function(tuple(fed), tuple(wanted))(list(fed.values()))
        return rebuild(values)

    def _function(self, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, ...]) -> Function:
        key = inputs, outputs
        made = self._functions.pop(key, None)
        if made is None:
            made = function(list(inputs), list(outputs), name="session")
        self._functions[key] = made
        while len(self._functions) > KEPT:
            self._functions.popitem(last=False)
        return made

    @contextmanager
    def as_default(self) -> Iterator[Session]:
        """A context in which this is the session; there is no other."""
        yield self

    def close(self) -> None:
        """Forget what was compiled."""
        self._functions.clear()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


def _collected(fetches: Any, wanted: list[Tensor]) -> Callable[[list[Any]], Any]:
    """Append the tensors to `wanted`; returns what puts their values in the same places."""
    if isinstance(fetches, (list, tuple)):
        parts = [_collected(f, wanted) for f in fetches]
        kind = type(fetches)
        if hasattr(fetches, "_fields"):  # a named tuple
            return lambda values: kind(*[part(values) for part in parts])
        return lambda values: kind(part(values) for part in parts)
    if isinstance(fetches, Mapping):
        named = {key: _collected(f, wanted) for key, f in fetches.items()}
        return lambda values: {key: part(values) for key, part in named.items()}
    if isinstance(fetches, Node):  # `tensor.op`: run for what it does
        wanted.extend(fetches.outputs)
        return lambda values: None
    if not isinstance(fetches, Tensor):
        raise TypeError(f"A session runs tensors, got {type(fetches).__name__}: {fetches!r}.")
    place = len(wanted)
    wanted.append(fetches)
    return lambda values: values[place]


_session: Any = None


def get_session() -> Any:
    """The session that was set, else one that is made once."""
    global _session
    if _session is None:
        _session = Session()
    return _session


def set_session(session: Any) -> None:
    """Set what `get_session` returns.

    A session of TensorFlow's, as `set_session(tf.compat.v1.Session(config=config))` makes one, runs
    tensors of this graph from here on, too; its configuration is TensorFlow's business.
    """
    global _session
    _session = session
    if not isinstance(session, Session) and callable(getattr(session, "run", None)):
        session.run = _run_by_either(session.run, Session())


def _run_by_either(theirs: Callable[..., Any], own: Session) -> Callable[..., Any]:
    """`run` of another session, but for tensors of this graph."""
    if isinstance(getattr(theirs, "own", None), Session):  # it was set before
        return theirs

    @functools.wraps(theirs)
    def run(fetches: Any, feed_dict: Any = None, *args: Any, **kwargs: Any) -> Any:
        found: list[Tensor] = []
        try:
            _collected(fetches, found)
        except TypeError:
            return theirs(fetches, feed_dict, *args, **kwargs)
        return own.run(fetches, feed_dict)

    run.own = own  # type: ignore[attr-defined]  # how it is known again
    return run


def manual_variable_initialization(value: bool) -> None:
    """Say whether you initialise variables yourself. Both ways come to the same here: a variable's
    initial value is computed when it is first read, unless a value was set before."""
    if value not in (True, False):
        raise ValueError(f"manual_variable_initialization takes True or False, got {value!r}.")


def symbolic(func: Anything) -> Anything:
    """Mark a function that describes a graph: every function of K does when it is given tensors."""
    return func


def eager(func: Anything) -> Anything:
    """Mark a function that computes at once: every function of K does when it is given arrays."""
    return func
