"""What packages built on `keras.applications` and `keras_preprocessing` import from them.

Also the terms of Keras 1, plugged into the networks when they are first asked for. Those import
nothing of `keras.applications`, which is just being imported then.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from importlib import import_module
from types import ModuleType
from typing import Any

from .. import backend as K
from ..saving.upgrade.verbs import Rename, Verb
from . import methods
from .methods import Order
from .plugs import method
from .positions import is_whole
from .preprocessing import ORDERING

# ---- which modules to build with: a question that has one answer here

MODULES = ("backend", "layers", "models", "utils")


def get_keras_submodule(name: str) -> ModuleType:
    """`keras.<name>`: 'backend', 'layers', 'models' or 'utils'."""
    if name not in MODULES:
        raise ImportError(f"`get_keras_submodule` knows {', '.join(MODULES)}; got {name!r}.")
    return import_module(f"keras.{name}")


def set_keras_submodules(
    backend: Any = None,
    layers: Any = None,
    models: Any = None,
    utils: Any = None,
    engine: Any = None,
) -> None:
    """Accept the modules of `keras`, with which everything is built anyway, and no others."""
    from ..applications.modules import check_modules

    given = {"backend": backend, "layers": layers, "models": models, "utils": utils}
    check_modules("set_keras_submodules", given)


def get_submodules_from_kwargs(kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """`backend`, `layers`, `models` and `utils` among keyword arguments, or those of `keras`."""
    unknown = kwargs.keys() - set(MODULES)
    if unknown:
        raise TypeError(f"Unknown arguments: {', '.join(sorted(unknown))}.")
    return tuple(kwargs.get(name) or get_keras_submodule(name) for name in MODULES)


def keras_modules_injection(base_fun: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function have the modules of `keras` as keyword arguments."""

    @functools.wraps(base_fun)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return base_fun(*args, **kwargs, **{name: get_keras_submodule(name) for name in MODULES})

    return wrapper


def correct_pad(backend: Any, inputs: Any, kernel_size: Any) -> Any:
    """The zeros around an image with which a window with stride 2 halves it."""
    from ..applications.steps import around

    sizes = (kernel_size,) * 2 if isinstance(kernel_size, int) else kernel_size
    return tuple(around(inputs, size)[axis] for axis, size in enumerate(sizes))


# ---- addresses of weights

RELEASES = {
    "inception_v3": ("v0.2", "v0.5"),
    "resnet50": ("v0.2", "v0.2"),
    "vgg16": ("v0.1", "v0.1"),
    "vgg19": ("v0.1", "v0.1"),
    "xception": ("v0.4", "v0.4"),
}
"""The release for Keras 1, and for Keras 2."""


@functools.cache
def addresses() -> dict[str, str]:
    """The addresses, as `vgg16.WEIGHTS_PATH`."""
    return dict(_addresses())


def _addresses() -> Iterable[tuple[str, str]]:
    from ..applications.files import DEEP_LEARNING_MODELS

    for network, (old, new) in RELEASES.items():
        for name, release, ordering in (
            ("WEIGHTS_PATH", new, "tf"),
            ("TF_WEIGHTS_PATH", old, "tf"),
            ("TH_WEIGHTS_PATH", old, "th"),
        ):
            stem = f"{DEEP_LEARNING_MODELS}{release}/{network}_weights"
            address = f"{stem}_{ordering}_dim_ordering_{ordering}_kernels"
            yield f"{network}.{name}", f"{address}.h5"
            yield f"{network}.{name}_NO_TOP", f"{address}_notop.h5"
    for name, ordering in (("TF_WEIGHTS_PATH", "tf"), ("TH_WEIGHTS_PATH", "th")):
        stem = f"{DEEP_LEARNING_MODELS}v0.3/music_tagger_crnn_weights_tf_kernels"
        yield f"music_tagger_crnn.{name}", f"{stem}_{ordering}_dim_ordering.h5"


def __getattr__(name: str) -> str:
    if name.partition(".")[0] in (*RELEASES, "music_tagger_crnn") and name in addresses():
        return addresses()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# ---- the terms of Keras 1

METHODS: dict[str, list[Verb]] = {
    "conv2d_bn": [
        Rename(
            nb_filter="filters",
            nb_row="num_row",
            nb_col="num_col",
            border_mode="padding",
            subsample="strides",
        )
    ],
    "preprocess_input": ORDERING,
}
NETWORKS = ("InceptionV3", "ResNet50", "VGG16", "VGG19", "Xception")


def _classes_fifth(args: tuple[Any, ...], kwargs: Any = None) -> bool:
    """The number of classes, where there is a pooling today."""
    return len(args) > 4 and is_whole(args[4])


EARLIER = methods.order(
    "include_top weights input_tensor input_shape classes",
    _classes_fifth,
    "the fifth argument, a number, -> classes",
)
ORDERS: dict[str, list[Order]] = {name: [EARLIER] for name in NETWORKS}


def relu6(x: Any) -> Any:
    """min(max(x, 0), 6), which files of early MobileNets name as an activation."""
    return K.relu(x, max_value=6)


def plug(module: ModuleType) -> None:
    """Let a module of networks understand these terms."""
    methods.METHODS.update(METHODS)
    methods.ORDERS.update(ORDERS)
    for name in NETWORKS:
        if name in vars(module):
            method(module, name, _classes_fifth)
    for name in METHODS:
        # What a module has from another one was plugged there.
        if name in vars(module) and not hasattr(vars(module)[name], "__wrapped__"):
            method(module, name)
