"""Settings: keras.json in every form it ever had, homes, and the environment."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from keras import backend as K
from keras.backend import config
from keras.backend.engines import INSTALL

DEFAULTS = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own, and the settings as a fresh process has them."""
    for name in ("KERAS_BACKEND", "KERAS_REPORT_BACKEND", "KERAS_CLASSIC_DEFECTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / ".keras"))
    before = dict(config._settings)
    config._settings.clear()
    config._settings.update(**DEFAULTS, backend=config.DEFAULT_ENGINE)
    yield tmp_path / ".keras"
    config._settings.clear()
    config._settings.update(before)


def write(home: Path, content: Any) -> None:
    home.mkdir(exist_ok=True)
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    (home / "keras.json").write_bytes(text if isinstance(text, bytes) else text.encode())


def settings() -> dict[str, Any]:
    return {
        "floatx": K.floatx(),
        "epsilon": K.epsilon(),
        "image_data_format": K.image_data_format(),
    }


def test_a_first_file_is_written(home: Path) -> None:
    config.load()
    written = json.loads((home / "keras.json").read_text())
    assert written == {**DEFAULTS, "backend": "torch"}
    assert [path.name for path in home.iterdir()] == ["keras.json"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, {}),
        ({"floatx": "float64", "epsilon": 1, "backend": ""}, {"floatx": "float64", "epsilon": 1}),
        ({"image_dim_ordering": "th"}, {"image_data_format": "channels_first"}),
        ({"image_dim_ordering": "tf", "backend": "theano"}, {}),
        ({"image_dim_ordering": "th", "image_data_format": "channels_last"}, {}),
        ({"image_data_format": "channels_last", "unknown": [1]}, {}),
        ({"epsilon": 1}, {"epsilon": 1.0}),
        (b'\xef\xbb\xbf{"floatx": "float16"}', {"floatx": "float16"}),
    ],
)  # fmt: skip
def test_forms_of_the_file(home: Path, content: Any, expected: dict[str, Any]) -> None:
    write(home, content)
    kept = (home / "keras.json").read_bytes()
    config.load()
    assert settings() == {**DEFAULTS, **expected}
    assert (home / "keras.json").read_bytes() == kept


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{not json", "is no valid JSON .*; the default settings are used"),
        ("", "is no valid JSON"),
        ("[1, 2]", "it holds list, not an object"),
        (b"\xff\xfe\x00", "is no valid JSON"),
        ({"floatx": "float8"}, "keras.json: floatx = 'float8' means nothing here"),
        ({"epsilon": "small"}, "keras.json: epsilon = 'small' means nothing here"),
        ({"image_data_format": "tf"}, "keras.json: image_data_format = 'tf' means nothing here"),
        ({"backend": 3}, "keras.json: backend = 3 means nothing here"),
    ],
)
def test_what_means_nothing_is_said_and_left(home: Path, content: Any, message: str) -> None:
    write(home, content)
    with pytest.warns(UserWarning, match=message):
        config.load()
    assert settings() == DEFAULTS


def test_a_home_that_is_a_file(home: Path) -> None:
    home.write_text("")
    with pytest.warns(UserWarning, match="can't be read"):
        config.load()
    assert settings() == DEFAULTS


