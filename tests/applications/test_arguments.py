"""What the functions that build networks are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import keras
from keras import applications, backend as K
from keras.applications import files
from keras.applications.imagenet_utils import obtain_input_shape
from keras.layers import Dense, GlobalAveragePooling2D, Input
from keras.models import Model, load_model
from tests.applications.released import FILES, GITHUB

SMALL = {"include_top": False, "input_shape": (32, 32, 3)}
TINY = {"alpha": 0.25, "input_shape": (32, 32, 3), "classes": 5}


class Asked(Exception):
    """What `get_file` was called with."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*args: Any, **kwargs: Any) -> str:
        raise Asked(*args, kwargs)

    monkeypatch.setattr(files, "get_file", ask)


@pytest.fixture(autouse=True)
def _data_format() -> Any:
    yield
    K.set_image_data_format("channels_last")


# ---- weights


@pytest.mark.parametrize(("name", "include_top"), FILES)
def test_released_files(asked: None, name: str, include_top: bool) -> None:
    module, _, function = name.rpartition(".")
    home = getattr(applications, module) if module else applications
    folder, file, called, md5 = FILES[name, include_top]
    size = {} if include_top or "MobileNet" not in name else {"input_shape": (224, 224, 3)}
    with pytest.raises(Asked) as caught:
        getattr(home, function)(include_top=include_top, **size)
    fname, origin, options = caught.value.args
    assert (fname, origin) == (called, f"{GITHUB}{folder}/{file}")
    assert options == {"cache_subdir": "models", "file_hash": md5}


SECOND = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels"


@pytest.mark.parametrize(
    ("name", "arguments", "file"),
    [
        ("MobileNet", {"alpha": 0.75}, "mobilenet_7_5_224_tf.h5"),
        ("MobileNet", {"alpha": 0.5, "input_shape": (160, 160, 3)}, "mobilenet_5_0_160_tf.h5"),
        ("MobileNetV2", {"alpha": 0.35}, f"{SECOND}_0.35_224.h5"),
        ("MobileNetV2", {"alpha": 1, "input_shape": (96, 96, 3)}, f"{SECOND}_1.0_96.h5"),
        ("MobileNetV2", {"alpha": 1.4, "input_shape": (128, 128, 3)}, f"{SECOND}_1.4_128.h5"),
    ],
)
def test_files_of_mobilenets(asked: None, name: str, arguments: Any, file: str) -> None:
    with pytest.raises(Asked) as caught:
        getattr(applications, name)(**arguments)
    assert caught.value.args[0] == file


def test_mobilenet_looks_at_the_tensor_in_its_second_version(asked: None) -> None:
    for name, file in (
        ("MobileNet", "mobilenet_1_0_224_tf.h5"),
        ("MobileNetV2", f"{SECOND}_1.0_160.h5"),
    ):
        with pytest.raises(Asked) as caught:
            getattr(applications, name)(input_tensor=Input((160, 160, 3)))
        assert caught.value.args[0] == file


@pytest.mark.parametrize("shape", [None, (160, 128, 3), (200, 200, 3), (None, None, 3)])
def test_the_usual_weights_stand_in_for_other_sizes(asked: None, shape: Any) -> None:
    with pytest.warns(UserWarning, match="those for 224 are taken"), pytest.raises(Asked) as caught:
        applications.MobileNet(include_top=False, input_shape=shape)
    assert caught.value.args[0] == "mobilenet_1_0_224_tf_no_top.h5"


def test_weights_of_a_file_in_order_and_by_name(tmp_path: Path) -> None:
    path = tmp_path / "weights.h5"
    network = applications.MobileNet(weights=None, **TINY)
    network.save_weights(path)
    x = np.random.standard_normal((2, 32, 32, 3))
    expected = network.predict(x)
    in_order = applications.MobileNet(weights=str(path), **TINY)
    np.testing.assert_allclose(in_order.predict(x), expected, rtol=1e-5)
    bare = applications.MobileNet(weights=None, include_top=False, **{**TINY, "classes": 1000})
    bare.load_weights(path, by_name=True)
    np.testing.assert_array_equal(bare.get_weights()[0], network.get_weights()[0])
    np.testing.assert_array_equal(bare.get_weights()[-1], network.get_weights()[-3])


