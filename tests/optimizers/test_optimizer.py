"""What the base does: names, clipping, constraints, numbers that change, classic subclasses."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K, constraints, models, optimizers
from keras.layers import Dense
from keras.optimizers import SGD, Adam, Optimizer


def step(optimizer: Any, slopes: list[Any], **variable: Any) -> list[Any]:
    """How far parameters at zero move in one step, against given gradients."""
    params = [K.variable(np.zeros_like(slope), **variable) for slope in slopes]
    loss = sum(K.sum(slope * p) for slope, p in zip(slopes, params, strict=True))
    K.function([], [], updates=optimizer.get_updates(loss, params))([])
    return [K.get_value(p) for p in params]


SLOPES = [np.array([3.0, 0.0]), np.array([[4.0]])]  # of norm 5 together


def test_clipnorm_is_of_all_gradients_together() -> None:
    np.testing.assert_allclose(step(SGD(1.0, clipnorm=1.0), SLOPES)[0], [-0.6, 0.0], rtol=1e-6)
    np.testing.assert_allclose(step(SGD(1.0, clipnorm=1.0), SLOPES)[1], [[-0.8]], rtol=1e-6)
    np.testing.assert_allclose(step(SGD(1.0, clipnorm=9.0), SLOPES)[0], [-3.0, 0.0], rtol=1e-6)


def test_clipnorm_of_no_gradient() -> None:
    np.testing.assert_array_equal(step(SGD(1.0, clipnorm=1.0), [np.zeros(2)])[0], [0.0, 0.0])


def test_clipvalue_comes_after_clipnorm() -> None:
    np.testing.assert_allclose(step(SGD(1.0, clipvalue=3.5), SLOPES)[1], [[-3.5]])
    moved = step(SGD(1.0, clipnorm=1.0, clipvalue=0.7), SLOPES)
    np.testing.assert_allclose(moved[0], [-0.6, 0.0], rtol=1e-6)
    np.testing.assert_allclose(moved[1], [[-0.7]], rtol=1e-6)


def test_get_gradients_are_clipped_and_plain() -> None:
    params = [K.variable(np.zeros(2)), K.variable(np.zeros((1, 1)))]
    loss = sum(K.sum(slope * p) for slope, p in zip(SLOPES, params, strict=True))
    grads = SGD(clipnorm=1.0).get_gradients(loss, params)
    assert isinstance(grads, list)
    np.testing.assert_allclose(K.eval(grads[1]), [[0.8]], rtol=1e-6)


def test_constraints() -> None:
    moved = step(SGD(1.0), [np.array([1.0, -2.0])], constraint=constraints.NonNeg())
    np.testing.assert_array_equal(moved[0], [0.0, 2.0])


def test_learning_rate_by_all_its_names() -> None:
    for made in (SGD(0.5), SGD(lr=0.5), SGD(learning_rate=0.5), SGD.from_config({"lr": 0.5})):
        assert float(K.get_value(made.lr)) == 0.5
        assert made.lr is made.learning_rate
    with pytest.raises(TypeError, match="got both `learning_rate` and `lr`, which mean the same"):
        SGD(lr=0.1, learning_rate=0.2)
    with pytest.raises(TypeError, match="got two values for `learning_rate`"):
        SGD(0.1, lr=0.2)


def test_hyperparameters_change_while_training() -> None:
    p = K.variable([0.0])
    optimizer = SGD(1.0)
    train = K.function([], [], updates=optimizer.get_updates(K.sum(p), [p]))
    train([])
    K.set_value(optimizer.lr, 10.0)
    train([])
    optimizer.lr = 100.0  # a number becomes the variable's value
    train([])
    optimizer.learning_rate = 1000.0
    train([])
    assert float(K.get_value(p)[0]) == -1111.0
    assert optimizer.get_config()["learning_rate"] == 1000.0


def test_a_learning_rate_may_be_a_tensor() -> None:
    rate = K.variable(0.25)
    assert SGD(rate).lr is rate
    np.testing.assert_allclose(step(SGD(2.0 * rate), [np.array([1.0])])[0], [-0.5])


def test_iterations_are_read_first_and_added_last() -> None:
    p = K.variable([0.0])
    optimizer = SGD(1.0, decay=1.0)
    train = K.function([], [], updates=optimizer.get_updates(K.sum(p), [p]))
    for expected in (-1.0, -1.5, -1.5 - 1 / 3):
        train([])
        assert float(K.get_value(p)[0]) == pytest.approx(expected)
    assert int(K.get_value(optimizer.iterations)) == 3


def test_epsilon_of_the_backend() -> None:
    before = K.epsilon()
    K.set_epsilon(0.5)
    try:
        assert Adam().epsilon == 0.5
        assert Adam(epsilon=None).get_config()["epsilon"] == 0.5
        assert Adam(epsilon=1e-3).epsilon == 1e-3
    finally:
        K.set_epsilon(before)


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("SGD", ["learning_rate", "momentum", "nesterov"]),
        ("RMSprop", ["learning_rate", "rho"]),
        ("Adagrad", ["learning_rate"]),
        ("Adadelta", ["learning_rate", "rho"]),
        ("Adam", ["learning_rate", "beta_1", "beta_2", "amsgrad"]),
        ("Adamax", ["learning_rate", "beta_1", "beta_2"]),
        ("Nadam", ["learning_rate", "beta_1", "beta_2"]),
    ],
)
def test_classic_order_of_arguments(kind: str, first: list[str]) -> None:
    arguments = list(inspect.signature(getattr(optimizers, kind)).parameters)
    assert arguments[: len(first)] == first


def test_names() -> None:
    for name in ("sgd", "SGD", "rmsprop", "Adagrad", "adadelta", "ADAM", "adamax", "nadam"):
        assert type(optimizers.get(name)).__name__.lower() == name.lower()
    optimizer = Adam()
    assert optimizers.get(optimizer) is optimizer
    with pytest.raises(ValueError, match=r"Unknown optimizer `adm`; did you mean `adam`"):
        optimizers.get("adm")
    with pytest.raises(ValueError, match="Expected an optimizer or the name of one, got 3"):
        optimizers.get(3)


# ---- classic subclasses


class ClassicMomentum(Optimizer):
    """As people wrote optimizers for Keras 2."""

    def __init__(self, lr: float = 0.01, momentum: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with K.name_scope(self.__class__.__name__):
            self.iterations = K.variable(0, dtype="int64", name="iterations")
            self.lr = K.variable(lr, name="lr")
            self.momentum = K.variable(momentum, name="momentum")

    def get_updates(self, loss: Any, params: Any) -> list[Any]:
        grads = self.get_gradients(loss, params)
        self.updates = [K.update_add(self.iterations, 1)]
        moments = [K.zeros(K.int_shape(p)) for p in params]
        self.weights = [self.iterations, *moments]
        for p, g, m in zip(params, grads, moments, strict=True):
            v = self.momentum * m - self.lr * g
            self.updates.append(K.update(m, v))
            new_p = p + v
            if getattr(p, "constraint", None) is not None:
                new_p = p.constraint(new_p)
            self.updates.append(K.update(p, new_p))
        return self.updates

    def get_config(self) -> dict[str, Any]:
        config = {
            "lr": float(K.get_value(self.lr)),
            "momentum": float(K.get_value(self.momentum)),
        }
        return {**super().get_config(), **config}


def test_a_classic_optimizer() -> None:
    slopes = [np.array([1.0, -2.0]), np.array([[0.5]])]
    for mine, ours in [({"lr": 0.5}, {"lr": 0.5}), ({"clipnorm": 1.0}, {"clipnorm": 1.0})]:
        got = step(ClassicMomentum(momentum=0.5, **mine), slopes)
        expected = step(SGD(momentum=0.5, **ours), slopes)
        for a, b in zip(got, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)
    optimizer = ClassicMomentum(0.5, clipvalue=0.25)
    assert optimizers.get(optimizer) is optimizer
    config = optimizers.serialize(optimizer)
    assert config["config"] == {"clipvalue": 0.25, "lr": 0.5, "momentum": 0.0}
    again = optimizers.deserialize(config, {"ClassicMomentum": ClassicMomentum})
    assert again.get_config() == optimizer.get_config()
    assert optimizer.clipnorm == 0  # some compare it themselves


def test_a_classic_optimizer_around_another() -> None:
    class Around(Optimizer):
        """With the names in the other order, as agents for games were trained."""

        def __init__(self, optimizer: Any) -> None:
            super().__init__()
            self.optimizer = optimizer

        def get_updates(self, params: Any, loss: Any) -> list[Any]:
            self.updates = self.optimizer.get_updates(params=params, loss=loss)
            return self.updates

    x, y = np.ones((4, 3)), np.ones((4, 1))
    inside, around = (models.Sequential([Dense(1, input_shape=(3,))]) for _ in range(2))
    around.set_weights(inside.get_weights())
    inside.compile(SGD(0.1), "mse")
    around.compile(Around(SGD(0.1)), "mse")
    for model in (inside, around):
        model.train_on_batch(x, y)
    for a, b in zip(inside.get_weights(), around.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_state_of_a_classic_optimizer_is_saved(tmp_path: Path) -> None:
    x, y = np.ones((4, 3)), np.ones((4, 1))
    model = models.Sequential([Dense(1, input_shape=(3,))])
    model.compile(ClassicMomentum(0.1, momentum=0.5), "mse")
    model.train_on_batch(x, y)
    model.save(str(tmp_path / "model.h5"))
    again = models.load_model(str(tmp_path / "model.h5"), {"ClassicMomentum": ClassicMomentum})
    for a, b in zip(model.optimizer.get_weights(), again.optimizer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert again.train_on_batch(x, y) == model.train_on_batch(x, y)


def test_a_rule_of_the_user() -> None:
    class SignDescent(Optimizer):
        learning_rate: optimizers.base.Hyper = 0.1

        def rule(self, p: Any, g: Any, s: Any, lr: Any, t: Any) -> Any:
            return p - lr * K.sign(g)

    moved = step(SignDescent(), [np.array([3.0, -0.2])])
    np.testing.assert_allclose(moved[0], [-0.1, 0.1], rtol=1e-6)


def test_overridden_gradients_are_used() -> None:
    class Doubled(SGD):
        def get_gradients(self, loss: Any, params: Any) -> list[Any]:
            return [2.0 * g for g in super().get_gradients(loss, params)]

    np.testing.assert_allclose(step(Doubled(1.0), [np.array([3.0])])[0], [-6.0])


# ---- messages


def test_a_loss_without_a_path() -> None:
    p, q = K.variable([1.0], name="used"), K.variable([1.0], name="lost")
    with pytest.raises(ValueError, match=r"doesn't depend on `lost:0` by any path"):
        SGD().get_updates(K.sum(p), [p, q])


def test_wrong_state() -> None:
    optimizer = SGD()
    with pytest.raises(ValueError, match=r"`SGD` has 0 weights, got 1 arrays"):
        optimizer.set_weights([np.zeros(())])
    step(optimizer, [np.zeros(2)])
    with pytest.raises(ValueError, match=r"weight 1 .* has shape \(2,\), got .* \(3,\)"):
        optimizer.set_weights([np.zeros(()), np.zeros(3)])


def test_unknown_argument() -> None:
    with pytest.raises(TypeError, match=r"`SGD` got an unknown argument `clip_norm`; did you mean"):
        SGD(clip_norm=1.0)
    with pytest.raises(TypeError, match=r"`Adam` got an unknown argument `momentum`"):
        Adam(momentum=0.9)


def test_an_optimizer_without_a_rule() -> None:
    p = K.variable([1.0])
    with pytest.raises(NotImplementedError, match=r"needs a method `rule\(p, g, s, lr, t\)`"):
        Optimizer().get_updates(K.sum(p), [p])


def test_a_rule_may_only_keep_its_slots() -> None:
    class Wrong(Optimizer):
        learning_rate: optimizers.base.Hyper = 0.1
        slots = ("m",)

        def rule(self, p: Any, g: Any, s: Any, lr: Any, t: Any) -> Any:
            s.v = g
            return p

    p = K.variable([1.0])
    with pytest.raises(AttributeError, match=r"`v` isn't among the `slots`: m"):
        Wrong().get_updates(K.sum(p), [p])


def test_tensorflows_optimizers_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="wraps an optimizer of TensorFlow 1"):
        optimizers.TFOptimizer("AdamOptimizer")


def test_no_engine_is_imported() -> None:
    code = (
        "import sys; from keras import losses, metrics, optimizers, regularizers, constraints;"
        "optimizers.Adam(lr=0.1, decay=0.1); losses.Huber(); metrics.AUC();"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
