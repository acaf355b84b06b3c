"""ImageDataGenerator: its arguments, what it measures, what it does to an image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras.preprocessing.image import ImageDataGenerator


def images(*shape: int) -> np.ndarray:
    return np.random.uniform(0, 255, shape).astype("float32")


def test_featurewise() -> None:
    x = images(20, 4, 5, 3)
    generator = ImageDataGenerator(featurewise_center=True, featurewise_std_normalization=True)
    generator.fit(x)
    made = next(generator.flow(x, batch_size=20))
    np.testing.assert_allclose(made.mean((0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(made.std((0, 1, 2)), 1, rtol=1e-5)


def test_featurewise_with_channels_first() -> None:
    x = images(6, 3, 4, 5)
    generator = ImageDataGenerator(featurewise_center=True, data_format="channels_first")
    generator.fit(x)
    assert generator.mean.shape == (3, 1, 1)
    np.testing.assert_allclose(generator.mean.ravel(), x.mean((0, 2, 3)), rtol=1e-5)


def test_samplewise() -> None:
    generator = ImageDataGenerator(samplewise_center=True, samplewise_std_normalization=True)
    for x in next(generator.flow(images(3, 8, 8, 3))):
        assert x.mean() == pytest.approx(0, abs=1e-5)
        assert x.std() == pytest.approx(1, rel=1e-5)


def test_whitened_pixels_are_independent() -> None:
    x = images(200, 3, 2, 1) @ np.array([[2.0]]) + images(200, 1, 1, 1)
    generator = ImageDataGenerator(featurewise_center=True, zca_whitening=True)
    generator.fit(x)
    rows = next(generator.flow(x, batch_size=200)).reshape(200, -1)
    np.testing.assert_allclose(rows.T @ rows / 200, np.eye(6), atol=1e-4)


def test_order_of_preprocessing_and_rescaling() -> None:
    generator = ImageDataGenerator(preprocessing_function=lambda x: x + 1, rescale=0.5)
    assert generator.standardize(np.ones((1, 1, 3), "float32")).tolist() == [[[1.0, 1.0, 1.0]]]
    generator.fit(np.full((2, 1, 1, 3), 4.0))


def test_floats_are_changed_in_place_and_integers_are_not() -> None:
    generator = ImageDataGenerator(rescale=2)
    floats, integers = np.ones((1, 1, 3)), np.ones((1, 1, 3), int)
    assert generator.standardize(floats) is floats
    assert floats.max() == 2
    assert generator.standardize(integers).dtype == "float32"
    assert integers.max() == 1


def test_flow_leaves_the_data_alone() -> None:
    x = images(4, 5, 5, 3)
    before = x.copy()
    next(ImageDataGenerator(rescale=2, samplewise_center=True).flow(x))
    np.testing.assert_array_equal(x, before)


def test_fit_on_augmented_images() -> None:
    x = images(4, 5, 5, 3)
    x[:, :, 3:] = 0
    plain = ImageDataGenerator(featurewise_center=True)
    moved = ImageDataGenerator(featurewise_center=True, width_shift_range=0.5)
    plain.fit(x)
    moved.fit(x, augment=True, rounds=3, seed=1)
    assert not np.allclose(plain.mean, moved.mean)
    again = ImageDataGenerator(featurewise_center=True, width_shift_range=0.5)
    again.fit(x, augment=True, rounds=3, seed=1)
    np.testing.assert_array_equal(again.mean, moved.mean)


def test_images_are_rescaled_before_they_are_changed() -> None:
    seen = []

    class Watched(ImageDataGenerator):
        def random_transform(self, x: Any, seed: int | None = None) -> Any:
            seen.append(x.max())
            return x + 1

    generator = Watched(featurewise_center=True, rescale=0.5)
    generator.fit(np.full((2, 3, 3, 1), 8.0), augment=True)
    assert seen == [4, 4]
    assert generator.mean.ravel().tolist() == [5]


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_flips(data_format: str) -> None:
    generator = ImageDataGenerator(data_format=data_format)
    x = images(3, 4, 5) if data_format == "channels_first" else images(4, 5, 3)
    rows, columns = (1, 2) if data_format == "channels_first" else (0, 1)
    both = {"flip_horizontal": True, "flip_vertical": True}
    np.testing.assert_array_equal(generator.apply_transform(x, both), np.flip(x, (rows, columns)))


def test_both_orderings_give_the_same() -> None:
    x = images(6, 5, 3)
    changes = {
        "theta": 20, "tx": 1, "zx": 0.8, "flip_vertical": True, "brightness": 0.6,
        "channel_shift_intensity": 9.0,
    }  # fmt: skip
    last = ImageDataGenerator().apply_transform(x, changes)
    first = ImageDataGenerator(data_format="channels_first")
    made = first.apply_transform(x.transpose(2, 0, 1), changes)
    np.testing.assert_array_equal(made, last.transpose(2, 0, 1))


def test_what_may_be_drawn() -> None:
    generator = ImageDataGenerator(
        rotation_range=10,
        width_shift_range=0.5,
        height_shift_range=3,
        zoom_range=(0.5, 0.9),
        shear_range=5,
        channel_shift_range=20,
        brightness_range=(0.2, 0.4),
        horizontal_flip=True,
    )
    drawn = [generator.get_random_transform((8, 10, 3)) for _ in range(200)]
    found: dict[str, Any] = {name: [d[name] for d in drawn] for name in drawn[0]}
    assert {abs(v) for v in found["tx"]} == {0, 1, 2}
    assert 3 < max(found["ty"]) <= 5
    assert set(found["flip_horizontal"]) == {0, 1}
    assert set(found["flip_vertical"]) == {0}
    for name, low, high in (
        ("theta", -10, 10),
        ("shear", -5, 5),
        ("zx", 0.5, 0.9),
        ("channel_shift_intensity", -20, 20),
        ("brightness", 0.2, 0.4),
    ):
        assert low <= min(found[name]) < (low + high) / 2 < max(found[name]) <= high


def test_a_seed_leaves_numpy_alone() -> None:
    generator = ImageDataGenerator(rotation_range=30)
    np.random.seed(1)
    first = generator.get_random_transform((4, 4, 3), seed=7)
    drawn = np.random.uniform()
    np.random.seed(1)
    assert np.random.uniform() == drawn
    assert generator.get_random_transform((4, 4, 3), seed=7) == first


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"validation_split": 1.5}, "between 0 and 1"),
        ({"zoom_range": (1, 2, 3)}, "number or a pair"),
        ({"brightness_range": 3}, "pair of factors"),
        ({"fill_mode": "mirror"}, "`fill_mode` is one of"),
        ({"data_format": "tf"}, "`data_format` is one of"),
    ],
)
def test_refusals(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ImageDataGenerator(**arguments)


@pytest.mark.parametrize(
    ("arguments", "switched", "on"),
    [
        ({"zca_whitening": True}, "featurewise_center", True),
        ({"featurewise_std_normalization": True}, "featurewise_center", True),
        ({"samplewise_std_normalization": True}, "samplewise_center", True),
        (
            {
                "zca_whitening": True,
                "featurewise_center": True,
                "featurewise_std_normalization": True,
            },
            "featurewise_std_normalization",
            False,
        ),
    ],
)
def test_what_others_need(arguments: dict[str, Any], switched: str, on: bool) -> None:
    with pytest.warns(UserWarning, match=switched):
        assert getattr(ImageDataGenerator(**arguments), switched) is on


def test_fit_is_asked_for() -> None:
    generator = ImageDataGenerator(featurewise_center=True)
    with pytest.warns(UserWarning, match=r"`featurewise_center` is not done, .* `fit\(images"):
        generator.standardize(images(4, 4, 3))
    with pytest.raises(ValueError, match="needs images of shape"):
        generator.fit(images(4, 4, 3))
    with pytest.warns(UserWarning, match="5 channels are unusual"):
        generator.fit(images(2, 4, 4, 5))


def test_misspelt_transforms_are_told() -> None:
    with pytest.warns(UserWarning, match="did you mean `theta`"):
        ImageDataGenerator().apply_transform(images(4, 4, 3), {"teta": 3})