def test_kernels_of_theano_are_turned_round(tmp_path: Path) -> None:
    """The released files say in their names whose kernels they hold."""
    import h5py

    network = applications.VGG16(weights=None, **SMALL)
    plain, turned = tmp_path / "w_tf_kernels.h5", tmp_path / "w_th_kernels.h5"
    for path in (plain, turned):
        network.save_weights(path)
        with h5py.File(path, "a") as file:  # files of Keras 1 say nothing of themselves
            del file.attrs["backend"], file.attrs["keras_version"]
    kernel = network.get_weights()[0]
    assert np.array_equal(applications.VGG16(weights=plain, **SMALL).get_weights()[0], kernel)
    found = applications.VGG16(weights=turned, **SMALL).get_weights()[0]
    assert np.array_equal(found, kernel[::-1, ::-1])


def test_released_weights_with_the_channels_first(tmp_path: Path) -> None:
    """Files of Keras 1 for TensorFlow's order hold kernels as we do, whatever the data format."""
    import h5py

    network = applications.VGG16(weights=None, **SMALL)
    path = tmp_path / "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    network.save_weights(path)
    with h5py.File(path, "a") as file:
        del file.attrs["backend"], file.attrs["keras_version"]
    x = np.random.standard_normal((1, 32, 32, 3))
    expected = network.predict(x)
    K.set_image_data_format("channels_first")
    first = applications.VGG16(weights=path, include_top=False, input_shape=(3, 32, 32))
    found = first.predict(np.moveaxis(x, -1, 1))
    np.testing.assert_allclose(np.moveaxis(found, 1, -1), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"weights": "nothing.h5"}, "which is no file"),
        ({"weights": 3}, "which is no file"),
        ({"classes": 10}, "tell 1000 classes apart, got `classes=10`"),
        ({"pooling": "sum", "weights": None}, "`pooling` is None, 'avg' or 'max', got 'sum'"),
        ({"input_shape": (100, 100, 3)}, r"for images of shape \(224, 224, 3\)"),
        ({"include_top": False, "input_shape": (100, 100, 4)}, "for 3 channels"),
        ({"weights": None, "input_shape": (31, 40, 3)}, "at least 32 rows"),
        ({"weights": None, "input_shape": (None, None, 3)}, "needs to know how many rows"),
        ({"weights": None, "input_shape": (40, 40)}, "3 numbers"),
    ],
)
def test_wrong_arguments(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        applications.VGG16(**arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("MobileNet", {"alpha": 0.35}, "`alpha` of 1.0, 0.75, 0.5, 0.25; got 0.35"),
        ("MobileNet", {"depth_multiplier": 2}, "`depth_multiplier=1`, got 2"),
        ("MobileNetV2", {"alpha": 0.6}, "`alpha` of 0.35"),
        ("NASNetMobile", {"include_top": False, "input_shape": (64, 64, 3)}, "224, 224, 3"),
        ("NASNetLarge", {"include_top": False, "input_shape": (None, None, 3)}, "331, 331, 3"),
    ],
)
def test_wrong_arguments_of_some(name: str, arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        getattr(applications, name)(**arguments)


SMALLEST = {
    "DenseNet121": 32,
    "InceptionResNetV2": 75,
    "InceptionV3": 75,
    "ResNet101": 32,
    "ResNet50V2": 32,
    "VGG19": 32,
    "Xception": 71,
}


@pytest.mark.parametrize("name", SMALLEST)
def test_smallest_images(name: str) -> None:
    size = SMALLEST[name]
    with pytest.raises(ValueError, match=f"at least {size} rows"):
        getattr(applications, name)(
            weights=None, include_top=False, input_shape=(size - 1, size, 3)
        )


# ---- shapes

LAST, FIRST = "channels_last", "channels_first"


@pytest.mark.parametrize(
    ("shape", "data_format", "flatten", "weights", "expected"),
    [
        (None, LAST, True, None, (224, 224, 3)),
        (None, FIRST, True, None, (3, 224, 224)),
        (None, LAST, False, None, (None, None, 3)),
        (None, FIRST, False, "imagenet", (3, None, None)),
        ((64, 64, 1), LAST, True, None, (64, 64, 1)),
        ((3, 64, 96), FIRST, False, "imagenet", (3, 64, 96)),
        ((None, None, 3), LAST, False, None, (None, None, 3)),
        ((224, 224, 3), LAST, True, "imagenet", (224, 224, 3)),
    ],
)
def test_shapes(shape: Any, data_format: str, flatten: bool, weights: Any, expected: Any) -> None:
    assert obtain_input_shape(shape, 224, 32, data_format, flatten, weights) == expected


def test_unusual_numbers_of_channels_are_told() -> None:
    with pytest.warns(UserWarning, match="1 or 3 channels as a rule, got 4"):
        model = applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 4))
    assert model.get_layer("block1_conv1").kernel.shape == (3, 3, 4, 64)


