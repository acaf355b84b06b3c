"""Models among the estimators of scikit-learn."""

from __future__ import annotations

import functools
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    RegressorMixin,
    clone,
    is_classifier,
    is_regressor,
)
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingRegressor, StackingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, mean_squared_error
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from keras.callbacks import EarlyStopping, History
from keras.layers import Dense, Flatten, Input
from keras.losses import CategoricalCrossentropy
from keras.models import Model, Sequential
from keras.optimizers import Adam
from keras.utils import to_categorical
from keras.wrappers.scikit_learn import BaseWrapper, KerasClassifier, KerasRegressor

X, NUMBERS = load_iris(return_X_y=True)
X = ((X - X.mean(0)) / X.std(0)).astype("float32")
NAMES = np.array(["setosa", "versicolor", "virginica"])[NUMBERS]


def flowers(units: int = 16, lr: float = 0.03, loss: Any = "categorical_crossentropy") -> Any:
    model = Sequential([Dense(units, "relu", input_dim=4), Dense(3, "softmax")])
    model.compile(Adam(lr=lr), loss, metrics=["accuracy"])
    return model


def one_flower(units: int = 16) -> Any:
    model = Sequential([Dense(units, "relu", input_dim=4), Dense(1, "sigmoid")])
    model.compile(Adam(lr=0.03), "binary_crossentropy", metrics=["acc"])
    return model


def petals(units: int = 16, outputs: int = 1) -> Any:
    x = Input((3,))
    model = Model(x, Dense(outputs)(Dense(units, "relu")(x)))
    model.compile(Adam(lr=0.03), "mse", metrics=["mae"])
    return model


class Builds:
    """Builds when it is called."""

    def __call__(self, units: int) -> Any:
        return flowers(units)

    def by_method(self, units: int) -> Any:
        return flowers(units)


class Flowers(KerasClassifier):
    """Builds its model itself."""

    def __call__(self, units: int) -> Any:
        return flowers(units)


# ---- classes


BUILDERS = {
    "function": KerasClassifier(flowers, units=8),
    "object": KerasClassifier(build_fn=Builds(), units=8),
    "method": KerasClassifier(Builds().by_method, units=8),
    "partial": KerasClassifier(functools.partial(flowers, lr=0.1), units=8),
    "subclass": Flowers(units=8),
}


@pytest.mark.parametrize("builder", BUILDERS)
def test_ways_to_build(builder: str) -> None:
    estimator = clone(BUILDERS[builder])
    assert isinstance(estimator.fit(X[::9], NAMES[::9], verbose=0), History)
    assert estimator.model.layers[0].units == 8


LABELS: dict[str, Any] = {
    "names": NAMES,
    "numbers": NUMBERS * 10 - 5,
    "column": NAMES[:, None],
    "one-hot": to_categorical(NUMBERS),
    "series": pd.Series(NAMES),
}


@pytest.mark.parametrize(
    ("labels", "loss"),
    [(labels, "categorical_crossentropy") for labels in LABELS]
    + [(labels, "sparse_categorical_crossentropy") for labels in LABELS if labels != "one-hot"]
    + [("names", CategoricalCrossentropy())],
)
def test_classifier(labels: str, loss: Any) -> None:
    y = LABELS[labels]
    estimator = KerasClassifier(flowers, lr=0.1, loss=loss)
    estimator.fit(X, y, epochs=8, verbose=0)
    assert estimator.n_classes_ == 3
    predicted = estimator.predict(X)
    assert predicted.shape == (150,)
    truth = NUMBERS if labels == "one-hot" else np.ravel(y)
    assert estimator.classes_.tolist() == sorted(set(truth))
    accuracy = accuracy_score(truth, predicted)
    assert accuracy > 0.85
    assert estimator.score(X, y, verbose=0) == pytest.approx(accuracy, abs=1e-6)
    probabilities = estimator.predict_proba(X, batch_size=7)
    np.testing.assert_array_equal(estimator.classes_[probabilities.argmax(1)], predicted)


def test_two_classes_and_one_output() -> None:
    y = np.where(NUMBERS == 2, "yes", "no")
    estimator = KerasClassifier(one_flower, epochs=15, verbose=0)
    estimator.fit(X, y)
    probabilities = estimator.predict_proba(X)
    np.testing.assert_allclose(probabilities.sum(1), 1, atol=1e-6)
    predicted = estimator.predict(X)
    assert predicted.shape == (150, 1)
    np.testing.assert_array_equal(predicted[:, 0], np.where(probabilities[:, 1] > 0.5, "yes", "no"))
    assert estimator.score(X, y) == pytest.approx(accuracy_score(y, predicted), abs=1e-6)
    assert estimator.score(X, y) > 0.85


def test_a_fold_without_the_last_class_is_scored() -> None:
    estimator = KerasClassifier(flowers, epochs=1, verbose=0)
    estimator.fit(X, NAMES)
    assert estimator.score(X[:100], NAMES[:100]) == pytest.approx(
        accuracy_score(NAMES[:100], estimator.predict(X[:100])), abs=1e-6
    )
    with pytest.raises(ValueError, match=r"has not seen: \['tulip'\]"):
        estimator.score(X[:1], ["tulip"])


