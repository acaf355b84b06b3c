"""Models as estimators of scikit-learn: in pipelines, grid searches, cross-validation."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .. import losses
from ..models import Sequential
from ..registry import has_arg
from ..utils.generic_utils import to_list
from ..utils.np_utils import to_categorical
from .bases import Classifier, Estimator, NotFitted, Regressor

Function = Callable[..., Any]
ACCURACIES = ("accuracy", "acc")
_TODAY = {"nb_epoch": "epochs"}  # what arguments were called in Keras 1


class BaseWrapper(Estimator):  # type: ignore[misc]  # it is Any, scikit-learn says no types
    """What the classifier and the regressor share.

    `build_fn` makes and compiles a model: a function, an object that can be called, or `None` for a
    subclass that defines `__call__`. `sk_params` are arguments of it and of the model's `fit`,
    `predict` and `evaluate`, by name; each gets those that it takes. What is given to a method
    itself wins over them.
    """

    def __init__(self, build_fn: Function | None = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self.check_params(sk_params)

    # ---- parameters

    def check_params(self, params: dict[str, Any]) -> None:
        """Refuse parameters that nothing takes."""
        takers = [*self._methods(), self._builder()]
        for name in params:
            if not any(_spelling(taker, name) for taker in takers):
                known = sorted({n for taker in takers for n in inspect.signature(taker).parameters})
                raise ValueError(
                    f"{name} is not a legal parameter of `{type(self).__name__}`: neither what "
                    "builds its model takes it, nor do the model's `fit`, `predict` and "
                    f"`evaluate`. They take: {', '.join(n for n in known if n != 'self')}."
                )

    @staticmethod
    def _methods() -> list[Function]:
        return [Sequential.fit, Sequential.predict, Sequential.predict_classes, Sequential.evaluate]

    def _builder(self) -> Function:
        if self.build_fn is not None:
            return self.build_fn
        if not callable(self):
            raise TypeError(
                f"`{type(self).__name__}` needs `build_fn`, a function that makes a compiled "
                "model, or a subclass with a method `__call__` that does."
            )
        return self.__call__

    def get_params(self, **params: Any) -> dict[str, Any]:
        """All parameters, `build_fn` among them. (`deep` makes no difference.)"""
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> Any:
        """Change parameters; returns the estimator."""
        before = self.build_fn
        self.build_fn = params.get("build_fn", before)
        given = {name: value for name, value in params.items() if name != "build_fn"}
        try:
            self.check_params(given)
        except ValueError:
            self.build_fn = before
            raise
        self.sk_params.update(given)
        return self

    def filter_sk_params(
        self, fn: Function, override: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Those of the parameters that a function takes, and all of `override`, which wins."""
        spelled = ((_spelling(fn, name), value) for name, value in self.sk_params.items())
        return {**{name: value for name, value in spelled if name}, **(override or {})}

    # ---- training

    def fit(self, x: Any, y: Any, **kwargs: Any) -> Any:
        """Build a new model and train it; `kwargs` go to its `fit`. Returns its `History`.

        Class numbers become rows of zeros and a one where the loss is categorical crossentropy.
        """
        builder = self._builder()
        self.model = builder(**self.filter_sk_params(builder))
        # A copy: callbacks keep what they saw, and the next fit begins anew.
        arguments = copy.deepcopy(self.filter_sk_params(Sequential.fit))
        return self.model.fit(x, self._targets(y), **{**arguments, **kwargs})

    def _targets(self, y: Any) -> Any:
        rows = np.ndim(y) == 2 and np.shape(y)[1] > 1
        if rows or not losses.is_categorical_crossentropy(self.model.loss):
            return y
        return to_categorical(y, getattr(self, "n_classes_", None))

    def _fitted(self) -> Any:
        """The model, if there is one."""
        if not self.__sklearn_is_fitted__():
            raise NotFitted(f"`{type(self).__name__}` has no model yet; call `fit` first.")
        return self.model

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn may expect of it."""
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        tags.input_tags.three_d_array = True
        tags.target_tags.multi_output = True
        return tags


def _spelling(fn: Function, name: str) -> str | None:
    """What a function calls a parameter, if it takes it; one of Keras 1 by its name of today."""
    spellings = (name, _TODAY.get(name, name))
    return next((spelled for spelled in spellings if has_arg(fn, spelled)), None)


class KerasClassifier(Classifier, BaseWrapper):  # type: ignore[misc]  # the first is Any
    """A model that tells classes apart, as a classifier of scikit-learn.

    After `fit`: `classes_` (the labels, sorted), `n_classes_` and `model`.

        def build(units=32):
            model = Sequential([Dense(units, "relu", input_dim=64), Dense(10, "softmax")])
            model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
            return model

        GridSearchCV(KerasClassifier(build, epochs=5, verbose=0), {"units": [16, 64]}).fit(x, y)
    """

    def fit(self, x: Any, y: Any, sample_weight: Any = None, **kwargs: Any) -> Any:
        """Build a new model and train it; `kwargs` go to its `fit`. Returns its `History`.

        y: labels of any kind, `(samples,)` or `(samples, 1)`, or one-hot rows `(samples, classes)`.
        """
        y = np.array(y)
        if y.ndim not in (1, 2):
            raise ValueError(
                "`KerasClassifier` needs labels of shape (samples,), (samples, 1) or (samples, "
                f"classes). Invalid shape for y: {y.shape}."
            )
        if y.ndim == 2 and y.shape[1] > 1:
            self.classes_ = np.arange(y.shape[1])
        else:
            self.classes_, y = np.unique(y), np.searchsorted(np.unique(y), y)
        self.n_classes_ = len(self.classes_)
        if sample_weight is not None:
            kwargs["sample_weight"] = sample_weight
        return super().fit(x, y, **kwargs)

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The label of each sample, `(samples,)`; `(samples, 1)` if the model has one output.

        `kwargs`: `batch_size`, `verbose`.
        """
        found = self._outputs(x, kwargs)
        numbers = found.argmax(axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")
        labels: np.ndarray = self.classes_[numbers]
        return labels

    def predict_proba(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The probability of each class, `(samples, n_classes)`, in the order of `classes_`.

        A model with one output gives that of the second class. `kwargs`: `batch_size`, `verbose`.
        """
        found = self._outputs(x, kwargs)
        return np.hstack([1 - found, found]) if found.shape[1] == 1 else found

    def _outputs(self, x: Any, kwargs: dict[str, Any]) -> np.ndarray:
        arguments = self.filter_sk_params(Sequential.predict_classes, kwargs)
        found: np.ndarray = self._fitted().predict(x, **arguments)
        return found

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """The accuracy, which the model must have been compiled with; `kwargs` go to `evaluate`."""
        model = self._fitted()
        arguments = self.filter_sk_params(Sequential.evaluate, kwargs)
        results = model.evaluate(x, self._targets(self._numbers(y)), **arguments)
        for name, result in zip(model.metrics_names, to_list(results), strict=True):
            if name in ACCURACIES:
                return float(result)
        raise ValueError(
            "`KerasClassifier.score`: the model does not compute its accuracy. Pass "
            '`metrics=["accuracy"]` to its `compile` method.'
        )

    def _numbers(self, y: Any) -> np.ndarray:
        """Where labels stand in `classes_`."""
        y = np.asarray(y)
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(
                f"`KerasClassifier.score` got labels that `fit` has not seen: {unknown.tolist()}."
            )
        numbers: np.ndarray = np.searchsorted(self.classes_, y)
        return numbers


class KerasRegressor(Regressor, BaseWrapper):  # type: ignore[misc]  # the first is Any
    """A model that estimates numbers, as a regressor of scikit-learn. After `fit`: `model`."""

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """The estimates: `(samples,)`, or `(samples, outputs)` if there are several.

        `kwargs` go to the model's `predict`.
        """
        arguments = self.filter_sk_params(Sequential.predict, kwargs)
        found: np.ndarray = self._fitted().predict(x, **arguments)
        return found[..., 0] if found.shape[-1] == 1 else found

    def score(self, x: Any, y: Any, **kwargs: Any) -> float:
        """The loss, negated, so that more is better; `kwargs` go to `evaluate`."""
        arguments = self.filter_sk_params(Sequential.evaluate, kwargs)
        return -float(to_list(self._fitted().evaluate(x, y, **arguments))[0])
