"""Images and texts in the terms of Keras 1."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.legacy.arguments import LegacyWarning
from keras.preprocessing import image
from keras.preprocessing.image import (
    DirectoryIterator,
    ImageDataGenerator,
    NumpyArrayIterator,
    apply_transform,
    array_to_img,
    flip_axis,
    img_to_array,
    load_img,
    random_channel_shift,
)
from keras.preprocessing.text import Tokenizer
from keras.utils import get_file, np_utils, to_categorical
from tests.preprocessing.image.pictures import folder_of_classes, write

TERMS = "in the terms of Keras 1"


@pytest.fixture
def channels_first() -> Iterator[None]:
    K.set_image_data_format("channels_first")
    yield
    K.set_image_data_format("channels_last")


@pytest.mark.parametrize(
    ("ordering", "shape"),
    [("tf", (4, 5, 3)), ("th", (3, 4, 5)), ("default", (3, 4, 5))],
)
@pytest.mark.usefixtures("channels_first")
def test_orderings_of_arrays(ordering: str, shape: tuple[int, ...]) -> None:
    x = np.random.randint(0, 256, (4, 5, 3)).astype("float32")
    picture = array_to_img(x, data_format="channels_last", scale=False)
    for call in (
        lambda: img_to_array(picture, dim_ordering=ordering),
        lambda: img_to_array(picture, ordering),
    ):
        with pytest.warns(LegacyWarning, match=TERMS):
            made = call()
        assert made.shape == shape
        with pytest.warns(LegacyWarning, match=TERMS):
            again = array_to_img(made, ordering, False)
        np.testing.assert_array_equal(np.asarray(again), x)


def test_sizes_third(tmp_path: Path) -> None:
    path = write(tmp_path / "x.png")
    with pytest.warns(LegacyWarning, match=TERMS):
        assert load_img(path, False, (3, 2)).size == (2, 3)
    assert load_img(path, False, "rgb", (3, 2)).size == (2, 3)


@pytest.mark.parametrize(("ordering", "axis"), [("tf", 3), ("th", 1), ("default", 3)])
def test_generators(ordering: str, axis: int) -> None:
    with pytest.warns(LegacyWarning, match=TERMS):
        generator = ImageDataGenerator(dim_ordering=ordering)
    assert generator.channel_axis == axis
    assert generator.dim_ordering == ("th" if axis == 1 else "tf")


def test_generator_in_its_old_order() -> None:
    old = (False, False, False, False, False, 20.0, 0.1, 0.2, 0.3, 0.4, 5.0, "wrap", 1.0, True)
    with pytest.warns(LegacyWarning, match="the order"):
        generator = ImageDataGenerator(*old)
    assert generator.rotation_range == 20
    assert (generator.width_shift_range, generator.height_shift_range) == (0.1, 0.2)
    assert (generator.shear_range, generator.zoom_range) == (0.3, [0.6, 1.4])
    assert (generator.channel_shift_range, generator.fill_mode) == (5, "wrap")
    assert generator.horizontal_flip is True
    with pytest.warns(LegacyWarning, match="the order"):
        assert ImageDataGenerator(*old[:5], 20).rotation_range == 20
    today = ImageDataGenerator(*old[:5], 1e-3, 20.0, 0.1, 0.2, (0.5, 1.0), 0.3)
    assert (today.zca_epsilon, today.rotation_range, today.shear_range) == (1e-3, 20, 0.3)


def test_flow() -> None:
    x, y = np.random.uniform(size=(6, 4, 4, 3)), np.arange(6)
    generator = ImageDataGenerator()
    expected = next(generator.flow(x, y, batch_size=4, seed=7))
    for call in (
        lambda: generator.flow(X=x, y=y, batch_size=4, seed=7),
        lambda: generator.flow(x, y, 4, True, 7),
        lambda: NumpyArrayIterator(x, y, generator, 4, True, 7, "tf"),
    ):
        with pytest.warns(LegacyWarning, match=TERMS):
            flow = call()
        assert flow.nb_sample == 6
        assert flow.dim_ordering == "tf"
        for one, other in zip(next(flow), expected, strict=True):
            np.testing.assert_array_equal(one, other)
    weighted = generator.flow(x, y, 4, False, y / 2)
    assert next(weighted)[2].tolist() == [0, 0.5, 1, 1.5]


def test_folders(tmp_path: Path) -> None:
    root = folder_of_classes(tmp_path)
    with pytest.warns(LegacyWarning, match=TERMS):
        flow = DirectoryIterator(
            root, ImageDataGenerator(), (4, 3), "rgb", "th", ["dog", "cat"], "binary"
        )
    assert (flow.nb_sample, flow.nb_class) == (10, 2)
    assert next(flow)[0].shape == (10, 3, 4, 3)
    assert flow.class_indices == {"dog": 0, "cat": 1}
    assert len(image.list_pictures(root, ext="jpg|jpeg|bmp|png")) == 10


def test_shifts_of_colours() -> None:
    x = np.random.uniform(size=(3, 4, 4))
    np.random.seed(2)
    expected = random_channel_shift(x, 0.5)
    np.random.seed(2)
    with pytest.warns(LegacyWarning, match=TERMS):
        made = random_channel_shift(x, intensity=0.5)
    np.testing.assert_array_equal(made, expected)


@pytest.mark.parametrize("channel_axis", [0, 2])
@pytest.mark.parametrize("fill_mode", ["nearest", "constant"])
def test_transforms_take_the_nearest_pixel(channel_axis: int, fill_mode: str) -> None:
    x = np.random.uniform(size=(3, 7, 6))
    turn = np.deg2rad(31)
    matrix = np.array(
        [[np.cos(turn), -np.sin(turn), 1.3], [np.sin(turn), np.cos(turn), -1.1], [0, 0, 1]]
    )
    made = apply_transform(np.moveaxis(x, 0, channel_axis), matrix, channel_axis, fill_mode, -2.0)
    last = np.array([6, 5])
    for row, column in np.ndindex(7, 6):
        there = (matrix @ [row, column, 1])[:2]
        i, j = np.rint(np.clip(there, 0, last)).astype(int)
        inside = np.all((there >= 0) & (there <= last))
        expected = x[:, i, j] if inside or fill_mode == "nearest" else -2.0
        np.testing.assert_allclose(np.moveaxis(made, channel_axis, 0)[:, row, column], expected)


def test_flips() -> None:
    x = np.arange(24).reshape(2, 3, 4)
    for axis in (0, 1, 2):
        np.testing.assert_array_equal(flip_axis(x, axis), np.flip(x, axis))


def test_tokenizer_says_nb_words() -> None:
    with pytest.warns(UserWarning, match="`num_words`"):
        assert Tokenizer(nb_words=5).nb_words == 5


def test_targets_say_nb_classes() -> None:
    for function in (np_utils.to_categorical, to_categorical):
        with pytest.warns(LegacyWarning, match="nb_classes -> num_classes"):
            assert function([1], nb_classes=3).tolist() == [[0, 1, 0]]
        assert function([1], 2).tolist() == [[0, 1]]


@pytest.mark.parametrize("name", ["mnist", "imdb", "cifar10"])
def test_modules_offer_what_they_use(name: str) -> None:
    assert importlib.import_module(f"keras.datasets.{name}").get_file is get_file


def test_nothing_else_is_taken_for_keras_1(recwarn: Any) -> None:
    x = np.zeros((2, 4, 4, 3))
    generator = ImageDataGenerator(True, False, False, False, False, 1e-6)
    next(generator.flow(x, None, 2, True, None, 3))
    img_to_array(array_to_img(x[0], "channels_last"), "channels_last")
    random_channel_shift(x[0], 0.5, 2)
    assert [w for w in recwarn if w.category is LegacyWarning] == []
