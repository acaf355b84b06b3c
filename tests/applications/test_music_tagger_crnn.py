"""The network for the tags of music, and the spectrograms that it wants."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.applications import audio_conv_utils, files
from keras.applications.audio_conv_utils import decode_predictions, preprocess_input
from keras.applications.music_tagger_crnn import MusicTaggerCRNN
from keras.layers import Input


@pytest.fixture(autouse=True)
def _data_format() -> Any:
    yield
    K.set_image_data_format("channels_last")


@pytest.mark.parametrize(
    ("data_format", "shape"),
    [("channels_last", (96, 1366, 1)), ("channels_first", (1, 96, 1366))],
)
def test_network(data_format: str, shape: tuple[int, ...]) -> None:
    """The numbers of parameters and layers are those that Keras 1.2.2 builds."""
    K.set_image_data_format(data_format)
    model = MusicTaggerCRNN(weights=None)
    assert model.input_shape == (None, *shape)
    assert model.output_shape == (None, 50)
    assert model.count_params() == 400_562
    assert len(model.layers) == (23 if data_format == "channels_last" else 24)
    assert [layer.name for layer in model.layers if layer.weights] == [
        *("bn_0_freq", "conv1", "bn1", "conv2", "bn2", "conv3", "bn3", "conv4", "bn4"),
        *("gru1", "gru2", "output"),
    ]
    features = MusicTaggerCRNN(weights=None, include_top=False)
    assert features.output_shape == (None, 32)
    assert features.count_params() == 398_912


def test_both_data_formats_compute_the_same() -> None:
    x = np.random.standard_normal((1, 96, 1366, 1))
    last = MusicTaggerCRNN(weights=None, classes=7)
    expected = last.predict(x)
    assert expected.shape == (1, 7)
    K.set_image_data_format("channels_first")
    first = MusicTaggerCRNN(weights=None, classes=7)
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(first.predict(np.moveaxis(x, -1, 1)), expected, rtol=1e-3)


def test_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the top in order, without it by name; an own file as it is."""
    path = tmp_path / "music.h5"
    trained = MusicTaggerCRNN(weights=None)
    trained.save_weights(path)
    asked = []
    monkeypatch.setattr(files, "get_file", lambda *args, **kwargs: asked.append(args) or str(path))
    for arguments in ({}, {"include_top": False}, {"weights": path}):
        model = MusicTaggerCRNN(**arguments)
        for name in ("bn_0_freq", "gru2"):
            ours, theirs = (
                model.get_layer(name).get_weights(),
                trained.get_layer(name).get_weights(),
            )
            assert all(map(np.array_equal, ours, theirs))
    assert len(asked) == 2
    assert asked[0][0] == "music_tagger_crnn_weights_tf_kernels_tf_dim_ordering.h5"
    with pytest.raises(ValueError, match="tell 50 tags apart, got `classes=10`"):
        MusicTaggerCRNN(classes=10)
    with pytest.raises(ValueError, match="which is no file"):
        MusicTaggerCRNN(weights="imagenet")


def test_built_upon_a_tensor() -> None:
    x = Input((96, 1366, 1))
    assert MusicTaggerCRNN(weights=None, input_tensor=x).inputs == [x]


@pytest.mark.parametrize("seconds", [10.0, 29.12, 50.0])
def test_spectrograms(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """librosa is large and not needed otherwise; what it is asked for is looked at here."""
    rate, count = 12000, int(29.12 * 12000)
    samples = np.arange(1, int(seconds * rate) + 1, dtype="float32")
    librosa, feature = ModuleType("librosa"), ModuleType("librosa.feature")
    seen: dict[str, Any] = {}

    def load(path: str, sr: int) -> tuple[Any, int]:
        assert (path, sr) == ("song.mp3", rate)
        return samples, sr

    def melspectrogram(y: Any, **options: Any) -> Any:
        seen.update(options, y=y)
        return np.linspace(0, 10, 96)[:, None] * np.ones((96, 1 + len(y) // 256))

    librosa.load, feature.melspectrogram, librosa.feature = load, melspectrogram, feature
    monkeypatch.setitem(sys.modules, "librosa", librosa)
    x = preprocess_input("song.mp3")
    assert x.shape == (96, 1366, 1)
    # Decibels of the squares, 80 below the loudest at most.
    np.testing.assert_allclose(x[-1], 20.0)
    np.testing.assert_allclose(x[0], -60.0)
    np.testing.assert_allclose(x[10, 0, 0], 20 * np.log10(10 * 10 / 95))
    assert preprocess_input(Path("song.mp3"), "channels_first").shape == (1, 96, 1366)
    assert seen == {"sr": rate, "hop_length": 256, "n_fft": 512, "n_mels": 96, "y": seen["y"]}
    y = seen["y"]
    assert len(y) == count
    if seconds < 29.12:
        np.testing.assert_array_equal(y[: len(samples)], samples)
        assert not y[len(samples) :].any()
    else:  # as much is left out before as after
        left, right = y[0] - samples[0], samples[-1] - y[-1]
        assert abs(left - right) <= 1


def test_without_librosa(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "librosa", None)
    with pytest.raises(ImportError, match="pip install librosa"):
        preprocess_input("song.mp3")


def test_tags() -> None:
    preds = np.zeros((1, 50))
    preds[0, [0, 5, 49]] = 0.2, 0.9, 0.5
    assert decode_predictions(preds, top_n=3) == [
        [("female vocalists", 0.9), ("happy", 0.5), ("rock", 0.2)]
    ]
    assert len(set(audio_conv_utils.TAGS.replace("\n", " ").split(", "))) == 50
    with pytest.raises(ValueError, match=r"\(samples, 50\), got \(1, 1000\)"):
        decode_predictions(np.zeros((1, 1000)))
