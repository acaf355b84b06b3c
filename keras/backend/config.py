"""The few settings that all of Keras shares, and the file they are kept in.

`~/.keras/keras.json` (`$KERAS_HOME/keras.json`) is read in every form it ever had and is written
once, when there is none; the environment variable `KERAS_BACKEND` wins over its `backend`,
`KERAS_REPORT_BACKEND` over its `report_backend`, and `KERAS_CLASSIC_DEFECTS` over its
`classic_defects`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..caller import warn
from ..whole_files import replacing

DEFAULT_ENGINE = "torch"
_settings: dict[str, Any] = {
    "floatx": "float32",
    "epsilon": 1e-7,
    "image_data_format": "channels_last",
    "backend": DEFAULT_ENGINE,
    "classic_defects": False,
}
_ORDERINGS = {"tf": "channels_last", "th": "channels_first"}
_NO = ("", "0", "false", "no", "off")
"""What says no in the environment."""


def floatx() -> str:
    """The default float type: 'float16', 'float32' or 'float64'.

    >>> floatx()
    'float32'
    """
    name: str = _settings["floatx"]
    return name


def set_floatx(floatx: str) -> None:
    """Change the default float type."""
    if str(floatx) not in ("float16", "float32", "float64"):
        raise ValueError(f"Unknown floatx {floatx!r}; it is 'float16', 'float32' or 'float64'.")
    _settings["floatx"] = str(floatx)


def epsilon() -> float:
    """The small number that keeps divisions and logarithms away from zero.

    >>> epsilon()
    1e-07
    """
    value: float = _settings["epsilon"]
    return value


def set_epsilon(e: float) -> None:
    """Change the small number."""
    _settings["epsilon"] = float(e)


def image_data_format() -> str:
    """'channels_last' or 'channels_first': where an image's colours stand by default.

    >>> image_data_format()
    'channels_last'
    """
    name: str = _settings["image_data_format"]
    return name


def set_image_data_format(data_format: str) -> None:
    """Change where an image's colours stand by default."""
    _settings["image_data_format"] = _checked_format(data_format)


def _checked_format(value: Any) -> str:
    text = str(value).lower()
    if text not in ("channels_last", "channels_first"):
        raise ValueError(
            f"Unknown data_format {value!r}; it is 'channels_last' or 'channels_first'."
        )
    return text


def normalize_data_format(value: str | None) -> str:
    """A `data_format` argument, the default where it is `None`.

    >>> normalize_data_format(None), normalize_data_format("channels_first")
    ('channels_last', 'channels_first')
    """
    return image_data_format() if value is None else _checked_format(value)


def image_dim_ordering() -> str:
    """Keras 1's name of the data format: 'tf' or 'th'.

    >>> image_dim_ordering()
    'tf'
    """
    return {"channels_last": "tf", "channels_first": "th"}[image_data_format()]


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Set the data format by Keras 1's names."""
    if dim_ordering not in _ORDERINGS:
        raise ValueError(f"Unknown dim_ordering {dim_ordering!r}; it is 'tf' or 'th'.")
    set_image_data_format(_ORDERINGS[dim_ordering])


class BackendName(str):
    """The name of an engine. It also equals 'tensorflow' if the engine keeps TensorFlow's
    conventions.

    Old scripts ask `K.backend() == 'tensorflow'` to learn about conventions: kernels that aren't
    flipped, the channels' place. All engines but Theano's keep these.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) or (other == "tensorflow" and not str.__eq__(self, "theano"))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def backend() -> str:
    """The name of the engine that runs the graph; also equal to 'tensorflow' where its conventions
    hold.

    `KERAS_REPORT_BACKEND=tensorflow` in the environment makes it answer that, for scripts that
    look the name up in a table of their own.

    >>> backend() == "cntk"
    False
    """
    reported: str | None = _settings.get("report_backend")
    return BackendName(_settings["backend"]) if reported is None else reported


def classic_defects() -> bool:
    """Whether two things are done as wrong as 2.3.1 on TensorFlow did them, to compare with the
    numbers of an old run: `docs/differences.md` marks them."""
    value: bool = _settings["classic_defects"]
    return value


def engine() -> str:
    """The name of the engine that runs, whatever `backend` reports."""
    return str(_settings["backend"])


def home() -> Path:
    """The folder for settings, data and weights; a temporary one where home can't be written."""
    wanted = os.environ.get("KERAS_HOME")
    return Path(wanted) if wanted else _default_home()


def _default_home() -> Path:
    base = Path(os.path.expanduser("~"))  # noqa: PTH111  Path.home() raises where there is no home
    if not os.access(base, os.W_OK):
        import tempfile  # the rare case; `import keras` is to be light

        base = Path(tempfile.gettempdir())
    return base / ".keras"


def load() -> None:
    """Read the settings file (or write it, if there is none) and the environment."""
    file = home() / "keras.json"
    stored = _read(file)
    known = _understood(stored)
    _settings.update(known)
    _settings["report_backend"] = os.environ.get("KERAS_REPORT_BACKEND") or known.get(
        "report_backend"
    )
    defects = os.environ.get("KERAS_CLASSIC_DEFECTS")
    _settings["classic_defects"] = (
        known.get("classic_defects", False) if defects is None else defects.lower() not in _NO
    )
    from_environment = os.environ.get("KERAS_BACKEND")
    _settings["asked"] = from_environment
    if from_environment:
        _settings["backend"] = from_environment
    if stored is None:
        _write(file)


def _read(file: Path) -> dict[str, Any] | None:
    """The file's content; `None` if there is no file, nothing if it can't be understood."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        warn(f"{file} can't be read ({error}); the default settings are used.")
        return {}
    try:
        found = json.loads(content.decode("utf-8-sig"))
        if not isinstance(found, dict):
            raise ValueError(f"it holds {type(found).__name__}, not an object")
    except ValueError as error:
        warn(f"{file} is no valid JSON ({error}); the default settings are used.")
        return {}
    return found


def _understood(stored: dict[str, Any] | None) -> dict[str, Any]:
    """The fields that mean something; a field with a value that means nothing is reported and
    left."""
    stored = stored or {}
    found: dict[str, Any] = {}
    ordering = stored.get("image_dim_ordering")
    if ordering in _ORDERINGS:
        found["image_data_format"] = _ORDERINGS[ordering]
    checks: dict[str, Callable[[Any], Any]] = {
        "floatx": lambda v: v if v in ("float16", "float32", "float64") else None,
        "epsilon": lambda v: float(v) if isinstance(v, (int, float)) else None,
        "image_data_format": lambda v: v if v in _ORDERINGS.values() else None,
        "backend": lambda v: v if isinstance(v, str) else None,
        "report_backend": lambda v: v if isinstance(v, str) else None,
        "classic_defects": lambda v: v if isinstance(v, bool) else None,
    }
    for key, check in checks.items():
        if key in stored:
            value = check(stored[key])
            if value is None:
                warn(
                    f"keras.json: {key} = {stored[key]!r} means nothing here; the default is used."
                )
            else:
                found[key] = value
    return found


def _write(file: Path) -> None:
    fields = ("floatx", "epsilon", "backend", "image_data_format")
    text = json.dumps({key: _settings[key] for key in fields}, indent=4) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as path:
            path.write_text(text, encoding="utf-8")
    except OSError:
        return  # a read-only machine: the defaults need no file


def asked_backend() -> str | None:
    """The engine that `KERAS_BACKEND` asks for, if it does."""
    name: str | None = _settings.get("asked")
    return name


def set_backend(name: str) -> None:
    """Note which engine really runs."""
    _settings["backend"] = name


load()
