"""What a file is, told without building it: `python -m keras info FILE`."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..registry import Registry
from . import archive, h5, lambdas, places, safetensors, weights
from .config import read_json, read_yaml
from .files import beginning, checked, has_ending, name_of, reading
from .model import HDF5Model, WholeModel
from .safety import MAX_CONFIG_BYTES, FileError, check_depth, telling
from .upgrade import upgraded_config
from .upgrade.gates import GATE_COUNT
from .upgrade.kernels import FLIPPED, KERAS1_AXES
from .upgrade.training import upgraded_training
from .upgrade.walk import layers_of
from .version import Origin

Shape = tuple[int, ...]
Entry = dict[str, Any]


@dataclass
class Info:
    """What a file is; as text it is what the command prints."""

    file: str
    kind: str
    keras_version: str = ""
    backend: str = ""
    model: str = ""
    layers: list[tuple[str, str, list[Shape]]] = field(default_factory=list)
    training: dict[str, Any] = field(default_factory=dict)
    custom_objects: list[str] = field(default_factory=list)
    lambdas: list[str] = field(default_factory=list)
    conversions: list[str] = field(default_factory=list)

    @property
    def parameters(self) -> int:
        """How many numbers the weights have."""
        return sum(int(np.prod(s, dtype=object)) for *_, shapes in self.layers for s in shapes)

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.file}: {self.kind}"
        yield f"written by   {self._writer()}"
        if self.model:
            yield f"model        {self.model}"
        if self.layers:
            shapes = [shape for *_, found in self.layers for shape in found]
            yield (
                f"layers       {len(self.layers)}, with {len(shapes)} weights of "
                f"{self.parameters:,} numbers"
            )
        for name, kind, found in self.layers:
            yield f"  {name:<28} {kind:<22} {', '.join(map(str, found))}".rstrip()
        for key, value in self.training.items():
            yield f"{key:<12} {value}"
        yield from _section("custom objects that loading needs", self.custom_objects)
        yield from _section("lambdas", self.lambdas)
        yield from _section("loading converts", self.conversions)

    def _writer(self) -> str:
        version = (
            f"Keras {self.keras_version}" if self.keras_version else "Keras of unknown version"
        )
        return f"{version} on {self.backend}" if self.backend else version


def _section(title: str, found: Sequence[str]) -> Iterator[str]:
    if found:
        yield f"{title}:"
        yield from (f"  {each}" for each in found)


def describe(source: Any) -> Info:
    """What a file is: of models or weights in HDF5, `.keras`, `.safetensors`, JSON or YAML.

    Nothing is built, and of the weights only the shapes are read.
    """
    source = checked(source)
    with telling(name_of(source)):
        return _described(source)


def _described(source: Any) -> Info:
    start, who = beginning(source), name_of(source).strip("`")
    if start.startswith(archive.MAGIC):
        with archive.unpacked(source, name_of(source)) as packed:
            info = Info(who, "a model in a `.keras` archive", packed.origin.keras_version)
            info.layers = list(_placed(packed.weights))
            return _with_model(info, packed)
    if start.startswith(b"\x89HDF") or not isinstance(source, Path):
        with reading(source) as group:
            return _hdf5(group, who)
    if has_ending(source, ".json", ".yaml", ".yml"):
        return _text(source, who)
    if safetensors.is_here(start):
        return _tensors(source, who)
    with reading(source) as group:
        return _hdf5(group, who)


# ---- by kind


def _hdf5(group: Any, who: str) -> Info:
    if "model_config" in group.attrs:
        model = HDF5Model(group)
        info = Info(who, "a model in HDF5", model.origin.keras_version, model.origin.backend)
        info.layers = list(_stored(h5.subgroup(group, "model_weights")))
        return _with_model(info, model)
    if places.is_here(group):
        return Info(who, "weights of Keras 3", layers=list(_placed(group)))
    if weights.NUMBERED in group.attrs:
        return Info(who, "weights of Keras 0.x, by number", layers=list(_stored(group)))
    own = weights.weights_group(group)
    origin = weights.origin_of(own)
    version = origin.keras_version or "1 (it doesn't say)"
    return Info(who, "weights in HDF5", version, origin.backend, layers=list(_stored(own)))


def _tensors(source: Path, who: str) -> Info:
    tensors = safetensors.Tensors(memoryview(source.read_bytes()), name_of(source))
    version, backend = (
        str(tensors.metadata.get(key) or "") for key in ("keras_version", "backend")
    )
    found: dict[str, list[Shape]] = {}
    for name, entry in tensors.entries.items():
        found.setdefault(name.rpartition("/")[0] or name, []).append(entry.shape)
    rows = [(name, "", shapes) for name, shapes in found.items()]
    return Info(who, "weights in `.safetensors`", version, backend, layers=rows)


def _text(source: Path, who: str) -> Info:
    if source.stat().st_size > MAX_CONFIG_BYTES:
        raise FileError(f"`{source}` is larger than any model's config.")
    text = source.read_text("utf-8")
    kind = "JSON" if has_ending(source, ".json") else "YAML"
    config = read_json(text, name_of(source)) if kind == "JSON" else read_yaml(text)
    if not isinstance(config, Mapping) or "class_name" not in config:
        raise FileError(f"`{source}` describes no model: it has no `class_name`.")
    origin = Origin.of_config(config)
    info = Info(who, f"a model's architecture in {kind}", origin.keras_version, origin.backend)
    _architecture(info, config, origin)
    return info


def _stored(group: Any) -> Iterator[tuple[str, str, list[Shape]]]:
    for stored in weights.stored_layers(group):
        yield stored.name, "", [tuple(d.shape) for d in stored.datasets]


def _placed(group: Any) -> Iterator[tuple[str, str, list[Shape]]]:
    found: dict[str, list[Shape]] = {}
    for path, dataset in sorted(places.arrays(group), key=lambda each: each[0]):
        found.setdefault(path.rpartition("/vars/")[0], []).append(tuple(dataset.shape))
    for path, shapes in found.items():
        yield path, "", shapes


# ---- models


def _with_model(info: Info, model: WholeModel) -> Info:
    _architecture(info, model.config(), model.origin)
    said = model.training()
    if said:
        info.training = dict(_training(upgraded_training(said)))
        info.custom_objects += _unknown_functions(said)
    if model.optimizer_state() is not None:
        info.training["state"] = "of the optimizer, to continue training"
    return info


def _architecture(info: Info, config: Any, origin: Origin) -> None:
    """The model, its layers' classes, and what of it is converted."""
    check_depth(config, "The model's config")
    entry = {key: config.get(key) for key in ("class_name", "config", "module", "registered_name")}
    found = list(_layers(entry))
    own = sorted({name for each in found for name in _unknown(each)})
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        made = upgraded_config(entry, origin, own)
    inside = made["config"].get("layers", ())
    info.model = f"{config['class_name']} `{made['config'].get('name', '')}`, {len(inside)} layers"
    kinds = {_name(each): str(each["class_name"]) for each in found}
    shapes = {name: shapes for name, _, shapes in info.layers}
    if all(name in kinds for name in shapes):  # else they go by classes, as Keras 3 has them
        info.layers = [(name, kinds[name], found) for name, found in shapes.items()]
    if not info.layers:
        info.layers += [(name, kind, []) for name, kind in kinds.items()][1:]
    info.custom_objects += own
    info.lambdas += [f"{config.get('name')}: {part}" for config, part in lambdas.lambdas_in(made)]
    info.conversions += list(_changes(found, list(layers_of(made))))
    info.conversions += [str(each.message) for each in said]
    info.conversions += list(_turned(list(layers_of(made)), shapes, origin))


