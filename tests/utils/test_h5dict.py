"""HDF5 files as dictionaries, and files in streams."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from keras.utils import H5Dict
from keras.utils.io_utils import (
    HDF5_OBJECT_HEADER_LIMIT,
    h5dict,
    load_from_binary_h5py,
    save_to_binary_h5py,
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "dict.h5")


def fill(made: Any) -> None:
    made["array"] = np.arange(3)
    made["text"] = "text"
    made["bytes"] = b"bytes"
    made["names"] = ["x", "yy"]
    made["number"] = 5
    made["group"]["inner"]["w"] = np.eye(2)


def check(found: Any) -> None:
    np.testing.assert_array_equal(found["array"], [0, 1, 2])
    assert found["text"] == "text"
    assert found["bytes"] == b"bytes"
    assert found["number"] == 5
    np.testing.assert_array_equal(found["group"]["inner"]["w"], np.eye(2))
    assert "group" in found
    assert "text" in found
    assert "nothing" not in found
    assert found.get("nothing", 7) == 7
    assert found.get("number") == 5


def test_file(path: str) -> None:
    made = H5Dict(path, "w")
    fill(made)
    check(made)
    assert made["names"] == [b"x", b"yy"]
    assert sorted(made) == ["array", "group"]
    assert len(made) == 2
    made.close()
    found = H5Dict(path, "r")
    check(found)
    found.close()
    with h5py.File(path) as file:
        assert file["group/inner/w"].shape == (2, 2)
        assert file.attrs["number"] == 5


def test_plain_dict() -> None:
    plain: dict[str, Any] = {}
    made = H5Dict(plain)
    fill(made)
    check(made)
    assert plain["names"] == ["x", "yy"]
    assert set(plain["group"]) == {"inner"}
    made.close()


def test_open_file(path: str) -> None:
    with h5py.File(path, "w") as file:
        made = H5Dict(file)
        fill(made)
        made.close()
        assert file  # whoever opened it closes it
        assert H5Dict(file["group"])["inner"]["w"].shape == (2, 2)


def test_nothing_is_overwritten(path: str) -> None:
    made = H5Dict(path, "w")
    fill(made)
    for name in ("array", "text", "group", "names"):
        with pytest.raises(KeyError, match="is there already"):
            made[name] = 1
    made.update({"a": 1, "b": np.zeros(2)}, {"c": "c"})
    assert (made["a"], made["b"].shape, made["c"]) == (1, (2,), "c")
    made.close()


def test_reading_only(path: str) -> None:
    H5Dict(path, "w").close()
    found = H5Dict(path, "r")
    with pytest.raises(KeyError, match="`nothing` isn't there"):
        found["nothing"]
    with pytest.raises(ValueError, match="open for reading"):
        found["new"] = 1
    found.close()


def test_a_long_list_of_names(path: str) -> None:
    names = [f"n{i:05}" * 20 for i in range(1000)]
    made = H5Dict(path, "w")
    made["names"] = names
    assert made["names"] == [name.encode() for name in names]
    assert "names" in made
    assert sum(len(name) for name in names) > HDF5_OBJECT_HEADER_LIMIT
    assert sorted(made.attrs)[:2] == ["names0", "names1"]
    with pytest.raises(KeyError, match="is there already"):
        made["names"] = ["x"]
    made.close()


def test_what_it_takes(path: str) -> None:
    assert h5dict is H5Dict
    assert all(H5Dict.is_supported_type(each) for each in (path, Path(path), {}))
    assert not H5Dict.is_supported_type(3)
    with pytest.raises(TypeError, match="got a int"):
        H5Dict(3)


def test_streams() -> None:
    stream = BytesIO()
    save_to_binary_h5py(lambda file: file.create_dataset("x", data=np.arange(4)), stream)
    stream.seek(0)
    assert load_from_binary_h5py(lambda file: file["x"][()].tolist(), stream) == [0, 1, 2, 3]
