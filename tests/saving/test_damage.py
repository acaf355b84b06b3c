"""Damaged files: each loads or is refused with a `FileError`; nothing else, and not for long.

`python -m tools.fuzz_files SECONDS` goes on with this for as long as one likes, in processes of its
own, since HDF5's library may crash; here are some hundred files that it doesn't crash on.
"""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras.models import load_model, model_from_json, model_from_yaml
from keras.saving import FileError
from keras.saving.convert import convert
from keras.saving.info import describe
from tests.saving import damage

LIMIT = 20.0  # seconds, on a machine that is busy with other things


@pytest.fixture(scope="module")
def graph() -> Any:
    return damage.models()["graph"]


def tried(load: Callable[[bytes], Any], files: list[bytes]) -> tuple[int, int]:
    """How many files were loaded, and how many refused."""
    loaded = refused = 0
    for data in files:
        start = time.perf_counter()
        try:
            load(data)
            loaded += 1
        except FileError as error:
            refused += 1
            assert str(error)
        assert time.perf_counter() - start < LIMIT
    return loaded, refused


@pytest.mark.filterwarnings("ignore")
def test_structure(graph: Any) -> None:
    draw = random.Random(0)
    h5, keras = damage.h5_bytes(graph), damage.keras_bytes(graph)
    files = [damage.h5_with(h5, draw) for _ in range(60)]
    files += [damage.keras_with(keras, draw) for _ in range(40)]
    loaded, refused = tried(lambda data: load_model(io.BytesIO(data)), files)
    assert min(loaded, refused) > 5, "the damage should neither be none nor all"
    tried(lambda data: str(describe(io.BytesIO(data))), files)


@pytest.mark.filterwarnings("ignore")
def test_a_path_and_a_file_object_are_the_same(graph: Any, tmp_path: Path) -> None:
    """From a path, numbers are read past HDF5's library."""
    draw, path, loaded = random.Random(2), tmp_path / "model.h5", 0
    h5 = damage.h5_bytes(graph)
    for data in [h5, *(damage.h5_with(h5, draw) for _ in range(60))]:
        path.write_bytes(data)
        found, expected = (
            damage.weights_or_refusal(path),
            damage.weights_or_refusal(io.BytesIO(data)),
        )
        assert (found is None) == (expected is None)
        for a, b in zip(found or (), expected or (), strict=True):
            np.testing.assert_array_equal(a, b)
        loaded += found is not None
    assert 5 < loaded < 55


@pytest.mark.filterwarnings("ignore")
def test_bytes_of_archives_and_texts(graph: Any) -> None:
    draw = random.Random(1)
    texts = {model_from_json: graph.to_json(), model_from_yaml: graph.to_yaml()}
    for load, text in texts.items():
        files = [damage.damaged(text.encode(), draw) for _ in range(60)]
        tried(lambda data, load=load: load(data.decode("latin-1")), files)
    config = json.loads(graph.to_json())
    files = [json.dumps(damage.replaced(config, draw)).encode() for _ in range(60)]
    tried(lambda data: model_from_json(data.decode()), files)
    data = damage.safetensors_bytes(graph)
    files = [damage.damaged(data, draw) for _ in range(60)]
    loaded, refused = tried(lambda data: graph.load_weights(io.BytesIO(data)), files)
    assert min(loaded, refused) > 5


def test_files_cut_off(graph: Any) -> None:
    """A copy that ended too soon is never taken for a whole file."""
    for data in (damage.h5_bytes(graph), damage.keras_bytes(graph)):
        files = [data[: len(data) * i // 20] for i in range(20)]
        assert tried(lambda data: load_model(io.BytesIO(data)), files) == (0, 20)


@pytest.mark.filterwarnings("ignore")
def test_parts_with_checksums(graph: Any) -> None:
    """Files of the newer kind, whose damage isn't seen at once."""
    draw, h5 = random.Random(3), damage.h5_bytes(graph)
    latest = [how for how in damage.LAYOUTS if "libver" in how[0]]
    files = [damage.laid_out(h5, *how) for how in latest]
    files = [damage.with_checksums(each, draw) for each in files for _ in range(20)]
    loaded, refused = tried(lambda data: load_model(io.BytesIO(data)), files)
    assert min(loaded, refused) > 5


def test_trees_that_lead_in_circles(graph: Any, tmp_path: Path) -> None:
    """HDF5's library looks for their end for ever, if it is asked for the size of a group."""
    graph.save(tmp_path / "model.h5")
    convert(tmp_path / "model.h5", tmp_path / "placed.weights.h5")
    script = tmp_path / "read.py"
    script.write_text(
        "import sys\n"
        "from keras.models import load_model\n"
        "from keras.saving.info import describe\n"
        "model = load_model(sys.argv[1])\n"
        "model.load_weights(sys.argv[1])\n"
        "model.load_weights(sys.argv[2])\n"
        "print(*map(describe, sys.argv[1:]))\n"
    )
    paths = tmp_path / "model.h5", tmp_path / "placed.weights.h5"
    for path in paths:
        path.write_bytes(damage.in_circles(path.read_bytes()))
    done = subprocess.run(
        [sys.executable, script, *paths],
        capture_output=True,
        text=True,
        timeout=120,  # it can't be stopped otherwise
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "weights of Keras 3" in done.stdout
