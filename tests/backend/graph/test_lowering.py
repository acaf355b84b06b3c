"""From tensors to steps: choices made, composites spelled out, sizes beside the engine."""

from __future__ import annotations

import linecache
import re
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph import runtime
from keras.backend.graph.lower import Lowering
from keras.backend.graph.program import Program, identifier
from keras.backend.graph.render import Source


def body(function: Any, phase: int = 1) -> list[str]:
    """The lines of a program between its head and its return."""
    lines: list[str] = function.variant(phase).source.splitlines()
    return [line.split("#")[0].strip() for line in lines[1:-1]]


def steps(function: Any, phase: int = 1) -> list[str]:
    """The names of what is called."""
    return re.findall(r"= (\w+?)(?:_\d+)?\(", "\n".join(body(function, phase)))


# ---- the learning phase


def test_a_choice_inside_of_a_choice() -> None:
    x = K.placeholder((2,))
    inner = K.in_train_phase(lambda: K.exp(x), lambda: K.sin(x))
    y = K.in_test_phase(inner + 1.0, inner + 2.0)
    f = K.function([x, K.learning_phase()], [y])
    value = np.array([0.1, 0.2])
    np.testing.assert_allclose(f([value, 1])[0], np.exp(value) + 2, rtol=1e-6)
    np.testing.assert_allclose(f([value, 0])[0], np.sin(value) + 1, rtol=1e-6)
    assert ("exp" in steps(f, 1), "sin" in steps(f, 1)) == (True, False)
    assert ("exp" in steps(f, 0), "sin" in steps(f, 0)) == (False, True)


def test_gradients_go_the_way_that_was_chosen() -> None:
    x = K.placeholder((2,))
    y = K.in_train_phase(K.square(x), 3.0 * x)
    f = K.function([x, K.learning_phase()], K.gradients(K.sum(y), [x]))
    value = np.array([0.5, -2.0])
    np.testing.assert_allclose(f([value, 1])[0], 2 * value, rtol=1e-6)
    np.testing.assert_allclose(f([value, 0])[0], [3.0, 3.0])


def test_the_phase_is_a_number_to_calculate_with() -> None:
    f = K.function([K.learning_phase()], [K.cast(K.learning_phase(), "float32") * 10.0])
    assert [f([phase])[0] for phase in (0, 1)] == [0.0, 10.0]


def test_the_phase_inside_of_a_loop() -> None:
    x = K.placeholder((2, 3, 1))
    _, outputs, _ = K.rnn(
        lambda now, s: (K.in_train_phase(now * 2.0, now), s), x, [K.zeros((2, 1))]
    )
    f = K.function([x, K.learning_phase()], [outputs])
    value = np.ones((2, 3, 1))
    np.testing.assert_array_equal(f([value, 1])[0], 2 * value)
    np.testing.assert_array_equal(f([value, 0])[0], value)


def test_a_phase_that_was_set_goes_before_the_one_that_is_fed() -> None:
    x = K.placeholder((1,))
    f = K.function([x, K.learning_phase()], [K.in_train_phase(x * 2.0, x)])
    try:
        K.set_learning_phase(1)
        assert f([[1.0], 0]) == [2.0]
    finally:
        K.set_learning_phase(None)
    assert f([[1.0], 0]) == [1.0]
    with pytest.raises(ValueError, match=r"is 0 \(testing\) or 1 \(training\), got 2"):
        K.set_learning_phase(2)


# ---- composites


def test_a_composite_is_its_definition_where_the_engine_has_no_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = K.placeholder((2, 3))
    value = np.random.normal(size=(2, 3)).astype("float32")
    engine = runtime.engine()
    whole = K.function([x], [K.elu(x, 0.5)])
    assert ("elu" in steps(whole)) == ("elu" in engine.table)
    monkeypatch.setattr(engine, "table", {k: v for k, v in engine.table.items() if k != "elu"})
    spelled = K.function([x], [K.elu(x, 0.5)])
    wanted = np.where(value > 0, value, 0.5 * np.expm1(value))
    for function in (whole, spelled):
        np.testing.assert_allclose(function([value])[0], wanted, rtol=1e-5, atol=1e-6)
    assert "elu" not in steps(spelled)


