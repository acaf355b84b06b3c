"""How PyTensor's functions are compiled, and which of its functions run in Python.

By default nothing is compiled to machine code and nothing rewritten: a step of training is ready in
a fraction of a second, where C or numba would take many, and most of the time is spent in numpy's
kernels anyway. Rewriting without compiling makes steps slower, since what PyTensor fuses is meant
to be compiled: a step of an MLP takes 1.0 ms as it is, 16 rewritten as in FAST_COMPILE, 243 as in
FAST_RUN. Who wants more says so in PyTensor's own words: `PYTENSOR_FLAGS=mode=NUMBA`.
"""

from __future__ import annotations

import os
import sys
from inspect import signature
from pathlib import Path
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


def of_loops() -> dict[str, Any]:
    """How `pytensor.scan` is told the mode: from 3.1 on a loop has that of its function, and one
    that is said is warned of."""
    release = tuple(map(int, pytensor.__version__.split(".")[:2]))
    return {"mode": chosen()} if release < (3, 1) else {}


def answer_old_flags() -> None:
    """Say in one line what the settings of Theano mean today, where there are any."""
    flags = os.environ.get("THEANO_FLAGS")
    file = Path(os.environ.get("THEANORC") or "~/.theanorc").expanduser()
    said = [f"THEANO_FLAGS={flags}"] if flags else []
    said += [str(file)] if file.is_file() else []
    if said:
        print(  # noqa: T201  one line for the user, as for an engine that is missing
            f"{' and '.join(said)} said something to Theano; its successor PyTensor runs on the "
            "CPU, has flags in PYTENSOR_FLAGS (mode=NUMBA compiles), and Keras takes the type of "
            "floats from `floatx` in keras.json or `K.set_floatx`.",
            file=sys.stderr,
        )
