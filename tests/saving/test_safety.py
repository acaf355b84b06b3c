"""Files made to do harm stay harmless: each published attack on a loader of Keras, and its kin.

Every file is loaded by everything that loads, under the eyes of the interpreter's own audit: it may
open the file itself, and nothing else.
"""

from __future__ import annotations

import base64
import io
import json
import marshal
import os
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from keras import layers
from keras.layers import Dense, Lambda
from keras.models import Sequential, clone_model, load_model, model_from_json, model_from_yaml
from keras.saving import FileError
from keras.saving.info import describe
from tests.saving.damage import h5_bytes, keras_bytes
from tests.saving.watching import watched

CODE = compile("open('harm', 'w')", "<harm>", "eval")
HARM = base64.b64encode(marshal.dumps(CODE)).decode()


def small() -> Any:
    return Sequential([Dense(3, input_shape=(4,), name="d")], name="small")


def config_with(entry: dict[str, Any]) -> dict[str, Any]:
    """A model whose second layer is this."""
    config = json.loads(small().to_json())
    config["config"]["layers"].append(entry)
    return config


def as_h5(config: Any, path: Path) -> Path:
    """A model's file with another config in it."""
    path.write_bytes(h5_bytes(small()))
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps(config)
    return path


def as_keras(config: Any, path: Path) -> Path:
    """A `.keras` file with another config in it."""
    with (
        zipfile.ZipFile(io.BytesIO(keras_bytes(small()))) as old,
        zipfile.ZipFile(path, "w") as made,
    ):
        for name in old.namelist():
            content = json.dumps(config).encode() if name == "config.json" else old.read(name)
            made.writestr(name, content)
    return path


def refused(load: Callable[[], Any], *words: str, own: Path | None = None) -> None:
    """Loading raises `FileError` with these words, and does nothing else."""
    with watched() as seen, pytest.raises(FileError) as caught:
        load()
    for word in words:
        assert word in str(caught.value)
    other = [each for each in seen if own is None or own.name not in each[1]]
    other = [each for each in other if not _by_python(each)]
    assert other == []


def _by_python(event: tuple[str, str]) -> bool:
    """What Python itself does: it imports modules of the project, and shows lines of tracebacks."""
    kind, what = event
    python = kind in ("compile", "exec", "marshal.loads") or (kind == "open" and ".py" in what)
    return python and "harm" not in what


