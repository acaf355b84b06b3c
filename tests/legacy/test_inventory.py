"""Everything public in Keras 1.2.2, and every path of 2.3.1, is there and takes its arguments."""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import keras.legacy.layers
from keras.callbacks import ReduceLROnPlateau
from keras.configured import Configured
from keras.layers import Input, Lambda, Layer
from keras.legacy.arguments import method_call
from keras.legacy.plugs import constructor
from keras.models import Model
from tests.inventory.inventory import NOTHING, Entry, arguments, inventory, takes_anything

OLD, NEW = inventory("1.2.2"), inventory("2.3.1")

# Module.name (or Class.method) -> why it isn't there. The list may only shrink.
ABSENT = {
    "keras.utils.data_utils.get_index": "a pool of processes worked by it; ours is made otherwise",
    "keras.utils.data_utils.init_pool": "as `get_index`",
    "keras.utils.data_utils.init_pool_generator": "as `get_index`",
    "keras.utils.data_utils.next_sample": "as `get_index`",
}

# Class.method.argument of Keras 1 -> why a call by that name isn't looked for.
CALLED_BY_KERAS = {"call", "compute_mask"}
INTERNAL = {
    "Sequential.from_config.layer_cache": "a dict that a model handed to itself",
    "TFOptimizer.weights": "instances have it",
    "TensorBoard.on_train_end._": "a name that says that nobody reads it",
}