# ---- equal nodes


def test_equal_means_equal_in_everything() -> None:
    x = K.placeholder((3,))
    a, b = K.placeholder((3,)), K.placeholder((3,))
    f = K.function([x, a, b], [K.sum(x, 0), K.sum(x), a - b, b - a, K.pow(x, 2), K.pow(x, 2.0)])
    value = np.array([1.0, 2.0, 3.0])
    got = f([value, value, 2 * value])
    for result, wanted in zip(got, (6.0, 6.0, -value, value, value**2, value**2), strict=True):
        np.testing.assert_allclose(result, wanted)


def test_numbers_that_only_look_equal() -> None:
    """1, 1.0 and True; 0.0 and -0.0."""
    x = K.placeholder((2,))
    n = K.placeholder((2,), dtype="int32")
    positive, negative = K.function([x], [x / 0.0, x / -0.0])([[1.0, 2.0]])
    assert np.isposinf(positive).all()
    assert np.isneginf(negative).all()
    whole, real = K.function([n], [n * 1, n * 1.0])([[5, -5]])
    assert (whole.dtype.name, real.dtype.name) == ("int32", "float32")


def test_arguments_without_a_hash() -> None:
    """Nodes that hold an array are equal to none, and work."""
    x = K.placeholder((2,))
    table = np.array([1.0, 2.0], dtype="float32")
    f = K.function([x], [x * table, x * table])
    for result in f([[3.0, 4.0]]):
        np.testing.assert_array_equal(result, [3.0, 8.0])


# ---- sizes


def test_sizes_are_numbers_beside_the_engine() -> None:
    x = K.placeholder((None, None))
    rows, columns = K.shape(x)[0], K.shape(x)[1]
    f = K.function([x], [K.reshape(x, (columns, rows)), rows * 2 + columns])
    value = np.arange(6.0).reshape(2, 3)
    turned, count = f([value])
    np.testing.assert_array_equal(turned, value.reshape(3, 2))
    assert count == 7
    assert count.dtype == "int32"


def test_sizes_in_arithmetic_with_values() -> None:
    x = K.placeholder((None, 3))
    mean = K.sum(x, axis=0) / K.cast(K.shape(x)[0], "float32")
    value = np.random.normal(size=(5, 3))
    np.testing.assert_allclose(K.function([x], [mean])([value])[0], value.mean(axis=0), rtol=1e-5)


def test_a_size_as_a_condition() -> None:
    x = K.placeholder((None, 3))
    y = K.switch(K.shape(x)[0] > 2, lambda: x * 10.0, lambda: x)
    f = K.function([x], [y])
    assert f([np.ones((2, 3))])[0].max() == 1.0
    assert f([np.ones((3, 3))])[0].max() == 10.0


# ---- names and text

