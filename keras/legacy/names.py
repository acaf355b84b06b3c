"""Names that classic modules had and ours haven't: each is looked up where it lives now."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


def _from(home: str, names: str) -> dict[str, str]:
    """Rows for names that one module holds; `old=new` where it has another there."""
    pairs = (word.partition("=")[::2] for word in names.split())
    return {old: f"{home}:{new or old}" for old, new in pairs}


LAYERS = "keras.legacy.layers"
CONV = _from("keras.utils.conv_utils", "conv_input_length conv_output_length transpose_shape")
CONV["transpose_shape"] = "keras.utils.generic_utils:transpose_shape"
ATROUS = _from(LAYERS, "AtrousConv1D AtrousConv2D AtrousConvolution1D AtrousConvolution2D")
LIST = _from("keras.utils.generic_utils", "to_list")
GET = _from("keras.legacy.helpers", "get_from_module")
TRACKING = _from("keras.legacy.helpers", "disable_tracking")
BASE = _from("keras.layers.base", "Layer")
FILE = _from("keras.utils.data_utils", "get_file")
DATASETS = "boston_housing cifar10 cifar100 fashion_mnist imdb mnist reuters"

INJECTION = _from("keras.legacy.networks", "keras_modules_injection")
NETWORKS = (
    "densenet imagenet_utils inception_resnet_v2 inception_v3 mobilenet mobilenet_v2 nasnet resnet "
    "resnet50 resnet_v2 vgg16 vgg19 xception"
)
EARLY_NETWORKS = "inception_v3 music_tagger_crnn resnet50 vgg16 vgg19 xception"
WEIGHTS = (
    "WEIGHTS_PATH WEIGHTS_PATH_NO_TOP TF_WEIGHTS_PATH TF_WEIGHTS_PATH_NO_TOP TH_WEIGHTS_PATH "
    "TH_WEIGHTS_PATH_NO_TOP"
)


def _of_networks() -> dict[str, dict[str, str]]:
    """Rows for the modules of `keras.applications`."""
    rows = {f"keras.applications.{name}": dict(INJECTION) for name in NETWORKS.split()}
    for name in EARLY_NETWORKS.split():
        own = WEIGHTS if name != "music_tagger_crnn" else "TF_WEIGHTS_PATH TH_WEIGHTS_PATH"
        paths = {path: f"keras.legacy.networks:{name}.{path}" for path in own.split()}
        rows.setdefault(f"keras.applications.{name}", {}).update(paths)
    rows["keras.applications.imagenet_utils"] |= {
        **FILE,
        **_from("keras.applications.imagenet_utils", "_obtain_input_shape=obtain_input_shape"),
    }
    rows["keras.applications.mobilenet"] |= {
        **_from("keras.layers", "DepthwiseConv2D"),
        **_from("keras.legacy.networks", "relu6"),
    }
    return {"keras.applications": INJECTION, **rows}


NAMES: dict[str, dict[str, str]] = {
    "keras": {"absolute_import": "__future__:absolute_import"},
    "keras.activations": {**GET, **BASE},
    **_of_networks(),
    "keras.constraints": GET,
    **{f"keras.datasets.{name}": FILE for name in DATASETS.split()},
    "keras.layers": {
        **ATROUS,
        **CONV,
        **GET,
        **LIST,
        **_from("keras.layers.convolutional", "Deconv2D SeparableConvolution2D"),
        **_from("keras.models", "Model Sequential"),
        **_from("keras.utils.generic_utils", "func_dump func_load"),
        **_from(
            LAYERS,
            "ConvRecurrent2D Highway LRN2D MaxoutDense Merge ParametricSoftplus Recurrent SReLU "
            "TimeDistributedDense time_distributed_dense",
        ),
    },
    "keras.layers.advanced_activations": {**_from(LAYERS, "ParametricSoftplus SReLU"), **LIST},
    "keras.layers.convolutional": {**ATROUS, **CONV},
    "keras.layers.convolutional_recurrent": {
        **CONV,
        **LIST,
        **_from(LAYERS, "ConvRecurrent2D Recurrent"),
    },
    "keras.layers.core": {
        **GET,
        **_from(LAYERS, "Highway MaxoutDense Merge TimeDistributedDense"),
        **_from("keras.layers.merge", "Add Concatenate"),
    },
    "keras.layers.cudnn_recurrent": _from("keras.layers.base", "InputSpec"),
    "keras.layers.embeddings": LIST,
    "keras.layers.local": CONV,
    "keras.layers.normalization": _from(LAYERS, "LRN2D"),
    "keras.layers.pooling": CONV,
    "keras.layers.recurrent": {
        **LIST,
        **TRACKING,
        **_from(
            LAYERS,
            "Recurrent time_distributed_dense _time_distributed_dense=time_distributed_dense",
        ),
    },
    "keras.layers.wrappers": {
        **TRACKING,
        **_from("keras.utils.generic_utils", "object_list_uid"),
    },
    "keras.metrics": {
        **GET,
        **BASE,
        **_from(
            "keras.legacy.metrics",
            "f1score fbeta_score fmeasure fscore matthews_correlation precision recall",
        ),
    },
    "keras.models": {
        **LIST,
        **_from("keras.layers.base", "Input InputLayer Layer Node"),
        **_from(LAYERS, "Merge"),
        **_from("keras.legacy.helpers", "optimizer_from_config"),
        **_from("keras.models.network", "Network=Network Container=Network"),
        **_from("keras.models.topology", "get_source_inputs"),
        **_from("keras.registry", "has_arg"),
        **_from("keras.saving", "ask_to_proceed_with_overwrite"),
    },
    "keras.losses": GET,
    "keras.optimizers": {
        **GET,
        **_from("keras.legacy.helpers", "optimizer_from_config"),
        **_from("keras.registry", "get_custom_objects"),
    },
    "keras.preprocessing.image": _from("keras.legacy.preprocessing", "apply_transform flip_axis"),
    "keras.regularizers": {
        **GET,
        **_from(
            "keras.regularizers",
            "ActivityRegularizer=L1L2 L1L2Regularizer=L1L2 WeightRegularizer=L1L2 activity_l1=l1 "
            "activity_l1l2=l1_l2 activity_l2=l2 l1l2=l1_l2",
        ),
        **_from("keras.legacy.regularizers", "EigenvalueRegularizer"),
    },
    "keras.legacy.layers": LIST,
    "keras.utils.generic_utils": {**GET, **_from("keras.legacy.helpers", "make_tuple")},
    "keras.utils.io_utils": _from("keras.legacy.helpers", "load_array save_array"),
    "keras.utils.layer_utils": _from("keras.legacy.layers", "merge"),
    "keras.utils.np_utils": {
        **_from("keras.utils.conv_utils", "conv_input_length conv_output_length"),
        **_from("keras.legacy.utilities", "convert_kernel"),
        **_from(
            "keras.legacy.helpers",
            "accuracy binary_logloss categorical_probas_to_classes multiclass_logloss "
            "probas_to_classes",
        ),
    },
    "keras.utils.vis_utils": _from("keras.utils.vis_utils", "plot=plot_model"),
}
"""Module -> name -> where it is."""

OLD_PENALTIES = "activity_l1=l1 activity_l1l2=l1_l2 activity_l2=l2 l1l2=l1_l2"

FILED: dict[str, dict[str, str]] = {
    "initializer": _from("keras.legacy.initializers", "ForgetBias"),
    "layer": {
        **ATROUS,
        **_from(
            LAYERS,
            "Highway LRN2D MaxoutDense Merge ParametricSoftplus SReLU TimeDistributedDense",
        ),
    },
    "metric": _from(
        "keras.legacy.metrics",
        "f1score fbeta_score fmeasure fscore matthews_correlation precision recall",
    ),
    "regularizer": {
        **_from("keras.legacy.regularizers", "EigenvalueRegularizer"),
        **_from("keras.regularizers", OLD_PENALTIES),
    },
}
"""Kind -> name -> where it is: what files may name, which is far less than modules offer."""


def filed(kind: str, name: str) -> Any:
    """What a file means by this name, or `None`."""
    where = FILED.get(kind, {}).get(name)
    return where and at(where)


ALSO: dict[str, tuple[str, ...]] = {
    **{
        f"keras.applications.{name}": ("keras.layers", "keras.models", "keras.utils")
        for name in EARLY_NETWORKS.split()
    },
    "keras.utils.layer_utils": (
        "keras.layers",
        "keras.models",
        "keras.utils.conv_utils",
        "keras.utils.np_utils",
        "keras.utils.generic_utils",
    ),
}
"""Modules that offered all of some others."""


def find(module: str, name: str) -> Any:
    """What a classic module called by this name."""
    where = NAMES.get(module, {}).get(name)
    if where is not None:
        return at(where)
    for home in map(import_module, ALSO.get(module, ()) if not name.startswith("__") else ()):
        if hasattr(home, name):
            return getattr(home, name)
    raise AttributeError(f"module {module!r} has no attribute {name!r}")


def at(where: str) -> Any:
    """What stands at `module:name`."""
    home, _, attribute = where.partition(":")
    return getattr(import_module(home), attribute)


class Extended(ModuleType):
    """A module with names in the table: one is looked for there when it isn't in the module."""

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            own = [n for n in vars(self) if not n.startswith("_")]
            return [*own, *(n for n in NAMES.get(self.__name__, ()) if n not in own)]
        return find(self.__name__, name)

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *NAMES.get(self.__name__, ())})