def found(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("module", sorted({*OLD, *NEW}))
def test_paths_import(module: str) -> None:
    assert importlib.import_module(module).__name__ == module
    parent, _, last = module.rpartition(".")
    assert not parent or getattr(importlib.import_module(parent), last) is not None


@pytest.mark.parametrize(
    ("version", "module"), [("1.2.2", m) for m in OLD] + [("2.3.1", m) for m in NEW]
)
def test_names_are_there(version: str, module: str) -> None:
    names = inventory(version)[module]
    wrong = []
    for name, entry in names.items():
        thing = getattr(importlib.import_module(module), name, NOTHING)
        fits = (
            isinstance(thing, type)
            if isinstance(entry, dict)
            else callable(thing) or entry == "value"
        )
        if (thing is NOTHING or not fits) and f"{module}.{name}" not in ABSENT:
            wrong.append(name)
        assert thing is NOTHING or f"{module}.{name}" not in ABSENT, f"strike off `{name}`"
    assert wrong == []


@pytest.mark.parametrize("module", list(OLD))
def test_functions_and_methods_of_keras_1(module: str) -> None:
    """Each is there, and understands the names of its arguments."""
    wrong = []
    for name, entry in OLD[module].items():
        if isinstance(entry, str) and entry != "value":
            function = found(module, name)
            wrong += [
                f"{name}({argument})"
                for argument, _ in arguments(entry)
                if not understood(function, name, argument)
            ]
        elif isinstance(entry, dict):
            wrong += [
                f"{name}.{each}" for each in missing_methods(found(module, name), name, entry)
            ]
    assert wrong == []


def missing_methods(cls: Any, name: str, entry: Entry) -> Iterator[str]:
    for method, signature in entry.items():
        if not hasattr(cls, method) and method not in inspect.signature(cls).parameters:
            if f"{name}.{method}" not in INTERNAL:
                yield method
        elif signature != "property" and method not in ("__init__", *CALLED_BY_KERAS):
            for argument, _ in arguments(signature):
                row = f"{name}.{method}.{argument}"
                if row not in INTERNAL and not understood(
                    getattr(cls, method), f"{name}.{method}", argument
                ):
                    yield f"{method}({argument})"


def swapped() -> bool:
    """Colours of an image whose channels come first are exchanged along that axis."""
    pixels = np.arange(12.0).reshape((1, 3, 2, 2))
    made = found("keras.applications.resnet50", "preprocess_input")(pixels, dim_ordering="th")
    return bool(np.allclose(made[0, :, 0, 0] + [103.939, 116.779, 123.68], [8, 4, 0]))


def masked() -> bool:
    x, mask = Input((2,)), Input((2,))
    kept = Lambda(lambda x, mask=None: x * mask)(x, mask=mask)
    made = Model([x, mask], kept).predict([np.full((1, 2), 3.0), np.array([[1.0, 0.0]])])
    return made.tolist() == [[3.0, 0.0]]


def named_model() -> bool:
    x = Input((2,))
    return Model(x, x, name="net").name == "net"


# Names that a function takes among its `**kwargs` -> a call that shows what they do. What
# `load_data(nb_words=)` reads is in tests/datasets/test_golden.py.
AMONG_OTHERS: dict[str, Callable[[], bool]] = {
    "Container.__init__.name": named_model,
    "Layer.__call__.mask": masked,
    "Model.__init__.name": named_model,
    "Network.__init__.name": named_model,
    "ReduceLROnPlateau.__init__.epsilon": lambda: ReduceLROnPlateau(epsilon=0.25).min_delta == 0.25,
    "load_data.nb_words": lambda: True,
    "preprocess_input.dim_ordering": swapped,
}


@pytest.mark.filterwarnings("ignore:.*is called:UserWarning")
@pytest.mark.filterwarnings("ignore::keras.legacy.LegacyWarning")
@pytest.mark.parametrize("row", AMONG_OTHERS)
def test_names_among_others(row: str) -> None:
    assert AMONG_OTHERS[row]()


def understood(function: Any, row: str, argument: str) -> bool:
    """Whether a function takes an argument of that name, or the tables make it one it takes."""
    if inspect.ismodule(function):  # `keras.layers.merge` is a function, too
        function = keras.legacy.layers.merge
    parameters = inspect.signature(function).parameters
    if argument in parameters or argument in getattr(function, "spellings", ()):
        return True
    rows = {function.__qualname__, row, function.__name__}
    if takes_anything(function) and any(f"{each}.{argument}" in AMONG_OTHERS for each in rows):
        return True
    names = tuple(parameters)
    batches = iter([(np.zeros((2, 1)), np.zeros((2, 1)))])
    samples = {"generator": batches, "identifier": "l2", argument: SAMPLES.get(argument, 4)}
    given = {n: value for n, value in samples.items() if n in (*names, argument)}
    own = (object(),) if names[:1] == ("self",) else ()
    for table in rows:
        if own or "." not in table:
            changed: list[str] = []
            made = method_call(table, names, own, given, changed.extend)[1]
            if changed or argument not in made:
                return True
    return False


# ---- constructors

SAMPLES: dict[str, Any] = {
    "activation": "tanh",
    "alpha": 0.2,
    "constraints": {},
    "cropping": 1,
    "dims": (2, 1),
    "filter_length": 2,
    "function": np.abs,
    "input_dim": 5,
    "k": 0.1,
    "kwargs": {"l": 0.1},
    "kernel_dim1": 2,
    "kernel_dim2": 2,
    "kernel_dim3": 2,
    "m": 2,
    "n": 3,
    "nb_col": 2,
    "nb_filter": 4,
    "nb_row": 2,
    "output_dim": 3,
    "output_shape": (None, 4, 4, 4),
    "p": 0.5,
    "sigma": 0.1,
    "target_shape": (2, 3),
    "pool_size": 2,
    "init": "glorot_uniform",
}


def constructors() -> list[Any]:
    seen: dict[str, Any] = {}
    for module, names in sorted(OLD.items(), key=lambda item: "applications" in item[0]):
        for name, entry in names.items():
            signature = entry.get("__init__", "") if isinstance(entry, dict) else ""
            if arguments(signature) and not module.startswith("keras.preproc"):
                seen.setdefault(name, pytest.param(module, name, signature, id=name))
    return list(seen.values())


@pytest.mark.parametrize(("module", "name", "signature"), constructors())
def test_constructors_of_keras_1(module: str, name: str, signature: str) -> None:
    """The arguments at their defaults, by name: taken as such, or told in today's names."""
    cls = found(module, name)
    wanted = arguments(signature)
    if not issubclass(cls, Configured) or cls.__init__ is not Configured.__init__:
        owner = "Network" if issubclass(cls, Model) else cls.__name__
        row = f"{owner}.__init__"
        assert [n for n, _ in wanted if not understood(cls.__init__, row, n)] == []
        return
    given = {n: SAMPLES.get(n) if default is NOTHING else default for n, default in wanted}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "__new__" in vars(cls) and cls.__module__ == "keras.legacy.layers":
            assert isinstance(cls(**given), Layer)  # it makes one of another class
            return
        args, made = constructor(cls, (), given)
        known = {*inspect.signature(cls).parameters, *cls.synonyms}
        assert (args, made.keys() - known) == ((), set())
