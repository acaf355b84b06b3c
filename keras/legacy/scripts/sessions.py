"""Sessions of TensorFlow 1 where TensorFlow isn't installed: `K.set_session(tf.Session(config=c))`
and what belongs to it. There is one graph and one engine, so it configures nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ... import backend as K
from ...backend import session
from ...backend.graph.tensor import Tensor
from ...caller import warn

THREADS = ("intra_op_parallelism_threads", "inter_op_parallelism_threads")


class Settings:
    """`ConfigProto` and its like: takes every setting; one that is read before is a group of them.

    >>> config = Settings(log_device_placement=True)
    >>> config.gpu_options.allow_growth = True
    >>> config
    Settings(log_device_placement=True, gpu_options=Settings(allow_growth=True))
    """

    def __init__(self, **settings: Any) -> None:
        vars(self).update(settings)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return vars(self).setdefault(name, Settings())

    def __repr__(self) -> str:
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class Session(session.Session):
    """A session that K runs, whatever it was told of graphs and settings."""

    def __init__(self, target: str = "", graph: Any = None, config: Any = None) -> None:
        super().__init__()
        if any(name in vars(config or SimpleNamespace()) for name in THREADS):
            warn(
                "The threads of a `tf.ConfigProto` are TensorFlow's. Numbers don't depend on them "
                "here; OMP_NUM_THREADS in the environment says how many there are."
            )

    def run(self, fetches: Any, feed_dict: Mapping[Tensor, Any] | None = None) -> Any:
        return None if fetches is INITIALIZED else super().run(fetches, feed_dict)


INITIALIZED = SimpleNamespace(run=lambda session=None: None)
"""What `global_variables_initializer` gives: variables have their values from the start."""

LOGGING = SimpleNamespace(
    set_verbosity=lambda level: None, DEBUG=10, INFO=20, WARN=30, ERROR=40, FATAL=50
)

NAMES: dict[str, Any] = {
    "ConfigProto": Settings,
    "GPUOptions": Settings,
    "Graph": session.Graph,
    "InteractiveSession": Session,
    "Session": Session,
    "get_default_graph": lambda: session.Session.graph,
    "get_default_session": K.get_session,
    "global_variables_initializer": lambda: INITIALIZED,
    "logging": LOGGING,
    "reset_default_graph": K.clear_session,
}
