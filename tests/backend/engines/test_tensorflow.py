"""What only the TensorFlow engine does: one trace for batches of all sizes, functions of
TensorFlow on symbolic tensors, data that come as tensors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend import config
from keras.backend.ops.native import native
from keras.layers import LSTM, Concatenate, Conv2D, Dense, Dropout, Input, Lambda, Layer
from keras.models import Model, Sequential, load_model

if config.engine() != "tensorflow":
    pytest.skip("KERAS_BACKEND names another engine", allow_module_level=True)

import tensorflow as tf


def draw(*shape: int) -> Any:
    return np.random.normal(size=shape).astype("float32")


def counted() -> tuple[Callable[[Any], Any], list[Any]]:
    """A function that TensorFlow traces, and the shapes that it was traced with."""
    seen: list[Any] = []

    def function(t: Any) -> Any:
        seen.append(tuple(t.shape))
        return tf.abs(t)

    return function, seen


# ---- traces


def test_one_trace_for_batches_of_all_sizes() -> None:
    function, seen = counted()
    x = K.placeholder((None, 3))
    run = K.function([x], [native(function, (x,), {}) + 1.0])
    run([draw(2, 3)])
    before = len(seen)
    for size in (1, 5, 17):
        a = draw(size, 3)
        np.testing.assert_allclose(run([a])[0], np.abs(a) + 1, rtol=1e-6)
    assert len(seen) == before
    assert seen[-1] == (None, 3)


def test_one_trace_for_a_training_with_smaller_last_batches() -> None:
    function, seen = counted()

    class Traced(Layer):
        def call(self, inputs: Any) -> Any:
            return native(function, (inputs,), {})

    model = Sequential([LSTM(3, input_shape=(None, 2)), Dropout(0.5), Traced(), Dense(1)])
    model.compile("adam", "mse")
    model.fit(draw(6, 4, 2), draw(6, 1), batch_size=3, verbose=0)
    before = len(seen)
    model.fit(draw(7, 4, 2), draw(7, 1), batch_size=3, epochs=2, verbose=0)
    model.fit(draw(5, 9, 2), draw(5, 1), batch_size=4, verbose=0)
    assert len(seen) == before


def test_one_program_for_any_number_of_steps() -> None:
    x = K.placeholder((None, None, 2))
    last, outputs, _ = K.rnn(lambda now, held: (now + held[0], [now + held[0]]), x,
                             [K.zeros_like(x[:, 0])])  # fmt: skip
    run = K.function([x], [outputs, last])
    for steps in (4, 1):
        a = draw(3, steps, 2)
        np.testing.assert_allclose(run([a])[0], np.cumsum(a, 1), rtol=1e-5, atol=1e-6)


# ---- functions of TensorFlow on symbolic tensors


def resized(images: Any) -> Any:
    return tf.image.resize(images, (8, 8), "nearest")


def best(scores: Any) -> Any:
    values, places = tf.nn.top_k(tf.reduce_sum(scores, axis=[1, 2]), k=2)
    return K.concatenate([values, K.cast(places, "float32")])


def mixed(x: Any) -> Any:
    flat = tf.reshape(x, [tf.shape(x)[0], 32])
    return tf.where(flat > 0, flat, 0.1 * flat) + K.sum(flat, axis=1, keepdims=True)


def test_values_are_those_of_tensorflow() -> None:
    a = np.abs(draw(5, 4, 4, 2))
    x = Input((4, 4, 2))
    got = Model(x, [Lambda(f)(x) for f in (resized, best, mixed)]).predict(a)
    np.testing.assert_array_equal(got[0], a.repeat(2, 1).repeat(2, 2))
    sums = a.sum((1, 2))
    np.testing.assert_allclose(got[1][:, :2], -np.sort(-sums, 1), rtol=1e-5)
    np.testing.assert_array_equal(got[1][:, 2:], np.argsort(-sums, 1))
    flat = a.reshape(5, 32)
    np.testing.assert_allclose(got[2], flat + flat.sum(1, keepdims=True), rtol=1e-5)


def test_shapes_stay_known() -> None:
    x = K.placeholder((None, 4, 4, 2))
    assert K.int_shape(tf.image.resize(x, (8, 8))) == (None, 8, 8, 2)
    assert [K.int_shape(t) for t in tf.nn.top_k(x, 1)] == [(None, 4, 4, 1)] * 2
    assert tf.nn.top_k(x, 1).indices.dtype == "int32"
    assert K.int_shape(tf.constant(1.0) + x) == (None, 4, 4, 2)
    assert K.eval(tf.shape(K.zeros((2, 3)))).tolist() == [2, 3]


def test_gradients_go_through_tensorflow() -> None:
    a = draw(4, 3)
    x = K.placeholder((None, 3))
    slope = K.gradients(K.sum(tf.sin(x) * tf.square(x)), x)
    wanted = np.cos(a) * a**2 + 2 * a * np.sin(a)
    np.testing.assert_allclose(K.function([x], slope)([a])[0], wanted, rtol=1e-5, atol=1e-6)


def test_a_function_that_knows_only_tensors_of_its_own_is_one_node() -> None:
    layer = Lambda(lambda t: tf.map_fn(lambda row: row * 2.0, t))
    x = Input((3,))
    y = layer(x)
    assert K.int_shape(y) == (None, 3)
    a = draw(4, 3)
    np.testing.assert_allclose(Model(x, y).predict(a), 2 * a, rtol=1e-6)


def test_a_detector_trains_is_saved_and_loaded(tmp_path: Path) -> None:
    x = Input((4, 4, 3))
    h = Conv2D(2, 3, padding="same", activation="relu")(x)
    top, flat = Lambda(best)(Lambda(resized)(h)), Lambda(mixed)(h)
    model = Model(x, Dense(1)(Concatenate()([top, flat])))
    model.compile("adam", "mse")
    a, b = draw(9, 4, 4, 3), draw(9, 1)
    losses = model.fit(a, b, batch_size=4, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(str(tmp_path / "detector.h5"))
    known = {"best": best, "mixed": mixed, "resized": resized}
    again = load_model(str(tmp_path / "detector.h5"), custom_objects=known)
    np.testing.assert_allclose(again.predict(a), model.predict(a), rtol=1e-6)
    assert again.train_on_batch(a, b) == pytest.approx(model.train_on_batch(a, b), rel=1e-5)


# ---- how programs run


def test_foreign_loops_beside_steps_that_are_done_in_order() -> None:
    a = draw(5, 3)
    x = K.placeholder((None, 3))
    doubled = Lambda(lambda t: tf.map_fn(lambda row: row * 2.0, t))(x)
    (made,) = K.function([x], [doubled + 1.0])([a])
    np.testing.assert_allclose(made, 2 * a + 1, rtol=1e-6)


def test_what_a_function_has_captured_goes_in_with_each_call() -> None:
    held = tf.Variable([1.0, 2.0])
    x = K.placeholder((None, 2))
    run = K.function([x], [native(lambda t: t + held, (x,), {})])
    a = draw(4, 2)
    np.testing.assert_allclose(run([a])[0], a + np.array([1, 2]), rtol=1e-6)
    held.assign([5.0, 7.0])
    np.testing.assert_allclose(run([a])[0], a + np.array([5, 7]), rtol=1e-6)


def test_half_floats_are_normalised_with_whole_ones() -> None:
    a = np.random.normal(size=(4, 3, 3, 2)).astype("float32")
    x = K.placeholder((None, 3, 3, 2), dtype="float16")
    gamma, beta = K.constant([1.5, 0.5], "float16"), K.constant([0.0, 1.0], "float16")
    results = K.normalize_batch_in_training(x, gamma, beta, [0, 1, 2])
    normal, centre, spread = K.function([x], list(results))([a])
    assert {y.dtype.name for y in (normal, centre, spread)} == {"float16"}
    wanted = (a - a.mean((0, 1, 2))) / np.sqrt(a.var((0, 1, 2)) + 1e-3) * [1.5, 0.5] + [0.0, 1.0]
    np.testing.assert_allclose(normal, wanted, rtol=1e-2, atol=1e-2)
    np.testing.assert_allclose(spread, a.var((0, 1, 2), ddof=1), rtol=1e-2)


def test_a_session_with_the_documents_configuration() -> None:
    v1 = tf.compat.v1
    config = v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
    before = K.get_session()
    session = v1.Session(graph=v1.get_default_graph(), config=config)
    try:
        K.set_session(session)
        assert K.get_session() is session
        x = K.placeholder((None,))
        assert session.run(K.sum(x), {x: [1.0, 2.0]}) == 3.0
    finally:
        K.set_session(before)
        session.close()


def test_within_a_session_everything_is_computed_at_once() -> None:
    a, b = draw(6, 3), draw(6, 2)
    with tf.compat.v1.Session():
        model = Sequential([Dense(4, input_dim=3), Dropout(0.5), Dense(2)])
        model.compile("adam", "mse")
        losses = model.fit(a, b, batch_size=4, epochs=2, verbose=0).history["loss"]
        assert np.isfinite(losses).all()
        inside = model.predict(a)
        assert K.eval(K.constant(2.0) * 3.0) == 6.0
    np.testing.assert_array_equal(model.predict(a), inside)


# ---- data


def test_tensors_and_data_sets_are_data() -> None:
    model = Sequential([Dense(3, input_dim=4), Dense(2)])
    model.compile("sgd", "mse")
    a, b = draw(11, 4), draw(11, 2)
    start = model.get_weights()
    wanted = model.fit(a, b, batch_size=4, epochs=2, shuffle=False, verbose=0).history["loss"]
    batches = tf.data.Dataset.from_tensor_slices((a, b)).batch(4)
    for x, y, given in [
        (tf.constant(a), tf.constant(b), {"batch_size": 4}),
        (tf.Variable(a), tf.Variable(b), {"batch_size": 4}),
        (batches, None, {}),
    ]:
        model.set_weights(start)
        got = model.fit(x, y, epochs=2, shuffle=False, verbose=0, **given).history["loss"]
        np.testing.assert_allclose(got, wanted, rtol=1e-5)
    np.testing.assert_allclose(model.predict(tf.constant(a)), model.predict(a), rtol=1e-6)
    np.testing.assert_allclose(
        model.predict(batches.map(lambda x, y: x)), model.predict(a), rtol=1e-5
    )
    assert model.evaluate(batches, verbose=0) == pytest.approx(model.evaluate(a, b, verbose=0))


# ---- errors


def test_a_step_that_fails_while_running_is_named() -> None:
    x = K.placeholder((None, 4))
    y = K.placeholder((None, 4))
    run = K.function([x, y], [x + y])
    with pytest.raises(RuntimeError, match=r"`add` failed(.|\n)*given: x1 \(3, 4\), x2 \(2, 4\)"):
        run([draw(3, 4), draw(2, 4)])
