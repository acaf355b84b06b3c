"""Each check of the contract finds a layer that breaks it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import Dense, Layer
from keras.utils.test_utils import CHECKS, Sample, get_test_data, layer_test


class Scale(Layer):
    """A layer as users write them, which keeps the contract."""

    def __init__(self, start: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight("scale", (input_shape[-1],), initializer="ones")
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale * self.start

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "start": self.start}


class NeverBuilt(Scale):
    built = property(lambda self: False, lambda self, value: None)  # type: ignore[assignment]


class WrongShape(Scale):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], 1, *input_shape[2:])


class ForgetsAnArgument(Scale):
    def get_config(self) -> dict[str, Any]:
        return super(Scale, self).get_config()


class KeepsItsWeights(Scale):
    def set_weights(self, weights: Any) -> None:
        """Takes whatever comes."""


class Unused(Scale):
    def call(self, inputs: Any) -> Any:
        return inputs + 0.0 * self.scale


class ShortMask(Scale):
    supports_masking = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None if mask is None else mask[:, 1:]


class Noisy(Scale):
    def call(self, inputs: Any) -> Any:
        return super().call(inputs) + K.random_normal(K.shape(inputs))


class MixesSamples(Scale):
    def call(self, inputs: Any) -> Any:
        return super().call(inputs) - K.mean(inputs, axis=0, keepdims=True)


class Shared(Scale):
    kept: Any = None

    def build(self, input_shape: Any) -> None:
        if Shared.kept is None:
            Shared.kept = self.add_weight("scale", (input_shape[-1],), initializer="ones")
        self.scale = Shared.kept


class OneDtype(Scale):
    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight("scale", (input_shape[-1],), "float32", initializer="ones")


BROKEN = {
    "builds": NeverBuilt,
    "shapes": WrongShape,
    "configs": ForgetsAnArgument,
    "weights": KeepsItsWeights,
    "trains": Unused,
    "masks": ShortMask,
    "models": Noisy,
    "files": ForgetsAnArgument,
    "times": MixesSamples,
    "clones": Shared,
    "dtypes": OneDtype,
}


@pytest.mark.parametrize("check", CHECKS)
def test_a_broken_layer_fails(check: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS[check](Sample(BROKEN[check], {"start": 2.0}, (3, 4, 5)))


@pytest.mark.parametrize("check", CHECKS)
def test_a_good_one_passes(check: str) -> None:
    CHECKS[check](Sample(Scale, {"start": 2.0}, (3, 4, 5)))


class TestLayerTest:
    def test_returns_the_output(self) -> None:
        x = np.ones((2, 3), dtype="float32")
        y = layer_test(Scale, {"start": 2.0}, input_data=x, expected_output=2 * x)
        np.testing.assert_array_equal(y, 2 * x)

    def test_what_was_expected(self) -> None:
        with pytest.raises(AssertionError, match="the expected output"):
            layer_test(
                Scale, input_data=np.ones((2, 3), "float32"), expected_output=np.ones((2, 3)) * 2
            )
        with pytest.raises(AssertionError, match="it is float32"):
            layer_test(Dense, {"units": 2}, (2, 3), expected_output_dtype="float64")

    def test_left_out_checks(self) -> None:
        layer_test(WrongShape, {}, (3, 4, 5), skip={"shapes": "it is wrong"})


@pytest.mark.parametrize(("classification", "shape"), [(True, (12,)), (False, (12, 2))])
def test_data_that_can_be_learnt(classification: bool, shape: Any) -> None:
    (x, y), (x_test, y_test) = get_test_data(12, 5, (3,), (2,), classification, 3)
    assert x.shape == (12, 3)
    assert y.shape == shape
    assert x_test.shape == (5, 3)
    assert len(y_test) == 5
