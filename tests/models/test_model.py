"""Models as things that train: what compile is told, subclasses, what they offer beside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K, losses, metrics, optimizers
from keras.layers import Dense, Dropout, Input, Layer
from keras.models import Model, Sequential


def draw(*shape: int) -> np.ndarray:
    return np.random.normal(size=shape).astype("float32")


def two_outputs() -> Any:
    x = Input((3,), name="x")
    return Model(x, [Dense(2, name="p")(x), Dense(1, name="q")(x)], name="net")


def mse(model: Any, x: np.ndarray, targets: list[np.ndarray]) -> list[float]:
    pairs = zip(model.predict(x), targets, strict=True)
    return [float(np.mean((y - t) ** 2)) for y, t in pairs]


# ---- compile


LOSSES: dict[str, Any] = {
    "one for all": ("mse", None, [1, 1]),
    "a list": (["mse", losses.mean_squared_error], None, [1, 1]),
    "a dict": ({"q": "mse", "p": "mse"}, None, [1, 1]),
    "objects": ([losses.MeanSquaredError(), "mse"], None, [1, 1]),
    "one output left alone": ({"p": "mse"}, None, [1, 0]),
    "None in a list": ([None, "mse"], None, [0, 1]),
    "weights": ("mse", [2.0, 0.5], [2, 0.5]),
    "weights by name": ("mse", {"q": 3.0}, [1, 3]),
}


@pytest.mark.parametrize("case", LOSSES)
@pytest.mark.filterwarnings("ignore:.*no loss")
def test_losses_of_outputs(case: str) -> None:
    loss, weights, factors = LOSSES[case]
    model = two_outputs()
    model.compile("sgd", loss, loss_weights=weights)
    x, targets = draw(8, 3), [draw(8, 2), draw(8, 1)]
    parts = mse(model, x, targets)
    fed = {"p": targets[0], "q": targets[1]}
    given = {name: fed[name] for name, f in zip("pq", factors, strict=True) if f}
    got = model.test_on_batch(x, given)
    total = got[0] if isinstance(got, list) else got
    wanted = sum(f * part for f, part in zip(factors, parts, strict=True))
    np.testing.assert_allclose(total, wanted, rtol=1e-5)


def test_names_of_what_is_measured() -> None:
    model = two_outputs()
    assert model.metrics_names == []
    model.compile("sgd", "mse", metrics={"p": ["mae", metrics.MeanSquaredError(name="own")]})
    assert model.metrics_names == ["loss", "p_loss", "q_loss", "p_mae", "p_own"]
    x, targets = draw(8, 3), [draw(8, 2), draw(8, 1)]
    found = dict(zip(model.metrics_names, model.test_on_batch(x, targets), strict=True))
    p, q = mse(model, x, targets)
    wanted = {"loss": p + q, "p_loss": p, "q_loss": q, "p_own": p}
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5)


def test_the_optimizer_given_is_the_one_used() -> None:
    model = two_outputs()
    optimizer = optimizers.SGD(0.5)
    model.compile(optimizer, "mse")
    assert model.optimizer is optimizer
    model.train_on_batch(draw(4, 3), [draw(4, 2), draw(4, 1)])
    assert K.get_value(optimizer.iterations) == 1


def test_compiled_again_it_begins_anew() -> None:
    model = Sequential([Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    model.train_on_batch(draw(4, 3), draw(4, 1))
    weights = model.get_weights()
    model.compile(optimizers.SGD(0.0), "mae", metrics=["mse"])
    assert model.metrics_names == ["loss", "mse"]
    model.train_on_batch(draw(4, 3), draw(4, 1))
    np.testing.assert_array_equal(model.get_weights()[0], weights[0])


def test_arguments_of_an_engine_that_is_gone_are_reported() -> None:
    model = two_outputs()
    with pytest.warns(UserWarning, match="run_metadata"):
        model.compile("sgd", "mse", run_metadata=None)


def test_target_tensors() -> None:
    x = Input((3,))
    model = Model(x, Dense(1)(x))
    target = K.variable(np.ones((4, 1)))
    model.compile("sgd", "mse", target_tensors=[target])
    data = draw(4, 3)
    wanted = np.mean((model.predict(data) - 1) ** 2)
    np.testing.assert_allclose(model.test_on_batch(data, None), wanted, rtol=1e-5)


def test_inputs_that_are_tensors_need_no_data() -> None:
    values = draw(4, 3)
    x = Input(tensor=K.variable(values))
    model = Model(x, Dense(1)(x))
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(model.predict(None, steps=1), values @ kernel + bias, rtol=1e-5)


# ---- add_loss, add_metric


def test_a_loss_of_the_graph_only() -> None:
    x = Input((3,))
    y = Dense(3)(x)
    model = Model(x, y)
    model.add_loss(K.mean(K.square(y - x)))
    model.compile("sgd", None)
    data = draw(8, 3)
    wanted = np.mean((model.predict(data) - data) ** 2)
    np.testing.assert_allclose(model.train_on_batch(data, None), wanted, rtol=1e-5)


def test_a_metric_of_the_graph() -> None:
    x = Input((3,))
    y = Dense(2)(x)
    model = Model(x, y)
    model.add_metric(K.sum(y), name="total")
    model.compile("sgd", "mse")
    data = draw(8, 3)
    assert model.metrics_names == ["loss", "total"]
    _, total = model.test_on_batch(data, draw(8, 2))
    np.testing.assert_allclose(total, model.predict(data).sum(), rtol=1e-4)


# ---- subclasses


class Mixed(Model):
    """A layer, a model, a layer called twice, and training that differs from testing."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first = Dense(4, name="first")
        self.inner = Sequential([Dense(4, name="inside")])
        self.drop = Dropout(0.5)

    def call(self, inputs: Any) -> Any:
        return self.drop(self.first(self.inner(self.first(inputs))))


