"""Optimizers: how weights change, step by step. The table of contents."""

from ..registry import Registry, deserialize_keras_object, renamed, serialize_keras_object
from .base import (
    Optimizer as Optimizer,
    clip_norm as clip_norm,
)
from .gradient_descent import (
    SGD as SGD,
)
from .moments import (
    Adam as Adam,
    Adamax as Adamax,
    Nadam as Nadam,
)
from .scaled_gradient import (
    Adadelta as Adadelta,
    Adagrad as Adagrad,
    RMSprop as RMSprop,
)
from .wrapped import (
    TFOptimizer as TFOptimizer,
)

sgd = SGD
rmsprop = RMSprop
adagrad = Adagrad
adadelta = Adadelta
adam = Adam
adamax = Adamax
nadam = Nadam

registry = Registry("optimizer", globals(), makes=True, kinds=Optimizer, fold_case=True)
get = registry.get
serialize = renamed(registry.serialize, instance="optimizer")
deserialize = registry.deserialize
