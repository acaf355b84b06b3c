"""Which classes and modules are plugged, and with what."""

from __future__ import annotations

from typing import Any

from .. import backend, callbacks, constraints, layers, models, optimizers, regularizers
from ..configured import Configured
from ..layers.base import InputLayer, Layer
from ..registry import Registry
from ..training.compilation import Compilation
from ..training.feed import queues
from . import attributes, members, names, paths
from .plugs import around, constructor, method, subclassed, variant

# ---- looks that decide whether the tables are needed


def _begins_with_merged(add: Any, model: Any, layer: Any) -> None:
    """A `Merge` of models brings its inputs with it."""
    if not model._layers and hasattr(layer, "begin"):
        layer.begin(model)
    else:
        add(layer)


def _with_old_metrics(settle: Any, compilation: Any, plain: Any, weighted: Any) -> None:
    """Metrics by names that are gone, and functions whose result is a dict."""
    if plain or weighted:
        from .metrics import expanded

        plain = expanded(compilation, plain, "metrics")
        weighted = expanded(compilation, weighted, "weighted_metrics")
    settle(plain, weighted)


def _old_arrays(set_weights: Any, owner: Any, weights: Any) -> None:
    """Weights as Keras 1 laid them out."""
    own = owner._weights_by_layer() if isinstance(owner, models.Network) else owner.weights
    if [tuple(w.shape) for w in own] != [getattr(w, "shape", None) for w in weights]:
        from .weights import upgraded

        weights = upgraded(owner, weights)
    set_weights(weights)


def _built(build: Any, layer: Any, input_shape: Any) -> None:
    """Layers kept the constraints of their weights in a dict."""
    build(input_shape)
    found = vars(layer).get("constraints")
    if isinstance(found, dict):
        for weight, constraint in found.items():
            weight.constraint = constraint


def _wants_mode(*args: Any, **kwargs: Any) -> bool:
    return bool(kwargs.get("mode") or (len(args) > 1 and type(args[0]) is float and args[1]))


def _wants_dropout(*args: Any, **kwargs: Any) -> bool:
    return bool(kwargs.get("dropout") or (len(args) > 9 and args[9]))


def _batch_normalization() -> type:
    from .layers.normalization import BatchNormalization

    return BatchNormalization


def _embedding() -> type:
    from .layers.embeddings import Embedding

    return Embedding


def _no_array(value: Any) -> bool:
    return value is None or isinstance(value, dict)


# ---- everything


def install() -> None:
    """Plug the past in: arguments of constructors and methods, names and import paths."""
    Configured.argument_hooks.append(constructor)
    Registry.elsewhere.append(names.filed)
    _methods()
    around(models.Sequential, "add", _begins_with_merged)
    around(Compilation, "_set_metrics", _with_old_metrics)
    around(Layer, "build_once", _built)
    around(Layer, "set_weights", _old_arrays)
    around(models.Network, "set_weights", _old_arrays)
    variant(layers.BatchNormalization, _wants_mode, _batch_normalization)
    variant(layers.Embedding, _wants_dropout, _embedding)
    subclassed(Layer, members.layer_of_keras1)
    subclassed(optimizers.Optimizer, members.optimizer_of_keras1)
    members.install()
    attributes.install()
    paths.install()


def _methods() -> None:
    """Arguments of methods, by what tells that a call may be of the past."""
    network = ("self", "inputs", "outputs", "name")
    method(models.Network, "__init__", names=network, old=("input", "output"))
    method(models.Model, "fit")
    method(models.Model, "evaluate")
    method(models.Model, "test_on_batch")
    method(models.Model, "compile", lambda args: len(args) > 4 and isinstance(args[4], str))
    method(models.Model, "fit_generator", lambda args: len(args) > 8)
    method(models.Model, "evaluate_generator", lambda args: len(args) > 3 and type(args[3]) is int)
    method(models.Model, "predict_generator", lambda args: len(args) > 3 and type(args[3]) is int)
    method(models.Model, "train_on_batch", lambda args: len(args) > 3 and _no_array(args[3]))
    method(InputLayer, "__init__", lambda args: len(args) > 2 and type(args[2]) in (list, tuple))
    for owner in (Layer, layers.RNN, layers.Bidirectional, models.Sequential):
        method(owner, "__call__", names=("self", "inputs"), old=("x",))
    method(Layer, "assert_input_compatibility")
    method(layers.RNN, "assert_input_compatibility")
    method(queues.SequenceEnqueuer, "start")
    method(queues.GeneratorEnqueuer, "__init__")
    for name in ("Constraint", "MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"):
        method(getattr(constraints, name), "__call__")
    for module in (constraints, optimizers, regularizers):
        method(module, "get", lambda args: len(args) > 1, names=("identifier",))
    method(layers.Lambda, "__init__", lambda args: len(args) > 3 and isinstance(args[3], dict))
    method(callbacks.TensorBoard, "__init__", lambda args: len(args) > 3 and type(args[3]) is bool)
    method(
        backend,
        "batch_normalization",
        lambda args: len(args) == 6 and isinstance(args[5], float),
        names=("x", "mean", "var", "beta", "gamma", "axis", "epsilon"),
    )
    method(Layer, "add_weight", lambda args: len(args) > 1 and type(args[1]) is not str)
    method(
        optimizers.Optimizer,
        "get_updates",
        lambda args: len(args) > 1 and type(args[1]) in (list, tuple),
    )
