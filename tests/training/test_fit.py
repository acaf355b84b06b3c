"""`compile` and `fit`: forms that mean the same, what an epoch is, hooks, what callbacks see."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pytest

from keras import backend as K, losses, metrics, optimizers
from keras.callbacks import Callback, LambdaCallback, LearningRateScheduler
from keras.layers import Dense, Input, Layer
from keras.models import Model, Sequential

RNG = np.random.default_rng(9)
X = RNG.normal(size=(20, 4)).astype("float32")
Y = (X.sum(axis=1, keepdims=True) > 0).astype("float32")
ONE_HOT = np.eye(3, dtype="float32")[RNG.integers(0, 3, 20)]
CLASSES = ONE_HOT.argmax(axis=1)[:, None]


def dense(**compiled: Any) -> Sequential:
    np.random.seed(1)
    model = Sequential([Dense(1, activation="sigmoid", input_shape=(4,), name="out")])
    model.compile(**{"optimizer": "sgd", "loss": "binary_crossentropy", **compiled})
    return model


def two(**compiled: Any) -> Model:
    np.random.seed(1)
    x = Input((4,))
    h = Dense(3, activation="tanh")(x)
    a = Dense(1, activation="sigmoid", name="a")(h)
    b = Dense(3, activation="softmax", name="b")(h)
    model = Model(x, [a, b])
    model.compile(**{"optimizer": "sgd", **compiled})
    return model


# ---- compile: forms that mean the same


def _own(y_true: Any, y_pred: Any) -> Any:
    return K.mean(K.binary_crossentropy(y_true, y_pred), axis=-1)


LOSSES = [
    "binary_crossentropy",
    losses.binary_crossentropy,
    losses.BinaryCrossentropy(),
    _own,
    ["binary_crossentropy"],
    {"out": "binary_crossentropy"},
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: str(loss).partition(" at ")[0])
def test_forms_of_a_loss(loss: Any) -> None:
    score = dense(loss=loss).evaluate(X, Y, verbose=0)
    p = dense().predict(X).astype("float64")
    assert score == pytest.approx(-np.mean(Y * np.log(p) + (1 - Y) * np.log(1 - p)), rel=1e-5)


FORMS: list[dict[str, Any]] = [
    {"loss": ["binary_crossentropy", "categorical_crossentropy"], "loss_weights": [0.3, 2.0]},
    {
        "loss": {"b": "categorical_crossentropy", "a": "binary_crossentropy"},
        "loss_weights": {"b": 2.0, "a": 0.3},
    },
    {
        "loss": [losses.BinaryCrossentropy(), losses.categorical_crossentropy],
        "loss_weights": [0.3, 2.0],
    },
]


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_several_losses(form: dict[str, Any]) -> None:
    model = two(**form)
    total, first, second = model.evaluate(X, [Y, ONE_HOT], verbose=0)
    assert model.metrics_names == ["loss", "a_loss", "b_loss"]
    assert total == pytest.approx(0.3 * first + 2.0 * second, rel=1e-5)
    by_name = model.evaluate(X, {"a": Y, "b": ONE_HOT}, verbose=0)
    np.testing.assert_allclose(by_name, [total, first, second], rtol=1e-6)


def test_an_output_without_a_loss_takes_no_target() -> None:
    model = two(loss={"b": "categorical_crossentropy"})
    score = model.evaluate(X, ONE_HOT, verbose=0)
    other = two(loss=[None, "categorical_crossentropy"])
    assert np.ravel(score)[0] == pytest.approx(np.ravel(other.evaluate(X, ONE_HOT, verbose=0))[0])


@pytest.mark.parametrize("optimizer", ["sgd", "SGD", optimizers.SGD(), optimizers.SGD(lr=0.01)])
def test_forms_of_an_optimizer(optimizer: Any) -> None:
    model = dense(optimizer=optimizer)
    assert isinstance(model.optimizer, optimizers.SGD)
    assert K.get_value(model.optimizer.lr) == pytest.approx(0.01)


@pytest.mark.parametrize("spelling", ["acc", "accuracy"])
def test_accuracy_is_shown_as_written_and_found_either_way(spelling: str) -> None:
    history = dense(metrics=[spelling]).fit(X, Y, verbose=0, validation_data=(X, Y)).history
    assert set(history) == {"loss", spelling, "val_loss", f"val_{spelling}"}
    assert history["acc"] == history["accuracy"]
    assert history["val_acc"] == history["val_accuracy"]


@pytest.mark.parametrize(
    ("units", "loss", "target"),
    [
        (1, "binary_crossentropy", Y),
        (1, "mse", Y),
        (3, "categorical_crossentropy", ONE_HOT),
        (3, "sparse_categorical_crossentropy", CLASSES),
        (3, "binary_crossentropy", ONE_HOT),
    ],
)
def test_the_accuracy_that_suits(units: int, loss: str, target: np.ndarray) -> None:
    model = Sequential([Dense(units, activation="sigmoid", input_shape=(4,))])
    model.compile("sgd", loss, metrics=["accuracy"])
    p = model.predict(X)
    if units == 1 or loss == "binary_crossentropy":
        expected = ((p > 0.5) == target).mean()
    else:
        numbers = target if loss.startswith("sparse") else target.argmax(axis=1)[:, None]
        expected = (p.argmax(axis=1)[:, None] == numbers).mean()
    assert model.evaluate(X, target, verbose=0)[1] == pytest.approx(expected)


def test_forms_of_metrics() -> None:
    def worst(y_true: Any, y_pred: Any) -> Any:
        return K.max(K.abs(y_true - y_pred), axis=-1)

    given = ["mae", metrics.mae, worst, metrics.AUC(), metrics.MeanSquaredError(name="squares")]
    model = dense(metrics=given)
    score = dict(zip(model.metrics_names, model.evaluate(X, Y, verbose=0), strict=True))
    p = model.predict(X)
    assert score["mae"] == pytest.approx(abs(p - Y).mean(), rel=1e-5)
    assert score["worst"] == pytest.approx(abs(p - Y).mean(), rel=1e-5)
    assert score["squares"] == pytest.approx(((p - Y) ** 2).mean(), rel=1e-5)
    several = two(loss="mse", metrics={"b": ["mae", "acc"]})
    assert several.metrics_names == ["loss", "a_loss", "b_loss", "b_mae", "b_acc"]


def test_a_function_that_returns_a_dict() -> None:
    def both(y_true: Any, y_pred: Any) -> dict[str, Any]:
        return {"mean": K.mean(y_pred), "largest": K.max(y_pred)}

    model = dense(metrics=[both])
    score = dict(zip(model.metrics_names, model.evaluate(X, Y, 20, verbose=0), strict=True))
    p = model.predict(X)
    assert score["mean"] == pytest.approx(p.mean(), rel=1e-5)
    assert score["largest"] == pytest.approx(p.max(), rel=1e-5)


def test_weighted_metrics_count_the_weights_and_others_do_not() -> None:
    weights = np.arange(1.0, 21.0)
    model = dense(metrics=["mae"], weighted_metrics=["mae"])
    p = model.predict(X).astype("float64")
    losses_ = -(Y * np.log(p) + (1 - Y) * np.log(1 - p))[:, 0]
    loss, plain, weighted = model.evaluate(X, Y, verbose=0, sample_weight=weights)
    assert loss == pytest.approx((losses_ * weights).mean(), rel=1e-5)
    assert plain == pytest.approx(abs(p - Y).mean(), rel=1e-5)
    assert weighted == pytest.approx(np.average(abs(p - Y)[:, 0], weights=weights), rel=1e-5)


@pytest.mark.parametrize("mode", ["temporal", ["temporal"], {"steps": "temporal"}])
def test_weights_of_time_steps(mode: Any) -> None:
    x, y = RNG.normal(size=(6, 5, 2)), RNG.normal(size=(6, 5, 1))
    weights = RNG.uniform(size=(6, 5))
    model = Sequential([Dense(1, input_shape=(5, 2), name="steps")])
    model.compile("sgd", "mse", sample_weight_mode=mode)
    p = model.predict(x)
    expected = ((p - y)[..., 0] ** 2 * weights).mean()
    score = model.evaluate(x, y, sample_weight=weights, verbose=0)
    assert score == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("form", [lambda t: t, lambda t: [t], lambda t: {"out": t}])
def test_targets_that_are_tensors(form: Any) -> None:
    target = K.variable(Y)
    model = dense(target_tensors=form(target))
    expected = dense().train_on_batch(X, Y)
    assert model.train_on_batch(X, None) == pytest.approx(expected, rel=1e-6)


def test_losses_and_metrics_that_layers_add() -> None:
    class Both(Layer):
        def call(self, x: Any) -> Any:
            self.add_loss(K.mean(K.square(x)), inputs=x)
            self.add_metric(K.max(x), name="largest")
            return x

    model = Sequential([Both(input_shape=(4,)), Dense(1)])
    model.compile("sgd", "mse")
    p = model.predict(X)
    score = dict(zip(model.metrics_names, model.evaluate(X, Y, 20, verbose=0), strict=True))
    assert score["loss"] == pytest.approx(((p - Y) ** 2).mean() + (X**2).mean(), rel=1e-5)
    assert score["largest"] == pytest.approx(X.max(), rel=1e-6)


def test_frozen_is_what_was_so_at_compile() -> None:
    model = Sequential([Dense(3, input_shape=(4,), name="first"), Dense(1)])
    model.layers[0].trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(X, Y, verbose=0)
    after = model.get_weights()
    np.testing.assert_array_equal(before[0], after[0])
    assert (before[2] != after[2]).any()
    model.layers[0].trainable = True
    with pytest.warns(UserWarning, match="trainable"):
        model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    assert (model.get_weights()[0] != before[0]).any()


# ---- fit: which samples, which epochs


class Seen(Callback):
    """The samples of each batch, told apart by their first number."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        self.sizes.append(logs["size"])


