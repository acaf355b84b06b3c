"""The packages beside classic Keras, and the networks in the terms of Keras 1."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import keras
from keras import applications, backend as K
from keras.layers import Input
from keras.legacy.arguments import LegacyWarning
from keras.legacy.networks import correct_pad, get_submodules_from_kwargs, keras_modules_injection

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = [
    "from keras_applications.imagenet_utils import _obtain_input_shape, preprocess_input",
    "import keras_applications as ka, keras; assert ka.vgg16.VGG16 is keras.applications.VGG16",
    "import keras_applications.nasnet, keras; assert keras_applications.nasnet.NASNetLarge",
    "import keras_preprocessing, keras; assert keras_preprocessing.image.ImageDataGenerator is "
    "keras.preprocessing.image.ImageDataGenerator",
    "from keras_preprocessing import sequence, text; assert text.Tokenizer",
    "from keras_preprocessing.image.iterator import Iterator",
    "from keras_preprocessing.image.utils import load_img",
    "import keras; from keras_applications import get_submodules_from_kwargs as get; "
    "assert get({})[1] is keras.layers",
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_packages_beside_keras(program: str) -> None:
    """In a process of its own: nothing of Keras is imported before."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_module_that_they_never_had() -> None:
    with pytest.raises(ModuleNotFoundError):
        __import__("keras_applications.nothing")
    import keras_applications

    with pytest.raises(AttributeError, match="none of them has `nothing`"):
        keras_applications.nothing  # noqa: B018  looking is what raises


def test_which_modules_to_build_with() -> None:
    import keras_applications

    names = ("backend", "layers", "models", "utils")
    own = tuple(getattr(keras, name) for name in names)
    assert get_submodules_from_kwargs({}) == own
    assert get_submodules_from_kwargs({"layers": "other"})[1] == "other"
    assert tuple(keras_applications.get_keras_submodule(name) for name in names) == own
    keras_applications.set_keras_submodules(*own)
    with pytest.raises(ValueError, match=r"builds with `keras\.backend`, got `backend=numpy`"):
        keras_applications.set_keras_submodules(backend=np)
    with pytest.raises(TypeError, match="nothing"):
        get_submodules_from_kwargs({"nothing": 1})
    with pytest.raises(ImportError, match="got 'engine'"):
        keras_applications.get_keras_submodule("engine")


def test_injection_of_modules() -> None:
    def which(x: int, **modules: Any) -> Any:
        return x, modules["layers"]

    assert keras_modules_injection(which)(3) == (3, keras.layers)
    assert keras_modules_injection(which).__name__ == "which"


@pytest.mark.parametrize(
    ("shape", "size", "pad"),
    [
        ((7, 8, 3), 3, ((1, 1), (0, 1))),
        ((None, None, 3), 5, ((1, 2), (1, 2))),
        ((7, 8, 3), (5, 7), ((2, 2), (2, 3))),
    ],
)
def test_zeros_around_an_image(shape: Any, size: Any, pad: Any) -> None:
    assert correct_pad(K, Input(shape), size) == pad


def test_the_fifth_argument_was_the_number_of_classes() -> None:
    with pytest.warns(LegacyWarning, match="the fifth argument, a number, -> classes"):
        model = applications.VGG16(True, None, None, (32, 32, 3), 7)
    assert model.output_shape == (None, 7)


def test_orderings_of_keras_1() -> None:
    x = np.ones((2, 3, 4, 4))
    expected = applications.vgg16.preprocess_input(x, data_format="channels_first")
    for module in (applications.imagenet_utils, applications.vgg16, applications.resnet50):
        with pytest.warns(LegacyWarning, match="dim_ordering -> data_format"):
            found = module.preprocess_input(x, dim_ordering="th")
        np.testing.assert_array_equal(found, expected)


def test_conv2d_bn_of_keras_1() -> None:
    x = Input((9, 9, 3))
    with pytest.warns(LegacyWarning, match="border_mode -> padding"):
        y = applications.inception_v3.conv2d_bn(
            x, 4, 3, 3, border_mode="valid", subsample=(2, 2), name="unit"
        )
    assert K.int_shape(y) == (None, 4, 4, 4)
    names = [layer.name for layer in keras.Model(x, y).layers[1:]]
    assert names == ["unit_conv", "unit_bn", "unit"]


RELEASES = "https://github.com/fchollet/deep-learning-models/releases/download/"


@pytest.mark.parametrize(
    ("module", "name", "address"),
    [
        ("vgg16", "WEIGHTS_PATH", "v0.1/vgg16_weights_tf_dim_ordering_tf_kernels.h5"),
        ("vgg19", "TH_WEIGHTS_PATH", "v0.1/vgg19_weights_th_dim_ordering_th_kernels.h5"),
        (
            "resnet50",
            "WEIGHTS_PATH_NO_TOP",
            "v0.2/resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        ),
        (
            "inception_v3",
            "TF_WEIGHTS_PATH",
            "v0.2/inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
        ),
        (
            "inception_v3",
            "WEIGHTS_PATH",
            "v0.5/inception_v3_weights_tf_dim_ordering_tf_kernels.h5",
        ),
        (
            "xception",
            "TF_WEIGHTS_PATH_NO_TOP",
            "v0.4/xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
        ),
        (
            "music_tagger_crnn",
            "TH_WEIGHTS_PATH",
            "v0.3/music_tagger_crnn_weights_tf_kernels_th_dim_ordering.h5",
        ),
    ],
)
def test_addresses(module: str, name: str, address: str) -> None:
    from importlib import import_module

    home = import_module(f"keras.applications.{module}")
    assert getattr(home, name) == RELEASES + address


def test_relu6_of_early_mobilenets() -> None:
    from keras.applications.mobilenet import DepthwiseConv2D, relu6

    assert K.eval(relu6(K.constant([-1.0, 3.0, 9.0]))).tolist() == [0, 3, 6]
    assert DepthwiseConv2D is keras.layers.DepthwiseConv2D


def test_kernels_that_a_layer_does_not_have() -> None:
    """Its base class took arguments for them, and code passes them on."""
    with pytest.warns(LegacyWarning, match="kernel_initializer is gone, kernel_regularizer is"):
        layer = keras.layers.SeparableConv2D(
            2, 3, kernel_initializer="he_normal", kernel_regularizer="l2"
        )
    assert "kernel_initializer" not in layer.get_config()
    with pytest.warns(LegacyWarning, match="kernel_initializer is gone"):
        keras.layers.DepthwiseConv2D(3, kernel_initializer="he_normal")
