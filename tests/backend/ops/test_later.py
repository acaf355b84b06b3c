"""What is described later is what would have been described at once."""

from __future__ import annotations

import re
import threading
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph.tensor import numbers
from keras.backend.ops import later as room
from keras.backend.ops.later import Later, later
from keras.layers import Activation, BatchNormalization, Dense, Input, normalization
from keras.models import Model


def doubled(x: Any) -> Any:
    return later(lambda: [K.tanh(x) * 2.0 + x], x, x)[0]


def test_its_value_and_gradient() -> None:
    x = K.placeholder((None, 3))
    y = doubled(x)
    z = K.square(y)
    found = K.function([x], [y, K.gradients(K.sum(z), y)[0], K.gradients(K.sum(z), x)[0]])
    data = np.linspace(-1, 1, 6, dtype="float32").reshape(2, 3)
    value = np.tanh(data) * 2 + data
    slope = 2 * (1 - np.tanh(data) ** 2) + 1
    for made, expected in zip(found([data]), (value, 2 * value, 2 * value * slope), strict=True):
        np.testing.assert_allclose(made, expected, rtol=2e-5)


def test_nothing_is_described_before_it_is_needed() -> None:
    calls = []
    x = K.placeholder((None, 3))
    y = later(lambda: calls.append(1) or [K.exp(x)], x, x)[0]  # type: ignore[func-returns-value]  # None
    z = K.sum(y * 2.0, axis=-1)
    assert (calls, K.int_shape(z), y.dims, y.dtype) == ([], (None,), x.dims, "float32")
    assert y.node is not None
    assert y.node.outputs == (y,)
    assert y.op.type == "exp"
    K.function([x], [z])([np.ones((2, 3))])
    assert calls == [1]


def test_it_knows_where_it_was_asked_for() -> None:
    """The names, lines and numbers of its nodes are those of that moment."""
    x = K.placeholder((None, 3))
    before = next(numbers)
    with K.name_scope("outer"):
        y, mark = doubled(x), next(numbers)
    here = y._description.origin
    with K.name_scope("elsewhere"):
        node = y.node
    assert node.scope == "outer"
    assert node.origin == here
    assert here[0] == __file__
    inner = [node, *(t.node for t in node.inputs if K.is_tensor(t) and t.node)]
    assert all(before < each.number < mark for each in inner)
    assert y.name.startswith("outer/add_")


def test_what_fails_may_be_asked_for_again() -> None:
    x = K.placeholder((None, 3))
    errors = [ValueError("not yet")]

    def made() -> list[Any]:
        if errors:
            raise errors.pop()
        return [K.exp(x)]

    y = later(made, x, x)[0]
    with pytest.raises(ValueError, match="not yet"), K.name_scope("inside"):
        y.node  # noqa: B018  to ask for it is what fails
    with K.name_scope("after") as name:
        assert name == "after"
    assert y.node.op.name == "exp"


def test_threads_that_ask_at_once_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    x = K.placeholder((None, 3))
    calls: list[int] = []
    entered, go = threading.Event(), threading.Event()

    def made() -> list[Any]:
        calls.append(1)
        entered.set()
        go.wait()
        return [K.exp(x)]

    y = later(made, x, x)[0]
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(y.node)) for _ in range(2)]
    threads[0].start()
    entered.wait()
    threads[1].start()
    go.set()
    for thread in threads:
        thread.join()
    assert calls == [1]
    assert found[0] is found[1]


def test_what_cannot_wait() -> None:
    """Tensors of several dtypes, and what comes after updates."""
    x, whole = K.placeholder((None, 3)), K.placeholder((None, 3), dtype="int32")
    state = K.variable(np.zeros(3))
    assert not isinstance(later(lambda: [K.cast(whole, "float32")], whole, x)[0], Later)
    with K.control_dependencies([K.update(state, state + 1.0)]):
        assert not isinstance(doubled(x), Later)
    assert isinstance(doubled(x), Later)


CASES = [
    ((4,), {}),
    ((4, 5, 3), {}),
    ((3, 4, 5), {"axis": 1}),
    ((None, None, 3), {"scale": False}),
    ((6, 3), {"center": False, "momentum": 0.5}),
]


def at_once(make: Any, of: Any, *like: Any) -> Any:
    return make()


@pytest.mark.parametrize(("shape", "arguments"), CASES, ids=str)
def test_normalisation_is_the_same_as_described_at_once(
    shape: Any, arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tensors, its numbers, and the order of its program."""
    results = []
    data = np.random.RandomState(0).standard_normal((8, *(s or 4 for s in shape)))
    x = Input(shape)
    for way in (later, at_once):
        monkeypatch.setattr(normalization, "later", way)
        layer = BatchNormalization(name="layer", **arguments)
        y = Activation("relu", name="relu")(layer(x))
        updates = layer.get_updates_for(x)
        tensors = [(t.shape, t.dtype, t.dims, t.uses_phase) for t in (y, *updates)]
        step = K.function([x, K.learning_phase()], [y], updates)
        numbers_of = [step([data, 1])[0], step([data, 0])[0], *layer.get_weights()]
        # What is made of weights gets them in any order.
        source = re.sub(r"made_of_weights\(.*\)", "made_of_weights()", step.source)
        results.append((tensors, source, numbers_of))
    (tensors, source, made), (expected_tensors, expected_source, expected) = results
    assert tensors == expected_tensors
    assert source == expected_source
    for a, b in zip(made, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_who_only_predicts_never_describes_training() -> None:
    x = Input((4, 4, 3))
    layer = BatchNormalization()
    model = Model(x, layer(x))
    choice = model.output.node
    normal, moving = choice.inputs
    assert normal._node is moving._node is None
    model.predict(np.zeros((2, 4, 4, 3)), verbose=0)
    assert normal._node is None
    assert moving._node is not None
    assert all(update._node is None for update in model.updates)


def test_a_description_has_room_for_its_numbers() -> None:
    """Else the order of programs would depend on what was asked for first."""
    x = Input((None, None, 3))
    layer = BatchNormalization()
    y = Dense(2)(layer(x))
    K.function([x], [y]).source  # noqa: B018
    for tensor in (layer.output.node.inputs[0], *layer.updates):
        before = next(numbers)
        assert tensor.node.number in tensor._description.numbers
        assert next(numbers) - before < room.ROOM
