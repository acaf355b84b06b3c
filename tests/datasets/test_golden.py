"""The same files give the same arrays as in the original."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from keras import backend as K
from tests.datasets import made
from tests.golden.loader import Case, cases, check

FILES: dict[str, Callable[[Path], object]] = {
    "boston_housing": lambda folder: made.npz(folder, "boston_housing.npz", made.BOSTON),
    "cifar10": made.cifar10,
    "cifar100": made.cifar100,
    "fashion_mnist": made.fashion,
    "imdb": lambda folder: made.npz(folder, "imdb.npz", made.IMDB),
    "mnist": lambda folder: made.npz(folder, "mnist.npz", made.MNIST),
    "reuters": lambda folder: made.npz(folder, "reuters.npz", made.REUTERS),
}


@pytest.fixture(autouse=True)
def usual_format() -> Iterator[None]:
    yield
    K.set_image_data_format("channels_last")


@pytest.mark.filterwarnings("ignore:`nb_words` is called `num_words` now:UserWarning")
@pytest.mark.parametrize("case", cases("datasets2"))
def test_load_data(case: Case, cache: Path) -> None:
    name = case["module"]
    FILES[name](cache)
    K.set_image_data_format(case.get("image_data_format", "channels_last"))
    train, test = import_module(f"keras.datasets.{name}").load_data(**case["kwargs"])
    got = {}
    for key, array in zip(("x_train", "y_train", "x_test", "y_test"), (*train, *test), strict=True):
        # Recorded: one figure of 13 tells which home it is.
        one_figure = name == "boston_housing" and array.ndim == 2
        got |= {key: array[:, 0] if one_figure else array}
        got |= {f"{key}.dtype": str(array.dtype), f"{key}.axes": array.shape[1:]}
    check(case, got)
