"""What makes an estimator of scikit-learn, where it is installed; else empty classes."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

Estimator: Any
Classifier: Any
Regressor: Any
NotFitted: type[Exception]

if find_spec("sklearn"):
    _base = import_module("sklearn.base")
    Estimator, Classifier, Regressor = (
        _base.BaseEstimator,
        _base.ClassifierMixin,
        _base.RegressorMixin,
    )
    NotFitted = import_module("sklearn.exceptions").NotFittedError
else:
    Estimator, Classifier, Regressor = (type(name, (), {}) for name in ("E", "C", "R"))
    NotFitted = AttributeError
