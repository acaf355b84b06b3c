"""Images as files, as Pillow's images and as arrays; damaged and dangerous files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keras.preprocessing import image
from keras.preprocessing.image.extras import ndimage, pillow
from tests.preprocessing.image.pictures import write


def test_there_and_back(tmp_path: Path) -> None:
    x = np.random.randint(0, 256, (4, 5, 3)).astype("float32")
    x.flat[:2] = 0, 255
    for path in (tmp_path / "x.png", str(tmp_path / "x.bmp")):
        image.save_img(path, x)
        np.testing.assert_array_equal(image.img_to_array(image.load_img(path)), x)
    first = image.img_to_array(image.load_img(path), data_format="channels_first")
    np.testing.assert_array_equal(first, x.transpose(2, 0, 1))
    again = np.asarray(image.array_to_img(first, data_format="channels_first", scale=False))
    np.testing.assert_array_equal(again, x)


def test_scale_stretches() -> None:
    x = np.array([[[-1.0], [0.0], [1.0]]])
    assert np.asarray(image.array_to_img(x)).tolist() == [[0, 127, 255]]
    assert np.asarray(image.array_to_img(0 * x + 3)).tolist() == [[0, 0, 0]]


@pytest.mark.parametrize(("mode", "channels"), [("rgb", 3), ("rgba", 4), ("grayscale", 1)])
def test_colours(tmp_path: Path, mode: str, channels: int) -> None:
    path = write(tmp_path / "x.png")
    assert image.img_to_array(image.load_img(path, color_mode=mode)).shape == (6, 7, channels)


def test_grey_images_of_16_bits_keep_them(tmp_path: Path) -> None:
    x = np.array([[0, 1000], [60000, 5]], dtype="uint16")
    Image.fromarray(x).save(tmp_path / "x.png")
    loaded = image.img_to_array(image.load_img(tmp_path / "x.png", color_mode="grayscale"))
    np.testing.assert_array_equal(loaded[..., 0], x)
    again = image.array_to_img(loaded, scale=False)
    np.testing.assert_array_equal(np.asarray(again), x)


def test_sizes(tmp_path: Path) -> None:
    path = write(tmp_path / "x.png", colour=9)
    for how in ("nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"):
        made = image.load_img(path, target_size=(3, 4), interpolation=how)
        assert image.img_to_array(made).tolist() == np.full((3, 4, 3), 9).tolist()


def test_jpeg_has_nothing_transparent(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="transparent"):
        image.save_img(tmp_path / "x.jpg", np.zeros((2, 2, 4)))
    assert image.load_img(tmp_path / "x.jpg").mode == "RGB"
    image.save_img(tmp_path / "y", np.zeros((2, 2, 3)), file_format="jpg")
    with Image.open(tmp_path / "y") as written:
        assert written.format == "JPEG"


def test_grayscale_of_old(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="color_mode='grayscale'"):
        assert image.load_img(write(tmp_path / "x.png"), grayscale=True).mode == "L"


def test_pictures_below(tmp_path: Path) -> None:
    expected = [str(write(tmp_path / name)) for name in ("a.png", "b/c.JPG")]
    (tmp_path / "b" / "notes.txt").write_text("")
    assert image.list_pictures(tmp_path) == expected
    assert image.list_pictures(tmp_path, ext="png") == expected[:1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda path: image.load_img(path, color_mode="cmyk"), "`color_mode` is one of"),
        (lambda path: image.load_img(path, target_size=(2, 2), interpolation="x"), "nearest"),
        (lambda path: image.array_to_img(np.zeros((2, 2))), "3 axes"),
        (lambda path: image.array_to_img(np.zeros((2, 2, 2))), "1, 3 or 4 channels, got 2"),
        (lambda path: image.img_to_array(np.zeros(2)), "2 or 3 axes"),
    ],
)
def test_refusals(tmp_path: Path, call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(write(tmp_path / "x.png"))


# ---- files of strangers


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "tiff"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_file_cut_short_is_refused(tmp_path: Path, ending: str, share: float) -> None:
    path = write(tmp_path / f"x.{ending}", 64, 64)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(OSError, match=f"x.{ending} can't be read as an image"):
        image.load_img(path)


def test_a_missing_file_is_called_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        image.load_img(tmp_path / "x.png")


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x.png", 60, 60)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(ValueError, match="fill the memory"):
        image.load_img(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A pipe would be waited for."""
    os.mkfifo(tmp_path / "x.png")
    with pytest.raises(OSError, match=r"x\.png can't be read as an image: it is no file"):
        image.load_img(tmp_path / "x.png")
    with pytest.raises(OSError, match="it is no file"):
        image.load_img(tmp_path)


@pytest.mark.parametrize(("needed", "name"), [(pillow, "Pillow"), (ndimage, "SciPy")])
def test_a_missing_package(monkeypatch: pytest.MonkeyPatch, needed: Any, name: str) -> None:
    for module in ("PIL.Image", "scipy.ndimage"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"{name}: `pip install 'evergreen-keras\[images\]'`"):
        needed()
