"""The same networks, data and maths, each time written another way.

`usual` is PyTorch as most people write it; `tuned` and `manual` are PyTorch as well as we can
write it by its public functions, and the fastest of all three counts as the best by hand.
"""

from __future__ import annotations

import importlib
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..workloads import Array, Workload


class Contender(Protocol):
    """What is measured. Making one builds the network and its optimizer."""

    def __init__(self, name: str, workload: Workload) -> None: ...

    @staticmethod
    def prepare(x: Array, labels: Array) -> tuple[Array, Array]:
        """The data as this way of writing wants it; not measured."""

    def train(self, x: Array, y: Array, go_on: Callable[[float], bool]) -> None:
        """Train, in a new order each epoch; after each, `go_on(loss)` says whether to."""

    def train_on_batch(self, x: Array, y: Array) -> Sequence[float]:
        """One step; the loss and the accuracy."""

    def predict(self, x: Array) -> Array:
        """The network's outputs for numpy data: one row, or many."""


@dataclass(frozen=True)
class Entry:
    """Where a contender is written; the package that it imports, and what else has to be installed;
    what it is written for, and its settings."""

    module: str
    package: str
    needs: str = ""
    workloads: tuple[str, ...] | None = None  # None: for all
    environment: dict[str, str] = field(default_factory=dict)


OURS = "evergreen"
ENGINES = {"torch": "torch", "jax": "jax", "tensorflow": "tensorflow", "theano": "pytensor"}
"""Ours runs on each of them, if the package is installed; the first is the default."""


def ours_on(engine: str) -> str:
    """The name of ours on an engine."""
    return OURS if engine == next(iter(ENGINES)) else f"{OURS}-{engine}"


PEERS = {
    "keras3-jax": Entry("evergreen", "keras", "jax", None, {"KERAS_BACKEND": "jax"}),
    "keras3-tensorflow": Entry(
        "evergreen", "keras", "tensorflow", None, {"KERAS_BACKEND": "tensorflow"}
    ),
    "keras3-torch": Entry("evergreen", "keras", "torch", None, {"KERAS_BACKEND": "torch"}),
    "tf_keras": Entry(
        "evergreen", "tf_keras", "tensorflow", None, {"BENCHMARKS_KERAS": "tf_keras"}
    ),
}
"""Other Keras, in an environment of their own: the same code as ours, as far as users see it."""

CONTENDERS = {
    **{
        ours_on(engine): Entry("evergreen", "keras", needs, None, {"KERAS_BACKEND": engine})
        for engine, needs in ENGINES.items()
    },
    "usual": Entry("torch_usual", "torch"),
    "tuned": Entry("torch_tuned", "torch"),
    "manual": Entry("torch_manual", "torch", workloads=("tiny-mlp", "mnist-mlp")),
    "jax": Entry("jax_jitted", "jax"),
    **PEERS,
}
BY_HAND = ("usual", "tuned", "manual", "jax")
BEST_OF = ("usual", "tuned", "manual")


def installed(name: str) -> bool:
    """Whether a contender can run here; of other Keras, which have our name, none can."""
    entry = CONTENDERS[name]
    here = name not in PEERS
    return here and all(find_spec(name) for name in (entry.package, entry.needs) if name)


ASK = """
import sys
from importlib import metadata, util
names = {each.metadata["Name"].lower().replace("-", "_") for each in metadata.distributions()}
for each in sys.argv[1:]:
    package, engine = each.split()
    print(package in names and util.find_spec(engine) is not None)
"""


def installed_there(python: str) -> list[str]:
    """The other Keras that an interpreter has: by the names under which they were installed, since
    this project can be imported under one of them."""
    wanted = [f"{peer.package} {peer.needs}" for peer in PEERS.values()]
    command = [python, "-I", "-c", ASK, *wanted]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return [name for name, there in zip(PEERS, found, strict=True) if there == "True"]


def contender(name: str) -> type[Contender]:
    """The class of a contender; imports its package."""
    module: Any = importlib.import_module(f"{__name__}.{CONTENDERS[name].module}")
    made: type[Contender] = module.Contender
    return made
