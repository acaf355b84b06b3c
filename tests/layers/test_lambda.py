"""Functions as layers, in configs, and from files, which are never run."""

from __future__ import annotations

import base64
import json
import marshal
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend import config
from keras.layers import Dense, Input, Lambda, Masking, deserialize, serialize
from keras.layers.core import functions
from keras.models import Model, Sequential, clone_model
from tests.layers.numbers import apply, draw


def halve(x: Any) -> Any:
    return x / 2


def scale(x: Any, by: Any = 1.0, mask: Any = None) -> Any:
    return x * by


def through_json(layer: Any, **custom_objects: Any) -> Any:
    return deserialize(json.loads(json.dumps(serialize(layer))), custom_objects)


def foreign(config: dict[str, Any]) -> dict[str, Any]:
    """The config as another process might have written it: the code is one that we never wrote."""
    code = compile("x", "elsewhere", "eval")
    return {**config, "function": [base64.b64encode(marshal.dumps(code)).decode(), None, None]}


class TestCalls:
    def test_arguments(self) -> None:
        x = draw(2, 3)
        by = np.array([1.0, 2.0, 3.0], dtype="float32")
        np.testing.assert_allclose(apply(Lambda(scale, arguments={"by": by}), x), x * by)

    def test_several_inputs_and_outputs(self) -> None:
        layer = Lambda(lambda pair: [pair[0] + pair[1], pair[0] - pair[1]])
        a, b = draw(2, 3), draw(2, 3)
        total, difference = apply(layer, a, b)
        np.testing.assert_allclose(total, a + b)
        np.testing.assert_allclose(difference, a - b)
        assert layer.compute_output_shape([(None, 3), (None, 3)]) == [(None, 3), (None, 3)]

    @pytest.mark.parametrize("output_shape", [None, (6,), [6], lambda shape: (shape[0], 6)])
    def test_output_shapes(self, output_shape: Any) -> None:
        layer = Lambda(lambda x: K.concatenate([x, x]), output_shape)
        assert layer.compute_output_shape((None, 3)) == (None, 6)
        assert apply(layer, draw(2, 3)).shape == (2, 6)

    def test_masks(self) -> None:
        seen: list[Any] = []

        def look(x: Any, mask: Any = None) -> Any:
            seen.append(mask)
            return x

        x = Masking()(Input((4, 2)))
        assert Lambda(look)(x)._keras_mask is None
        assert seen[-1] is x._keras_mask
        assert Lambda(look, mask=lambda inputs, mask: mask)(x)._keras_mask is x._keras_mask
        assert Lambda(look, mask=x._keras_mask)(x)._keras_mask is x._keras_mask

    def test_variables_it_uses_are_not_its_weights(self) -> None:
        v = K.variable(2.0)
        layer = Lambda(lambda x: x * v)
        np.testing.assert_allclose(apply(layer, np.ones((1, 2), dtype="float32")), [[2.0, 2.0]])
        assert layer.weights == []


class TestConfigs:
    def test_a_lambda_comes_back_in_the_process_that_wrote_it(self) -> None:
        def made(factor: float) -> Any:  # the same code, which encloses different numbers
            return Lambda(lambda x, by=factor, more=1: x * by * factor + more - 1)

        x = draw(2, 3)
        for factor, layer in [(f, through_json(made(f))) for f in (2.0, 3.0)]:
            np.testing.assert_allclose(apply(layer, x), x * factor**2, rtol=1e-5)

    def test_classic_keys(self) -> None:
        config = Lambda(lambda x: x, output_shape=lambda s: s, arguments={"a": np.ones(2)})
        written = json.loads(json.dumps(config.get_config()))
        assert written["function_type"] == written["output_shape_type"] == "lambda"
        assert written["arguments"] == {"a": {"type": "ndarray", "value": [1.0, 1.0]}}
        code, defaults, enclosed = written["function"]
        assert isinstance(code, str)
        assert defaults is None
        assert enclosed is None
        assert Lambda(halve, (3,)).get_config()["output_shape_type"] == "raw"

    def test_a_named_function_is_found_among_custom_objects(self) -> None:
        written = serialize(Lambda(halve))
        assert json.loads(json.dumps(written))["config"]["function"] == "halve"
        x = draw(2, 3)
        np.testing.assert_allclose(apply(through_json(Lambda(halve), halve=halve), x), x / 2)
        with pytest.raises(ValueError, match="Unknown function in the Lambda layer `lambda_1`"):
            through_json(Lambda(halve, name="lambda_1"))

    def test_copies_in_the_same_process_need_no_names(self) -> None:
        model = Sequential([Lambda(halve, input_shape=(3,)), Lambda(lambda x: x + 1)])
        x = draw(2, 3)
        np.testing.assert_allclose(clone_model(model).predict(x), x / 2 + 1)
        again = Model.from_config(Model(model.inputs, model.outputs).get_config())
        np.testing.assert_allclose(again.predict(x), x / 2 + 1)

    def test_not_all_of_them_are_kept_for_ever(self) -> None:
        made = [Lambda(eval(f"lambda x, a={i}: x + a")) for i in range(10, functions.KEPT + 18)]
        first, *_, last = [json.loads(json.dumps(serialize(layer))) for layer in made]
        np.testing.assert_allclose(apply(deserialize(last), draw(1, 2) * 0), functions.KEPT + 17)
        with pytest.raises(ValueError, match="They are not run"):
            deserialize(first)

    def test_a_mask_comes_back(self) -> None:
        layer = through_json(Lambda(lambda x: x, mask=lambda inputs, mask: mask))
        x = Masking()(Input((4, 2)))
        assert layer(x)._keras_mask is x._keras_mask

    def test_a_function_without_a_name_is_refused(self) -> None:
        class Twice:
            def __call__(self, x: Any) -> Any:
                return 2 * x

        layer = Lambda(Twice())
        x = draw(1, 2)
        np.testing.assert_allclose(apply(layer, x), 2 * x)
        with pytest.raises(ValueError, match="has no name, so a config can't hold it"):
            layer.get_config()