# What a config may name, and what of it is never done; the CVE that was about it.
ENTRIES = {
    "a lambda, CVE-2024-3660": {
        "class_name": "Lambda",
        "config": {"name": "evil", "function": [HARM, None, None], "function_type": "lambda"},
    },
    "a lambda of Keras 3, CVE-2025-9905": {
        "class_name": "Lambda",
        "config": {
            "name": "evil",
            "function": {"class_name": "__lambda__", "config": {"code": HARM}},
        },
    },
    "a lambda as an output shape": {
        "class_name": "Lambda",
        "config": {
            "name": "evil",
            "function": "relu",
            "function_type": "function",
            "output_shape": [HARM, None, None],
            "output_shape_type": "lambda",
        },
    },
    "a lambda as the mode of a Merge": {
        "class_name": "Merge",
        "config": {"name": "evil", "mode": [HARM, None, None], "mode_type": "lambda"},
    },
    "a function of any module, CVE-2025-1550": {
        "module": "os",
        "class_name": "function",
        "config": "system",
        "registered_name": "function",
    },
    "a class of any module, CVE-2025-1550": {
        "module": "subprocess",
        "class_name": "Popen",
        "config": {"args": ["touch", "harm"]},
    },
    "a function of ours, CVE-2025-8747": {
        "module": "keras.utils",
        "class_name": "get_file",
        "config": {"fname": "harm", "origin": "http://localhost/harm"},
    },
    "the switch that allows it, CVE-2025-9906": {
        "module": "keras.config",
        "class_name": "enable_unsafe_deserialization",
        "config": {},
    },
    "a pickled module, CVE-2025-49655": {
        "module": "keras.layers",
        "class_name": "TorchModuleWrapper",
        "config": {"module": base64.b64encode(b"cos\nsystem\n(S'touch harm'\ntR.").decode()},
    },
    "a vocabulary in a file, CVE-2025-12058": {
        "module": "keras.layers",
        "class_name": "StringLookup",
        "config": {"vocabulary": "/etc/passwd"},
    },
    "a model elsewhere, CVE-2026-1462": {
        "module": "keras.layers",
        "class_name": "TFSMLayer",
        "config": {"filepath": "/tmp/harm"},
    },
    "initial weights in a file": {
        "class_name": "Dense",
        "config": {"name": "evil", "units": 2, "weights": "/etc/passwd"},
    },
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_what_a_config_names_is_not_run(
    entry: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = config_with(entry)
    h5, keras = as_h5(config, tmp_path / "m.h5"), as_keras(config, tmp_path / "m.keras")
    words = ["evil", "custom_objects"] if "evil" in str(entry) and "ambda" in str(entry) else []
    refused(lambda: load_model(h5), *words, own=h5)
    refused(lambda: load_model(keras), *words, own=keras)
    refused(lambda: model_from_json(json.dumps(config)), *words)
    import yaml

    text = yaml.safe_dump(config)
    refused(lambda: model_from_yaml(text), *words)
    for file in (h5, keras):
        with watched() as seen, suppress(FileError):
            describe(file)  # tells, and builds nothing
        assert [e for e in seen if file.name not in e[1] and not _by_python(e)] == []
    assert not (tmp_path / "harm").exists()


def test_no_other_way_runs_a_lambda(tmp_path: Path) -> None:
    """CVE-2026-12481: the guard of `load_model` isn't the only one."""
    entry = ENTRIES["a lambda, CVE-2024-3660"]
    for load in (
        lambda: layers.deserialize(entry),
        lambda: Lambda.from_config(entry["config"]),
        lambda: Sequential.from_config({"name": "s", "layers": [entry]}),
    ):
        with watched() as seen, pytest.raises(ValueError, match="evil"):
            load()
        assert [e for e in seen if e[0] == "marshal.loads" or "harm" in e[1]] == []
    own = Sequential([Lambda(lambda x: 2.0 * x, input_shape=(3,))])
    assert clone_model(own).layers[0].function is own.layers[0].function
    path = tmp_path / "own.h5"
    own.save(path)
    with h5py.File(path, "r+") as file:
        file.attrs["python"] = "CPython 2.7"
    with pytest.raises(FileError, match=r"CPython 2\.7.*Give the function yourself"):
        load_model(path, unsafe_lambdas=True)


def test_a_file_leaves_nothing_behind() -> None:
    """CVE-2025-9906: what is allowed is said by the caller, each time anew."""
    entry = ENTRIES["a lambda, CVE-2024-3660"]
    config = json.dumps(config_with(entry))
    given = {"evil": lambda x: x}
    assert model_from_json(config, given).layers[-1].function is given["evil"]
    with pytest.raises(FileError, match="evil"):
        model_from_json(config)


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch harm']",
        "!!python/object/new:subprocess.Popen [[touch, harm]]",
        "!!python/name:os.system ''",
        "!!python/module:os ''",
        "a: !!python/object/apply:numpy.core.multiarray.scalar [os, x]",
        "a: !!python/object/apply:numpy.dtype {args: [O8, 0, 1]}",
    ],
)
def test_yaml_is_plain(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2021-37678: YAML that makes objects."""
    monkeypatch.chdir(tmp_path)
    refused(lambda: model_from_yaml(text))
    assert not (tmp_path / "harm").exists()


def test_yaml_and_json_that_grow_or_go_deep() -> None:
    laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    refused(lambda: model_from_yaml(laughs))
    refused(lambda: model_from_json("[" * 100_000 + "]" * 100_000))
    deep: Any = {"class_name": "Dense", "config": {"units": 1}}
    for _ in range(300):
        deep = {"class_name": "TimeDistributed", "config": {"layer": deep}}
    refused(lambda: model_from_json(json.dumps(config_with(deep))), "levels deep")
    refused(lambda: model_from_json('{"class_name": "Sequential", "config": 1e400}'))


# ---- HDF5


def with_kernel(path: Path, change: Callable[[Any], None]) -> Path:
    """A model's file without its kernel; `change` puts something in its place."""
    path.write_bytes(h5_bytes(small()))
    with h5py.File(path, "r+") as file:
        group = file["model_weights/d/d"]
        del group["kernel:0"]
        change(group)
    return path


def external(group: Any) -> None:
    group.create_dataset("kernel:0", (4, 3), "f4", external=[("/etc/passwd", 0, 48)])


def virtual(group: Any) -> None:
    layout = h5py.VirtualLayout((4, 3), "f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (4, 3))
    group.create_virtual_dataset("kernel:0", layout)


def external_link(group: Any) -> None:
    group["kernel:0"] = h5py.ExternalLink("/etc/passwd", "/x")


def soft_link(group: Any) -> None:
    group["kernel:0"] = h5py.SoftLink("/model_weights/d/d/bias:0")


def bomb(group: Any) -> None:
    shape = (1 << 25, 1 << 25)
    group.create_dataset("kernel:0", shape, "f4", chunks=(1024, 1024), fillvalue=1.0)


def packed_bomb(group: Any) -> None:
    group.create_dataset(
        "kernel:0", data=np.zeros((6000, 6000), "f4"), chunks=(6000, 6000), compression=9
    )


def objects(group: Any) -> None:
    group.create_dataset("kernel:0", data=["text"] * 12, dtype=h5py.string_dtype())


def references(group: Any) -> None:
    group.create_dataset("kernel:0", (4, 3), dtype=h5py.ref_dtype)


def a_group(group: Any) -> None:
    group.create_group("kernel:0")


def nothing(group: Any) -> None:
    group.create_dataset("kernel:0", data=h5py.Empty("f4"))


DATASETS = {
    external: "CVE-2026-1669: bytes of another file",
    virtual: "CVE-2026-12480: the same through a virtual dataset",
    external_link: "a link to another file",
    soft_link: "a link to another place",
    bomb: "CVE-2026-0897: a shape of petabytes",
    packed_bomb: "zeros packed to nothing",
    objects: "texts in place of numbers",
    references: "references",
    a_group: "a group",
    nothing: "no array at all",
}


@pytest.mark.parametrize("change", DATASETS, ids=[c.__name__ for c in DATASETS])
def test_datasets(change: Callable[[Any], None], tmp_path: Path) -> None:
    path = with_kernel(tmp_path / "m.h5", change)
    refused(lambda: load_model(path), own=path)
    refused(lambda: small().load_weights(path), own=path)


def test_links_of_groups(tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes(h5_bytes(small()))
    other = tmp_path / "other.h5"
    small().save(other)
    with h5py.File(path, "r+") as file:
        del file["model_weights/d"]
        file["model_weights/d"] = h5py.ExternalLink(str(other), "/model_weights/d")
    refused(lambda: load_model(path), "another file", own=path)


def test_a_filter_that_is_a_plugin(tmp_path: Path) -> None:
    def change(group: Any) -> None:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((4, 3))
        plist.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (1,))  # zstandard, from elsewhere
        space, kind = h5py.h5s.create_simple((4, 3)), h5py.h5t.NATIVE_FLOAT
        h5py.h5d.create(group.id, b"kernel:0", kind, space, plist)

    path = with_kernel(tmp_path / "m.h5", change)
    refused(lambda: load_model(path), "filter", own=path)


def test_groups_in_a_circle(tmp_path: Path) -> None:
    path = tmp_path / "m.weights.h5"
    with h5py.File(path, "w") as file:
        file.create_group("layers/dense/vars")
        file["layers/dense/again"] = file["layers"]
    refused(lambda: small().load_weights(path), "two places", own=path)


@pytest.mark.parametrize("name", ["../../harm", "/harm", "..", "a/../../b"])
def test_names_are_no_paths(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2026-12479: names of layers that lead out of a folder."""
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    config = json.loads(small().to_json())
    config["config"]["layers"][0]["config"]["name"] = name
    for make, ending in ((as_h5, "h5"), (as_keras, "keras")):
        path = make(config, inside / f"m.{ending}")
        with suppress(FileError):
            load_model(path).save(inside / "again.h5")
    assert {each.name for each in tmp_path.iterdir()} == {"inside"}
    assert {each.name for each in inside.iterdir()} <= {"m.h5", "m.keras", "again.h5"}


# ---- archives


def archive_with(path: Path, **members: bytes) -> Path:
    made = {"metadata.json": b'{"keras_version": "3.0.0"}', "config.json": b"{}"}
    made |= {name.replace("__", "."): content for name, content in members.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in made.items():
            file.writestr(name, content)
    return path


def test_archives_that_unfold(tmp_path: Path) -> None:
    """Zip bombs, in the config and in the weights."""
    huge = b'"' + b" " * (300 << 20) + b'"'
    path = archive_with(tmp_path / "m.keras", config__json=huge, model__weights__h5=b"")
    refused(lambda: load_model(path), own=path)
    path = archive_with(tmp_path / "m.keras", model__weights__h5=b"\0" * (100 << 20))
    refused(lambda: load_model(path), "exhaust", own=path)


def test_members_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CVE-2024-55459, CVE-2025-12060 and others: members that land elsewhere."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "m.keras"
    path.write_bytes(keras_bytes(small()))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("../harm", b"x")
        file.writestr("/harm", b"x")
        link = zipfile.ZipInfo("assets")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc")
    load_model(path)
    assert {each.name for each in tmp_path.iterdir()} == {"m.keras"}
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as file:
        file.writestr("config.json", b"{}")
    refused(lambda: load_model(path), "same name", own=path)


@pytest.mark.parametrize(
    "header",
    [
        {"d/kernel": {"dtype": "F32", "shape": [1 << 40, 3], "data_offsets": [0, 48]}},
        {"d/kernel": {"dtype": "F32", "shape": [4, 3], "data_offsets": [0, 1 << 40]}},
        {"d/kernel": {"dtype": "F32", "shape": [-4, -3], "data_offsets": [0, 48]}},
        {"d/kernel": {"dtype": "O", "shape": [4, 3], "data_offsets": [0, 48]}},
        {"d/kernel": {"dtype": "F32", "shape": [4, 3], "data_offsets": [0, 48]}, "d/bias": {
            "dtype": "F32", "shape": [3], "data_offsets": [40, 52]}},
        {"d/kernel": 3},
        [],
    ],
)  # fmt: skip
def test_safetensors_that_lie(header: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(60))
    refused(lambda: small().load_weights(path), own=path)


def test_the_watch_sees() -> None:
    """A checker must be able to fail."""
    with watched() as seen:
        eval("1 + 1")
        Path(os.devnull).open("rb").close()
    assert {"exec", "open"} <= {event for event, _ in seen}
