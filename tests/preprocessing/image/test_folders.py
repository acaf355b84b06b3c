"""Batches of images in folders."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from keras.preprocessing.image import DirectoryIterator, ImageDataGenerator
from keras.utils import OrderedEnqueuer
from tests.preprocessing.image.pictures import folder_of_classes, write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return folder_of_classes(tmp_path)


def flow(root: Any, split: float = 0.0, **arguments: Any) -> DirectoryIterator:
    generator = ImageDataGenerator(validation_split=split)
    return generator.flow_from_directory(
        root, **{"target_size": (4, 3), "shuffle": False, **arguments}
    )


def test_files_and_classes(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = flow(root)
    assert capsys.readouterr().out == "Found 10 images belonging to 2 classes.\n"
    assert found.class_indices == {"cat": 0, "dog": 1}
    assert found.classes.tolist() == [0] * 5 + [1] * 5
    assert found.filenames[:5] == [f"cat/{n}.png" for n in ("0", "2", "4", "more/1", "more/3")]
    assert found.filepaths[0] == str(root / "cat" / "0.png")
    assert (found.samples, found.num_classes, found.image_shape) == (10, 2, (4, 3, 3))


COLOURS = [10, 12, 14, 11, 13, 20, 22, 24, 21, 23]


@pytest.mark.parametrize(
    ("class_mode", "expected"),
    [
        ("categorical", np.eye(2)[[0] * 5 + [1] * 5]),
        ("binary", [0] * 5 + [1] * 5),
        ("sparse", [0] * 5 + [1] * 5),
    ],
)
def test_targets(root: Path, class_mode: str, expected: Any) -> None:
    x, y = next(flow(root, class_mode=class_mode))
    np.testing.assert_array_equal(y, expected)
    assert y.dtype == "float32"
    assert x[:, 0, 0, 0].tolist() == COLOURS


def test_images_as_targets_or_none(root: Path) -> None:
    x, y = next(flow(root, class_mode="input"))
    np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(next(flow(root, class_mode=None)), x)


def test_channels(root: Path) -> None:
    assert next(flow(root, color_mode="grayscale", class_mode=None)).shape == (10, 4, 3, 1)
    generator = ImageDataGenerator(data_format="channels_first")
    made = generator.flow_from_directory(root, (4, 3), color_mode="rgba", class_mode=None)
    assert next(made).shape == (10, 4, 4, 3)


def test_some_classes_in_an_order(root: Path) -> None:
    write(root / "eel" / "0.png")
    assert flow(root, classes=["eel", "cat"]).class_indices == {"eel": 0, "cat": 1}
    assert flow(root, classes=["dog"]).filenames[0].startswith("dog")


def test_subsets(root: Path) -> None:
    validation, training = (flow(root, 0.4, subset=name) for name in ("validation", "training"))
    assert validation.filenames == ["cat/0.png", "cat/2.png", "dog/0.png", "dog/2.png"]
    assert training.samples == 6
    assert not {*validation.filenames} & {*training.filenames}


def test_links_to_folders(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write(elsewhere / "5.png")
    (root / "cat" / "link").symlink_to(elsewhere)
    (root / "cat" / "loop").symlink_to(root / "cat")
    assert flow(root).samples == 10
    assert flow(root, follow_links=True).samples == 11


def test_a_damaged_image_is_named(root: Path, tmp_path: Path) -> None:
    (root / "dog" / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    made = flow(root, save_to_dir=tmp_path / "out")
    with pytest.raises(OSError, match=r"dog/2\.png can't be read as an image"):
        next(made)
    assert not (tmp_path / "out").exists()


def test_a_bomb_among_the_images(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root / "dog" / "2.png", 60, 60)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    made = flow(root, save_to_dir=tmp_path / "out")
    with pytest.raises(ValueError, match=r"dog/2\.png was not read, it would fill the memory"):
        next(made)
    assert not (tmp_path / "out").exists()


def test_a_pipe_among_the_images(root: Path) -> None:
    """Nobody waits for it."""
    os.mkfifo(root / "dog" / "9.png")
    with pytest.raises(OSError, match=r"dog/9\.png can't be read as an image: it is no file"):
        next(flow(root, batch_size=20))


def test_workers_tell_of_a_damaged_image_and_end(root: Path) -> None:
    (root / "dog" / "2.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    before = threading.active_count()
    enqueuer = OrderedEnqueuer(flow(root, batch_size=2))
    enqueuer.start(workers=4)
    with pytest.raises(OSError, match=r"dog/2\.png can't be read as an image"):
        list(zip(range(5), enqueuer.get(), strict=False))
    enqueuer.stop()
    assert threading.active_count() <= before


def test_written_to_a_folder(root: Path, tmp_path: Path) -> None:
    next(flow(root, save_to_dir=tmp_path / "out", save_prefix="x"))
    assert len(list((tmp_path / "out").iterdir())) == 10


def test_refusals(root: Path) -> None:
    with pytest.raises(ValueError, match="`class_mode` is one of"):
        flow(root, class_mode="raw")
    with pytest.raises(ValueError, match="`color_mode` is one of"):
        flow(root, color_mode="cmyk")
    with pytest.raises(ValueError, match="'training' or 'validation'"):
        flow(root, subset="test")
    with pytest.raises(FileNotFoundError):
        flow(root / "missing")
