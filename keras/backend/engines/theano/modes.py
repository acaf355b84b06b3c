"""How PyTensor's functions are compiled, and which of its functions run in Python.

By default nothing is compiled to machine code and nothing rewritten: a step of training is ready in
a fraction of a second, where C or numba would take many, and most of the time is spent in numpy's
kernels anyway. Who wants more says so in PyTensor's own words: `PYTENSOR_FLAGS=mode=NUMBA`.
"""

from __future__ import annotations

import os
import warnings
from inspect import signature
from typing import Any

import pytensor
from pytensor.compile.mode import Mode, get_default_mode
from pytensor.link.vm import VMLinker

PLAIN = Mode(VMLinker(use_cloop=False, c_thunks=False), None)

# What `compile` and `K.function` hand on; the rest is said otherwise.
OPTIONS = frozenset(signature(pytensor.function).parameters) - {
    *("inputs", "outputs", "updates", "givens", "name")
}


def chosen() -> Any:
    """The mode that PyTensor's flags ask for, if they do; else the one that compiles nothing."""
    flags = pytensor.config
    if flags.mode == "Mode" and flags.linker == "auto":
        return PLAIN
    return get_default_mode()


def answer_old_flags() -> None:
    """Say what the flags of Theano mean today, where they are set."""
    flags = os.environ.get("THEANO_FLAGS")
    if flags:
        warnings.warn(
            f"THEANO_FLAGS={flags!r} isn't read: this engine is PyTensor, Theano's successor, and "
            "its flags are in PYTENSOR_FLAGS (mode=NUMBA compiles). It runs on the CPU; the type "
            "of floats is `floatx` in keras.json, or `K.set_floatx`.",
            stacklevel=2,
        )
