"""Files are replaced whole or not at all, whatever they are named by and whatever goes wrong."""

from __future__ import annotations

import errno
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras.layers import Dense
from keras.models import Sequential, load_model
from keras.saving import FileError, h5, newer, safetensors
from keras.saving.files import replacing


def model() -> Any:
    return Sequential([Dense(3, input_shape=(4,), name="d")])


SAVERS = {
    "m.h5": lambda m, path: m.save(path),
    "m.keras": lambda m, path: m.save(path),
    "w.h5": lambda m, path: m.save_weights(path),
    "w.safetensors": lambda m, path: m.save_weights(path),
}


@pytest.mark.parametrize("name", SAVERS)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_what_breaks_off_leaves_the_old_file(
    name: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    SAVERS[name](model(), path)
    before = path.read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(h5, "write_arrays", full)
    monkeypatch.setattr(newer.archive, "pack", full)
    monkeypatch.setattr(safetensors, "dumped", full)
    with pytest.raises(type(error)):
        SAVERS[name](model(), path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", SAVERS)
def test_paths_of_all_kinds(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = model()
    for path in (tmp_path / name, str(tmp_path / f"x{name}"), f"y{name}"):
        SAVERS[name](made, path)
        again = model()
        again.load_weights(path)
        np.testing.assert_array_equal(again.get_weights()[0], made.get_weights()[0])
        with Path(path).open("rb") as stream:
            again.load_weights(stream)
        again.load_weights(io.BytesIO(Path(path).read_bytes()))


def test_what_a_file_is_its_bytes_say(tmp_path: Path) -> None:
    """Not its name: files are renamed by browsers, mail and people."""
    made = model()
    for name in ("m.h5", "m.keras"):
        made.save(tmp_path / name)
        renamed = (tmp_path / name).rename(tmp_path / f"{name}.bin")
        again = load_model(renamed)
        np.testing.assert_array_equal(again.get_weights()[0], made.get_weights()[0])


def test_links_and_rights_stay(tmp_path: Path) -> None:
    made, real, link = model(), tmp_path / "real.h5", tmp_path / "link.h5"
    made.save(real)
    real.chmod(0o640)
    link.symlink_to(real)
    made.save(link)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_files_that_may_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    path.write_text("kept")
    path.chmod(0o400)
    with pytest.raises(PermissionError):
        model().save(path)
    assert path.read_text() == "kept"


def test_overwriting_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    made = model()
    made.save(path, overwrite=False)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        made.save(path, overwrite=False)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        made.save_weights(path, overwrite=False)


def test_nothing_is_made_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        model().save(tmp_path / "none" / "m.h5")
    with pytest.raises(FileError, match="only weights"):
        model().save_weights(tmp_path / "w.h5")
        load_model(tmp_path / "w.h5")


def test_a_file_object_gets_all_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left")

    monkeypatch.setattr(h5, "write_arrays", full)
    with pytest.raises(OSError, match="No space"):
        model().save(stream)
    assert stream.getvalue() == b""


def test_two_writers_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with replacing(path) as one, replacing(path) as other:
        one.write_text("one")
        other.write_text("other")
        assert one != other
        assert not path.exists()
    assert path.read_text() == "one"


@pytest.mark.parametrize("name", ["m.h5", "m.keras"])
def test_what_could_not_be_read_again_is_not_written(name: str, tmp_path: Path) -> None:
    deep = model()
    for _ in range(60):
        deep = Sequential([deep], name="deep")
    SAVERS[name](deep, tmp_path / name)
    assert load_model(tmp_path / name).name == "deep"
    before = (tmp_path / name).read_bytes()
    for _ in range(40):
        deep = Sequential([deep], name="deeper")
    with pytest.raises(FileError, match="`deeper` is nested more than 200 levels deep"):
        SAVERS[name](deep, tmp_path / name)
    assert (tmp_path / name).read_bytes() == before