def order_of(shuffle: Any, epochs: int, rows: int = 10, size: int = 3) -> list[list[float]]:
    """What a model of one weight saw, epoch by epoch: its loss is the sum of its batch."""
    told: list[float] = []
    model = Sequential([Dense(1, input_shape=(1,), use_bias=False, kernel_initializer="ones")])
    model.compile(optimizers.SGD(lr=0.0), lambda y, p: K.sum(p + 0 * y) / 1.0)
    x = 2.0 ** np.arange(rows)[:, None]
    note = LambdaCallback(on_batch_end=lambda batch, logs: told.append(round(logs["loss"])))
    model.fit(x, x, size, epochs=epochs, verbose=0, shuffle=shuffle, callbacks=[note])
    each = -(-rows // size)
    return [told[i : i + each] for i in range(0, len(told), each)]


def members(total: float) -> list[int]:
    return [i for i in range(10) if int(total) >> i & 1]


def test_without_shuffling_samples_come_as_they_are() -> None:
    batches = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert [[members(t) for t in epoch] for epoch in order_of(False, 2)] == [batches] * 2


def test_shuffling_shows_each_sample_once_an_epoch() -> None:
    epochs = [[members(t) for t in epoch] for epoch in order_of(True, 4)]
    assert all(sorted(chain(*epoch)) == list(range(10)) for epoch in epochs)
    assert len({str(epoch) for epoch in epochs}) > 1


def test_shuffling_batches_keeps_them_together() -> None:
    epochs = [[members(t) for t in epoch] for epoch in order_of("batch", 6)]
    whole = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert all(sorted(epoch[:3]) == whole and epoch[3] == [9] for epoch in epochs)
    assert len({str(epoch) for epoch in epochs}) > 1
    with pytest.raises(ValueError, match="`shuffle` is True, False or 'batch'"):
        order_of("batches", 1)


def test_the_split_is_the_last_part_before_shuffling() -> None:
    model = dense(optimizer=optimizers.SGD(lr=0.0))
    history = model.fit(X, Y, verbose=0, epochs=2, validation_split=0.3).history
    loss = model.evaluate(X[14:], Y[14:], verbose=0)
    assert history["val_loss"] == pytest.approx([loss, loss], rel=1e-6)
    assert history["loss"][0] == pytest.approx(model.evaluate(X[:14], Y[:14], verbose=0), rel=1e-6)
    given = model.fit(X, Y, verbose=0, validation_split=0.3, validation_data=(X[:3], Y[:3]))
    expected = model.evaluate(X[:3], Y[:3], verbose=0)
    assert given.history["val_loss"][0] == pytest.approx(expected, rel=1e-6)
    weighted = model.fit(X, Y, verbose=0, validation_data=(X, Y, np.full(20, 2.0)))
    assert weighted.history["val_loss"][0] == pytest.approx(2 * model.evaluate(X, Y, verbose=0))


@pytest.mark.parametrize(("frequency", "epochs"), [(1, 4), (2, 2), (3, 1), ([1, 4], 2), ({2}, 1)])
def test_how_often_there_is_validation(frequency: Any, epochs: int) -> None:
    history = dense().fit(
        X, Y, epochs=4, verbose=0, validation_data=(X, Y), validation_freq=frequency
    )
    assert len(history.history["val_loss"]) == epochs
    assert len(history.history["loss"]) == 4


def test_steps_of_validation_are_the_first_batches() -> None:
    model = dense(optimizer=optimizers.SGD(lr=0.0))
    history = model.fit(X, Y, 8, verbose=0, validation_data=(X, Y), validation_steps=2)
    expected = model.evaluate(X[:16], Y[:16], verbose=0)
    assert history.history["val_loss"][0] == pytest.approx(expected, rel=1e-6)


def test_numbers_of_epochs() -> None:
    history = dense().fit(X, Y, epochs=5, initial_epoch=3, verbose=0)
    assert history.epoch == [3, 4]
    assert dense().fit(X, Y, epochs=2, initial_epoch=2, verbose=0).epoch == []
    for wrong in (-1, 1.5, True):
        with pytest.raises(ValueError, match="`epochs` is a number of epochs"):
            dense().fit(X, Y, epochs=wrong, verbose=0)


def test_weights_by_class_are_weights_of_samples() -> None:
    by_class = dense().fit(X, Y, verbose=0, shuffle=False, class_weight={0: 0.5, 1: 2.0})
    by_sample = dense().fit(
        X, Y, verbose=0, shuffle=False, sample_weight=np.where(Y[:, 0], 2.0, 0.5)
    )
    assert by_class.history["loss"] == pytest.approx(by_sample.history["loss"], rel=1e-6)


def test_the_loss_of_an_epoch_is_weighted_by_the_sizes_of_its_batches() -> None:
    model = dense(optimizer=optimizers.SGD(lr=0.0))
    history = model.fit(X, Y, batch_size=7, verbose=0)
    assert history.history["loss"][0] == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-6)


