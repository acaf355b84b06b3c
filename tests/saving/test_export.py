"""Exported models, served by TensorFlow alone."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.layers import (
    LSTM,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    Lambda,
    TimeDistributed,
)
from keras.models import Model, Sequential

if importlib.util.find_spec("tensorflow") is None:
    pytest.skip("tensorflow isn't installed", allow_module_level=True)

SERVE = """
import sys
import numpy as np
import tensorflow as tf
folder, given, answers, name = sys.argv[1:]
serve = tf.saved_model.load(folder).signatures["serving_default"]
found = [serve(**{name: tf.constant(x)}) for x in np.load(given).values()]
named = {f"{k}-{i}": v.numpy() for i, made in enumerate(found) for k, v in made.items()}
np.savez(answers, **named)
"""


def served(folder: Path, name: str, *batches: Any) -> Any:
    """What another process, which imports nothing of ours, answers."""
    given, answers = folder.parent / "given.npz", folder.parent / "answers.npz"
    np.savez(given, *batches)
    arguments = [str(folder), str(given), str(answers), name]
    done = subprocess.run([sys.executable, "-c", SERVE, *arguments],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return np.load(answers)


def test_tensorflow_serves_what_predict_answers(tmp_path: Path) -> None:
    x = Input((6, 5, 2), name="image")
    h = Conv2D(4, 3, padding="same", activation="relu")(x)
    h = LSTM(5, name="code")(TimeDistributed(Flatten())(BatchNormalization()(h)))
    model = Model(x, [Dense(3, activation="softmax", name="kind")(Dropout(0.5)(h)), h])
    model.compile("sgd", "mse")
    a = np.random.normal(size=(7, 6, 5, 2)).astype("float32")
    model.fit(a, model.predict(a), verbose=0)
    model.export(tmp_path / "served")
    model.fit(a, [2 * p for p in model.predict(a)], verbose=0)
    model.export(tmp_path / "served")  # again: it is replaced
    assert sorted(p.name for p in tmp_path.iterdir()) == ["served"]
    answers = served(tmp_path / "served", "image", a, a[:3])
    for name, wanted in zip(("kind", "code"), model.predict(a), strict=True):
        np.testing.assert_allclose(answers[f"{name}-0"], wanted, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(answers[f"{name}-1"], wanted[:3], rtol=1e-4, atol=1e-6)


def test_states_go_on_from_call_to_call(tmp_path: Path) -> None:
    model = Sequential([LSTM(3, stateful=True, batch_input_shape=(2, 4, 1), name="code")])
    a, b = np.random.normal(size=(2, 2, 4, 1)).astype("float32")
    model.export(tmp_path / "served")
    answers = served(tmp_path / "served", model.input_names[0], a, b)
    first, second = (answers[f"{model.output_names[0]}-{i}"] for i in (0, 1))
    np.testing.assert_allclose(first, model.predict(a), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(second, model.predict(b), rtol=1e-4, atol=1e-6)


def test_what_needs_python_is_refused(tmp_path: Path) -> None:
    x = Input((3,))
    model = Model(x, Lambda(lambda t: K.print_tensor(t), name="shown")(x))
    with pytest.raises(ValueError, match=r"`shown\w*` calls a function of Python"):
        model.export(tmp_path / "served")
    assert list(tmp_path.iterdir()) == []


def test_another_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    model = Sequential([Dense(1, input_dim=2)])
    with pytest.raises(FileExistsError, match="is no SavedModel"):
        model.export(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