NUMPY_ARGUMENTS: dict[str, Any] = {
    "elu": lambda x: K.elu(x, np.float64(0.5)),
    "clip": lambda x: K.clip(x, np.float32(-1), np.float64(1)),
    "relu": lambda x: K.relu(x, alpha=np.float64(0.1), max_value=np.float32(2)),
    "sum": lambda x: K.sum(x, axis=np.int64(1)),
    "pow": lambda x: K.pow(x, np.float64(2)),
    "expand_dims": lambda x: K.expand_dims(x, np.int64(-1)),
    "reshape": lambda x: K.reshape(x, (np.int64(-1), np.int32(1))),
    "repeat": lambda x: K.repeat_elements(x, np.int64(2), np.int64(0)),
    "softmax": lambda x: K.softmax(x, axis=np.int64(-1)),
    "batch_normalization": lambda x: K.batch_normalization(
        x, K.zeros((3,)), K.ones((3,)), K.zeros((3,)), K.ones((3,)), epsilon=np.float64(1e-3)
    ),
    "product": lambda x: x * np.float64(2.0) + np.int64(1),
    "dropout": lambda x: K.dropout(x, np.float64(0.0), seed=np.int64(1)),
}
PLAIN_ARGUMENTS: dict[str, Any] = {
    "elu": lambda x: K.elu(x, 0.5),
    "clip": lambda x: K.clip(x, -1.0, 1.0),
    "relu": lambda x: K.relu(x, alpha=0.1, max_value=2.0),
    "sum": lambda x: K.sum(x, axis=1),
    "pow": lambda x: K.pow(x, 2.0),
    "expand_dims": lambda x: K.expand_dims(x, -1),
    "reshape": lambda x: K.reshape(x, (-1, 1)),
    "repeat": lambda x: K.repeat_elements(x, 2, 0),
    "softmax": lambda x: K.softmax(x, axis=-1),
    "batch_normalization": lambda x: K.batch_normalization(
        x, K.zeros((3,)), K.ones((3,)), K.zeros((3,)), K.ones((3,)), epsilon=1e-3
    ),
    "product": lambda x: x * 2.0 + 1.0,
    "dropout": lambda x: K.dropout(x, 0.0),
}


@pytest.mark.parametrize("op", NUMPY_ARGUMENTS)
def test_numpys_numbers_are_numbers(op: str) -> None:
    """`repr(numpy.float64(2))` is no Python that a program could hold."""
    x = K.placeholder((None, 3))
    made = [NUMPY_ARGUMENTS[op](x), PLAIN_ARGUMENTS[op](x)]
    assert made[0].dtype == made[1].dtype
    first, second = K.function([x], made)([np.random.normal(size=(2, 3))])
    np.testing.assert_allclose(first, second, rtol=1e-6)


@pytest.mark.parametrize("number", [np.inf, -np.inf, np.nan])
def test_numbers_that_have_no_literal(number: float) -> None:
    x = K.placeholder((2,))
    y = K.switch(x > 0, x * 0.0 + number, x)
    got = K.function([x], [y, K.clip(x, -np.inf, np.inf)])([[1.0, -1.0]])
    np.testing.assert_array_equal(got[0], [number, -1.0])
    np.testing.assert_array_equal(got[1], [1.0, -1.0])


def test_names_become_names_of_python() -> None:
    assert identifier("conv2d_1/kernel", "w") == "conv2d_1_kernel"
    assert identifier("1st", "w") == "v_1st"
    assert identifier("lambda", "w") == "v_lambda"
    assert identifier("ünïcode ✓", "w").isidentifier()
    assert identifier("", "w") == "w"


def test_a_value_is_dropped_after_its_last_use() -> None:
    x = K.placeholder((None, 4))
    h = K.tanh(x)
    f = K.function([x], [K.sum(K.sin(h) * K.cos(h))])
    text = f.source
    made = re.search(r"(\w+) = tanh\(", text)
    assert made is not None
    assert len(re.findall(rf"del .*\b{made[1]}\b", text)) == 1
    last = max(i for i, line in enumerate(text.splitlines()) if re.search(rf"\b{made[1]}\b", line))
    assert "del" in text.splitlines()[last]


def test_the_text_of_a_program_goes_with_it() -> None:
    x = K.placeholder((2,))
    f = K.function([x], [K.exp(x)], name="short_lived")
    f([np.ones(2)])
    ours = [name for name in linecache.cache if "short_lived" in name]
    assert len(ours) == 1
    assert "exp" in "".join(linecache.getlines(ours[0]))
    del f
    import gc

    gc.collect()
    assert [name for name in linecache.cache if "short_lived" in name] == []


