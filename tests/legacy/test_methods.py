"""Methods in the terms of Keras 1: names, orders, numbers of samples."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from keras import backend as K, constraints, initializers, optimizers, regularizers
from keras.callbacks import TensorBoard
from keras.layers import GRU, Bidirectional, Dense, Input, Lambda, Layer, ZeroPadding2D
from keras.legacy.arguments import LegacyWarning
from keras.legacy.methods import METHODS, ORDERS
from keras.models import Model, Sequential
from keras.utils import Sequence
from keras.utils.data_utils import GeneratorEnqueuer

TESTED = {
    "Bidirectional.__call__", "Constraint.__call__", "GeneratorEnqueuer.__init__",
    "InputLayer.__init__", "Lambda.__init__", "Layer.__call__", "Layer.add_weight",
    "Layer.assert_input_compatibility", "MaxNorm.__call__",
    "MinMaxNorm.__call__", "Model.compile", "Model.evaluate", "Model.evaluate_generator",
    "Model.fit",
    "Model.fit_generator", "Model.predict_generator", "Model.test_on_batch", "Model.train_on_batch",
    "Network.__init__", "NonNeg.__call__", "Optimizer.get_updates",
    "RNN.__call__", "RNN.assert_input_compatibility", "Sequential.__call__",
    "SequenceEnqueuer.start", "TensorBoard.__init__", "UnitNorm.__call__", "batch_normalization",
    "get",
}  # fmt: skip
ROOMS = ("keras.legacy.preprocessing", "keras.legacy.utilities", "keras.legacy.networks")


def model(seed: int = 1) -> Sequential:
    np.random.seed(seed)
    made = Sequential([Dense(1, input_dim=3)])
    made.compile("sgd", "mse")
    return made


class Batches:
    """An endless generator that counts what it was asked for."""

    def __init__(self, size: int, whole: int = 12) -> None:
        self.size = size
        self.x = np.arange(whole * 3.0).reshape(whole, 3) / whole
        self.y = self.x.sum(axis=1)
        self.given = 0

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        start = self.given * self.size % len(self.x)
        self.given += 1
        return self.x[start : start + self.size], self.y[start : start + self.size]


# ---- fit and generators


def test_nb_epoch() -> None:
    x, y = np.ones((8, 3)), np.ones(8)
    with pytest.warns(LegacyWarning, match="`Sequential.fit` .*; today: nb_epoch -> epochs"):
        history = model().fit(x, y, nb_epoch=3, verbose=0)
    assert history.epoch == [0, 1, 2]
    with pytest.raises(TypeError, match="`epochs` and `nb_epoch` mean the same"):
        model().fit(x, y, nb_epoch=3, epochs=3)


@pytest.mark.parametrize("samples", [12, 11, 9])
def test_samples_per_epoch_counts_samples(samples: int) -> None:
    """Batches of 4 make three of 12 samples, and of what is nearly as many."""
    batches, steps = Batches(4), Batches(4)
    old, new = model(), model()
    with pytest.warns(LegacyWarning, match=f"samples_per_epoch={samples} -> steps_per_epoch=3"):
        history = old.fit_generator(
            batches, samples_per_epoch=samples, nb_epoch=2, max_q_size=1, verbose=0
        )
    new.fit_generator(steps, steps_per_epoch=3, epochs=2, max_queue_size=1, verbose=0)
    np.testing.assert_allclose(old.get_weights()[0], new.get_weights()[0])
    assert len(history.epoch) == 2


def test_by_position_as_keras_1_had_it() -> None:
    with pytest.warns(LegacyWarning, match="the second argument counts samples"):
        model().fit_generator(Batches(4), 12, nb_epoch=1, verbose=0)
    with pytest.warns(LegacyWarning) as told:
        made = model().fit_generator(Batches(4), 12, nb_epoch=1, verbose=0, nb_val_samples=8,
                                     validation_data=Batches(2))  # fmt: skip
    assert "nb_val_samples=8 -> validation_steps=4 (batches of 2)" in str(told[0].message)
    assert "val_loss" in made.history


def test_no_batch_is_lost_to_learning_the_size() -> None:
    plain = model().predict_generator(Batches(4), 3)
    with pytest.warns(LegacyWarning, match="val_samples=12 -> steps=3"):
        learnt = model().predict_generator(Batches(4), val_samples=12, nb_worker=1)
    np.testing.assert_allclose(learnt, plain)


def test_evaluate_generator() -> None:
    x, y = Batches(4).x, Batches(4).y
    whole = model().evaluate(x, y, verbose=0)
    with pytest.warns(LegacyWarning):
        assert model().evaluate_generator(Batches(4), val_samples=12) == pytest.approx(whole)
    with pytest.warns(LegacyWarning, match="val_samples=3 -> steps=3"):
        # Fewer than a batch has can't be samples: scripts of Keras 2 said it so.
        assert model().evaluate_generator(Batches(4), val_samples=3) == pytest.approx(whole)


def test_the_size_of_a_sequence_and_of_an_iterator() -> None:
    class Fixed(Sequence):
        def __len__(self) -> int:
            return 3

        def __getitem__(self, i: int) -> Any:
            return np.ones((4, 3)) * i, np.ones(4)

    with pytest.warns(LegacyWarning, match=r"steps_per_epoch=3 \(batches of 4\)"):
        model().fit_generator(Fixed(), samples_per_epoch=12, nb_epoch=1, verbose=0)
    batches = Batches(4)
    batches.batch_size = 6  # type: ignore[attr-defined]  # as image iterators have it
    with pytest.warns(LegacyWarning, match=r"steps=2 \(batches of 6\)"):
        model().predict_generator(batches, val_samples=12)


def test_both_counts_are_refused() -> None:
    with pytest.raises(TypeError, match="`steps_per_epoch` and `samples_per_epoch` are two ways"):
        model().fit_generator(Batches(4), samples_per_epoch=4, steps_per_epoch=1)


def test_the_order_of_the_documents() -> None:
    x, y = np.random.rand(4, 3), np.arange(4.0)
    weights = np.array([1.0, 0.0, 0.0, 0.0])
    with pytest.warns(LegacyWarning, match=r"the order \(x, y, class_weight, sample_weight\)"):
        old = model().train_on_batch(x, y, None, weights)
    assert old == pytest.approx(model().train_on_batch(x, y, sample_weight=weights))


def test_compile_had_the_mode_in_fourth_place() -> None:
    made = Sequential([Dense(2, input_shape=(3, 4))])
    with pytest.warns(LegacyWarning, match="the order"):
        made.compile("sgd", "mse", [], "temporal")
    assert made.sample_weight_mode == "temporal"


def test_accuracy_was_shown_on_demand() -> None:
    x, y = np.ones((4, 3)), np.ones(4)
    made = model()
    for call in (made.fit, made.evaluate, made.train_on_batch, made.test_on_batch):
        with pytest.warns(
            LegacyWarning, match=r"show_accuracy -> compile\(metrics=\['accuracy'\]\)"
        ):
            call(x, y, show_accuracy=True)


def test_model_by_input_and_output() -> None:
    x = Input((3,))
    with pytest.warns(LegacyWarning, match="`Model` .*: input -> inputs, output -> outputs"):
        made = Model(input=x, output=Dense(2)(x))
    assert made.output_shape == (None, 2)
    with pytest.raises(TypeError, match="mean the same"):
        Model(input=x, inputs=x, output=x)


# ---- warnings


def test_one_warning_for_each_line() -> None:
    """However often it runs; and another line warns again."""
    source = (
        "for _ in range(3):\n    layer = Dense(output_dim=2)\nDense(output_dim=2, bias=False)\n"
    )
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("default")
        exec(compile(source, "script.py", "exec"), {"Dense": Dense, "__name__": "script"})
    assert [(w.filename, w.lineno, w.category) for w in told] == [
        ("script.py", 2, LegacyWarning),
        ("script.py", 3, LegacyWarning),
    ]
    assert str(told[1].message) == (
        "`Dense` is called in the terms of Keras 1; today: output_dim -> units, bias -> use_bias."
    )


def test_terms_of_today_say_nothing() -> None:
    """A warning would be an error here. `lr`, `decay` and `batch_input_shape` are good terms."""
    made = Sequential([Dense(2, batch_input_shape=(None, 3)), Dense(1)])
    made.compile(optimizers.SGD(lr=0.1, decay=1e-6), "mse", ["acc"])
    made.fit(np.ones((4, 3)), np.ones(4), 2, 1, 0)


# ---- the others


def test_add_weight_began_with_the_shape() -> None:
    class Old(Layer):
        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight((2, 3), "one", "w")
            self.v = self.add_weight((2,), initializer="zero", name="v", trainable=False)
            self.u = self.add_weight("u", (4,), initializer="ones")

    layer = Old()
    with pytest.warns(LegacyWarning, match="initializer, name"):
        layer.build((None, 2))
    assert [w.shape for w in layer.get_weights()] == [(2, 3), (4,), (2,)]
    assert [w.name.split(":")[0].split("/")[-1] for w in layer.weights] == ["w", "u", "v"]
    np.testing.assert_array_equal(layer.get_weights()[0], np.ones((2, 3)))


def test_get_updates_was_told_the_constraints() -> None:
    w = K.variable(np.array([3.0, -1.0]))
    with pytest.warns(LegacyWarning, match=r"\(params, constraints, loss\) -> \(loss, params\)"):
        updates = optimizers.SGD(lr=0.5).get_updates(
            [w], {w: constraints.NonNeg()}, K.sum(K.square(w))
        )
    K.function([], [], updates)([])
    np.testing.assert_allclose(K.get_value(w), [0.0, 0.0])
    assert isinstance(w.constraint, constraints.NonNeg)


@pytest.mark.parametrize("name", ["MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"])
def test_constraints_called_it_p(name: str) -> None:
    w = K.variable(np.array([[3.0, -4.0]]))
    made = getattr(constraints, name)()
    with pytest.warns(LegacyWarning, match="p -> w"):
        old = made(p=w)
    np.testing.assert_allclose(K.eval(old), K.eval(made(w)))
    with pytest.warns(LegacyWarning, match="m -> max_value"):
        assert constraints.maxnorm(m=2.5).max_value == 2.5


def test_names_with_arguments() -> None:
    with pytest.warns(LegacyWarning, match="kwargs -> "):
        assert regularizers.get("l2", {"l": 0.3}).l2 == pytest.approx(0.3)
    with pytest.warns(LegacyWarning):
        assert constraints.get("maxnorm", kwargs={"max_value": 3}).max_value == 3
    with pytest.warns(LegacyWarning):
        made = optimizers.get("sgd", {"lr": 0.25})
    assert float(K.get_value(made.lr)) == 0.25
    assert isinstance(regularizers.get("l1l2"), regularizers.L1L2)
    assert isinstance(initializers.get("zero"), initializers.Zeros)


def test_inputs_were_called_input() -> None:
    for layer, shape in ((ZeroPadding2D(), (2, 3)), (GRU(2), (2,))):
        with pytest.warns(LegacyWarning, match="input -> inputs"), pytest.raises(ValueError):
            layer.assert_input_compatibility(input=Input(shape))


@pytest.mark.parametrize(
    "make",
    [
        lambda: Dense(2),
        lambda: GRU(2),
        lambda: Bidirectional(GRU(2)),
        lambda: Sequential([Dense(2, input_shape=(4, 3))]),
    ],
    ids=["Layer", "RNN", "Bidirectional", "Sequential"],
)
def test_layers_were_called_on_x(make: Any) -> None:
    layer, x = make(), Input((4, 3))
    with pytest.warns(LegacyWarning, match="x -> inputs"):
        old = layer(x=x)
    np.random.seed(3)
    rows = np.random.normal(size=(2, 4, 3))
    np.testing.assert_array_equal(
        Model(x, old).predict(rows), Model(x, layer(x)).predict(rows), strict=True
    )


def test_an_argument_that_is_called_x_stays_one() -> None:
    class Scaled(Layer):
        def call(self, inputs: Any, x: float = 2.0) -> Any:
            return inputs * x

    inputs = Input((1,))
    made = Model(inputs, Scaled()(inputs, x=3.0))
    np.testing.assert_array_equal(made.predict(np.ones((1, 1))), [[3.0]])
    with pytest.raises(TypeError, match="unexpected keyword argument 'x'"):
        Dense(2)(inputs, x=inputs)


def test_a_function_had_its_arguments_third() -> None:
    x = Input((1,))
    with pytest.warns(LegacyWarning, match=r"the order \(function, output_shape, arguments\)"):
        made = Lambda(lambda x, a: a * x, None, {"a": 3.0})
    np.testing.assert_array_equal(Model(x, made(x)).predict(np.ones((1, 1))), [[3.0]])
    assert Lambda(lambda x: x, None, None, {}).mask is None


def test_tensorboard_had_no_batch_size(tmp_path: Any) -> None:
    with pytest.warns(LegacyWarning, match=r"write_graph, write_images\) -> arguments by name"):
        made = TensorBoard(str(tmp_path), 1, False, True)
    assert (made.batch_size, made.write_graph, made.write_images) == (32, False, True)
    assert TensorBoard(str(tmp_path), 1, 16, False).batch_size == 16


def test_normalisation_had_no_axis() -> None:
    x, mean, var = (K.variable(np.full(3, value)) for value in (5.0, 1.0, 3.0))
    with pytest.warns(LegacyWarning, match=r"\(x, mean, var, beta, gamma, epsilon\)"):
        old = K.batch_normalization(x, mean, var, None, None, 1.0)
    np.testing.assert_allclose(K.eval(old), np.full(3, (5 - 1) / np.sqrt(3 + 1)), rtol=1e-6)


def test_a_queue() -> None:
    with pytest.warns(LegacyWarning, match="generator -> sequence, pickle_safe -> use_multi"):
        queue = GeneratorEnqueuer(generator=Batches(4), pickle_safe=False)
    with pytest.warns(LegacyWarning, match="nb_worker -> workers, wait_time is gone"):
        queue.start(max_q_size=2, nb_worker=1, wait_time=0.1)
    x, _ = next(queue.get())
    queue.stop()
    assert x.shape == (4, 3)


def test_every_row_is_looked_at() -> None:
    """Rows of other rooms are tested with them."""
    import importlib

    others: set[str] = set()
    for room in ROOMS:
        module = importlib.import_module(room)
        others |= {*getattr(module, "METHODS", {}), *getattr(module, "ORDERS", {})}
    assert (METHODS.keys() | ORDERS.keys()) - others == TESTED
