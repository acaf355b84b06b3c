"""What is public, and on which page of the reference it stands.

A page is a row of `PAGES`. What a row doesn't say follows from the code: a name stands on the page
of the file in which it is defined, in a section for this file.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

NAMED = ("get", "serialize", "deserialize")  # what each module of named things offers


@dataclass(frozen=True)
class Page:
    """A page: where its names are imported from, and the files (or folders) that define them.

    `picked`: names of further modules, which hold more than what is for users.
    """

    path: str
    title: str
    rooms: tuple[str, ...]
    homes: tuple[str, ...]
    picked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names(self) -> Iterator[tuple[str, str, Any]]:
        """What stands here, as (room, name, thing)."""
        for room in self.rooms:
            for name, thing in public_names(room):
                if name not in self.picked.get(room, ()) and within(home_of(thing), self.homes):
                    yield room, name, thing
        for room, names in self.picked.items():
            for name in names:
                yield room, name, getattr(import_module(room), name)


@dataclass
class Entry:
    """One public thing: the name it is shown by, and all other names of it."""

    page: Page
    room: str
    name: str
    thing: Any
    home: str
    aliases: list[str] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.room}.{self.name}"


def _layers(path: str, title: str, *homes: str) -> Page:
    return Page(
        f"layers/{path}", title, ("keras.layers",), tuple(f"keras.layers.{h}" for h in homes)
    )


def _ops(path: str, title: str, *homes: str) -> Page:
    return Page(
        f"backend/{path}", title, ("keras.backend",), tuple(f"keras.backend.{h}" for h in homes)
    )


def _named(room: str) -> Page:
    full = f"keras.{room}"
    return Page(room, room.capitalize(), (full,), (full,), {full: NAMED})


def _whole(path: str, title: str, *rooms: str) -> Page:
    return Page(path, title, rooms, rooms)


def _networks(*names: str) -> dict[str, tuple[str, ...]]:
    """Each network's own ways into and out of it."""
    return {f"keras.applications.{n}": ("preprocess_input", "decode_predictions") for n in names}