# ---- what callbacks see


def test_hooks_come_in_the_order_of_the_original() -> None:
    told: list[str] = []

    def hook(name: str) -> Any:
        def call(self: Any, *args: Any) -> None:
            told.append(f"{name} {args[0]}" if len(args) == 2 else name)

        return call

    names = [
        "on_train_begin",
        "on_train_end",
        "on_epoch_begin",
        "on_epoch_end",
        "on_train_batch_begin",
        "on_train_batch_end",
        "on_test_begin",
        "on_test_end",
        "on_test_batch_begin",
        "on_test_batch_end",
    ]
    teller = type("Teller", (Callback,), {name: hook(name) for name in names})()
    dense().fit(X, Y, 10, epochs=2, verbose=0, validation_data=(X, Y), callbacks=[teller])
    batches = ["on_{0}_batch_begin 0", "on_{0}_batch_end 0"]
    batches += ["on_{0}_batch_begin 1", "on_{0}_batch_end 1"]
    train = [b.format("train") for b in batches]
    test = ["on_test_begin", *(b.format("test") for b in batches), "on_test_end"]
    epochs = [[f"on_epoch_begin {e}", *train, *test, f"on_epoch_end {e}"] for e in range(2)]
    assert told == ["on_train_begin", *epochs[0], *epochs[1], "on_train_end"]


