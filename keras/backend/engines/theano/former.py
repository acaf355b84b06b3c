"""The package `theano` as scripts of its time import it: PyTensor under its former names.

What PyTensor has is PyTensor's; `theano.function` and `theano.grad` also take tensors of the graph,
and `theano.config` knows the two settings of which the classic documents speak.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

import pytensor

from ...graph.function import function as function_of_tensors
from ...graph.gradients import gradients
from ...graph.tensor import OPS, Tensor, lifted
from .control import ifelse

HOMES: dict[str, tuple[str, ...]] = {
    "theano": ("pytensor",),
    "theano.compile": ("pytensor.compile",),
    "theano.gradient": ("pytensor.gradient",),
    "theano.ifelse": ("pytensor.ifelse",),
    "theano.printing": ("pytensor.printing",),
    "theano.scalar": ("pytensor.scalar",),
    "theano.sparse": ("pytensor.sparse",),
    "theano.tensor": ("pytensor.tensor",),
    "theano.tensor.extra_ops": ("pytensor.tensor.extra_ops",),
    "theano.tensor.nlinalg": ("pytensor.tensor.nlinalg",),
    "theano.tensor.nnet": ("pytensor.tensor.special", "pytensor.tensor.math"),
    "theano.tensor.slinalg": ("pytensor.tensor.slinalg",),
}
"""Each module, and where its names are looked for."""


class Config:
    """`theano.config`: PyTensor's, and the device, which is the processor."""

    device = "cpu"

    def __getattr__(self, name: str) -> Any:
        return getattr(pytensor.config, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "device":
            if value != self.device:
                raise ValueError(f"PyTensor computes on the CPU; there is no device {value!r}.")
        else:
            setattr(pytensor.config, name, value)


def function(inputs: Any, outputs: Any = None, updates: Any = None, **kwargs: Any) -> Any:
    """`pytensor.function`, or `K.function` where tensors of the graph are among what it gets."""
    several = isinstance(outputs, (list, tuple))
    results = list(outputs) if several else [] if outputs is None else [outputs]
    if not any(isinstance(x, Tensor) for x in [*inputs, *results]):
        return pytensor.function(inputs, outputs, updates=updates, **kwargs)
    changes = list(updates.items() if isinstance(updates, dict) else updates or ())
    run = function_of_tensors(list(inputs), results, changes, **kwargs)

    def call(*arrays: Any) -> Any:
        made = run(list(arrays))
        return made if several else made[0] if made else None

    return call


def grad(
    cost: Any,
    wrt: Any,
    disconnected_inputs: str = "raise",
    return_disconnected: str = "zero",
    **kwargs: Any,
) -> Any:
    """`pytensor.grad`, or `K.gradients` where tensors of the graph are among what it gets."""
    several = isinstance(wrt, (list, tuple))
    wanted = list(wrt) if several else [wrt]
    if not any(isinstance(x, Tensor) for x in [cost, *wanted]):
        kwargs.update(
            disconnected_inputs=disconnected_inputs, return_disconnected=return_disconnected
        )
        return pytensor.grad(cost, wrt, **kwargs)
    if kwargs:
        raise TypeError(f"`grad` of tensors of Keras doesn't know {', '.join(kwargs)}.")
    wanted = list(map(lifted, wanted))
    found = gradients(lifted(cost), wanted)
    if None in found and disconnected_inputs == "raise":
        raise ValueError(
            f"`grad`: the cost doesn't depend on {wanted[found.index(None)].name}; with "
            "`disconnected_inputs='ignore'` its gradient is zero."
        )
    if return_disconnected.lower() == "zero":
        pairs = zip(found, wanted, strict=True)
        found = [OPS["zeros_like"](x) if g is None else g for g, x in pairs]
    return found if several else found[0]


OWN: dict[str, dict[str, Any]] = {
    "theano": {"config": Config(), "function": function, "grad": grad},
    "theano.gradient": {"grad": grad},
    "theano.ifelse": {"ifelse": ifelse},
    "theano.tensor": {"grad": grad},
}


class Former(ModuleType):
    """A module of Theano's, whose names are looked for where PyTensor has them."""

    def __getattr__(self, name: str) -> Any:
        own = OWN.get(self.__name__, {})
        if name in own:
            return own[name]
        if f"{self.__name__}.{name}" in HOMES:
            return import_module(f"{self.__name__}.{name}")
        homes = HOMES[self.__name__]
        for home in map(import_module, homes):
            if hasattr(home, name) and (not name.startswith("__") or name == "__version__"):
                return getattr(home, name)
        raise AttributeError(
            f"`{self.__name__}.{name}` has no successor in {' or '.join(homes)}; see whether K has "
            "such a function.",
            name=name,
            obj=self,
        )

    def __dir__(self) -> list[str]:
        homes = map(import_module, HOMES[self.__name__])
        names = {name for home in homes for name in dir(home) if not name.startswith("_")}
        return sorted(names | OWN.get(self.__name__, {}).keys())


class Finder:
    """Finds the modules of the table."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in HOMES:
            return None
        package = any(other.startswith(f"{fullname}.") for other in HOMES)
        return ModuleSpec(fullname, self, is_package=package)  # type: ignore[arg-type]  # it does load

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Former(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: what it holds is looked up when it is asked for."""


FINDER = Finder()


def stand_in() -> ModuleType:
    """The package; its modules are found from here on, and `floatX` is that of `THEANO_FLAGS`."""
    if FINDER not in sys.meta_path:
        sys.meta_path.append(FINDER)
    asked = re.search(r"(?:^|,)\s*floatX\s*=\s*(\w+)", os.environ.get("THEANO_FLAGS", ""))
    if asked:
        pytensor.config.floatX = asked[1]
    spec = FINDER.find_spec("theano")
    assert spec is not None
    return module_from_spec(spec)
