"""Without `keras/legacy` generation 2 works; what Keras 1 called otherwise is unknown then."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import os, sys, tempfile
import numpy as np
import keras
from keras import backend as K
from keras.layers import *
from keras.models import Model, Sequential, load_model

assert not [name for name in sys.modules if name.startswith('keras.legacy')]
np.random.seed(0)  # seldom, all that the softmax says of a sample is dropped: a loss of 0 / 0
x = np.random.rand(8, 6, 6, 1)
images = Input((6, 6, 1))
y = Conv2D(2, 3, activation='relu')(images)
y = BatchNormalization()(y)
y = SeparableConv2D(2, 2)(MaxPooling2D()(y))
y = concatenate([Flatten()(y), GlobalMaxPooling2D()(images)])
model = Model(images, Dropout(0.1)(Dense(3, activation='softmax')(y)))
model.compile(keras.optimizers.Adam(lr=0.01), 'categorical_crossentropy', ['accuracy', 'mse'])
targets = np.eye(3)[np.arange(8) % 3]
model.fit(x, targets, epochs=2, verbose=0, validation_split=0.25)
model.fit_generator(iter([(x, targets)] * 4), steps_per_epoch=1, epochs=1, verbose=0)
path = os.path.join(tempfile.mkdtemp(), 'model.h5')
model.save(path)
np.testing.assert_allclose(load_model(path).predict(x), model.predict(x), atol=1e-6)

words = Sequential([Embedding(9, 4, mask_zero=True), LSTM(3, return_sequences=True),
                    Bidirectional(GRU(2)), Dense(1)])
words.compile('rmsprop', 'mse')
words.fit(np.random.randint(9, size=(8, 5)), np.ones(8), epochs=1, verbose=0)
words.set_weights(words.get_weights())
assert keras.models.clone_model(words).count_params() == words.count_params()

try:
    Dense(output_dim=3)
except TypeError as error:
    assert 'unknown argument `output_dim`' in str(error), error
else:
    raise AssertionError
print('done')
"""


@pytest.fixture(scope="module")
def without_legacy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the library from which the room was taken away."""
    folder = tmp_path_factory.mktemp("without")
    ignored = shutil.ignore_patterns("legacy", "__pycache__")
    shutil.copytree(ROOT / "keras", folder / "keras", ignore=ignored)
    return folder


def test_generation_2_works(without_legacy: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    done = subprocess.run(command, cwd=without_legacy, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "done", done.stderr


def _imported(path: Path) -> set[str]:
    """The words of all modules and names that a file's import statements speak of."""
    words: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            texts = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            words.update(word for text in texts for word in text.split("."))
    return words


def test_nothing_but_the_door_imports_it() -> None:
    """`keras/__init__.py` opens the room if it is there, the commands' table names it as a text."""
    naming = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "keras").rglob("*.py")
        if "legacy" not in path.relative_to(ROOT).parts
        if "legacy" in _imported(path)
    }
    assert naming == {"keras/__init__.py"}