def test_the_older_hooks_hear_of_training_only() -> None:
    told: list[Any] = []

    class Older(Callback):
        def on_batch_begin(self, batch: int, logs: Any = None) -> None:
            told.append(("begin", batch, logs["size"]))

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            told.append(("end", batch, sorted(logs)))

    dense(metrics=["acc"]).fit(X, Y, 15, verbose=0, validation_data=(X, Y), callbacks=[Older()])
    logs = ["acc", "batch", "loss", "size"]
    assert told == [("begin", 0, 15), ("end", 0, logs), ("begin", 1, 5), ("end", 1, logs)]


def test_model_params_and_validation_data() -> None:
    seen: dict[str, Any] = {}

    class Look(Callback):
        def on_train_begin(self, logs: Any = None) -> None:
            seen.update(model=self.model, params=dict(self.params), data=self.validation_data)

    model = dense(metrics=["acc"])
    model.fit(X, Y, 8, epochs=3, verbose=0, validation_split=0.25, callbacks=[Look()])
    assert seen["model"] is model
    assert seen["params"] == {
        "batch_size": 8,
        "epochs": 3,
        "steps": None,
        "samples": 15,
        "verbose": 0,
        "do_validation": True,
        "metrics": ["loss", "acc", "val_loss", "val_acc"],
    }
    x, y, weights = seen["data"][:3]
    np.testing.assert_array_equal(x, X[15:])
    np.testing.assert_array_equal(y, Y[15:])
    np.testing.assert_array_equal(weights, np.ones(5))
    model.fit(X, Y, verbose=0, callbacks=[Look()])
    assert not seen["data"]


def test_a_callback_ends_the_training() -> None:
    class After(Callback):
        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 1

    sizes = Seen()
    history = dense().fit(X, Y, 4, epochs=9, verbose=0, callbacks=[After(), sizes])
    assert (history.epoch, sizes.sizes) == ([0], [4, 4])


