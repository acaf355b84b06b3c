"""What every test gets: a folder of its own for settings, seeded generators, a fresh session.

It lies at the root because the examples in the docstrings of keras/ are tests too.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import random
import signal
import sys
import tempfile
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

# Set before keras is imported: it reads its settings from this folder, caches data sets there and
# writes a first keras.json. Nobody's own ~/.keras is read or touched by a test.
_home = tempfile.TemporaryDirectory(prefix="keras-home-", ignore_cleanup_errors=True)
os.environ["KERAS_HOME"] = _home.name

# What is started in the background ignores Ctrl-C, and so would all tests of it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Several test processes on the same cores: threads on top of that would only wait for each other.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# A machine that others use may stand still for seconds; no test depends on the clock.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

# PyTensor allows for deeper recursion when it is imported, and hypothesis asks who did that if it
# is in the middle of a test.
if os.environ.get("KERAS_BACKEND") == "theano" and importlib.util.find_spec("pytensor"):
    importlib.import_module("pytensor")

# The modules of an engine can be imported where the package is installed that it runs on.
PACKAGES = {"jax": "jax", "tensorflow": "tensorflow", "theano": "pytensor"}
collect_ignore = [
    f"keras/backend/engines/{engine}"
    for engine, package in PACKAGES.items()
    if importlib.util.find_spec(package) is None
]

# Curves and pictures are drawn into files; no test opens a window.
os.environ.setdefault("MPLBACKEND", "Agg")


def pytest_unconfigure() -> None:
    _home.cleanup()


@pytest.fixture(autouse=True)
def seeded(request: pytest.FixtureRequest) -> None:
    """The generators start from the test's own name, so that its numbers don't depend on others."""
    seed = zlib.crc32(request.node.nodeid.encode())
    np.random.seed(seed)
    random.seed(seed)


@pytest.fixture(autouse=True)
def fresh_session() -> None:
    """Names count from 1 again, and the learning phase is open.

    Tests that don't touch keras don't pay for its import.
    """
    values = sys.modules.get("keras.backend.values")
    if values is not None:
        values.start_afresh()


@pytest.fixture(autouse=True, scope="module")
def memory_given_back() -> Iterator[None]:
    """What one file's tests made an engine keep is gone before the next: JAX keeps a program for
    each op and each shape, gigabytes of them in the end.

    Between the tests of a file it stays, since they often need the same ones.
    """
    yield
    backend = sys.modules.get("keras.backend")
    if backend is not None:
        backend.clear_session()