@pytest.mark.skipif(os.name == "nt", reason="permissions of folders are others on Windows")
def test_a_home_that_may_not_be_written(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody" / "there"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    config.load()
    assert config.home() == tmp_path / ".keras"
    assert (tmp_path / ".keras" / "keras.json").is_file()


def test_the_environment_wins(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, {"backend": "torch"})
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    config.load()
    assert (config.engine(), config.asked_backend()) == ("jax", "jax")


class TestReportedName:
    """`K.backend()` is the engine's name, unless scripts should see another."""

    def test_is_the_engines(self, home: Path) -> None:
        config.load()
        assert K.backend() == "torch" == config.engine()
        assert K.backend() == "tensorflow", "its conventions are TensorFlow's"
        assert K.backend() != "theano"
        assert str(K.backend()) == "torch"

    def test_by_the_environment(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KERAS_REPORT_BACKEND", "tensorflow")
        config.load()
        assert {"tensorflow": 1}[K.backend()] == 1
        assert config.engine() == "torch"

    def test_by_the_file(self, home: Path) -> None:
        write(home, {"report_backend": "theano"})
        config.load()
        assert K.backend() == "theano"
        assert config.engine() == "torch"


class TestClassicDefects:
    """What 2.3.1 did wrong is done only for those who ask for it."""

    def test_nobody_asked(self, home: Path) -> None:
        config.load()
        assert not config.classic_defects()
        assert "classic_defects" not in json.loads((home / "keras.json").read_text())

    def test_by_the_file_and_the_environment(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(home, {"classic_defects": True})
        config.load()
        assert config.classic_defects()
        for asked, expected in (("0", False), ("", False), ("False", False), ("1", True)):
            monkeypatch.setenv("KERAS_CLASSIC_DEFECTS", asked)
            config.load()
            assert config.classic_defects() is expected

    def test_a_value_that_means_nothing(self, home: Path) -> None:
        write(home, {"classic_defects": "2.3.1"})
        with pytest.warns(UserWarning, match=r"classic_defects = '2\.3\.1' means nothing"):
            config.load()
        assert not config.classic_defects()


def imported(
    tmp_path: Path, missing: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """A process of its own that imports keras and says which engine runs; packages may be
    missing."""
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({missing.split()}))\n"
        "from keras import backend as K; print(K.backend(), float(K.eval(K.ones(()) + 1.0)))"
    )
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def needs_torch() -> None:
    """For tests in which the default runs, which isn't that of the other tests on every machine."""
    if importlib.util.find_spec(config.DEFAULT_ENGINE) is None:
        pytest.skip(f"{config.DEFAULT_ENGINE} isn't installed")


@pytest.mark.usefixtures("needs_torch")
def test_cntk_is_answered_in_one_line(tmp_path: Path) -> None:
    """There is no package that anybody could install."""
    for source in ("keras.json", "KERAS_BACKEND"):
        write(tmp_path, {"backend": "cntk", "image_dim_ordering": "tf"})
        done = imported(tmp_path, KERAS_BACKEND="cntk" if source == "KERAS_BACKEND" else "")
        assert (done.stdout, done.returncode) == ("torch 2.0\n", 0)
        assert done.stderr == (
            f"{source} names the backend `cntk` (CNTK has no package for any Python of today); "
            "torch runs instead.\n"
        )


ENGINES = [("jax", "jax"), ("tensorflow", "tensorflow"), ("theano", "pytensor"), ("torch", "torch")]


@pytest.mark.parametrize(("engine", "package"), ENGINES)
def test_the_environment_asks_for_an_engine_that_is_missing(
    tmp_path: Path, engine: str, package: str
) -> None:
    """One sentence, with the command that helps."""
    done = imported(tmp_path, missing=package, KERAS_BACKEND=engine)
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr == (
        f"KERAS_BACKEND asks for `{engine}`: it isn't installed; `{INSTALL[engine]}` brings it.\n"
    )


def test_a_missing_engine_is_an_import_error(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['jax'] = None\n"
        "try:\n    import keras\nexcept ImportError as error:\n    print(error)\n"
        "1 / 0"
    )
    environment = {**os.environ, "KERAS_HOME": str(tmp_path), "KERAS_BACKEND": "jax"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("KERAS_BACKEND asks for `jax`: it isn't installed; `pip install")
    assert "Traceback" in done.stderr, "other errors are what they were"
    assert "ZeroDivisionError" in done.stderr


@pytest.mark.usefixtures("needs_torch")
def test_a_file_of_long_ago_names_an_engine_that_is_missing(tmp_path: Path) -> None:
    write(tmp_path, {"backend": "theano"})
    done = imported(tmp_path, missing="pytensor")
    assert (done.stdout, done.returncode) == ("torch 2.0\n", 0)
    assert done.stderr.startswith("keras.json names the backend `theano` (it isn't installed; ")
    assert done.stderr.endswith("torch runs instead.\n")
    assert done.stderr.count("\n") == 1


def test_the_default_is_missing(tmp_path: Path) -> None:
    done = imported(tmp_path, missing="torch")
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr == (
        "The default engine is `torch`: it isn't installed; `pip install torch` brings it.\n"
    )


def test_there_is_no_such_engine(tmp_path: Path) -> None:
    done = imported(tmp_path, KERAS_BACKEND="caffe")
    assert done.stderr.startswith("KERAS_BACKEND asks for `caffe`: there is no such engine; there")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("engine", ["torch", "jax", "tensorflow"])
def test_the_environment_chooses_the_device(tmp_path: Path, engine: str) -> None:
    if importlib.util.find_spec(engine) is None:
        pytest.skip(f"{engine} isn't installed")
    done = imported(tmp_path, KERAS_BACKEND=engine, KERAS_DEVICE="cpu")
    assert done.stdout == f"{engine} 2.0\n", done.stderr
    done = imported(tmp_path, KERAS_BACKEND=engine, KERAS_DEVICE="gpu:99")
    assert "Device 'gpu:99' was asked for, but" in done.stderr


def test_another_name_while_the_engine_runs(tmp_path: Path) -> None:
    done = imported(tmp_path, KERAS_REPORT_BACKEND="tensorflow")
    assert done.stdout == "tensorflow 2.0\n", done.stderr