class MergeModule(ModuleType):
    """`keras.layers.merge`, a module of layers, is a function on tensors in Keras 1."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from .layers import merge

        return merge(*args, **kwargs)


PLUGGED = {
    **{
        f"keras.applications.{name}": "keras.legacy.networks"
        for name in (*NETWORKS.split(), "music_tagger_crnn", "audio_conv_utils")
    },
    "keras.preprocessing.image": "keras.legacy.preprocessing",
    "keras.preprocessing.text": "keras.legacy.preprocessing",
    "keras.utils.conv_utils": "keras.legacy.utilities",
    "keras.utils.data_utils": "keras.legacy.utilities",
    "keras.utils.layer_utils": "keras.legacy.utilities",
    "keras.utils.np_utils": "keras.legacy.preprocessing",
}
"""Modules that are imported when they are first used, and the `plug` that waits for them."""

EXTENDED = frozenset({*NAMES, *ALSO, *PLUGGED, "keras.layers.merge"})


def extend(module: ModuleType) -> None:
    """Let a module offer the names of the table."""
    if type(module) is ModuleType:
        merges = module.__name__ == "keras.layers.merge"
        module.__class__ = MergeModule if merges else Extended
        own = vars(module).get("__all__")
        if own is not None:
            more = (name for name in NAMES.get(module.__name__, ()) if name not in own)
            vars(module)["__all__"] = [*own, *more]
        if module.__name__ in PLUGGED:
            import_module(PLUGGED[module.__name__]).plug(module)
