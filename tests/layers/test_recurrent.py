"""SimpleRNN, LSTM and GRU against numpy, in all their arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K, layers
from keras.layers import GRU, LSTM, RNN, Input, Masking, SimpleRNN
from keras.layers.base.calls import to_list
from keras.models import Model, Sequential
from tests.layers import steps
from tests.layers.numbers import apply, draw

UNITS = 4
KINDS: dict[str, tuple[Any, Any, int]] = {
    "simple": (SimpleRNN, steps.simple, 1),
    "linear": (
        lambda *a, **k: SimpleRNN(*a, activation="linear", **k),
        lambda w: steps.simple(w, lambda x: x),
        1,
    ),
    "lstm": (LSTM, steps.lstm, 2),
    "lstm, hard": (
        lambda *a, **k: LSTM(*a, recurrent_activation="hard_sigmoid", **k),
        lambda w: steps.lstm(w, steps.hard_sigmoid),
        2,
    ),
    "lstm, other": (
        lambda *a, **k: LSTM(*a, activation="softsign", implementation=1, **k),
        lambda w: steps.lstm(w, activation=lambda x: x / (1 + np.abs(x))),
        2,
    ),
    "gru": (GRU, lambda w: steps.gru(w, False), 1),
    "gru, after": (
        lambda *a, **k: GRU(*a, reset_after=True, **k),
        lambda w: steps.gru(w, True),
        1,
    ),
    "gru, hard": (
        lambda *a, **k: GRU(*a, recurrent_activation="hard_sigmoid", implementation=1, **k),
        lambda w: steps.gru(w, False, steps.hard_sigmoid),
        1,
    ),
}


def with_weights(layer: Any, features: int) -> list[Any]:
    """Numbers for all weights of a layer, biases too."""
    layer.build_once((None, None, features))
    values = [draw(*w.shape) * 0.5 for w in layer.get_weights()]
    layer.set_weights(values)
    return values


def run(layer: Any, inputs: list[Any], arrays: list[Any], **call: Any) -> list[Any]:
    return K.function(inputs, to_list(layer(inputs[0], **call)))(arrays)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("go_backwards", [False, True])
@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_against_numpy(kind: str, go_backwards: bool, unroll: bool, masked: bool) -> None:
    make, written, count = KINDS[kind]
    layer = make(
        UNITS, return_sequences=True, return_state=True, go_backwards=go_backwards, unroll=unroll
    )
    step = written(with_weights(layer, 3))
    x, states = draw(5, 6, 3), [draw(5, UNITS) for _ in range(count)]
    mask = np.random.random((5, 6)) > 0.4 if masked else None
    tensors = [Input((6, 3)), *(Input((UNITS,)) for _ in states)]
    arguments = {"mask": K.constant(mask)} if masked else {}
    got = run(layer, tensors, [x, *states], initial_state=tensors[1:], **arguments)
    outputs, news = steps.over_time(step, x, states, mask, go_backwards)
    for one, other in zip(got, [outputs, *news], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    last = make(UNITS, go_backwards=go_backwards, unroll=unroll)
    last.build_once((None, None, 3))
    last.set_weights(layer.get_weights())
    (got_last,) = run(last, tensors, [x, *states], initial_state=tensors[1:], **arguments)
    np.testing.assert_allclose(got_last, outputs[:, -1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_masks_of_layers_before(kind: str) -> None:
    make, written, count = KINDS[kind]
    layer = make(UNITS, return_sequences=True)
    step = written(with_weights(layer, 3))
    x = draw(4, 5, 3)
    x[0, :2] = x[1, 3:] = x[2, 1:4] = 0.0
    tensor = Input((None, 3))
    y = layer(Masking()(tensor))
    expected, _ = steps.over_time(step, x, [np.zeros((4, UNITS))] * count, x.any(-1))
    got, mask = K.function([tensor], [y, y._keras_mask])([x])
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(mask, x.any(-1))


@pytest.mark.parametrize("layer", [SimpleRNN, LSTM, GRU])
def test_without_biases(layer: Any) -> None:
    made = layer(UNITS, use_bias=False)
    x = draw(2, 3, 3)
    got = apply(made, x)
    kernel, recurrent = made.get_weights()
    written = {SimpleRNN: steps.simple, LSTM: steps.lstm, GRU: lambda w: steps.gru(w, False)}[layer]
    count = 2 if layer is LSTM else 1
    outputs, _ = steps.over_time(
        written([kernel, recurrent, np.zeros(kernel.shape[1])]), x, [np.zeros((2, UNITS))] * count
    )
    np.testing.assert_allclose(got, outputs[:, -1], rtol=1e-4, atol=1e-5)


def test_first_biases() -> None:
    layer = LSTM(3)
    layer.build((None, None, 2))
    bias = layer.get_weights()[2]
    np.testing.assert_array_equal(bias, [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    layer = LSTM(3, unit_forget_bias=False, bias_initializer="ones")
    layer.build((None, None, 2))
    np.testing.assert_array_equal(layer.get_weights()[2], np.ones(12))
    layer = GRU(3, reset_after=True)
    layer.build((None, None, 2))
    assert layer.get_weights()[2].shape == (2, 9)


def test_weights_of_one_gate_by_name() -> None:
    layer = LSTM(3)
    layer.build((None, None, 2))
    kernel, recurrent, bias = layer.get_weights()
    np.testing.assert_array_equal(K.eval(layer.cell.kernel_f), kernel[:, 3:6])
    np.testing.assert_array_equal(K.eval(layer.cell.recurrent_kernel_o), recurrent[:, 9:])
    np.testing.assert_array_equal(K.eval(layer.cell.bias_i), bias[:3])
    with pytest.raises(AttributeError, match="LSTMCell has no attribute `kernel_z`"):
        _ = layer.cell.kernel_z


# ---- dropout


@pytest.mark.parametrize("implementation", [1, 2])
@pytest.mark.parametrize("layer", [LSTM, GRU, SimpleRNN])
def test_inputs_are_dropped_for_all_steps_alike(layer: Any, implementation: int) -> None:
    """With weights that only pass on the input, a value is 0 at each step or at none."""
    options = {} if layer is SimpleRNN else {"implementation": implementation}
    made = layer(1, activation="linear", dropout=0.5, return_sequences=True, **options)
    made.build_once((None, None, 1))
    gates = made.get_weights()[0].shape[1]
    kernel, bias = np.zeros((1, gates)), np.zeros(gates)
    if layer is SimpleRNN:
        kernel[:] = 1.0
    elif layer is LSTM:  # all gates open but the one that remembers
        kernel[0, 2], bias[:] = 1.0, [50.0, -50.0, 0.0, 50.0]
    else:
        kernel[0, 2], bias[:] = 1.0, [-50.0, 0.0, 0.0]
    made.set_weights([kernel, np.zeros((1, gates)), bias])
    y = apply(made, np.ones((400, 3, 1), "float32"), phase=1)[..., 0]
    assert np.all(y == y[:, :1])
    np.testing.assert_allclose(np.unique(y), [0.0, 2.0], atol=1e-6)
    assert 0.4 < np.mean(y[:, 0] == 0.0) < 0.6
    np.testing.assert_allclose(apply(made, np.ones((4, 3, 1), "float32"))[..., 0], 1.0, rtol=1e-6)


@pytest.mark.parametrize("layer", [LSTM, GRU, SimpleRNN])
@pytest.mark.parametrize("unroll", [False, True])
def test_states_are_dropped_for_all_steps_alike(layer: Any, unroll: bool) -> None:
    """A state that only grows by itself keeps a factor for each step: 0, or 1 / (1 - rate)."""
    made = SimpleRNN(
        1, activation="linear", recurrent_dropout=0.5, return_sequences=True, unroll=unroll
    )
    made.build((None, None, 1))
    made.set_weights([np.zeros((1, 1)), np.ones((1, 1)), np.zeros(1)])
    x, state = Input((3, 1)), Input((1,))
    f = K.function([x, state, K.learning_phase()], [made(x, initial_state=state)])
    arrays = [np.zeros((400, 3, 1)), np.ones((400, 1))]
    (y,) = f([*arrays, 1])
    kept = y[:, 0, 0] > 0
    np.testing.assert_allclose(y[kept, :, 0], np.tile([2.0, 4.0, 8.0], (kept.sum(), 1)))
    assert not y[~kept].any() and 0.4 < kept.mean() < 0.6
    np.testing.assert_allclose(f([*arrays, 0])[0], 1.0)
    noisy = layer(2, recurrent_dropout=0.5)
    x = draw(3, 4, 2)
    assert not np.allclose(apply(noisy, x, phase=1), apply(noisy, x))


def test_gates_share_a_mask_or_have_their_own() -> None:
    """z and r see the same input: with implementation 2 they are dropped together."""
    for implementation, together in ((2, True), (1, False)):
        cell = layers.LSTMCell(1, dropout=0.5, implementation=implementation)
        cell.build((None, 1))
        x = K.placeholder((None, 1))
        cell.draw(x, None, 1)
        cell.set_weights([np.ones((1, 4)), np.zeros((1, 4)), np.zeros(4)])
        (z,) = K.function([x], [cell.project(x)])([np.ones((200, 1))])
        assert np.all(z == z[:, :1]) == together


# ---- states


@pytest.mark.parametrize("layer", [SimpleRNN, LSTM, GRU])
def test_states_in_whichever_way(layer: Any) -> None:
    made = layer(UNITS, return_state=True)
    count = len(to_list(made.cell.state_size))
    x, states = Input((3, 2)), [Input((UNITS,)) for _ in range(count)]
    arrays = [draw(2, 3, 2), *(draw(2, UNITS) for _ in states)]
    ways = [
        made([x, *states]),
        made(x, initial_state=states if count > 1 else states[0]),
        made(x, initial_state=tuple(states)),
    ]
    found = [K.function([x, *states], way)(arrays) for way in ways]
    fixed = [K.variable(a) for a in arrays[1:]]
    found.append(K.function([x], made(x, initial_state=fixed))(arrays[:1]))
    for other in found[1:]:
        for a, b in zip(found[0], other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)
    with pytest.raises(ValueError, match="either all of `initial_state` and `constants` come from"):
        LSTM(UNITS)(x, initial_state=[Input((UNITS,)), K.zeros((2, UNITS))])


def test_an_encoder_hands_its_states_to_a_decoder() -> None:
    """As in the classic example: the model has the states as part of its graph, and copies do."""
    source, target = Input((None, 3)), Input((None, 2))
    _, h, c = LSTM(UNITS, return_state=True)(source)
    y = LSTM(UNITS, return_sequences=True)(target, initial_state=[h, c])
    model = Model([source, target], y)
    again = Model.from_config(model.get_config())
    again.set_weights(model.get_weights())
    arrays = [draw(2, 5, 3), draw(2, 4, 2)]
    np.testing.assert_allclose(again.predict(arrays), model.predict(arrays), rtol=1e-5)
    assert len(again.layers) == 4


@pytest.mark.parametrize("layer", [SimpleRNN, LSTM, GRU, layers.CuDNNLSTM])
def test_stateful(layer: Any) -> None:
    """Two halves one after the other give what the whole gives at once."""
    x = draw(2, 6, 3)
    made = layer(UNITS, stateful=True, return_sequences=True)
    model = Sequential([made])
    model.build((2, None, 3))
    halves = np.concatenate([model.predict(x[:, :3]), model.predict(x[:, 3:])], 1)
    model.reset_states()
    whole = model.predict(x)
    np.testing.assert_allclose(halves, whole, rtol=1e-4, atol=1e-6)
    states = [np.asarray(K.get_value(s)) for s in made.states]
    np.testing.assert_allclose(states[0], whole[:, -1], rtol=1e-5)
    made.reset_states([np.zeros((2, UNITS)) for _ in states])
    np.testing.assert_allclose(model.predict(x), whole, rtol=1e-4, atol=1e-6)
    made.reset_states(states if len(states) > 1 else states[0])
    assert not np.allclose(model.predict(x), whole)
    assert not any(np.any(w is s) for w in model.weights for s in made.states)


def test_states_of_layers_that_keep_none() -> None:
    assert LSTM(3).states == [None, None]
    with pytest.raises(AttributeError, match="keeps no states from batch to batch; see `stateful`"):
        LSTM(3).reset_states()
    with pytest.raises(
        ValueError, match="has no states yet: they are made when it is first called"
    ):
        LSTM(3, stateful=True).reset_states()
    with pytest.raises(ValueError, match=r"so the shape of its input must be known: .*batch_input"):
        LSTM(3, stateful=True)(Input((4, 2)))
    layer = LSTM(3, stateful=True)
    layer(Input(batch_shape=(2, 4, 2)))
    with pytest.raises(
        ValueError, match=r"has 2 state\(s\) of the shapes \[\(2, 3\), \(2, 3\)\], got"
    ):
        layer.reset_states(np.zeros((2, 4)))


def test_initial_states_for_open_batches() -> None:
    x = Input((None, 3))
    states = LSTM(UNITS).get_initial_state(x)
    for value in K.function([x], states)([draw(5, 2, 3)]):
        np.testing.assert_array_equal(value, np.zeros((5, UNITS)))


# ---- shapes, penalties, refusals


@pytest.mark.parametrize("layer", [SimpleRNN, LSTM, GRU])
def test_shapes_and_masks(layer: Any) -> None:
    made = layer(UNITS, return_sequences=True, return_state=True)
    shapes = made.compute_output_shape((None, 7, 3))
    assert shapes[0] == (None, 7, UNITS)
    assert shapes[1:] == [(None, UNITS)] * len(made.states)
    assert layer(UNITS).compute_output_shape([(2, 7, 3), (2, UNITS)]) == (2, UNITS)
    mask = K.placeholder((None, 7), dtype="bool")
    assert made.compute_mask(None, mask) == [mask] + [None] * len(made.states)
    assert layer(UNITS).compute_mask(None, [mask, None]) is None


def test_penalties_of_the_cell_are_the_layers() -> None:
    layer = GRU(2, kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l2")
    x = Input((3, 2))
    y = layer(x)
    assert len(layer.losses) == len(layer.get_losses_for(None)) == 3
    assert len(Model(x, y).losses) == 3
    layer = LSTM(2, activity_regularizer="l2", kernel_constraint="non_neg")
    y = layer(x)
    array = draw(2, 3, 2)
    got, penalty = K.function([x], [y, K.sum(layer.losses[0])])([array])
    np.testing.assert_allclose(penalty, 0.01 * (got**2).sum(), rtol=1e-4)
    assert layer.cell.kernel.constraint is layer.kernel_constraint


def test_frozen() -> None:
    layer = LSTM(2)
    layer(Input((3, 2)))
    assert len(layer.trainable_weights) == 3
    layer.trainable = False
    assert len(layer.non_trainable_weights) == 3
    assert layer.trainable_weights == []


REFUSED: list[tuple[Any, str]] = [
    (lambda: LSTM(0), r"`units`: expected a positive whole number, got 0"),
    (lambda: LSTM(3, dropout=1.5), r"`dropout`: expected a number between 0 and 1, got 1.5"),
    (lambda: LSTM(3, implementation=3), r"`implementation`: expected 1 .* or 2 .*, got 3"),
    (lambda: GRU(3, recurent_dropout=0.1), r"did you mean `recurrent_dropout`"),
    (lambda: RNN(3), r"expected a cell: an object with a method `call\(inputs, states\)`.* got 3"),
    (lambda: RNN([]), r"expected a list of cells, got \[\]"),
    (lambda: layers.ConvRNN2D(layers.LSTMCell(3)), r"takes one convolutional cell, such as"),
    (lambda: layers.ConvLSTM2D(3, 3, padding="full"), r"`padding` is one of 'valid', 'same'"),
    (lambda: LSTM(3)(Input((3,))), r"needs input with 3 dimensions, such as \(batch, time, n\)"),
    (lambda: LSTM(3, unroll=True)(Input((None, 3))), r"`unroll` needs a known number of steps"),
    (
        lambda: LSTM(3)(Input((4, 3)), initial_state=Input((3,))),
        r"has 2 state\(s\) of the shapes \[\(None, 3\), \(None, 3\)\], got 1 as `initial_state`",
    ),
    (
        lambda: SimpleRNN(3)(Input((4, 3)), initial_state=Input((4,))),
        r"needs input of shape \(None, 3\), got shape \(None, 4\)",
    ),
    (
        lambda: LSTM(3)(Input((4, 3)), constants=Input((4,))),
        r"got constants, but the `call` of its cell LSTMCell takes no argument `constants`",
    ),
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError if "did you" not in message else TypeError, match=message):
        make()


def test_an_argument_without_meaning_warns() -> None:
    with pytest.warns(UserWarning, match="`implementation` makes no difference; leave it out"):
        layer = SimpleRNN(3, implementation=1)
    assert "implementation" not in layer.get_config()
    SimpleRNN.from_config({**layer.get_config(), "implementation": 1})