def _layers(entry: Entry) -> Iterator[Entry]:
    """All entries of layers in a config of any version."""
    level = [entry]
    while level:
        each = level.pop(0)
        config = each.get("config")
        if not isinstance(each.get("class_name"), str) or not isinstance(config, (dict, list)):
            continue
        yield each
        inner = config if isinstance(config, list) else [*config.get("layers", ())]
        if isinstance(config, dict):
            inner += [config.get(key) for key in ("layer", "cell", "backward_layer")]
            inner += config.get("cells", ())
        level += [e for e in inner if isinstance(e, dict)]


def _name(entry: Entry) -> str:
    config = entry["config"]
    return str(config.get("name") if isinstance(config, dict) else "")


def _unknown(entry: Entry) -> Iterator[str]:
    """Names in a layer's entry that only the user can know."""
    from .upgrade.keras1_arguments import NAMES
    from .upgrade.tf_keras import NAMES as TF_NAMES

    name = entry["class_name"].rpartition(">")[2]
    name = NAMES.get(name, TF_NAMES.get(name, name))
    if Registry.by_kind["layer"].known(name) is None:
        yield str(entry.get("registered_name") or entry["class_name"])
    config = entry["config"] if isinstance(entry["config"], dict) else {}
    for key, value in config.items():
        named = key.endswith("activation") and isinstance(value, str)
        if named and Registry.by_kind["activation"].known(value) is None:
            yield value
        if name == "Lambda" and key == "function" and config.get("function_type") == "function":
            yield str(value)