def test_a_program_can_be_rendered_without_being_run() -> None:
    x = K.placeholder((None, 3), name="x")
    program = Program(name="looked_at")
    lowering = Lowering(runtime.engine(), 0, program)
    lowering.values[x] = program.parameter(x)
    lowering.finish([K.sqrt(x) + 1.0], [])
    source = Source(runtime.engine(), "<looked at>")
    source.function(program)
    assert source.lines[0] == "def looked_at(x1):"
    assert source.lines[-1].split() == ["return", "(t2,),", "()"]


# ---- what an error says


def test_only_what_the_line_uses_is_shown() -> None:
    """x1 is no part of a line that names x11."""
    fed = [K.placeholder((None, 2)) for _ in range(12)]
    total = fed[0]
    for x in fed[1:11]:
        total = total + x
    with K.name_scope("joined"):
        wrong = total + fed[11]
    f = K.function(fed, [wrong])
    with pytest.raises(K.ExecutionError) as caught:
        f([np.ones((3, 2))] * 11 + [np.ones((4, 2))])
    message = str(caught.value)
    assert "In `joined`, `add` failed" in message
    assert "x12 (4, 2)" in message
    given = next(line for line in message.splitlines() if "given:" in line)
    assert len(re.findall(r"\(\d, 2\)", given)) == 2


def test_an_error_of_eval_is_told_the_same_way() -> None:
    v = K.variable(np.ones(4))
    with K.name_scope("odd"):
        wrong = K.reshape(K.arange(K.shape(v)[0] * 2), (7,))
    with pytest.raises(K.ExecutionError) as caught:
        K.eval(wrong)
    message = str(caught.value)
    assert "In `odd`, `reshape` failed" in message
    assert "test_lowering.py" in message


def test_an_error_inside_of_a_loop_names_the_step() -> None:
    x, w = K.placeholder((None, 3, 2)), K.placeholder((None, 2))

    def step(now: Any, states: Any) -> Any:
        with K.name_scope("cell"):
            return K.dot(now, w), states

    _, outputs, _ = K.rnn(step, x, [K.zeros((1, 2))])
    with pytest.raises(K.ExecutionError, match=r"`cell`, `matmul` failed"):
        K.function([x, w], [outputs])([np.ones((1, 3, 2)), np.ones((5, 2))])


def test_an_error_of_a_gradient_names_the_layer_it_belongs_to() -> None:
    x, y = K.placeholder((None, 2)), K.placeholder((None, 2))
    with K.name_scope("scores"):
        total = K.sum(K.square(x)) + K.sum(y)
    slope = K.gradients(total, [x])[0]
    with K.name_scope("after"):
        wrong = slope + y
    with pytest.raises(K.ExecutionError, match=r"In `after`, `add` failed"):
        K.function([x, y], [wrong])([np.ones((2, 2)), np.ones((3, 2))])


@pytest.mark.parametrize("wrap", [lambda x: {"a": x}, lambda x: [[x, x]], lambda x: [x, "x"]])
def test_outputs_are_one_list(wrap: Any) -> None:
    x = K.placeholder((2,))
    with pytest.raises(TypeError, match=r"Output \d of `K.function` is a .* in one list"):
        K.function([x], wrap(x))


def test_truth_has_its_operators() -> None:
    p, q = np.array([True, True, False, False]), np.array([True, False, True, False])
    a, b = (K.placeholder((4,), dtype="bool") for _ in range(2))
    made = [a & b, a | b, a ^ b, ~a, True & a, False | b, True ^ a]
    wanted = [p & q, p | q, p ^ q, ~p, p, q, ~p]
    for got, value in zip(K.function([a, b], made)([p, q]), wanted, strict=True):
        np.testing.assert_array_equal(got, value)


def test_an_output_that_is_none() -> None:
    x, unrelated = K.placeholder((2,)), K.variable(1.0)
    with pytest.raises(TypeError, match=r"Output 1 of `K.function` is None. `K.gradients` gives"):
        K.function([x], [x, *K.gradients(K.sum(x), [unrelated])])