def test_a_subclass_of_model() -> None:
    model = Mixed()
    model.compile("sgd", "mse", metrics=["mae"])
    assert model.layers == [model.first, model.inner, model.drop]
    x, y = draw(8, 4), draw(8, 4)
    history = model.fit(x, y, epochs=3, verbose=0, validation_split=0.25)
    assert set(history.history) == {"loss", "mae", "val_loss", "val_mae"}
    w, b = model.first.get_weights()
    v, c = model.inner.get_weights()
    wanted = ((x @ w + b) @ v + c) @ w + b
    np.testing.assert_allclose(model.predict(x), wanted, rtol=1e-4, atol=1e-5)
    assert len(model.trainable_weights) == 4


def test_a_subclass_of_model_with_several_ends() -> None:
    class Both(Model):
        def __init__(self) -> None:
            super().__init__()
            self.scale = Dense(3)

        def call(self, inputs: Any) -> Any:
            a, b = inputs
            return [self.scale(a) + b, a - b]

    model = Both()
    model.compile("sgd", "mse")
    a, b = draw(4, 3), draw(4, 3)
    model.fit([a, b], [a, b], verbose=0)
    _, difference = model.predict([a, b])
    np.testing.assert_allclose(difference, a - b, rtol=1e-5, atol=1e-6)


def test_weights_of_a_subclass_go_to_files(tmp_path: Path) -> None:
    one, other = Mixed(), Mixed()
    x = draw(4, 4)
    for model in (one, other):
        model.compile("sgd", "mse")
        model.train_on_batch(x, x)
    one.save_weights(tmp_path / "w.h5")
    other.load_weights(tmp_path / "w.h5")
    np.testing.assert_array_equal(other.predict(x), one.predict(x))


def test_a_subclass_inside_of_a_graph() -> None:
    inner = Mixed()
    x = Input((4,))
    outer = Model(x, Dense(1)(inner(x)))
    outer.compile("sgd", "mse")
    before = inner.first.get_weights()[0]
    outer.train_on_batch(draw(8, 4), draw(8, 1))
    assert (inner.first.get_weights()[0] != before).any()


def test_a_subclass_with_inputs_and_outputs() -> None:
    """Old code subclasses `Model` to wrap a graph, and overrides a method."""

    class Loud(Model):
        def predict(self, *args: Any, **kwargs: Any) -> Any:
            return 2 * super().predict(*args, **kwargs)

    x = Input((3,))
    y = Dense(2)(x)
    data = draw(4, 3)
    np.testing.assert_allclose(Loud(x, y).predict(data), 2 * Model(x, y).predict(data), rtol=1e-6)


def test_a_model_of_nothing() -> None:
    for model in (Model(), Sequential()):
        with pytest.raises((NotImplementedError, ValueError), match=r"neither|no layers"):
            model.predict(draw(2, 3))


# ---- the functions that run


def test_functions_can_be_asked_for() -> None:
    model = two_outputs()
    model._make_predict_function()
    model.compile("sgd", "mse")
    model._make_train_function()
    model._make_test_function()
    assert model.predict_function.source.startswith("def predict_function(")
    assert "kernel" in model.train_function.source
    with pytest.raises(RuntimeError, match="must be compiled"):
        _ = two_outputs().train_function


def test_what_was_noted_after_the_model_was_made_counts() -> None:
    class Noting(Layer):
        def call(self, inputs: Any) -> Any:
            self.add_loss(K.mean(inputs), inputs)
            return inputs * 1.0

    x = Input((3,))
    model = Model(x, Noting()(Dense(2)(x)))
    assert len(model.losses) == 1
    model.layers[1].add_loss(3.0)
    assert len(model.losses) == 2
    model.compile("sgd", "mse")
    data = draw(4, 3)
    y = model.predict(data)
    got = model.test_on_batch(data, y)
    np.testing.assert_allclose(got, y.mean() + 3.0, rtol=1e-4)


@pytest.mark.parametrize(("written", "meant"), [("metric", "metrics"), ("losses", "loss")])
def test_a_misspelt_argument_of_compile(written: str, meant: str) -> None:
    model = Sequential([Dense(1, input_shape=(2,))])
    with pytest.raises(TypeError, match=f"`{written}`; did you mean `{meant}`"):
        model.compile("sgd", "mse", **{written: ["mse"]})
