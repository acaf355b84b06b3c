"""Each step of the upgrade on a tiny config: what it changes, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras.layers import GRU, LSTM, Conv1D, Conv2D, Conv2DTranspose, CuDNNGRU, CuDNNLSTM, Input
from keras.saving import FileError
from keras.saving.upgrade import keras1, keras2, keras3, tf_keras, tree, upgraded_arrays
from keras.saving.upgrade.arguments import unknown_arguments
from keras.saving.upgrade.kernels import flipped
from keras.saving.upgrade.training import (
    NotOurs,
    upgraded_loss,
    upgraded_metrics,
    upgraded_optimizer,
)
from keras.saving.version import Origin

K0, K1, K2, K22 = Origin(""), Origin("1.2.2"), Origin("2.3.1"), Origin("2.2.4")
TF, TF2, K3 = Origin("2.2.4-tf"), Origin("2.15.0"), Origin("3.15.1")


def entry(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": "n", **config}}


# (step, who wrote it, before, after); `None`: as before
ROWS: list[tuple[Any, Origin, Any, Any]] = [
    (keras1.class_names, K1, entry("Convolution2D"), entry("Conv2D")),
    (keras1.class_names, K2, entry("Dense"), None),
    (keras1.arguments, K1, entry("Dense", output_dim=3), entry("Dense", units=3)),
    (
        keras1.arguments,
        K1,
        entry("Conv2D", nb_filter=2, nb_row=3, nb_col=4, dim_ordering="th", border_mode="same"),
        entry(
            "Conv2D", filters=2, kernel_size=(3, 4), data_format="channels_first", padding="same"
        ),
    ),
    (
        keras1.arguments,
        K1,
        entry("Dense", units=1, W_regularizer={"name": "WeightRegularizer", "l1": 0.0, "l2": 0.5}),
        entry(
            "Dense",
            units=1,
            kernel_regularizer={"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}},
        ),
    ),
    (
        keras1.time_distributed_dense,
        K1,
        entry("TimeDistributedDense", output_dim=3),
        entry(
            "TimeDistributed",
            layer={"class_name": "Dense", "config": {"name": "n_dense", "units": 3}},
        ),
    ),
    (
        keras1.merge,
        K1,
        entry("Merge", mode="concat", concat_axis=1),
        entry("Concatenate", axis=1),
    ),
    (keras1.merge, K1, entry("Merge", mode="cos"), None),
    (keras1.inner_input_sizes, K1, entry("Dense", input_dim=None), entry("Dense")),
    (keras1.inner_input_sizes, K2, entry("Dense", input_dim=3), None),
    (keras2.flatten_in_order, K22, entry("Flatten"), entry("Flatten", data_format="channels_last")),
    (
        keras2.gates_before_2_3,
        K22,
        entry("LSTM"),
        entry("LSTM", recurrent_activation="hard_sigmoid"),
    ),
    (keras2.gates_before_2_3, K2, entry("LSTM"), None),
    (keras2.gates_before_2_3, TF, entry("LSTM"), None),
    (keras2.embedding_dtype, K22, entry("Embedding", dtype="int32"), entry("Embedding")),
    (keras2.embedding_dtype, K22, entry("Embedding", dtype="float32"), None),
    (tf_keras.class_names, TF, entry("BatchNormalizationV1"), entry("BatchNormalization")),
    (tf_keras.class_names, TF2, entry("Functional"), entry("Model")),
    (
        tf_keras.dtype_policies,
        TF2,
        entry("Dense", dtype={"class_name": "Policy", "config": {"name": "float32"}}),
        entry("Dense", dtype="float32"),
    ),
    (
        tf_keras.batch_normalization_axis,
        TF2,
        entry("BatchNormalization", axis=[3]),
        entry("BatchNormalization", axis=3),
    ),
    (
        tf_keras.activation_names,
        TF2,
        entry("Dense", activation="softmax_v2"),
        entry("Dense", activation="softmax"),
    ),
    (tf_keras.bilinear, K2, entry("UpSampling2D", interpolation="bilinear"), None),
    (
        keras3.arguments,
        K3,
        entry("InputLayer", batch_shape=[None, 3]),
        entry("InputLayer", batch_input_shape=[None, 3]),
    ),
    (
        keras3.arguments,
        K3,
        entry("LeakyReLU", negative_slope=0.2),
        entry("LeakyReLU", alpha=0.2),
    ),
    (
        keras3.hard_sigmoid,
        K3,
        entry("LSTM", recurrent_activation="hard_sigmoid"),
        entry("LSTM", recurrent_activation="hard_sigmoid6"),
    ),
    (keras3.hard_sigmoid, TF2, entry("LSTM", recurrent_activation="hard_sigmoid"), None),
    (
        keras3.lambda_functions,
        K3,
        entry("Lambda", function="double"),
        entry("Lambda", function="double", function_type="function"),
    ),
    (
        keras3.backward_layers,
        K3,
        entry(
            "Bidirectional",
            layer=entry("LSTM", units=2, go_backwards=False),
            backward_layer=entry("LSTM", units=2, go_backwards=True),
        ),
        entry("Bidirectional", layer=entry("LSTM", units=2, go_backwards=False)),
    ),
    (
        unknown_arguments,
        TF2,
        entry("Conv2D", filters=1, groups=1, ragged=False, dilation_rate=[1, 1]),
        entry("Conv2D", filters=1, dilation_rate=[1, 1]),
    ),
    (unknown_arguments, TF2, entry("Conv2D", filters=1, groups=2), None),
]


@pytest.mark.parametrize(("step", "origin", "before", "after"), ROWS)
def test_step(step: Any, origin: Origin, before: Any, after: Any) -> None:
    kept = repr(before)
    assert step(before, origin) == (before if after is None else after)
    assert repr(before) == kept  # a step makes something new


def test_each_step_has_a_row() -> None:
    """Those that need more than a layer have tests of their own below."""
    larger = {keras1.branches, keras3.calls, keras1.unknown_orders, keras3.zeros_for_masked}
    steps = {*tree.NAMES, *tree.STEPS, *tree.MODEL_STEPS}
    assert steps - larger == {step for step, *_ in ROWS}


# ---- what can't be mapped is said


@pytest.mark.parametrize(
    ("step", "origin", "before", "words"),
    [
        (tf_keras.bilinear, TF2, entry("UpSampling2D", interpolation="bilinear"), "points"),
        (tf_keras.batch_normalization_axis, TF2, entry("BatchNormalization", axis=[1, 2]), "axes"),
        (
            keras3.backward_layers,
            K3,
            entry(
                "Bidirectional",
                layer=entry("LSTM", units=2),
                backward_layer=entry("LSTM", units=3),
            ),
            "another layer backwards",
        ),
    ],
)
def test_refused(step: Any, origin: Origin, before: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"`n`.*{words}"):
        step(before, origin)


def test_mixed_precision_is_said() -> None:
    policy = {"class_name": "Policy", "config": {"name": "mixed_float16"}}
    with pytest.warns(UserWarning, match="mixed_float16"):
        made = tf_keras.dtype_policies(entry("Dense", dtype=policy), TF2)
    assert made["config"]["dtype"] == "float32"


def test_operations_are_no_layers() -> None:
    for said in (
        {"module": "keras.src.ops.numpy", "class_name": "Add", "config": {"name": "add"}},
        {"class_name": "TFOpLambda", "config": {"name": "tf.math.add"}},
    ):
        with pytest.raises(FileError, match="operation"):
            keras3.no_operations(said)


def test_calls_of_keras_3() -> None:
    def tensor(*place: Any) -> Any:
        return {"class_name": "__keras_tensor__", "config": {"keras_history": list(place)}}

    layers = [
        {**entry("InputLayer"), "name": "x", "inbound_nodes": []},
        {
            **entry("Sequential", layers=[entry("InputLayer")]),
            "name": "inner",
            "inbound_nodes": [{"args": [tensor("x", 0, 0)], "kwargs": {"mask": None}}],
        },
        {
            **entry("LSTM"),
            "name": "rnn",
            "inbound_nodes": [
                {
                    "args": [tensor("inner", 0, 0)],
                    "kwargs": {"training": False, "initial_state": [tensor("x", 0, 0)]},
                }
            ],
        },
    ]
    graph = entry("Model", layers=layers, input_layers=["x", 0, 0], output_layers=[["rnn", 0, 0]])
    made = keras3.calls(graph, K3)["config"]
    # The first call of a model is the one that it was made with.
    assert made["layers"][1]["inbound_nodes"] == [[["x", 0, 0, {}]]]
    assert made["layers"][2]["inbound_nodes"] == [[["inner", 1, 0, {}], ["x", 0, 0, {}]]]
    assert made["input_layers"] == [["x", 0, 0]]


def test_silent_orders_follow_the_others() -> None:
    layers = [entry("Conv2D", data_format="channels_first"), entry("UpSampling2D")]
    made = keras1.unknown_orders(entry("Sequential", layers=layers), K1)
    assert made["config"]["layers"][1]["config"]["data_format"] == "channels_first"


# ---- training


def test_optimizers() -> None:
    takes = {"learning_rate", "beta_1", "decay", "epsilon", "schedule_decay", "clipnorm"}

    def upgraded(kind: str, **config: Any) -> Any:
        return upgraded_optimizer({"class_name": kind, "config": config}, K3, takes)["config"]

    assert upgraded("Custom>Adam", beta_1=0.8, jit_compile=True, name="adam") == {"beta_1": 0.8}
    assert upgraded("Nadam", use_ema=False) == {"schedule_decay": 1.0}
    assert upgraded("Nadam", decay=0.004) == {"schedule_decay": 0.004}
    assert upgraded("Adam", global_clipnorm=1.0, clipvalue=None) == {"clipnorm": 1.0}
    schedule = {"class_name": "ExponentialDecay", "config": {}}
    for unlike in ({"learning_rate": schedule}, {"weight_decay": 0.1}, {"use_ema": True}):
        with pytest.raises(NotOurs):
            upgraded("Adam", **unlike)
    with pytest.warns(UserWarning, match="by itself"):
        upgraded("Adam", clipnorm=1.0)
    with pytest.warns(UserWarning, match="under the root"):
        upgraded("RMSprop", use_ema=False)


def test_losses_and_metrics() -> None:
    function = {"module": "builtins", "class_name": "function", "config": "mine"}
    assert upgraded_loss(["mse", function]) == ["mse", "mine"]
    wrapped = {"class_name": "LossFunctionWrapper", "config": {"fn": function, "name": "x"}}
    assert upgraded_loss({"a": wrapped}) == {"a": "mine"}
    said = {"class_name": "MeanSquaredError", "config": {"fn": "mse", "reduction": "auto"}}
    assert upgraded_loss(said) == {"class_name": "MeanSquaredError", "config": {}}
    wrapped = {"class_name": "MeanMetricWrapper", "config": {"fn": "mae", "name": "mae"}}
    assert upgraded_metrics([[wrapped, function]]) == [["mae", "mine"]]
    accuracy = {"fn": "binary_accuracy", "name": "acc"}
    assert upgraded_metrics({"class_name": "MeanMetricWrapper", "config": accuracy}) == "acc"


# ---- arrays


def built(layer: Any, *shape: int) -> Any:
    layer(Input(shape))
    return layer


def numbers(*shapes: tuple[int, ...]) -> list[Any]:
    return [np.random.standard_normal(shape).astype("float32") for shape in shapes]


def test_gates_of_keras_1() -> None:
    """Gate by gate in the order i, c, f, o; now i, f, c, o side by side."""
    layer = built(LSTM(2), 5, 3)
    gates = {g: numbers((3, 2), (2, 2), (2,)) for g in "icfo"}
    made = upgraded_arrays(layer, [a for g in "icfo" for a in gates[g]], K0)
    for i in range(3):
        np.testing.assert_array_equal(made[i], np.concatenate([gates[g][i] for g in "ifco"], -1))
    layer = built(GRU(2), 5, 3)
    gates = {g: numbers((3, 2), (2, 2), (2,)) for g in "zrh"}
    made = upgraded_arrays(layer, [a for g in "zrh" for a in gates[g]], K0)
    for i in range(3):
        np.testing.assert_array_equal(made[i], np.concatenate([gates[g][i] for g in "zrh"], -1))


def test_kernels_of_keras_1() -> None:
    kernel = np.arange(2 * 3 * 4 * 5).reshape(4, 5, 2, 3)  # (filters, channels, rows, columns)
    layer = built(Conv2D(4, (2, 3), data_format="channels_first"), 5, 6, 6)
    made = upgraded_arrays(layer, [kernel, np.zeros(4)], K0)[0]
    assert made[1, 2, 3, 0] == kernel[0, 3, 1, 2]
    layer = built(Conv2DTranspose(4, (2, 3)), 6, 6, 5)
    kernel = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 5, 4)
    made = upgraded_arrays(layer, [kernel, np.zeros(4)], K0)[0]
    assert made[1, 2, 3, 4] == kernel[1, 2, 4, 3]
    layer = built(Conv1D(4, 3), 6, 5)
    kernel = np.arange(3 * 5 * 4).reshape(3, 1, 5, 4)
    for stored in (kernel, kernel.transpose(3, 2, 0, 1)):  # from 1.1 on, and before
        made = upgraded_arrays(layer, [stored, np.zeros(4)], K0)[0]
        np.testing.assert_array_equal(made, kernel[:, 0])


def test_kernels_of_theano() -> None:
    layer = built(Conv2D(4, (2, 3)), 6, 6, 5)
    (kernel,) = numbers((2, 3, 5, 4))
    made = upgraded_arrays(layer, [kernel, np.zeros(4)], Origin("2.2.4", "theano"))[0]
    np.testing.assert_array_equal(made, np.rot90(kernel, 2))
    np.testing.assert_array_equal(flipped(made), kernel)
    made = upgraded_arrays(layer, [kernel, np.zeros(4)], Origin("2.2.4", "cntk"))[0]
    np.testing.assert_array_equal(made, kernel)


@pytest.mark.parametrize(
    ("cudnn", "plain", "gates"),
    [
        (CuDNNLSTM(3), LSTM(3, recurrent_activation="sigmoid"), 4),
        (CuDNNGRU(3), GRU(3, recurrent_activation="sigmoid", reset_after=True), 3),
    ],
)
def test_cudnn_both_ways(cudnn: Any, plain: Any, gates: int) -> None:
    """The same layer, whichever way its weights lie; and back it is what it was."""
    from keras.models import Model

    x = Input((4, 2))
    models = Model(x, cudnn(x)), Model(x, plain(x))
    theirs = numbers((2, 3 * gates), (3, 3 * gates), (6 * gates,))
    cudnn.set_weights(theirs)
    ours = upgraded_arrays(plain, theirs, K2)
    plain.set_weights(ours)
    data = np.random.standard_normal((5, 4, 2))
    np.testing.assert_allclose(*(m.predict(data) for m in models), rtol=1e-4, atol=1e-6)
    back = upgraded_arrays(cudnn, ours, K2)
    cudnn.set_weights(back)
    np.testing.assert_allclose(*(m.predict(data) for m in models), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(back[0], theirs[0])


def test_another_function_is_no_conversion() -> None:
    layer = built(GRU(3), 4, 2)
    with pytest.raises(FileError, match="another function"):
        upgraded_arrays(layer, numbers((2, 9), (3, 9), (18,)), K2)
    layer = built(LSTM(3, recurrent_activation="hard_sigmoid"), 4, 2)
    with pytest.warns(UserWarning, match="sigmoids"):
        upgraded_arrays(layer, numbers((2, 12), (3, 12), (24,)), K2)
