"""Colours on the scales of the networks, and predictions as names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import applications, backend as K
from keras.applications import imagenet_utils
from keras.applications.imagenet_utils import decode_predictions, preprocess_input

RGB = np.array([0.0, 100.0, 255.0])
# By the frameworks that trained the networks: Caffe's means of ImageNet (blue first), the mean and
# deviation of torchvision's documents, and TensorFlow's [-1, 1].
SCALED = {
    "caffe": [255 - 103.939, 100 - 116.779, 0 - 123.68],
    "tf": [-1, 100 / 127.5 - 1, 1],
    "torch": [
        (0 - 0.485) / 0.229,
        (100 / 255 - 0.456) / 0.224,
        (255 / 255 - 0.406) / 0.225,
    ],
}
MODES = {
    "densenet": "torch",
    "inception_resnet_v2": "tf",
    "inception_v3": "tf",
    "mobilenet": "tf",
    "mobilenet_v2": "tf",
    "nasnet": "tf",
    "resnet": "caffe",
    "resnet50": "caffe",
    "resnet_v2": "tf",
    "vgg16": "caffe",
    "vgg19": "caffe",
    "xception": "tf",
}
LAST, FIRST = "channels_last", "channels_first"


def image(data_format: str, batch: bool, dtype: str = "float64") -> Any:
    made = np.broadcast_to(RGB, (2, 4, 5, 3)).astype(dtype)
    made = np.moveaxis(made, -1, 1) if data_format == FIRST else made
    return made if batch else made[0]


@pytest.mark.parametrize("mode", SCALED)
@pytest.mark.parametrize("data_format", [LAST, FIRST])
@pytest.mark.parametrize("batch", [True, False])
def test_arrays_and_tensors(mode: str, data_format: str, batch: bool) -> None:
    x = image(data_format, batch)
    before = x.copy()
    y = preprocess_input(x, data_format=data_format, mode=mode)
    colours = np.moveaxis(y, -3, -1) if data_format == FIRST else y
    np.testing.assert_allclose(colours, np.broadcast_to(SCALED[mode], colours.shape), atol=1e-12)
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(x, before)
    symbolic = preprocess_input(K.constant(x), data_format=data_format, mode=mode)
    assert symbolic.shape == x.shape
    np.testing.assert_allclose(K.eval(symbolic), y, rtol=1e-5, atol=1e-4)


def test_types_of_numbers() -> None:
    assert preprocess_input(image(LAST, True, "float32")).dtype == "float32"
    assert preprocess_input(image(LAST, True, "uint8")).dtype == K.floatx()
    np.testing.assert_allclose(
        preprocess_input(image(LAST, True, "uint8"), mode="tf")[0, 0, 0], SCALED["tf"], rtol=1e-5
    )
    half = preprocess_input(K.constant(image(LAST, True), dtype="float16"), mode="torch")
    assert K.dtype(half) == "float16"


@pytest.mark.parametrize("module", MODES)
def test_scale_of_each_network(module: str) -> None:
    own = getattr(applications, module).preprocess_input
    np.testing.assert_allclose(own(image(LAST, True))[0, 0, 0], SCALED[MODES[module]], atol=1e-9)
    first = own(image(FIRST, True), data_format=FIRST)
    np.testing.assert_allclose(first[0, :, 0, 0], SCALED[MODES[module]], atol=1e-9)


def test_wrong_images() -> None:
    with pytest.raises(ValueError, match="3 or 4 dimensions, got 2"):
        preprocess_input(np.zeros((4, 4)))
    with pytest.raises(ValueError, match="'caffe', 'tf', 'torch', got 'theano'"):
        preprocess_input(np.zeros((4, 4, 3)), mode="theano")
    with pytest.raises(ValueError, match="Unknown data_format"):
        preprocess_input(np.zeros((4, 4, 3)), data_format="last")
    with pytest.raises(TypeError, match="unknown argument `dim`"):
        preprocess_input(np.zeros((4, 4, 3)), dim=3)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A stand-in for the file of names, which is on the network; returns what is asked for."""
    path = tmp_path / "imagenet_class_index.json"
    path.write_text(json.dumps({str(i): [f"n{i:08}", f"thing {i}"] for i in range(1000)}))
    asked: list[Any] = []

    def get_file(*args: Any, **kwargs: Any) -> str:
        asked.append((args, kwargs))
        return str(path)

    monkeypatch.setattr(imagenet_utils, "get_file", get_file)
    monkeypatch.setattr(imagenet_utils, "_class_index", None)
    return asked


def test_predictions_as_names(index: list[Any]) -> None:
    preds = np.zeros((2, 1000), "float32")
    preds[0, [3, 7, 999]] = 0.25, 0.5, 0.125
    preds[1, 0] = 1
    first, second = decode_predictions(preds, top=3)
    assert first == [
        ("n00000007", "thing 7", 0.5),
        ("n00000003", "thing 3", 0.25),
        ("n00000999", "thing 999", 0.125),
    ]
    assert second[0] == ("n00000000", "thing 0", 1.0)
    assert [len(row) for row in decode_predictions(preds)] == [5, 5]
    ((args, kwargs),) = index  # the second call knows the names
    assert args == ("imagenet_class_index.json", imagenet_utils.CLASS_INDEX_PATH)
    assert kwargs["cache_subdir"] == "models"
    assert applications.vgg16.decode_predictions is decode_predictions


@pytest.mark.parametrize("shape", [(2, 10), (1000,), (1, 1, 1000)])
def test_predictions_of_something_else(index: list[Any], shape: Any) -> None:
    with pytest.raises(ValueError, match=r"of shape \(samples, 1000\), got"):
        decode_predictions(np.zeros(shape))
    assert index == []
