"""Batches of images that a frame names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from keras.preprocessing.image import DataFrameIterator, ImageDataGenerator
from tests.preprocessing.image.pictures import write


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for i in range(6):
        write(tmp_path / f"{i}.png", colour=10 * i)
    return tmp_path


FRAME = pd.DataFrame(
    {
        "filename": [f"{i}.png" for i in range(6)],
        "class": ["cat", "dog", "eel"] * 2,
        "two": ["yes", "no"] * 3,
        "several": [["a"], ["a", "b"], "c", ("b",), ["c", "a"], ["d"]],
        "age": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "size": [6, 5, 4, 3, 2, 1],
    }
)


def flow(root: Path | None, frame: Any = FRAME, **arguments: Any) -> DataFrameIterator:
    generator = ImageDataGenerator(validation_split=0.5)
    return generator.flow_from_dataframe(
        frame, root, **{"target_size": (4, 3), "shuffle": False, **arguments}
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, np.eye(3)[[0, 1, 2, 0, 1, 2]]),
        (
            {"y_col": "several"},
            [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]],
        ),
        ({"class_mode": "binary", "y_col": "two"}, [1, 0, 1, 0, 1, 0]),
        ({"class_mode": "sparse"}, [0, 1, 2, 0, 1, 2]),
        ({"class_mode": "raw", "y_col": "age"}, [1, 2, 3, 4, 5, 6]),
        ({"class_mode": "raw", "y_col": ["age", "size"]}, FRAME[["age", "size"]].to_numpy()),
    ],
)
def test_targets(root: Path, arguments: dict[str, Any], expected: Any) -> None:
    x, y = next(flow(root, **arguments))
    assert x[:, 0, 0, 0].tolist() == [0, 10, 20, 30, 40, 50]
    np.testing.assert_array_equal(y, expected)


def test_several_outputs_and_weights(root: Path) -> None:
    made = flow(root, class_mode="multi_output", y_col=["age", "size"], weight_col="age")
    _, (age, size), weights = next(made)
    np.testing.assert_array_equal(age, FRAME["age"])
    np.testing.assert_array_equal(size, FRAME["size"])
    np.testing.assert_array_equal(weights, FRAME["age"])


def test_no_targets(root: Path) -> None:
    x = next(flow(root, class_mode=None, y_col=None))
    same, targets = next(flow(root, class_mode="input"))
    np.testing.assert_array_equal(x, same)
    np.testing.assert_array_equal(x, targets)


def test_some_classes(root: Path) -> None:
    made = flow(root, classes=["eel", "cat"])
    assert made.class_indices == {"cat": 0, "eel": 1}
    assert made.filenames == ["0.png", "2.png", "3.png", "5.png"]
    made = flow(root, y_col="several", classes=["a", "b"])
    assert made.classes == [[0], [0, 1], [1], [0]]


def test_subsets(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert flow(root, subset="validation").filenames == ["0.png", "1.png", "2.png"]
    assert flow(root, subset="training").filenames == ["3.png", "4.png", "5.png"]
    assert capsys.readouterr().out == "Found 3 image files belonging to 3 classes.\n" * 2


def test_files_that_are_not_there(root: Path) -> None:
    frame = FRAME.assign(filename=["x.png", *FRAME["filename"][1:5], "notes.txt"])
    with pytest.warns(UserWarning, match=r"2 of 6 files .* The first is .*x\.png"):
        assert flow(root, frame).samples == 4
    with pytest.raises(FileNotFoundError):
        next(flow(root, frame, validate_filenames=False))


def test_whole_paths(root: Path) -> None:
    frame = FRAME.assign(filename=[str(root / name) for name in FRAME["filename"]])
    assert flow(None, frame).samples == 6


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"class_mode": "x"}, ValueError, "`class_mode` is one of"),
        ({"class_mode": "binary"}, ValueError, "needs two classes, there are 3"),
        ({"class_mode": "sparse", "y_col": "several"}, TypeError, "names of classes: strings"),
        ({"y_col": "age"}, TypeError, "or lists of strings"),
        ({"class_mode": "multi_output", "y_col": "age"}, TypeError, "list of columns"),
        ({"x_col": "age"}, TypeError, "names of files"),
        ({"weight_col": "class"}, TypeError, "holds numbers"),
        ({"validate": True}, TypeError, "unknown argument 'validate'"),
    ],
)
def test_refusals(root: Path, arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        flow(root, **arguments)


def test_arguments_of_old(root: Path) -> None:
    with pytest.warns(UserWarning, match="'raw' now"):
        assert flow(root, class_mode="other", y_col="age").class_mode == "raw"
    for name in ("has_ext", "sort", "drop_duplicates"):
        with pytest.warns(UserWarning, match=f"`{name}` has no meaning"):
            flow(root, **{name: True})
    with pytest.warns(UserWarning, match="`classes` means nothing"):
        flow(root, class_mode="raw", y_col="age", classes=["a"])