def _training(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    optimizer = config["optimizer_config"]
    given = optimizer.get("config") or {}
    rate = given.get("learning_rate", given.get("lr"))
    yield "optimizer", f"{optimizer.get('class_name')}, learning rate {json.dumps(rate)}"
    for key in ("loss", "metrics", "loss_weights", "sample_weight_mode"):
        if config.get(key):
            yield key, json.dumps(config[key], default=str)


def _unknown_functions(config: Mapping[str, Any]) -> list[str]:
    """Losses and metrics by names that we don't know."""
    found = []
    for key, kind in (("loss", "loss"), ("metrics", "metric"), ("weighted_metrics", "metric")):
        level = [config.get(key)]
        while level:
            each = level.pop()
            if isinstance(each, str):
                known = Registry.by_kind[kind].known(each) or each in ("acc", "accuracy", "ce")
                found += [] if known else [each]
            elif isinstance(each, list):
                level += each
            elif isinstance(each, dict) and "class_name" not in each:
                level += each.values()
            elif isinstance(each, dict) and each["class_name"] == "function":
                level.append(each.get("config"))
    return found


# ---- conversions


def _changes(before: list[Entry], after: list[Entry]) -> Iterator[str]:
    """What the upgrade makes of layers' entries, in a line for each."""
    made = {_name(each): each for each in after}
    for entry in before:
        new = made.get(_name(entry))
        if new is None or not _name(entry):
            continue
        said = list(_change(entry, new))
        if said:
            yield f"{_name(entry)}: {'; '.join(said)}"


def _change(entry: Entry, new: Entry) -> Iterator[str]:
    if entry["class_name"] != new["class_name"]:
        yield f"{entry['class_name']} -> {new['class_name']}"
    old, own = entry["config"], new["config"]
    gone = [key for key in old if key not in own and old[key] is not None]
    more = [key for key in own if key not in old and own[key] is not None]
    if gone or more:
        yield f"{', '.join(gone) or 'nothing'} -> {', '.join(more) or 'nothing'}"
    for key, value in own.items():
        plain = isinstance(value, (str, int, float)) and isinstance(old.get(key), (str, int, float))
        if plain and old[key] != value:
            yield f"{key}: {old[key]!r} -> {value!r}"


def _turned(
    entries: list[Entry], shapes: Mapping[str, Sequence[Shape]], origin: Origin
) -> Iterator[str]:
    """What is done to weights."""
    for entry in entries:
        kind, name = entry["class_name"], _name(entry)
        first = entry["config"].get("data_format") == "channels_first"
        if origin.backend == "theano" and FLIPPED.get(kind):
            yield f"{name}: kernels turned by 180 degrees, as Theano had them"
        if origin.generation != 1:
            continue
        if (kind, first) in KERAS1_AXES:
            yield f"{name}: axes of the kernel in the order of Keras 2"
            if not origin.backend and first:
                yield f"{name}: `original_backend` says whether kernels are turned"
        if kind in GATE_COUNT and len(shapes.get(name, ())) in (9, 12):
            yield f"{name}: {len(shapes[name])} arrays, gate by gate -> 3"