def test_weights_of_samples_and_classes() -> None:
    only_first = (NUMBERS == 0).astype(float)
    for arguments in ({"sample_weight": only_first}, {"class_weight": {0: 1.0, 1: 0.0, 2: 0.0}}):
        estimator = KerasClassifier(flowers, epochs=20, verbose=0)
        estimator.fit(X, NUMBERS, **arguments)
        assert set(estimator.predict(X)) == {0}


# ---- numbers


def test_regressor() -> None:
    estimator = KerasRegressor(petals, epochs=40, verbose=0)
    estimator.fit(X[:, :3], X[:, 3])
    predicted = estimator.predict(X[:, :3])
    assert predicted.shape == (150,)
    error = mean_squared_error(X[:, 3], predicted)
    assert error < 0.15
    assert estimator.score(X[:, :3], X[:, 3]) == pytest.approx(-error, rel=1e-4)
    assert estimator.predict(X[:1, :3]).shape == (1,)
    several = KerasRegressor(petals, outputs=2, epochs=1, verbose=0)
    several.fit(X[:, :3], X[:, 2:])
    assert several.predict(X[:, :3]).shape == (150, 2)


# ---- parameters


def test_parameters_go_where_they_belong() -> None:
    estimator = KerasClassifier(flowers, units=3, epochs=4, batch_size=50, verbose=0)
    history = estimator.fit(X, NAMES)
    assert history.params["epochs"] == 4
    assert history.params["batch_size"] == 50
    assert estimator.model.layers[0].units == 3
    assert estimator.fit(X, NAMES, epochs=2).params["epochs"] == 2
    assert estimator.filter_sk_params(flowers) == {"units": 3}
    assert estimator.filter_sk_params(Sequential.predict, {"steps": 1, "verbose": 1}) == {
        "batch_size": 50, "verbose": 1, "steps": 1,
    }  # fmt: skip


def test_epochs_of_keras_1() -> None:
    estimator = KerasClassifier(flowers, nb_epoch=3, verbose=0)
    assert estimator.fit(X, NAMES).params["epochs"] == 3
    assert estimator.get_params()["nb_epoch"] == 3
    assert estimator.fit(X, NAMES, epochs=1).params["epochs"] == 1

    def build(nb_epoch: int) -> Any:
        return flowers(nb_epoch)

    own = KerasClassifier(build, nb_epoch=2, verbose=0)
    own.fit(X, NAMES)
    assert own.model.layers[0].units == 2


def test_get_and_set() -> None:
    sizes = [3, 4]
    estimator = KerasClassifier(flowers, units=sizes)
    assert estimator.get_params(deep=False) == {"units": sizes, "build_fn": flowers}
    assert clone(estimator).get_params()["units"] == sizes
    assert estimator.set_params(units=5, epochs=2) is estimator
    assert estimator.get_params() == {"units": 5, "epochs": 2, "build_fn": flowers}
    with pytest.raises(ValueError, match="outputs is not a legal parameter"):
        estimator.set_params(outputs=2)
    assert estimator.set_params(build_fn=petals, outputs=2).build_fn is petals
    assert "units=5" in repr(estimator)


@pytest.mark.parametrize("wrapper", [KerasClassifier, KerasRegressor])
def test_what_nothing_takes(wrapper: Any) -> None:
    with pytest.raises(ValueError, match=r"unit is not a legal parameter .* epochs, .* units,"):
        wrapper(flowers, unit=3)
    with pytest.raises(TypeError, match="needs `build_fn`"):
        wrapper()


def test_each_fit_begins_anew() -> None:
    stop = EarlyStopping("loss", patience=0, min_delta=1e9)
    estimator = KerasClassifier(flowers, callbacks=[stop], epochs=9, verbose=0)
    for _ in range(2):
        assert estimator.fit(X, NAMES).epoch == [0, 1]
    assert stop.model is None


@pytest.mark.parametrize("method", ["predict", "predict_proba", "score"])
def test_before_fit(method: str) -> None:
    arguments = (X, NAMES) if method == "score" else (X,)
    with pytest.raises(NotFittedError, match="call `fit` first"):
        getattr(KerasClassifier(flowers), method)(*arguments)


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"Invalid shape for y: \(2, 2, 2\)"):
        KerasClassifier(flowers).fit(X[:2], np.zeros((2, 2, 2)))
    estimator = KerasClassifier(lambda: _without_metrics(), verbose=0)
    estimator.fit(X, NAMES)
    with pytest.raises(ValueError, match=r'Pass `metrics=\["accuracy"\]`'):
        estimator.score(X, NAMES)


def _without_metrics() -> Any:
    model = flowers()
    model.compile("sgd", "categorical_crossentropy")
    return model


# ---- among other estimators


