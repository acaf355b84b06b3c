"""Optimizers: how weights change, step by step. The table of contents."""

from ..registry import Registry, deserialize_keras_object, renamed, serialize_keras_object
from .base import Optimizer, clip_norm
from .gradient_descent import SGD
from .moments import Adam, Adamax, Nadam
from .scaled_gradient import Adadelta, Adagrad, RMSprop
from .wrapped import TFOptimizer

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