PAGES = (
    Page(
        "models",
        "Models",
        ("keras.models",),
        ("keras.models.model", "keras.models.sequential", "keras.models.files", "keras.models"),
    ),
    _whole("saving", "Files of models", "keras.saving"),
    Page(
        "layers/base",
        "What all layers share",
        ("keras.layers",),
        ("keras.layers.base",),
        {"keras.layers": ("serialize", "deserialize")},
    ),
    _layers("core", "Core layers", "core"),
    _layers("convolutional", "Convolutions", "convolutional", "local"),
    _layers("pooling", "Pooling", "pooling"),
    _layers(
        "recurrent", "Recurrent layers", "recurrent", "convolutional_recurrent", "cudnn_recurrent"
    ),
    _layers("embeddings", "Embeddings", "embeddings"),
    _layers("merge", "Merging", "merge"),
    _layers("activations", "Activations as layers", "advanced_activations"),
    _layers("normalization", "Normalization and noise", "normalization", "noise"),
    _layers("wrappers", "Wrappers", "wrappers"),
    _named("losses"),
    _named("metrics"),
    _named("optimizers"),
    _whole("callbacks", "Callbacks", "keras.callbacks"),
    _named("initializers"),
    _named("regularizers"),
    _named("constraints"),
    _named("activations"),
    _ops(
        "tensors",
        "Tensors and variables",
        "graph.tensor",
        "graph.state",
        "graph.op",
        "ops.create",
        "values",
    ),
    _ops(
        "functions",
        "Functions, gradients, loops",
        "graph.function",
        "graph.gradients",
        "ops.control",
        "ops.outside",
    ),
    _ops("settings", "Settings and sessions", "config", "session"),
    _ops("elementwise", "Element by element", "ops.elementwise", "ops.activations", "ops.truth"),
    _ops(
        "sums",
        "Sums, products, norms, losses",
        "ops.reduce",
        "ops.linalg",
        "ops.normalise",
        "ops.losses",
    ),
    _ops("arrangement", "Shapes and places", "ops.arrange", "ops.index", "ops.sparse"),
    _ops(
        "networks",
        "Convolutions and recurrence",
        "ops.conv",
        "ops.pool",
        "ops.local",
        "ops.image",
        "ops.recurrent",
        "ops.steps",
        "ops.ctc",
    ),
    _ops("random", "Random numbers", "ops.random"),
    _ops("keras1", "K functions of Keras 1", "keras1"),
    Page(
        "applications",
        "Applications",
        ("keras.applications",),
        ("keras.applications",),
        _networks(
            "imagenet_utils",
            "xception",
            "vgg16",
            "vgg19",
            "resnet50",
            "resnet",
            "resnet_v2",
            "inception_v3",
            "inception_resnet_v2",
            "mobilenet",
            "mobilenet_v2",
            "densenet",
            "nasnet",
        )
        | {
            "keras.applications.music_tagger_crnn": (
                "MusicTaggerCRNN",
                "preprocess_input",
                "decode_predictions",
            ),
        },
    ),
    _whole("preprocessing/image", "Images", "keras.preprocessing.image"),
    _whole("preprocessing/sequence", "Sequences", "keras.preprocessing.sequence"),
    _whole("preprocessing/text", "Text", "keras.preprocessing.text"),
    _whole(
        "datasets",
        "Datasets",
        *(
            f"keras.datasets.{name}"
            for name in (
                "mnist",
                "fashion_mnist",
                "cifar10",
                "cifar100",
                "imdb",
                "reuters",
                "boston_housing",
                "digits",
            )
        ),
    ),
    Page(
        "utils",
        "Utilities",
        ("keras.utils",),
        ("keras.utils", "keras.training.feed"),
        {
            "keras.utils": (
                "get_file",
                "get_custom_objects",
                "custom_object_scope",
                "CustomObjectScope",
                "serialize_keras_object",
                "deserialize_keras_object",
            ),
            "keras.utils.data_utils": ("SequenceEnqueuer", "validate_file"),
            "keras.utils.generic_utils": (
                "has_arg",
                "func_dump",
                "func_load",
                "getargspec",
                "slice_arrays",
                "to_list",
                "unpack_singleton",
                "is_all_none",
                "object_list_uid",
                "transpose_shape",
                "check_for_unexpected_keys",
            ),
            "keras.utils.io_utils": ("save_to_binary_h5py", "load_from_binary_h5py"),
            "keras.utils.layer_utils": ("convert_dense_weights_data_format", "count_params"),
            "keras.utils.conv_utils": (
                "conv_input_length",
                "conv_output_length",
                "convert_kernel",
                "deconv_length",
                "normalize_padding",
                "normalize_tuple",
            ),
            "keras.utils.losses_utils": ("reduce_weighted_loss", "squeeze_or_expand_dimensions"),
            "keras.utils.metrics_utils": (
                "AUCCurve",
                "AUCSummationMethod",
                "ConfusionMatrix",
                "Reduction",
                "assert_thresholds_range",
                "parse_init_thresholds",
                "result_wrapper",
                "update_confusion_matrix_variables",
                "update_state_wrapper",
                "weighted_assign_add",
            ),
            "keras.utils.test_utils": ("layer_test", "get_test_data"),
        },
    ),
    _whole("scikit_learn", "scikit-learn", "keras.wrappers.scikit_learn"),
    Page("configured", "Classes from fields", (), (), {"keras.configured": ("Configured",)}),
    Page(
        "keras1",
        "Names of Keras 1",
        (
            "keras.layers",
            "keras.metrics",
            "keras.regularizers",
            "keras.preprocessing.image",
            "keras.utils",
            "keras.utils.np_utils",
            "keras.utils.layer_utils",
            "keras.utils.generic_utils",
            "keras.models",
            "keras.applications",
        ),
        ("keras.legacy",),
    ),
)

