"""What `summary` prints, beyond the recorded tables of `test_golden.py`."""

from __future__ import annotations

from typing import Any

import pytest

from keras.layers import LSTM, Add, BatchNormalization, Dense, Dropout, Input
from keras.models import Model, Sequential
from keras.models.summary import weight_counts


def lines(model: Any, **arguments: Any) -> list[str]:
    printed: list[str] = []
    model.summary(print_fn=printed.append, **arguments)
    return printed


def stack() -> Any:
    return Sequential([Dense(6, input_shape=(4,)), Dropout(0.5), Dense(3)], name="net")


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    model = stack()
    assert model.summary() is None
    assert capsys.readouterr().out.splitlines() == lines(model)


def test_counts() -> None:
    model = Sequential([Dense(6, input_shape=(4,)), BatchNormalization(), Dense(3)])
    wanted = 4 * 6 + 6 + 6 * 3 + 3
    assert weight_counts(model) == (wanted + 2 * 6, 2 * 6)
    model.layers[0].trainable = False
    assert weight_counts(model) == (2 * 6 + 6 * 3 + 3, 2 * 6 + 4 * 6 + 6)
    assert lines(model)[-4:-1] == [
        "Total params: 75",
        "Trainable params: 33",
        "Non-trainable params: 42",
    ]


def test_thousands_are_set_apart() -> None:
    model = Sequential([Dense(1000, input_shape=(1234,))])
    assert "Total params: 1,235,000" in lines(model)


def test_shared_weights_count_once() -> None:
    x, y = Input((3,)), Input((3,))
    shared = Dense(3)
    model = Model([x, y], Add()([shared(shared(x)), shared(y)]))
    assert weight_counts(model) == (12, 0)


def test_connections_of_a_layer_called_twice() -> None:
    x, y = Input((3,), name="x"), Input((3,), name="y")
    shared = Dense(2, name="shared")
    model = Model([x, y], Add(name="sum")([shared(x), shared(y)]))
    text = lines(model)
    row = next(i for i, line in enumerate(text) if line.startswith("shared (Dense)"))
    assert text[row].split()[-1] == "x[0][0]"
    assert text[row + 1].split() == ["y[0][0]"]
    row = next(i for i, line in enumerate(text) if line.startswith("sum (Add)"))
    assert [text[row].split()[-1], text[row + 1].split()[-1]] == ["shared[0][0]", "shared[1][0]"]


def test_calls_of_other_models_are_left_out() -> None:
    x, y = Input((3,), name="x"), Input((3,), name="y")
    shared = Dense(2, name="shared")
    shared(y)
    h = shared(x)
    text = "\n".join(lines(Model(x, Add()([h, Dense(2)(x)]))))
    assert "y[0][0]" not in text


def test_shapes_that_differ_between_calls() -> None:
    x, y = Input((3,)), Input((5, 3))
    shared = Dense(2, name="shared")
    model = Model([x, y], [shared(x), shared(y)])
    row = next(line for line in lines(model) if line.startswith("shared (Dense)"))
    assert "multiple" in row


def test_several_outputs_of_a_layer() -> None:
    x = Input((5, 3))
    model = Model(x, LSTM(2, return_state=True, name="l")(x))
    row = next(line for line in lines(model, line_length=150) if line.startswith("l (LSTM)"))
    assert "[(None, 2), (None, 2), (None, 2)]" in row


@pytest.mark.parametrize("length", [50, 65, 120])
def test_line_length(length: int) -> None:
    text = lines(stack(), line_length=length)
    assert {len(line) for line in text if set(line) <= {"_", "="}} == {length}
    rows = [line for line in text if "dense" in line]
    assert [len(row) for row in rows] == [length] * len(rows)


def test_positions() -> None:
    """Shares of the line, or columns."""
    shares = lines(stack(), line_length=100, positions=[0.5, 0.8, 1.0])
    columns = lines(stack(), line_length=100, positions=[50, 80, 100])
    strip = [line for line in columns if "dense" not in line and "dropout" not in line]
    assert [line for line in shares if "dense" not in line and "dropout" not in line] == strip
    header = columns[2]
    assert header.index("Output Shape") == 50
    assert header.index("Param #") == 80


def test_names_that_are_too_long_are_cut() -> None:
    model = Sequential([Dense(2, input_shape=(3,), name="n" * 80)])
    row = next(line for line in lines(model) if line.startswith("nnn"))
    assert len(row) == 65
    assert row.split()[1:] == ["(None,", "2)", "8"]


def test_a_model_inside_is_one_row() -> None:
    inner = stack()
    x = Input((4,))
    text = lines(Model(x, Dense(1)(inner(x))))
    row = next(line for line in text if line.startswith("net (Sequential)"))
    assert row.split()[-1] == str(inner.count_params())


def test_trainable_that_no_longer_holds_is_reported() -> None:
    model = stack()
    model.compile("sgd", "mse")
    model.layers[0].trainable = False
    with pytest.warns(UserWarning, match="`trainable` was changed after `compile`"):
        text = lines(model)
    assert "Trainable params: 51" in text  # what will be trained


def test_before_it_is_built() -> None:
    with pytest.raises(ValueError, match=r"`net` isn't built yet.*`build\(input_shape\)`"):
        Sequential([Dense(2)], name="net").summary()


def test_a_model_of_its_own_call() -> None:
    class Own(Model):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.first, self.second = Dense(3, name="first"), Dense(2, name="second")

        def call(self, inputs: Any) -> Any:
            return self.second(self.first(inputs))

    model = Own()
    with pytest.raises(ValueError, match="isn't built yet"):
        model.summary()
    model(Input((4,)))
    text = lines(model)
    assert any(line.startswith("first (Dense)") for line in text)
    assert "Total params: 23" in text
