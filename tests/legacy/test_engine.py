"""The helpers that `keras.engine` offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from keras.engine import (
    saving,
    training,
    training_arrays as arrays,
    training_generator as generators,
    training_utils as utils,
)
from keras.engine.base_layer import count_params, disable_tracking

from keras import backend as K, losses
from keras.layers import Conv2D, Dense
from keras.models import Sequential

X = np.random.RandomState(0).rand(10, 3)


def model() -> Sequential:
    np.random.seed(2)
    made = Sequential([Dense(1, input_dim=3, name="first")])
    made.compile("sgd", "mse", metrics=["mae"])
    return made


# ---- data


def test_batches() -> None:
    assert training.make_batches(10, 4) == [(0, 4), (4, 8), (8, 10)]
    order = training.batch_shuffle(np.arange(10), 4)
    assert sorted(order) == list(range(10))
    assert list(order[8:]) == [8, 9]
    assert all(order[i] // 4 == order[i + 3] // 4 for i in (0, 4))
    np.testing.assert_array_equal(training.slice_X([X, X], 2, 4)[1], X[2:4])
    np.testing.assert_array_equal(utils.standardize_single_array(np.arange(2.0)), [[0], [1]])
    assert utils.standardize_single_array(None) is None


def test_input_data() -> None:
    made = utils.standardize_input_data({"b": X, "a": X[:, 0]}, ["a", "b"], [(None, 1), (None, 3)])
    assert [a.shape for a in made] == [(10, 1), (10, 3)]
    with pytest.raises(ValueError, match="needs shape"):
        utils.standardize_input_data([X], ["a"], [(None, 4)])
    with pytest.raises(ValueError, match="fixed batch size 4"):
        utils.standardize_input_data([X], ["a"], [(4, 3)])
    assert utils.standardize_input_data([X], ["a"], [(4, 3)], check_batch_axis=False)
    with pytest.raises(ValueError, match="numbers of samples"):
        training.check_array_lengths([X], [X[:3]], [])


def test_numbers_of_samples() -> None:
    assert utils.check_num_samples([X], 2) == 10
    assert utils.check_num_samples([X], None, 5) is None
    for wrong in (([X], 2, 5), ([], None, None)):
        with pytest.raises(ValueError, match="`steps`"):
            utils.check_num_samples(*wrong)
    utils.check_generator_arguments()
    with pytest.raises(ValueError, match="`y`, `validation_split` can't be given"):
        utils.check_generator_arguments(X, None, 0.2)


def test_sequences() -> None:
    from keras.utils import Sequence

    class Two(Sequence):
        def __len__(self) -> int:
            return 2

        def __getitem__(self, i: int) -> int:
            return i

    endless = utils.iter_sequence_infinite(Two())
    assert [next(endless) for _ in range(5)] == [0, 1, 0, 1, 0]
    assert [utils.is_generator_or_sequence(v) for v in (Two(), iter([]), X)] == [True, True, False]
    assert [utils.is_sequence(v) for v in (Two(), iter([]))] == [True, False]
    assert [utils.should_run_validation(3, epoch) for epoch in range(3)] == [False, False, True]


def test_what_an_input_is() -> None:
    fixed = Sequential([Sequential([Dense(2, batch_input_shape=(4, 3))])])
    assert utils.get_static_batch_size(fixed) == 4
    assert utils.get_input_shape_and_dtype(fixed) == ((4, 3), "float32")
    assert utils.get_static_batch_size(Dense(2)) is None


# ---- compile


def test_losses_and_metrics() -> None:
    assert utils.get_loss_function("mse").fn is losses.mse
    assert [x is None for x in utils.prepare_loss_functions({"b": "mae"}, ["a", "b"])] == [
        True,
        False,
    ]
    assert utils.prepare_loss_weights(["a", "b"], {"b": 0.5}) == [1.0, 0.5]
    assert utils.get_metric_name("acc") == "acc"
    accuracy = utils.get_metric_function("accuracy", (None, 1), "mse")
    assert accuracy.__name__ == "binary_accuracy"
    assert utils.get_metric_function("mae") is losses.mae
    assert training.collect_metrics({"b": "mae"}, ["a", "b"]) == [[], ["mae"]]
    (info,) = utils.collect_per_output_metric_info(["acc"], ["a"], [(None, 3)], ["mse"])
    assert list(info) == ["acc"]


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("weights", [None, [1.0, 0.0, 2.0]])
def test_a_weighted_objective(masked: bool, weights: Any) -> None:
    y_true, y_pred = np.random.rand(3, 2, 4), np.random.rand(3, 2, 4)
    mask = np.array([[1, 0], [1, 1], [0, 1]], bool)
    score = ((y_true - y_pred) ** 2).mean(axis=-1)
    if masked:
        score = score * mask / mask.mean()
    if weights is not None:
        w = np.array(weights)
        score = score.mean(axis=1) * w / (w != 0).mean()
    made = training.weighted_objective(losses.mse)(
        K.constant(y_true),
        K.constant(y_pred),
        None if weights is None else K.constant(weights),
        K.constant(mask, dtype="bool") if masked else None,
    )
    assert float(K.eval(made)) == pytest.approx(score.mean(), rel=1e-5)
    assert utils.weighted_masked_objective(None) is None


def test_a_metric_with_a_mask() -> None:
    from keras.metrics import Mean, MeanAbsoluteError

    mask, y = K.constant([1.0, 0.0]), K.constant([[3.0], [5.0]])
    made = utils.call_metric_function(MeanAbsoluteError(), y, K.zeros((2, 1)), mask=mask)
    assert float(K.eval(made)) == 3.0
    weighted = utils.call_metric_function(
        Mean(), K.constant([1.0, 3.0]), None, K.constant([1.0, 3.0])
    )
    assert float(K.eval(weighted)) == 2.5


def test_targets() -> None:
    check = training.check_loss_and_target_compatibility
    check([X, None], ["mse", None], [(None, 3), (None, 1)])
    check([X[:, :1]], losses=["sparse_categorical_crossentropy"], output_shapes=[(None, 3)])
    with pytest.raises(ValueError, match=r"need the shape \(None, 2\), got \(10, 3\)"):
        check([X], ["mse"], [(None, 2)])


def test_weights_of_samples() -> None:
    w = np.ones(10)
    assert utils.standardize_sample_weights({"b": w}, ["a", "b"])[0] is None
    assert utils.standardize_class_weights({0: 1.0}, ["a"]) == [{0: 1.0}]
    made = utils.standardize_weights(np.array([[1], [0]]), np.array([2.0, 3.0]), {0: 1.0, 1: 5.0})
    np.testing.assert_allclose(made, [10.0, 3.0])
    assert utils.standardize_weights(np.ones((2, 3, 1)), sample_weight_mode="temporal").shape == (
        2,
        3,
    )
    fed, modes = utils.prepare_sample_weights(["a", "b"], {"b": "temporal"}, [0])
    assert (fed[0], modes, K.ndim(fed[1])) == (None, [None, "temporal"], 2)
    with pytest.raises(ValueError, match="lists 1 modes for 2 outputs"):
        utils.prepare_sample_weights(["a", "b"], ["temporal"], [])


# ---- loops


def test_loops_with_functions_of_ones_own() -> None:
    """They are what the methods do."""
    ours, theirs = model(), model()
    y = X.sum(axis=1, keepdims=True)
    inputs, targets = theirs.inputs[0], K.placeholder((None, 1))
    loss = K.mean(K.square(theirs.output - targets))
    updates = theirs.optimizer.get_updates(loss, theirs.trainable_weights)
    train = K.function([inputs, targets, K.learning_phase()], [loss], updates)
    test = K.function([inputs, targets, K.learning_phase()], [loss])
    history = arrays.fit_loop(
        theirs, train, [X, y, 1], ["loss"], 4, 3, 0, None, test, [X, y, 0], shuffle=False
    )
    expected = ours.fit(X, y, 4, 3, 0, shuffle=False, validation_data=(X, y)).history
    np.testing.assert_allclose(history.history["loss"], expected["loss"], rtol=1e-5)
    np.testing.assert_allclose(history.history["val_loss"], expected["val_loss"], rtol=1e-5)
    np.testing.assert_allclose(theirs.get_weights()[0], ours.get_weights()[0], rtol=1e-5)
    predict = K.function([inputs, K.learning_phase()], [theirs.output])
    np.testing.assert_allclose(
        arrays.predict_loop(theirs, predict, [X, 0], 4), ours.predict(X), rtol=1e-5
    )
    whole = arrays.test_loop(theirs, test, [X, y, 0], 4)
    assert whole == pytest.approx(ours.evaluate(X, y, verbose=0)[0], rel=1e-5)
    assert arrays.test_loop(theirs, lambda ins: [2.0, 4.0], [X], steps=3) == [2.0, 4.0]


def test_methods_as_functions(capsys: pytest.CaptureFixture[str]) -> None:
    def batches() -> Any:
        while True:
            yield X, X[:, 0]

    made = model()
    assert generators.fit_generator(made, batches(), 2, verbose=0).epoch == [0]
    assert len(generators.evaluate_generator(made, batches(), 1)) == 2
    assert generators.predict_generator(made, batches(), 2).shape == (20, 1)
    from keras.engine.network import print_layer_summary

    print_layer_summary(made, 40)
    assert "first (Dense)" in capsys.readouterr().out
    assert count_params([*made.weights, *made.weights]) == 4
    assert disable_tracking(batches) is batches


# ---- files


def test_groups_of_files(tmp_path: Path) -> None:
    import h5py

    one, two = model(), model()
    two.set_weights([w + 1 for w in one.get_weights()])
    with h5py.File(tmp_path / "weights.h5", "w") as file:
        saving.save_weights_to_hdf5_group(file, one.layers)
        saving.save_attributes_to_hdf5_group(file, "names", [b"a", "b" * 30000, "c" * 40000])
    with h5py.File(tmp_path / "weights.h5", "r") as file:
        names = saving.load_attributes_from_hdf5_group(file, "names")
        assert names == ["a", "b" * 30000, "c" * 40000]
        saving.load_weights_from_hdf5_group(file, two.layers)
        np.testing.assert_array_equal(two.get_weights()[0], one.get_weights()[0])
        other = Dense(1, name="first")
        other.build((None, 3))
        saving.load_weights_from_hdf5_group_by_name(file, [other, Dense(2, name="second")])
        np.testing.assert_array_equal(other.get_weights()[0], one.get_weights()[0])


def test_weights_of_other_versions() -> None:
    layer = Conv2D(4, (3, 2), data_format="channels_first")
    layer.build((None, 5, 8, 8))
    kernel = np.random.rand(3, 2, 5, 4)
    old = [kernel.transpose(3, 2, 0, 1), np.zeros(4)]
    made = saving.preprocess_weights_for_loading(layer, old, "1.2.2", "tensorflow")
    np.testing.assert_array_equal(made[0], kernel)
    turned = saving.preprocess_weights_for_loading(layer, old, "1.2.2", "theano")
    np.testing.assert_array_equal(turned[0], kernel[::-1, ::-1])
    flat = saving.preprocess_weights_for_loading(
        layer, [kernel.reshape(-1, 4), np.zeros((1, 4))], "2.3.1", "tensorflow", reshape=True
    )
    np.testing.assert_array_equal(flat[0], kernel)


def test_pickles() -> None:
    made = model()
    again = saving.unpickle_model(saving.pickle_model(made))
    np.testing.assert_array_equal(again.predict(X), made.predict(X))
    assert saving.allow_read_from_gcs(model) is saving.allow_write_to_gcs(model) is model