# Where else a name may be imported from: the module, and the pages whose names it repeats. (Other
# modules import names too, but for themselves.)
_UTILITIES = ("utils", "keras1", "callbacks")
ELSEWHERE: dict[str, tuple[str, ...]] = {
    "keras": ("models", "layers/base"),
    "keras.layers": ("models", "layers/base", "utils"),
    "keras.models": ("layers/base", "saving"),
    "keras.metrics": ("losses",),
    "keras.utils": ("models", *_UTILITIES),
} | {
    f"keras.utils.{name}": _UTILITIES
    for name in (
        "np_utils", "vis_utils", "layer_utils", "generic_utils", "data_utils", "io_utils",
        "conv_utils",
    )
}  # fmt: skip


def home_of(thing: Any) -> str:
    """The module in which something was written down."""
    if isinstance(thing, type):
        return str(thing.__dict__.get("_home", thing.__module__))
    return str(getattr(inspect.unwrap(thing), "__module__", ""))


def public_names(room: str) -> Iterator[tuple[str, Any]]:
    """The classes, functions and methods that a module offers by name."""
    module = import_module(room)
    for name in sorted(dir(module)):
        thing = None if name.startswith("_") else getattr(module, name)
        if callable(thing) and home_of(thing).startswith("keras"):
            yield name, thing


def within(home: str, homes: tuple[str, ...]) -> bool:
    """Whether a module is one of these, or in one of these folders."""
    return any(home == h or home.startswith(f"{h}.") for h in homes)


def _of_page(page: Page) -> Iterator[Entry]:
    found: dict[tuple[str, int], Entry] = {}
    for room, name, thing in page.names():
        new = Entry(page, room, name, thing, home_of(thing))
        entry = found.setdefault((room, _identity(thing)), new)
        if entry is not new:
            entry.aliases.append(name)
    for entry in found.values():
        _prefer(entry, getattr(entry.thing, "__name__", entry.name))
        yield entry


def _identity(thing: Any) -> int:
    """Bound methods are made anew each time they are looked up."""
    function = getattr(thing, "__func__", None)
    return id(thing) if function is None else hash((id(function), id(thing.__self__)))


def _prefer(entry: Entry, name: str) -> None:
    """Show the name that the definition has, where it is one of the public names."""
    if name in entry.aliases:
        entry.aliases[entry.aliases.index(name)] = entry.name
        entry.name = name
    entry.aliases.sort()


def entries() -> list[Entry]:
    """Everything that the reference describes, page by page; nothing twice."""
    found: dict[int, Entry] = {}
    for page in PAGES:
        for entry in _of_page(page):
            first = found.setdefault(_identity(entry.thing), entry)
            if first is not entry:
                first.aliases += [f"{entry.room}.{n}" for n in (entry.name, *entry.aliases)]
    for room, paths in ELSEWHERE.items():
        for name, thing in public_names(room):
            entry = found.get(_identity(thing))
            if entry is None or room == entry.room or entry.page.path not in paths:
                continue
            if f"{room}.{name}" not in entry.aliases:
                entry.aliases.append(f"{room}.{name}")
    return list(found.values())


def describe(known: list[Entry], thing: Any) -> Entry | None:
    """The entry that describes something, if there is one."""
    return next((entry for entry in known if _identity(entry.thing) == _identity(thing)), None)


def place_of(thing: Any) -> tuple[Path, int] | None:
    """The file and the first line of a definition, as far as Python can tell."""
    plain = inspect.unwrap(thing)
    try:
        lines, start = inspect.findsource(plain)
        file = inspect.getsourcefile(plain)
    except (OSError, TypeError):
        if not isinstance(thing, type):
            return None
        # `__module__` is the room that a class is imported from; it was written in a file of it.
        home = sys.modules.get(home_of(thing))
        file = getattr(home, "__file__", None)
        lines = Path(file).read_text("utf-8").splitlines() if file else []
        start = next(
            (i for i, x in enumerate(lines) if re.match(rf"class {thing.__name__}\b", x)), 0
        )
    return (Path(file), start + 1) if file else None
