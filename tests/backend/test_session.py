"""Sessions, as old scripts use them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from keras import backend as K
from keras.backend.session import KEPT, Session


def test_run_keeps_the_structure() -> None:
    class Pair(NamedTuple):
        a: Any
        b: Any

    x = K.placeholder((None,))
    y = x * 2.0
    run = K.get_session().run
    feed = {x: [1.0, 2.0]}
    np.testing.assert_array_equal(run(y, feed), [2.0, 4.0])
    made = run([y, (x, {"sum": K.sum(x)}), Pair(x, y)], feed_dict=feed)
    assert isinstance(made[1], tuple)
    assert made[1][1] == {"sum": 3.0}
    np.testing.assert_array_equal(made[2].b, [2.0, 4.0])


def test_run_takes_the_learning_phase() -> None:
    x = K.placeholder(())
    y = K.in_train_phase(x * 10.0, x)
    session = K.get_session()
    assert session.run(y, {x: 2.0, K.learning_phase(): 1}) == 20.0
    assert session.run(y, {K.learning_phase(): 0, x: 2.0}) == 2.0


def test_run_carries_out_updates() -> None:
    v = K.variable(1.0)
    add = K.update_add(v, 1.0)
    assert K.get_session().run(add) == 2.0
    assert K.get_session().run(add.op) is None
    assert K.get_value(v) == 3.0


def test_contexts_of_old_scripts() -> None:
    session = K.get_session()
    with session.graph.as_default() as graph, session.as_default():
        assert graph is session.graph
        assert K.get_session().run(K.constant(2.0) + 1.0) == 3.0
    with Session() as other:
        assert other.run(K.constant(1.0)) == 1.0


def test_set_session() -> None:
    before = K.get_session()
    mine = object()
    K.set_session(mine)
    try:
        assert K.get_session() is mine
    finally:
        K.set_session(before)


def test_a_session_of_somebody_else_runs_both_kinds_of_tensors() -> None:
    class Other:
        def run(self, fetches: Any, feed_dict: Any = None, options: Any = None) -> Any:
            return fetches, feed_dict, options

    before, other = K.get_session(), Other()
    K.set_session(other)
    K.set_session(other)
    try:
        assert K.get_session() is other
        assert other.run("theirs", {"a": 1}, options=2) == ("theirs", {"a": 1}, 2)
        x = K.placeholder(())
        assert other.run([x * 2.0, x], {x: 4.0}) == [8.0, 4.0]
    finally:
        K.set_session(before)


def test_functions_are_kept_but_not_for_ever() -> None:
    session = Session()
    x = K.placeholder(())
    for n in range(KEPT + 5):
        assert session.run(x + float(n), {x: 1.0}) == 1.0 + n
    assert len(session._functions) == KEPT
    session.close()
    assert len(session._functions) == 0


def test_run_says_what_it_runs() -> None:
    with pytest.raises(TypeError, match="A session runs tensors, got str: 'dense/add:0'"):
        K.get_session().run("dense/add:0")


def test_decorators_and_settings() -> None:
    def function(x: Any) -> Any:
        return x

    assert K.eager(function) is K.symbolic(function) is function
    K.manual_variable_initialization(True)
    K.manual_variable_initialization(False)
    with pytest.raises(ValueError, match="takes True or False, got 'yes'"):
        K.manual_variable_initialization("yes")  # type: ignore[arg-type]  # what the test is about
