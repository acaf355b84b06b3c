"""Where the files of data sets come from: the cache, an address, the next address, or nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras.datasets import boston_housing, cache as caching, cifar10, imdb, mnist, reuters
from keras.datasets.cache import RemoteFile, located
from tests.datasets import made


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Nothing is fetched but from this machine; what was asked for."""
    asked: list[str] = []
    fetch = caching.get_file

    def get_file(fname: str, origin: str, **how: Any) -> str:
        asked.append(origin)
        there = (caching._folder("") / f"{fname}.tar.gz").exists()
        if not (there or origin.startswith("file:")):
            raise OSError(f"`get_file` could not fetch {origin}: no network here.")
        return fetch(fname, origin, **how)

    monkeypatch.setattr(caching, "get_file", get_file)
    return asked


def test_what_is_there_is_taken_as_it_is(cache: Path, no_network: list[str]) -> None:
    made.npz(cache, "mnist.npz", made.MNIST)  # its hash is another than the original's
    (x, _), _ = mnist.load_data()
    np.testing.assert_array_equal(x, made.MNIST["x_train"])
    assert no_network == []


def test_any_path(cache: Path, tmp_path: Path) -> None:
    made.npz(cache, "mine.npz", made.MNIST)
    elsewhere = made.npz(tmp_path, "x.npz", made.MNIST)
    for path in ("mine.npz", elsewhere, str(elsewhere)):
        assert len(mnist.load_data(path)[0][0]) == 6


@pytest.mark.parametrize(
    ("module", "name", "arrays"),
    [
        (imdb, "imdb_full.pkl", made.IMDB),
        (reuters, "reuters.pkl", made.REUTERS),
        (mnist, "mnist.pkl.gz", made.MNIST),
    ],
)
def test_files_of_keras_1(cache: Path, module: Any, name: str, arrays: Any) -> None:
    """Under their own name, and where today's file is asked for and isn't there."""
    made.npz(cache, "today.npz", arrays)
    content = made.old_pickle(made.pairs(arrays))
    (cache / name).write_bytes(made.gzip.compress(content) if name.endswith("gz") else content)
    expected = module.load_data("today.npz")
    for got in (module.load_data(name), module.load_data()):
        for one, other in zip((*got[0], *got[1]), (*expected[0], *expected[1]), strict=True):
            assert one.dtype == other.dtype
            assert one.tolist() == other.tolist()


@pytest.mark.parametrize("module", [imdb, reuters])
@pytest.mark.parametrize("ending", ["json", "pkl"])
def test_word_indices(cache: Path, module: Any, ending: str) -> None:
    made.word_index(cache, f"{module.__name__.rpartition('.')[2]}_word_index.{ending}")
    found = module.get_word_index()
    assert found == (made.WORDS if ending == "json" else {"the": 1, "and": 2, "cafÃ©": 3})


def test_a_file_is_fetched_and_checked(cache: Path, tmp_path: Path, no_network: list[str]) -> None:
    source = tmp_path / "source"
    source.write_text("right")
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    md5 = "7c4f29407893c334a6cb7a87bf045c0d"
    gone = (tmp_path / "gone").as_uri()
    file = RemoteFile("x.txt", (gone, wrong.as_uri(), source.as_uri()), md5)
    for _ in range(2):
        assert located("x.txt", [file]) == cache / "x.txt"
        assert (cache / "x.txt").read_text() == "right"
    assert no_network == list(file.origins)
    assert located("y.txt", [file], "below") == cache / "below" / "y.txt"


def test_without_a_network(cache: Path) -> None:
    with pytest.raises(OSError) as caught:
        boston_housing.load_data()
    told = str(caught.value)
    for origin in boston_housing.FILE.origins:
        assert origin in told
    assert told.startswith("The file boston_housing.npz is not in the cache")
    assert told.endswith(f"put it at {cache / 'boston_housing.npz'}")
    assert list(cache.iterdir()) == []


def test_each_file_of_keras_1_has_its_own_address(cache: Path, no_network: list[str]) -> None:
    for path in ("reuters.pkl", "reuters.npz", "my.npz"):
        with pytest.raises(OSError, match=f"put it at .*{path}"):
            reuters.load_data(path)
    s3 = "https://s3.amazonaws.com/text-datasets/reuters"
    assert [origin for origin in no_network if origin.startswith(s3)] == [
        f"{s3}.pkl", f"{s3}.npz", f"{s3}.npz",
    ]  # fmt: skip


def test_an_archive_in_the_cache_is_unpacked(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.cifar10(cache)
    expected = cifar10.load_data()  # the folder alone will do
    archive = made.packed(cache, "cifar-10-batches-py")
    for _ in range(2):
        got = cifar10.load_data()
        np.testing.assert_array_equal(got[0][0], expected[0][0])
    archive.unlink()
    (cache / "cifar-10-batches-py" / "test_batch").unlink()
    with pytest.raises(OSError, match=r"put it at .*cifar-10-batches-py\.tar\.gz"):
        cifar10.load_data()


def test_images_are_in_the_right_place(cache: Path) -> None:
    made.cifar10(cache, n=2)
    (x, _), _ = cifar10.load_data()
    planes = made.images(2, 3, 32, 32)
    assert x.shape == (10, 32, 32, 3)
    np.testing.assert_array_equal(x[1, 5, 7], planes[1, :, 5, 7])


def test_keras_home(tmp_path: Path) -> None:
    made.npz(tmp_path / "datasets", "boston_housing.npz", made.BOSTON)
    program = "from keras.datasets import boston_housing as b; print(len(b.load_data()[0][0]))"
    environment = os.environ | {"KERAS_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env=environment, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "16\n"
