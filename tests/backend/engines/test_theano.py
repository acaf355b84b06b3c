"""What only the Theano engine does: graphs of PyTensor's with open sizes, its functions on symbolic
tensors, its modes, and ops of our own where it has none."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend import config
from keras.backend.ops.native import native as native_call
from keras.layers import LSTM, Conv2D, Dense, Dropout, Input, Lambda, Layer, MaxPooling2D
from keras.models import Model, Sequential, load_model
from tests.backend.ops import samples, table

if config.engine() != "theano":
    pytest.skip("KERAS_BACKEND names another engine", allow_module_level=True)

import pytensor
import pytensor.tensor as pt

from keras.backend.engines.theano import modes, native, windows

ROOT = Path(__file__).parents[3]


def draw(*shape: int) -> Any:
    return np.random.normal(size=shape)


# ---- sizes


def test_one_program_for_batches_of_all_sizes() -> None:
    seen = []

    def function(t: Any) -> Any:
        seen.append(t.type.shape)
        return pt.abs(t)

    x = K.placeholder((None, 3))
    run = K.function([x], [native_call(function, (x,), {}) + 1.0])
    run([draw(2, 3)])
    before = len(seen)
    for size in (1, 5, 17):
        a = draw(size, 3)
        np.testing.assert_allclose(run([a])[0], np.abs(a) + 1, rtol=1e-6)
    assert len(seen) == before
    assert seen[-1] == (None, 3)


def test_sizes_of_one_that_nobody_knew_are_stretched() -> None:
    """PyTensor by itself stretches only what is known to be of size 1."""
    x, y = K.placeholder((None, None)), K.placeholder((None, None))
    loss = K.sum(K.square(x * y + y))
    run = K.function([x, y], [x * y, *K.gradients(loss, [x, y])])
    a, b = draw(1, 3), draw(4, 1)
    made, to_a, to_b = run([a, b])
    inner = 2 * (a * b + b)
    np.testing.assert_allclose(made, a * b, rtol=1e-5)
    np.testing.assert_allclose(to_a, (inner * b).sum(0, keepdims=True), rtol=1e-4)
    np.testing.assert_allclose(to_b, (inner * (a + 1)).sum(1, keepdims=True), rtol=1e-4)


def test_arithmetic_on_sizes() -> None:
    x = K.placeholder((None, None, 4))
    sizes = K.shape(x)
    folded = K.reshape(x, (sizes[0] * sizes[1] // 2, -1))
    counted = K.cast(K.maximum(sizes[0], sizes[1]), "float32") + K.sum(x) * 0.0
    made, count = K.function([x], [folded, counted])([np.ones((3, 2, 4))])
    assert made.shape == (3, 8)
    assert count == 3.0


# ---- PyTensor's own functions


def test_its_functions_in_a_lambda(tmp_path: Path) -> None:
    x = Input((3,))
    model = Model(x, Dense(1)(Lambda(lambda t: pt.log(1 + pt.exp(t)) * t.sum(1, keepdims=True))(x)))
    model.compile("sgd", "mse")
    a = draw(6, 3).astype("float32")
    kernel, bias = model.get_weights()
    expected = (np.log1p(np.exp(a)) * a.sum(1, keepdims=True)) @ kernel + bias
    np.testing.assert_allclose(model.predict(a), expected, rtol=1e-4, atol=1e-5)
    first = model.train_on_batch(a, np.zeros((6, 1)))
    for _ in range(20):
        last = model.train_on_batch(a, np.zeros((6, 1)))
    assert last < first
    model.save_weights(str(tmp_path / "weights.h5"))
    before = model.predict(a)
    model.set_weights([np.zeros_like(w) for w in model.get_weights()])
    model.load_weights(str(tmp_path / "weights.h5"))
    np.testing.assert_allclose(model.predict(a), before, rtol=1e-6)


class Own(Layer):
    """A layer in PyTensor's words and in K's."""

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight("kernel", (input_shape[-1], 2), initializer="uniform")
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        return pt.tanh(pt.dot(inputs, self.kernel)) + K.sum(inputs, axis=1, keepdims=True)


def shares(t: Any) -> Any:
    powers = pt.exp(t)
    return powers / K.sum(powers, axis=1, keepdims=True) + K.softmax(pt.log(powers))


def test_functions_of_both_in_one_model() -> None:
    x = Input((3,))
    y = Lambda(shares)(x)
    assert K.int_shape(y) == (None, 3)
    model = Model(x, Own()(y))
    model.compile("sgd", lambda t, p: pt.mean(pt.sqr(t - p), axis=-1))
    a = draw(5, 3).astype("float32")
    powers = np.exp(a)
    inner = 2 * powers / powers.sum(1, keepdims=True)
    made = np.tanh(inner @ model.get_weights()[0]) + inner.sum(1, keepdims=True)
    np.testing.assert_allclose(model.predict(a), made, rtol=1e-5)
    losses = [model.train_on_batch(a, np.zeros((5, 2))) for _ in range(9)]
    assert losses[0] == pytest.approx(np.mean(made**2), rel=1e-5)
    assert losses == sorted(losses, reverse=True)


ROOMS = [room.name for room in pkgutil.iter_modules(samples.__path__)]


@pytest.fixture
def doubles() -> Iterator[None]:
    K.set_floatx("float64")
    yield
    K.set_floatx("float32")


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.usefixtures("doubles")
def test_functions_of_k_take_its_variables(room: str) -> None:
    for sample in importlib.import_module(f"{samples.__name__}.{room}").SAMPLES:
        fed = sample.placeholders("none")
        given = [None if t is None else native.variable_of(t) for t in fed]
        made = K.function(fed, sample.with_arrays(sample.function, given))(sample.arrays())
        for value, wanted in zip(made, sample.expected(), strict=True):
            table.compare(value, wanted, sample.call.tolerance)


def test_gradients_go_through_both() -> None:
    x = K.placeholder((2, 3), dtype="float64")
    y = K.sum(K.exp(pt.sin(K.square(x)))) * pt.max(x)
    (slope,) = K.gradients(y, [x])
    a = np.abs(draw(2, 3))
    inner = np.exp(np.sin(a**2))
    expected = inner * np.cos(a**2) * 2 * a * a.max() + inner.sum() * (a == a.max())
    np.testing.assert_allclose(K.function([x], [slope])([a])[0], expected, rtol=1e-9)


def test_what_is_computed_at_once() -> None:
    a = draw(2, 3).astype("float32")
    shared = pytensor.shared(a)
    for given in (K.variable(a), shared, pt.constant(a)):
        found = K.eval(K.sum(pt.exp(given)))
        np.testing.assert_allclose(found, np.exp(a).sum(), rtol=1e-5)
    x = K.placeholder((3, 2))
    run = K.function([x], [K.dot(x, pt.exp(shared))])
    b = draw(3, 2)
    np.testing.assert_allclose(run([b])[0], b @ np.exp(a), rtol=1e-5)
    shared.set_value(2 * a)
    np.testing.assert_allclose(run([b])[0], b @ np.exp(2 * a), rtol=1e-5)


def test_inputs_of_pytensor_are_placeholders() -> None:
    x = pt.matrix("x", dtype="float32")
    a = draw(2, 3)
    assert K.int_shape(x) == (None, None)
    np.testing.assert_allclose(K.function([x], [K.sum(x) + pt.max(x)])([a]), [a.sum() + a.max()])


def test_outputs_of_one_computation_are_one_node() -> None:
    x = K.placeholder((None, 4))
    first, second = pt.split(x, [1, 3], n_splits=2, axis=1)
    run = K.function([x], [K.square(second), K.square(first)])
    assert run.source.count("native(") == 1
    a = draw(3, 4)
    for found, wanted in zip(run([a]), [a[:, 1:] ** 2, a[:, :1] ** 2], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


def test_tensors_have_the_methods_of_its_variables() -> None:
    x = K.placeholder((None, 4))
    made = [x.dimshuffle(1, "x", 0), x.T, x.mean(axis=1)]
    assert [K.int_shape(y) for y in made] == [(4, 1, None), (4, None), (None,)]
    a = draw(3, 4)
    wanted = [a.T[:, None], a.T, a.mean(1)]
    for found, value in zip(K.function([x], made)([a]), wanted, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-6, atol=1e-7)


def test_what_is_no_tensor() -> None:
    with pytest.raises(TypeError, match="is no tensor"):
        K.sum(pytensor.shared(np.random.default_rng()))


LATE = """
from keras import backend as K
from keras.layers import Input, Lambda
x = Input((3,))
def f(t):
    import pytensor.tensor as pt
    return pt.exp(t)