class TestForeignCode:
    config = Lambda(lambda x: 5 * x, name="five").get_config()

    def test_it_is_refused_with_a_recipe(self) -> None:
        with pytest.raises(ValueError, match=r"They are not run.*custom_objects=\{'five': lambda"):
            Lambda.from_config(foreign(self.config))

    def test_it_is_never_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: Any) -> Any:
            raise AssertionError("bytes of a config were read")

        config = foreign(self.config)
        monkeypatch.setattr(marshal, "loads", fail)
        monkeypatch.setattr("builtins.exec", fail)
        monkeypatch.setattr("builtins.eval", fail)
        with pytest.raises(ValueError, match="They are not run"):
            Lambda.from_config(config)
        with pytest.raises(ValueError, match="They are not run"):
            deserialize({"class_name": "Lambda", "config": config})
        with pytest.raises(ValueError, match=r"five\.output_shape"):
            Lambda.from_config(
                {**self.config, "output_shape": config["function"], "output_shape_type": "lambda"}
            )

    def test_the_user_gives_it(self) -> None:
        x = draw(2, 3)
        layer = Lambda.from_config(foreign(self.config), custom_objects={"five": lambda x: 5 * x})
        np.testing.assert_allclose(apply(layer, x), 5 * x)

    @pytest.mark.parametrize("said", ["c\x01\x00", [], ["c"], [{"a": 1}, None, None], None, 3])
    def test_other_forms_are_refused_as_well(self, said: Any) -> None:
        with pytest.raises(ValueError, match="They are not run"):
            Lambda.from_config({**self.config, "function": said})

    def test_an_unknown_kind(self) -> None:
        with pytest.raises(ValueError, match="unknown kind 'module'"):
            Lambda.from_config({**self.config, "function": "os.system", "function_type": "module"})


def spectrum(x: Any, power: float = 2.0) -> Any:
    """By the engine's own function, whichever runs."""
    if K.backend() == "jax":
        import jax.numpy as own
    elif config.engine() == "tensorflow":
        import tensorflow as tf

        return tf.abs(tf.signal.fft(tf.cast(x, tf.complex64))) ** power
    elif config.engine() == "theano":
        import pytensor.tensor as pt

        waves = np.fft.fft(np.eye(K.int_shape(x)[-1] if K.is_tensor(x) else x.type.shape[-1]))
        parts = (pt.dot(x, part.astype("float32")) for part in (waves.real, waves.imag))
        return sum(part**2 for part in parts) ** (power / 2)
    else:
        import torch as own
    return own.abs(own.fft.fft(x)) ** power


class TestFunctionsOfTheEngine:
    def test_values_shapes_and_gradients(self) -> None:
        a = draw(3, 8)
        x = Input((8,))
        layer = Lambda(spectrum, arguments={"power": 3.0})
        y = layer(x)
        assert K.int_shape(y) == (None, 8) == layer.compute_output_shape((None, 8))
        (slope,) = K.gradients(K.sum(Lambda(spectrum)(x)), x)
        value, slopes = K.function([x], [y, slope])([a])
        np.testing.assert_allclose(value, np.abs(np.fft.fft(a)) ** 3, rtol=1e-3)
        # the power of the spectrum is 8 times that of the signal
        np.testing.assert_allclose(slopes, 16 * a, rtol=1e-3, atol=1e-4)

    @pytest.mark.skipif(
        config.engine() == "theano", reason="K's functions take no variables of PyTensor's"
    )
    def test_with_functions_of_k_and_several_tensors(self) -> None:
        a, b = draw(3, 4), draw(3, 4)
        x, y = Input((4,)), Input((4,))
        made = Lambda(lambda both: [spectrum(K.concatenate(both)), K.sum(both[0], axis=1)])([x, y])
        got = K.function([x, y], made)([a, b])
        wanted = np.abs(np.fft.fft(np.concatenate([a, b], 1))) ** 2
        np.testing.assert_allclose(got[0], wanted, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(got[1], a.sum(1), rtol=1e-4)

    def test_a_model_trains_through_it(self) -> None:
        model = Sequential([Dense(4, input_dim=4), Lambda(spectrum), Dense(1)])
        model.compile("sgd", "mse")
        before = model.get_weights()[0]
        model.train_on_batch(draw(5, 4), draw(5, 1))
        assert np.any(model.get_weights()[0] != before)

    def test_another_mistake_is_the_users_own(self) -> None:
        with pytest.raises(TypeError, match="unknown argument `axes`"):
            Lambda(lambda x: K.sum(x, axes=1))(Input((4,)))
