"""The package `theano` of old scripts, which is PyTensor today; each script in a process of its
own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pytensor") is None, reason="pytensor isn't installed"
)


def run(script: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "theano", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_settings_before_keras() -> None:
    script = """
import theano
print(theano.config.device, theano.config.floatX)
theano.config.floatX = "float64"
import theano.tensor as T
from theano import tensor, shared
print(T.matrix().dtype, tensor.matrix is T.matrix, shared(1.5).eval())
try:
    theano.config.device = "gpu0"
except ValueError as error:
    print(error)
"""
    assert run(script, THEANO_FLAGS="device=cpu,floatX=float32,cxx=").splitlines() == [
        "cpu float32",
        "float64 True 1.5",
        "PyTensor computes on the CPU; there is no device 'gpu0'.",
    ]


def test_functions_of_layers_and_of_variables() -> None:
    script = """
import numpy as np, theano, theano.tensor as T
from keras.layers import Dense
from keras.models import Sequential
model = Sequential([Dense(4, input_dim=3), Dense(2)])
a = np.random.random((5, 3))
first, last = model.layers[0].input, model.layers[1].output
one = theano.function([first], last, allow_input_downcast=True)
several = theano.function([first], [last, T.nnet.sigmoid(last)], mode="FAST_COMPILE")
np.testing.assert_allclose(one(a), model.predict(a), rtol=1e-5)
np.testing.assert_allclose(several(a)[0], one(a), rtol=1e-5)
np.testing.assert_allclose(several(a)[1], 1 / (1 + np.exp(-one(a))), rtol=1e-5)
x = T.dmatrix()
np.testing.assert_allclose(theano.function([x], T.exp(x))(a), np.exp(a))
"""
    assert run(script) == ""


def test_updates_and_gradients() -> None:
    """An optimizer's step as it was written then."""
    script = """
import numpy as np, theano, theano.tensor as T
from keras import backend as K
w, other = K.variable(np.array([2.0, 3.0])), K.variable(1.0)
x = K.placeholder((2,))
cost = T.sum(T.sqr(w * x))
g, none = T.grad(cost, [w, other], disconnected_inputs="ignore")
step = theano.function([x], cost, updates=[(w, w - 0.5 * g)])
print(float(step(np.array([1.0, 2.0]))), K.get_value(w), K.eval(none))
print(theano.grad(cost, [other], disconnected_inputs="ignore", return_disconnected="None"))
for wrong in ({}, {"consider_constant": []}):
    try:
        T.grad(cost, other, **wrong)
    except (TypeError, ValueError) as error:
        print(type(error).__name__)
v = T.dscalar()
print(theano.grad(v ** 2, v).eval({v: 3.0}))
"""
    assert run(script).splitlines() == [
        "40.0 [ 0. -9.] 0.0",  # w - w x²
        "[None]",
        "ValueError",
        "TypeError",
        "6.0",
    ]


def test_names_that_have_no_successor() -> None:
    script = """
import theano.tensor.nnet
from theano import tensor
try:
    theano.tensor.nnet.conv2d
except AttributeError as error:
    print(error)
print("exp" in dir(tensor), hasattr(theano, "sandbox"))
"""
    assert run(script).splitlines() == [
        "`theano.tensor.nnet.conv2d` has no successor in pytensor.tensor.special or "
        "pytensor.tensor.math; see whether K has such a function.",
        "True False",
    ]


def test_without_pytensor_there_is_none() -> None:
    script = """
import sys
sys.modules["pytensor"] = None
try:
    import theano
except ImportError as error:
    print(error.name, error)
print("keras" in sys.modules)
"""
    name, _, message = run(script).partition(" ")
    assert name == "theano"
    assert "No module named 'theano'" in message
    assert "pip install 'evergreen-keras[theano]'" in message
    assert message.endswith("False\n")