print(K.int_shape(Lambda(f)(x)), K.int_shape(f(x)))
"""


def test_a_library_that_comes_late() -> None:
    """PyTensor's functions take tensors, whenever it was imported."""
    done = subprocess.run(
        [sys.executable, "-c", LATE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout == "(None, 3) (None, 3)\n", done.stderr


def test_gradients_by_pytensor_itself() -> None:
    x = K.placeholder((2, 3), dtype="float64")
    y = native_call(lambda t: pt.tanh(t) * t, (x,), {})
    (slope,) = K.gradients(K.sum(y), [x])
    a = draw(2, 3)
    expected = np.tanh(a) + a * (1 - np.tanh(a) ** 2)
    np.testing.assert_allclose(K.function([x], [slope])([a])[0], expected, rtol=1e-9)


# ---- modes and flags


def network() -> Any:
    model = Sequential([
        Conv2D(3, 3, padding="same", activation="relu", input_shape=(6, 6, 2)),
        MaxPooling2D(),
        Lambda(lambda t: K.reshape(t, (-1, 9, 3))),
        LSTM(4),
        Dropout(0.5),
        Dense(2, activation="softmax"),
    ])  # fmt: skip
    draws = np.random.RandomState(1)
    model.set_weights([draws.normal(0, 0.3, w.shape) for w in model.get_weights()])
    model.compile("adam", "categorical_crossentropy")
    return model


@pytest.mark.parametrize("flags", [{"mode": "FAST_COMPILE", "cxx": ""}])
def test_another_mode_computes_the_same(flags: dict[str, str]) -> None:
    a, y = draw(4, 6, 6, 2), np.eye(2)[[0, 1, 1, 0]]
    K.set_learning_phase(0)
    expected = [network().train_on_batch(a, y), network().evaluate(a, y, verbose=0)]
    with pytensor.config.change_flags(**flags):
        assert modes.chosen() is not modes.PLAIN
        found = [network().train_on_batch(a, y), network().evaluate(a, y, verbose=0)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_arguments_for_the_compiler_are_handed_on() -> None:
    x = K.placeholder((2,))
    with pytest.raises(ValueError, match="NO_SUCH_MODE"):
        K.function([x], [x + 1.0], mode="NO_SUCH_MODE")([np.ones(2)])
    with pytest.raises(TypeError, match=r"doesn't know wrong; it takes .*allow_input_downcast"):
        K.function([x], [x + 1.0], wrong=1)
    model = Sequential([Dense(1, input_dim=2)])
    with pytest.raises(TypeError, match=r"argument `wrong`\. The engine's compiler takes .*mode"):
        model.compile("sgd", "mse", wrong=1)
    batch = draw(3, 2), draw(3, 1)
    model.compile("sgd", "mse", mode="NO_SUCH_MODE")
    for call in (model.train_on_batch, model.test_on_batch):
        with pytest.raises(ValueError, match="NO_SUCH_MODE"):
            call(*batch)
    with pytest.raises(ValueError, match="NO_SUCH_MODE"):
        model.predict(batch[0])
    model.compile("sgd", "mse", mode=modes.PLAIN)
    assert np.isfinite(model.train_on_batch(*batch))


def test_settings_of_theano_are_answered_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("THEANO_FLAGS", "device=gpu0,floatX=float32")
    monkeypatch.setenv("THEANORC", str(tmp_path / "theanorc"))
    modes.answer_old_flags()
    said = capfd.readouterr().err
    assert said.startswith("THEANO_FLAGS=device=gpu0,floatX=float32 said something to Theano; ")
    assert "PYTENSOR_FLAGS" in said
    assert said.count("\n") == 1
    (tmp_path / "theanorc").write_text("[global]\nfloatX = float32\n")
    monkeypatch.delenv("THEANO_FLAGS")
    modes.answer_old_flags()
    assert capfd.readouterr().err.startswith(f"{tmp_path}/theanorc said something")
    monkeypatch.delenv("THEANORC")
    monkeypatch.setenv("HOME", str(tmp_path))
    modes.answer_old_flags()
    assert capfd.readouterr().err == ""


def test_no_compiler_is_started() -> None:
    """Not by what PyTensor has inside of its own functions either."""
    program = (
        "from tests.backend.engines.training_of import network; import numpy as np, sys;"
        "print(network().train_on_batch(np.ones((2, 6, 5, 2)), np.eye(3)[:2]) > 0);"
        "assert 'numba' not in sys.modules"
    )
    environment = {**os.environ, "KERAS_BACKEND": "theano", "PYTENSOR_FLAGS": "cxx="}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr


# ---- what is drawn


def test_each_call_and_each_turn_of_a_loop_draws_anew() -> None:
    x = K.placeholder((None, 3, 2))
    _, outputs, _ = K.rnn(lambda now, held: (now + K.random_uniform((2,)), held), x, [])
    run = K.function([x], [outputs])
    first, second = (run([np.zeros((1, 3, 2))])[0][0] for _ in range(2))
    both = np.concatenate([first, second]).ravel()
    assert len(set(both)) == both.size


def test_a_mask_is_the_same_on_the_way_back() -> None:
    x = K.placeholder((None, 50))
    y = K.dropout(x, 0.5)
    made, slope = K.function([x], [y, *K.gradients(K.sum(y), [x])])([np.ones((2, 50))])
    np.testing.assert_allclose(made, slope)
    assert 0 < np.mean(made == 0) < 1


# ---- ops of our own


WINDOWS = [
    ((1, 1), ((0, 0), (0, 0)), (1, 1), True, 1),
    ((2, 1), ((1, 0), (1, 1)), (1, 1), False, 1),
    ((1, 1), ((0, 0), (0, 0)), (2, 1), True, 2),
]


@pytest.mark.parametrize("settled", WINDOWS)
def test_gradients_of_convolutions(settled: tuple[Any, ...]) -> None:
    """Of all three products, against differences."""
    last, groups = settled[3:]
    x = draw(2, 5, 4, 4) if last else draw(2, 4, 5, 4)
    kernel = draw(2, 3, 4 // groups, 6)
    forward = windows.Convolution(*settled)
    g = np.asarray(forward(pt.constant(x), pt.constant(kernel)).eval(mode=modes.PLAIN))
    space = (5, 4)

    def back(g: Any, kernel: Any) -> Any:
        return windows.transpose(g, kernel, space, *settled)

    def to_kernel(x: Any, g: Any) -> Any:
        return windows.kernel_gradient(x, g, (2, 3), *settled)

    for function, given in ((forward, [x, kernel]), (back, [g, kernel]), (to_kernel, [x, g])):
        pytensor.gradient.verify_grad(function, given, rng=np.random, mode=modes.PLAIN)


@pytest.mark.parametrize("mode", ["max", "avg"])
def test_gradients_of_pools_of_both_orders(mode: str) -> None:
    settled: Any = ((2, 2), (2, 1), ((0, 1), (1, 0)), True, mode)
    x = np.random.permutation(60).reshape(1, 5, 4, 3) / 60.0
    pool = windows.Pool(*settled)
    pytensor.gradient.verify_grad(pool, [x], rng=np.random, mode=modes.PLAIN)

    def slope(x: Any) -> Any:
        return pytensor.grad(pt.sum(pool(x) ** 3), x)

    pytensor.gradient.verify_grad(slope, [x], rng=np.random, mode=modes.PLAIN, rel_tol=1e-3)


def test_the_first_of_equal_values_has_a_pools_gradient() -> None:
    x = K.placeholder((1, 2, 2, 1))
    (slope,) = K.gradients(K.sum(K.pool2d(x, (2, 2))), [x])
    found = K.function([x], [slope])([np.ones((1, 2, 2, 1))])[0]
    np.testing.assert_array_equal(found.ravel(), [1, 0, 0, 0])


def test_more_samples_than_are_copied_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Conv2D(3, 2, padding="same", strides=2, input_shape=(6, 5, 2))
    model = Sequential([layer])
    model.compile("sgd", "mse")
    a, y = draw(7, 6, 5, 2), draw(7, 3, 3, 3)
    weights = model.get_weights()
    model.train_on_batch(a, y)
    expected = [model.predict(a), *model.get_weights()]
    model.set_weights(weights)
    monkeypatch.setattr(windows, "AT_ONCE", 200)
    model.train_on_batch(a, y)
    for found, wanted in zip([model.predict(a), *model.get_weights()], expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


# ---- errors


def test_a_step_that_fails_is_named() -> None:
    x, y = K.placeholder((None, None)), K.placeholder((None, None))
    run = K.function([x, y], [K.dot(x, y)])
    with pytest.raises(RuntimeError, match=r"`matmul` failed[\s\S]*made at .*test_theano"):
        run([np.ones((2, 3)), np.ones((4, 5))])


def test_kernels_are_not_turned_around() -> None:
    """Weights mean the same on all engines; only files of Theano's times hold them turned."""
    kernel = np.arange(4.0).reshape(2, 2, 1, 1)
    made = K.eval(K.conv2d(K.constant(kernel.reshape(1, 2, 2, 1)), K.constant(kernel)))
    assert made.item() == np.sum(kernel**2)


def test_saved_and_loaded(tmp_path: Path) -> None:
    model, a = network(), draw(3, 6, 6, 2)
    model = Sequential(model.layers[:2])
    model.compile("adam", "mse")
    model.train_on_batch(a, np.zeros((3, 3, 3, 3)))
    model.save(str(tmp_path / "model.h5"))
    again = load_model(str(tmp_path / "model.h5"))
    batch = a, np.ones((3, 3, 3, 3))
    assert again.train_on_batch(*batch) == pytest.approx(model.train_on_batch(*batch), rel=1e-6)