def test_what_scikit_learn_knows_of_them() -> None:
    classifier, regressor = KerasClassifier(flowers), KerasRegressor(petals)
    assert is_classifier(classifier)
    assert is_regressor(regressor)
    assert isinstance(classifier, (BaseEstimator, ClassifierMixin))
    assert isinstance(regressor, RegressorMixin)
    assert isinstance(regressor, BaseWrapper)


@pytest.mark.skipif(
    not hasattr(BaseEstimator, "__sklearn_tags__"), reason="scikit-learn 1.6 brought tags"
)
def test_tags() -> None:
    tags = KerasClassifier(flowers).__sklearn_tags__()
    assert tags.estimator_type == "classifier"
    assert tags.non_deterministic
    assert tags.input_tags.three_d_array


def test_cross_validation() -> None:
    estimator = KerasClassifier(flowers, lr=0.1, epochs=8, verbose=0)
    assert cross_val_score(estimator, X, NAMES, cv=3).mean() > 0.8
    assert cross_val_score(estimator, X, NAMES, cv=2, scoring="f1_macro").min() > 0.7
    made = cross_val_predict(estimator, X, NAMES, cv=2, method="predict_proba")
    assert made.shape == (150, 3)
    two = KerasClassifier(one_flower, epochs=12, verbose=0)
    assert cross_val_score(two, X, NUMBERS == 2, cv=2, scoring="roc_auc").min() > 0.9


def test_grid_search() -> None:
    search = GridSearchCV(
        KerasClassifier(flowers, verbose=0),
        {"units": [1, 16], "epochs": [1, 15]},
        cv=2,
        refit=True,
    )
    search.fit(X, NAMES)
    assert search.best_params_ == {"units": 16, "epochs": 15}
    assert search.best_estimator_.model.layers[0].units == 16
    assert search.score(X, NAMES) == pytest.approx(accuracy_score(NAMES, search.predict(X)))
    over_a_loss = GridSearchCV(KerasRegressor(petals, verbose=0), {"nb_epoch": [1, 20]}, cv=2)
    over_a_loss.fit(X[:, :3], X[:, 3])
    assert over_a_loss.best_params_ == {"nb_epoch": 20}


def test_pipeline() -> None:
    pipeline = make_pipeline(StandardScaler(), KerasClassifier(flowers, verbose=0))
    pipeline.set_params(kerasclassifier__units=20)
    pipeline.fit(X * 100 + 7, NAMES, kerasclassifier__epochs=12)
    assert pipeline.score(X * 100 + 7, NAMES) > 0.85
    assert clone(pipeline).get_params()["kerasclassifier__units"] == 20


def test_inside_other_estimators() -> None:
    network = KerasClassifier(flowers, lr=0.1, epochs=8, verbose=0)
    assert CalibratedClassifierCV(network, cv=2).fit(X, NAMES).score(X, NAMES) > 0.8
    stack = StackingClassifier([("network", network)], LogisticRegression(), cv=2)
    assert stack.fit(X, NAMES).score(X, NAMES) > 0.8
    bag = BaggingRegressor(KerasRegressor(petals, epochs=20, verbose=0), n_estimators=2)
    assert bag.fit(X[:, :3], X[:, 3]).predict(X[:, :3]).shape == (150,)


def test_pickled() -> None:
    estimator = KerasClassifier(flowers, epochs=1, verbose=0)
    estimator.fit(X, NAMES)
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.predict_proba(X), estimator.predict_proba(X))
    assert again.get_params() == estimator.get_params()


def test_frames() -> None:
    frame = pd.DataFrame(X, columns=list("abcd"))
    estimator = KerasClassifier(flowers, epochs=2, verbose=0)
    estimator.fit(frame, pd.Series(NAMES))
    np.testing.assert_array_equal(estimator.predict(frame), estimator.predict(X))


def test_other_shapes_than_tables() -> None:
    def build() -> Any:
        x = Input((2, 2, 1))
        model = Model(x, Dense(3, "softmax")(Flatten()(x)))
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    images = X.reshape(-1, 2, 2, 1)
    scores = cross_val_score(KerasClassifier(build, verbose=0), images, NAMES, cv=2)
    assert np.all((scores >= 0) & (scores <= 1))


def test_without_scikit_learn() -> None:
    program = """
import sys
sys.modules["sklearn"] = None
import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.wrappers.scikit_learn import KerasClassifier

def build(units):
    model = Sequential([Dense(units, input_dim=2), Dense(2, "softmax")])
    model.compile("sgd", "categorical_crossentropy", metrics=["acc"])
    return model

network = KerasClassifier(build, units=3, verbose=0)
x, y = np.eye(2), np.array(["a", "b"])
try:
    network.predict(x)
except AttributeError:
    network.fit(x, y)
assert set(network.predict(x)) <= {"a", "b"}
assert 0 <= network.set_params(batch_size=1).score(x, y) <= 1
"""
    command = [sys.executable, "-W", "error", "-c", program]
    subprocess.run(command, cwd=Path(__file__).parents[2], check=True, timeout=120)
