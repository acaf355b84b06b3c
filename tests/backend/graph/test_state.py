"""Variables and their updates: what is computed when, from which values, in which order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph.op import TensorList
from keras.backend.graph.state import update as update_list
from keras.layers import BatchNormalization, Input, add
from keras.models import Model


def values(*variables: Any) -> list[Any]:
    return [K.get_value(v).tolist() for v in variables]


# ---- initial values


def test_an_initial_value_is_computed_once_and_when_it_is_read() -> None:
    calls: list[int] = []

    def first() -> Any:
        calls.append(1)
        return K.random_normal((3,))

    from keras.backend.graph.state import Variable

    v = Variable(first, (3,), "float32")
    assert not v.is_initialized
    assert calls == []
    once = K.get_value(v)
    np.testing.assert_array_equal(K.get_value(v), once)
    assert calls == [1]


def test_a_value_that_is_set_first_makes_the_initial_one_needless() -> None:
    from keras.backend.graph.state import Variable

    v = Variable(lambda: 1 / 0, (2,), "float32")
    K.set_value(v, [1.0, 2.0])
    assert values(v) == [[1.0, 2.0]]


def test_a_variable_made_of_another() -> None:
    a = K.variable([1.0, 2.0])
    b = K.variable(a * 10.0)
    assert values(b) == [[10.0, 20.0]]
    K.set_value(a, [0.0, 0.0])
    assert values(b) == [[10.0, 20.0]]


# ---- updates


def test_all_updates_see_the_values_before() -> None:
    """A rotation of three, which any order of assignments would spoil."""
    a, b, c = (K.variable(float(n)) for n in (1, 2, 3))
    turn = K.function([], [a + b + c], updates=[(a, b), K.update(b, c), (c, a)])
    for wanted in ([2.0, 3.0, 1.0], [3.0, 1.0, 2.0]):
        assert turn([]) == [6.0]
        assert values(a, b, c) == wanted


def test_changes_of_one_variable_add_up() -> None:
    """Each call of a shared layer brings one."""
    v = K.variable([1.0, 2.0])
    x = K.placeholder((2,))
    changes = [K.update_add(v, x), K.update_sub(v, 1.0), K.moving_average_update(v, x, 0.5)]
    run = K.function([x], [v], updates=changes)
    before, fed = np.array([1.0, 2.0]), np.array([10.0, 20.0])
    np.testing.assert_array_equal(run([fed])[0], before)
    np.testing.assert_allclose(K.get_value(v), before + fed - 1 + 0.5 * (fed - before))


def test_a_change_counts_once_however_it_is_reached() -> None:
    v = K.variable(1.0)
    first, second = K.update_add(v, 10.0), K.update_add(v, 100.0)
    run = K.function([], [first, first + 0.5], updates=[first, second, first])
    assert run([]) == [11.0, 11.5]
    assert values(v) == [111.0]


def test_changes_found_below_outputs_add_up_as_well() -> None:
    v = K.variable(1.0)
    run = K.function([], [K.update_add(v, 10.0) * 2.0], updates=[K.update_add(v, 100.0)])
    assert run([]) == [22.0]
    assert values(v) == [111.0]


def test_a_plain_update_is_the_last_word() -> None:
    v = K.variable(1.0)
    K.function([], [], updates=[K.update_add(v, 10.0), K.update(v, 5.0)])([])
    assert values(v) == [5.0]


def test_both_calls_of_a_shared_normalization_move_its_averages() -> None:
    norm = BatchNormalization(momentum=0.9)
    a, b = Input((2,)), Input((2,))
    model = Model([a, b], add([norm(a), norm(b)]))
    model.compile("sgd", "mse")
    x = np.random.normal(3.0, 1.0, size=(16, 2)).astype("float32")
    y = np.random.normal(-1.0, 1.0, size=(16, 2)).astype("float32")
    model.train_on_batch([x, y], np.zeros((16, 2)))
    wanted = 0.1 * (x.mean(axis=0) + y.mean(axis=0))
    np.testing.assert_allclose(norm.get_weights()[2], wanted, rtol=1e-4)


def test_updates_take_the_variables_dtype() -> None:
    v, n = K.variable([1.0, 2.0]), K.variable(3, dtype="int64")
    wide = K.cast(K.constant([0.5, 0.25]), "float64")
    K.function([], [], updates=[(v, wide), K.update(n, K.cast(n, "float32") * 2.0)])([])
    assert [K.get_value(t).dtype.name for t in (v, n)] == ["float32", "int64"]
    assert values(v, n) == [[0.5, 0.25], 6]
    assert K.eval(K.update(v, [3.0, 4.0])).dtype == "float32"


@pytest.mark.parametrize("new", [np.ones(4), 1.0, np.ones((3, 1))])
def test_updates_of_another_shape(new: Any) -> None:
    v = K.variable(np.zeros(3), name="three")
    message = r"`three:0` has shape \(3,\); it can't be updated to a value of shape"
    with pytest.raises(ValueError, match=message):
        K.update(v, new)
    with pytest.raises(ValueError, match=message):
        K.function([], [], updates=[(v, new)])


def test_a_shape_that_is_not_known_yet_may_be_right() -> None:
    v, x = K.variable(np.zeros((2, 3))), K.placeholder((None, 3))
    K.function([x], [], updates=[(v, x)])([np.ones((2, 3))])
    assert values(v) == [np.ones((2, 3)).tolist()]


def test_a_list_of_variables_is_updated_as_one() -> None:
    """As optimizers do it: one rule for all weights."""
    members = [K.variable([1.0, 2.0]), K.variable([[3.0]])]
    weights = TensorList(members)
    K.function([], [], updates=[update_list(weights, weights * 2.0 + 1.0)])([])
    assert values(*members) == [[3.0, 5.0], [[7.0]]]


def test_nothing_is_updated_if_a_step_fails() -> None:
    v, x = K.variable(1.0), K.placeholder((None,))
    run = K.function([x], [K.reshape(x, (3, -1))], updates=[K.update_add(v, 1.0)])
    with pytest.raises(K.ExecutionError):
        run([np.ones(4)])
    assert values(v) == [1.0]
    run([np.ones(6)])
    assert values(v) == [2.0]


# ---- the order that control dependencies ask for


def test_what_comes_after_an_update_sees_it() -> None:
    v = K.variable(1.0)
    with K.control_dependencies([K.update_add(v, 1.0)]):
        after = K.identity(v) * 10.0
    before = v * 10.0
    assert K.function([], [before, after])([]) == [10.0, 20.0]
    assert values(v) == [2.0]


def test_dependencies_inside_of_each_other() -> None:
    a, b = K.variable(1.0), K.variable(2.0)
    with K.control_dependencies([K.update(a, 5.0)]), K.control_dependencies([K.update(b, a * 2.0)]):
        both = a + b
    assert K.function([], [both])([]) == [15.0]
    assert values(a, b) == [5.0, 10.0]


def test_the_scope_ends_with_its_block() -> None:
    v = K.variable(1.0)
    with pytest.raises(RuntimeError, match="on purpose"), \
            K.control_dependencies([K.update(v, 5.0)]):  # fmt: skip
        raise RuntimeError("on purpose")
    assert K.function([], [v + 1.0])([]) == [2.0]
    assert values(v) == [1.0]