# ---- tensors, modules, training


def test_built_upon_a_tensor() -> None:
    x = Input((40, 40, 3))
    y = Dense(3)(x)
    model = applications.VGG16(weights=None, include_top=False, input_tensor=y)
    assert model.inputs == [x]
    assert len(model.layers) == 2 + 18
    variable = K.variable(np.zeros((2, 32, 32, 3)))
    fixed = applications.VGG16(weights=None, include_top=False, input_tensor=variable)
    assert K.int_shape(fixed.output) == (2, 1, 1, 512)


def test_modules_to_build_with() -> None:
    """`keras_applications` was told them; ours are the only ones."""
    modules = {name: getattr(keras, name) for name in ("backend", "layers", "models", "utils")}
    assert applications.VGG16(weights=None, **SMALL, **modules).name == "vgg16"
    with pytest.raises(ValueError, match=r"builds with `keras.layers`, got `layers=numpy`"):
        applications.VGG16(weights=None, **SMALL, layers=np)
    with pytest.raises(TypeError, match="unknown argument `engine`"):
        applications.MobileNet(weights=None, **SMALL, engine=None)


def test_fine_tuning() -> None:
    base = applications.MobileNet(weights=None, alpha=0.25, **SMALL)
    base.trainable = False
    y = Dense(3, activation="softmax")(GlobalAveragePooling2D()(base.output))
    model = Model(base.input, y)
    for layer in base.layers:
        layer.trainable = False
    model.compile("adam", "categorical_crossentropy")
    before = base.get_weights()
    x, t = np.random.standard_normal((4, 32, 32, 3)), np.eye(3)[[0, 1, 2, 0]]
    losses = [model.train_on_batch(x, t) for _ in range(5)]
    assert losses[-1] < losses[0]
    assert all(map(np.array_equal, before, base.get_weights()))


def test_a_saved_network_loads_without_being_told_its_functions(tmp_path: Path) -> None:
    """Inception-ResNet has `Lambda` layers. Its whole file is large, so one block stands for it."""
    from keras.applications.inception_resnet_v2 import MEDIUM, residual

    x = Input((8, 8, 6))
    model = Model(x, residual(x, MEDIUM, "block17_1", scale=0.1))
    model.save(tmp_path / "block.h5")
    images = np.random.standard_normal((2, 8, 8, 6))
    expected = model.predict(images)
    np.testing.assert_allclose(
        load_model(tmp_path / "block.h5").predict(images), expected, rtol=1e-5
    )
    # The original holds the function as code, which isn't run.
    config = model.get_config()
    (entry,) = (e for e in config["layers"] if e["class_name"] == "Lambda")
    entry["config"].update(function=["bm8gY29kZQ==\n", None, None], function_type="lambda")
    again = Model.from_config(config)
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.predict(images), expected, rtol=1e-5)