def test_a_batch_s_logs_are_its_own() -> None:
    told: list[float] = []
    model = dense(optimizer=optimizers.SGD(lr=0.0))
    note = LambdaCallback(on_batch_end=lambda batch, logs: told.append(logs["loss"]))
    model.fit(X, Y, 7, verbose=0, shuffle=False, callbacks=[note])
    cuts = (slice(0, 7), slice(7, 14), slice(14, 20))
    expected = [model.evaluate(X[cut], Y[cut], verbose=0) for cut in cuts]
    np.testing.assert_allclose(told, expected, rtol=1e-6)


def test_logs_that_are_kept() -> None:
    """Their numbers are those of their batch, however late and in whatever order they are read."""
    kept: list[Any] = []

    def keep(batch: int, logs: Any) -> None:
        if batch == 1:
            assert logs.get("loss") > 0
        kept.append(logs)

    model = dense(optimizer=optimizers.SGD(lr=0.0), metrics=["mae"])
    model.fit(X, Y, 7, verbose=0, shuffle=False, callbacks=[LambdaCallback(on_batch_end=keep)])
    for end, cut, logs in zip((7, 14, 20), (0, 7, 14), kept, strict=True):
        assert logs["loss"] == pytest.approx(model.evaluate(X[cut:end], Y[cut:end], verbose=0)[0])
        assert logs["mae"] == pytest.approx(model.evaluate(X[:end], Y[:end], verbose=0)[1])


@pytest.mark.parametrize(("key", "asked"), [("size", 0), ("loss", 0), ("mae", 3)])
def test_metrics_are_asked_when_they_are_looked_at(key: str, asked: int) -> None:
    model = dense(metrics=["mae"])
    look = LambdaCallback(on_batch_end=lambda batch, logs: logs[key])
    times: list[None] = []
    model.fit(X, Y, 7, verbose=0)
    results = model._steps.results
    model._steps.results = lambda: times.append(None) or results()
    model.fit(X, Y, 7, verbose=0, callbacks=[look])
    assert len(times) == asked + 1  # and once at the end of the epoch


def test_a_schedule_sets_the_rate_that_the_epoch_uses() -> None:
    model = dense()
    rates = [0.0, 0.1]
    history = model.fit(
        X, Y, epochs=2, verbose=0, callbacks=[LearningRateScheduler(lambda epoch: rates[epoch])]
    )
    assert history.history["lr"] == pytest.approx(rates)
    assert history.history["loss"][0] == pytest.approx(history.history["loss"][1], rel=1e-6)


# ---- single batches


def test_metrics_of_single_batches_go_on_if_asked() -> None:
    model = dense(metrics=["acc"])
    first = model.test_on_batch(X[:8], Y[:8])
    model.reset_metrics()
    model.test_on_batch(X[:8], Y[:8], reset_metrics=False)
    both = model.test_on_batch(X[8:], Y[8:], reset_metrics=False)
    model.reset_metrics()
    assert model.test_on_batch(X[:8], Y[:8]) == pytest.approx(first)
    expected = model.evaluate(X, Y, verbose=0)[1]
    assert both[1] == pytest.approx(expected)


def test_weights_of_a_single_batch() -> None:
    weights = np.arange(20.0)
    p = dense().predict(X).astype("float64")
    losses_ = -(Y * np.log(p) + (1 - Y) * np.log(1 - p))[:, 0]
    expected = (losses_ * weights).mean()
    assert dense().train_on_batch(X, Y, weights) == pytest.approx(expected, rel=1e-5)
    assert dense().test_on_batch(X, Y, sample_weight=weights) == pytest.approx(expected, rel=1e-5)
    by_class = dense().train_on_batch(X, Y, class_weight={0: 1.0, 1: 3.0})
    expected = (losses_ * np.where(Y[:, 0], 3.0, 1.0)).mean()
    assert by_class == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "dtype",
    ["bool", "uint8", "int64", "uint64", "float16", "float64", "longdouble", ">f4", ">f8", ">i4"],
)
def test_numbers_of_all_kinds(dtype: str) -> None:
    rows = np.arange(X.size).reshape(X.shape) % 2
    model, other = dense(), dense()
    expected = model.predict(rows.astype("float32"))
    for _ in range(3):  # the second time the function is known
        np.testing.assert_array_equal(model.predict(rows.astype(dtype)), expected)
    loss = model.train_on_batch(rows.astype("float32"), Y)
    assert other.train_on_batch(rows.astype(dtype), Y.astype(dtype)) == loss
