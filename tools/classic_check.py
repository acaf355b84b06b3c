"""Do other Kerases read our files, predict the same, and train on in the same way?

    python -m tools.classic_check [--keras 2] [--python PYTHON3.7] [--venv FOLDER] [--only WORD]

Makes an environment in FOLDER, once: of Python 3.7 with `keras==2.3.1 tensorflow==1.15.5 h5py<3
protobuf<4`, or with `--keras 3` one with Keras 3 on JAX. Writes a model for each layer of the
tables of the tests, nested and shared ones, and one for each optimizer with its state, as `.h5` or
`.keras`; and compares what is made of them there with what is made of them here.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Reader(NamedTuple):
    """Another Keras: its packages, the Python and the engine it runs on, and its files."""

    packages: list[str]
    python: str
    backend: str
    ending: str


READERS = {
    "2": Reader(
        ["keras==2.3.1", "tensorflow==1.15.5", "h5py<3", "protobuf<4", "numpy<1.19"],
        "python3.7",
        "tensorflow",
        ".h5",
    ),
    "3": Reader(["keras>=3.15,<4", "jax"], sys.executable, "jax", ".keras"),
}
PROGRAM = Path(__file__).with_name("classic_reader.py")

# What the others can't do with their own files either: a word of the message -> why.
LIMITS = {
    '"Flatten" is not fully defined': "it flattens known shapes only",
    "Contents: (None, 1, 4)": "its AlphaDropout takes no None in `noise_shape`",
    "not understood:', 'implementation'": "the argument came after 2.3.1",
    "/CudnnRNN]]": "it needs a GPU",
    "Unknown layer: ConvRNN2D": "it reads this class only as a custom object",
    "You must call `compile()`": "saving has said that it has no word for the optimizer",
}


def environment(folder: Path, python: str, packages: list[str]) -> Path:
    """The interpreter of an environment with another Keras; made if it isn't there."""
    made = folder / "bin" / "python"
    if not (folder / "installed").exists():
        subprocess.run([python, "-m", "venv", folder], check=True)
        subprocess.run([made, "-m", "pip", "install", "-q", *packages], check=True)
        (folder / "installed").touch()
    return made


# ---- models


def layer_models() -> Iterator[tuple[str, Any, list[Any]]]:
    """A model for each row of the table of layers."""
    from keras import layers
    from tests.layers.samples import SAMPLES

    for i, sample in enumerate(SAMPLES):
        if sample.layer is layers.Lambda:
            continue  # code of another Python, which the classic Keras can't read either
        layer = sample.make()
        yield f"layer{i:03}-{sample.layer.__name__}", sample.model(layer), sample.arrays()


def built_models() -> Iterator[tuple[str, Any, list[Any]]]:
    """Nested models, shared layers, several outputs, states as arguments, frozen parts."""
    from keras import layers, models

    def stack(**options: Any) -> Any:
        return models.Sequential(
            [layers.Dense(4, input_shape=(3,), activation="relu"), layers.BatchNormalization()],
            **options,
        )

    def array(*shape: int) -> Any:
        return np.random.standard_normal(shape).astype("float32")

    yield "stack", stack(name="stack"), [array(5, 3)]
    a, b = layers.Input((3,), name="a"), layers.Input((3,), name="b")
    shared, tower = layers.Dense(3, name="shared"), stack(name="tower")
    both = layers.concatenate([tower(shared(a)), tower(shared(b))])
    outputs = [layers.Dense(2, name="p")(both), layers.Dense(1, name="q")(both)]
    yield "shared", models.Model([a, b], outputs), [array(5, 3), array(5, 3)]
    tower = stack(name="frozen")
    tower.layers[1].trainable = False
    yield "frozen_inside", models.Sequential([tower, layers.Dense(2)]), [array(5, 3)]
    inner = models.Model(a, layers.Dense(3, name="inner")(a), name="graph")
    deep = models.Sequential(
        [models.Sequential([inner, layers.Dense(2)]), layers.Dense(3)], name="deep"
    )
    yield "nested", deep, [array(5, 3)]
    x = layers.Input((4, 3))
    _, h, c = layers.LSTM(2, return_state=True, name="encoder")(x)
    y = layers.LSTM(2, return_sequences=True, name="decoder")(x, initial_state=[h, c])
    yield "states", models.Model(x, y), [array(5, 4, 3)]
    names = [f"a_name_as_long_as_this_one_fills_the_header_soon_{i:04}" * 3 for i in range(450)]
    many = [layers.Dense(1, name=name, input_shape=(1,)) for name in names]
    yield "split_names", models.Sequential(many), [array(2, 1)]


def trained_models() -> Iterator[tuple[str, Any, list[Any], list[Any]]]:
    """A model for each optimizer, after some steps."""
    from keras import layers, models, optimizers

    kinds: list[tuple[str, dict[str, Any]]] = [
        ("SGD", {}),
        ("SGD", {"momentum": 0.9, "nesterov": True, "decay": 0.1}),
        ("RMSprop", {}),
        ("Adagrad", {}),
        ("Adadelta", {}),
        ("Adam", {}),
        ("Adam", {"amsgrad": True, "clipnorm": 0.5}),
        ("Adamax", {"clipvalue": 0.1}),
        ("Nadam", {}),
    ]
    for i, (kind, arguments) in enumerate(kinds):
        x = layers.Input((4, 3))
        h = layers.Conv1D(5, 2, activation="relu")(x)
        h = layers.LSTM(4)(layers.Bidirectional(layers.GRU(3, return_sequences=True))(h))
        model = models.Model(x, [layers.Dense(2)(h), layers.Dense(1, activation="sigmoid")(h)])
        loss = ["mse", "binary_crossentropy"]
        model.compile(getattr(optimizers, kind)(**arguments), loss, loss_weights=[1.0, 0.5])
        given = [np.random.standard_normal((6, 4, 3)).astype("float32")]
        wanted = [np.random.standard_normal((6, 2)), np.random.randint(0, 2, (6, 1))]
        wanted = [y.astype("float32") for y in wanted]
        for _ in range(3):
            model.train_on_batch(given, wanted)
        yield f"optimizer{i}-{kind}", model, given, wanted


# ---- writing and comparing


def results(model: Any, x: list[Any], y: list[Any]) -> dict[str, Any]:
    """What we make of a model, by the names that the reader uses."""
    made = {f"w{i}": w for i, w in enumerate(model.get_weights())}
    predicted = model.predict(x if len(x) > 1 else x[0], batch_size=64)
    predicted = predicted if isinstance(predicted, list) else [predicted]
    made.update((f"p{i}", p) for i, p in enumerate(predicted))
    if y:
        made["loss"] = np.array(model.train_on_batch(x, y)[:1])
        made.update((f"v{i}", w) for i, w in enumerate(model.get_weights()))
    return made


def a_step_later(path: Path, x: list[Any], y: list[Any]) -> dict[str, Any]:
    """The weights if the step counts as the next one: on TensorFlow that is left to chance there,
    since the counter is raised while it is read."""
    from keras import backend as K
    from keras.models import load_model

    model = load_model(path)
    model.train_on_batch(x, y)  # so that all is there; then back to the start
    again = load_model(path)
    model.set_weights(again.get_weights())
    model.optimizer.set_weights(again.optimizer.get_weights())
    K.set_value(model.optimizer.iterations, K.get_value(model.optimizer.iterations) + 1)
    model.train_on_batch(x, y)
    return {f"u{i}": w for i, w in enumerate(model.get_weights())}


def write(folder: Path, ending: str, only: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Save all models and their data; returns what we make of them, and what can't be saved."""
    from keras.saving import FileError

    expected, refused = {}, []
    rows: list[Any] = [(*row, []) for row in (*layer_models(), *built_models())]
    for name, model, x, y in [*rows, *trained_models()]:
        if only not in name:
            continue
        path = folder / f"{name}{ending}"
        try:
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                model.save(path)
        except FileError as error:
            refused.append(f"{name}: {error}")
            continue
        y = [] if any("Keras 3" in str(each.message) for each in said) else y
        arrays = {f"x{i}": a for i, a in enumerate(x)} | {f"y{i}": a for i, a in enumerate(y)}
        np.savez(folder / f"{name}.npz", **arrays)
        later = a_step_later(path, x, y) if y and ending == ".h5" else {}
        expected[name] = {**results(model, x, y), **later}
        if ending == ".keras":  # Keras 3 lists the weights of models in models in another order
            expected[name] = {k: v for k, v in expected[name].items() if k[0] != "w"}
    return expected, refused


def compared(folder: Path, name: str, expected: dict[str, Any]) -> str:
    """'' if the other Keras made the same of a file; in brackets what can't be compared."""
    error = folder / f"{name}.error"
    if error.exists():
        said = error.read_text().strip()
        reasons = [reason for word, reason in LIMITS.items() if word in said]
        return f"({reasons[0]})" if reasons else said.splitlines()[-1]
    with np.load(folder / f"{name}.out.npz") as got:
        skipped = "not_computed" in got
        for key, value in expected.items():
            if key[0] == "u" or (skipped and key[0] == "p"):
                continue
            if key not in got:
                return f"{key} is missing"
            either = [
                value,
                *(expected[k] for k in [f"u{key[1:]}"] if key[0] == "v" and k in expected),
            ]
            tolerance = 0.0 if key[0] == "w" else 2e-5
            theirs = got[key].reshape(-1)[:1] if key == "loss" else got[key]
            if not any(close(theirs, each, tolerance) for each in either):
                return f"{key} differs: {theirs.ravel()[:5]}, here {value.ravel()[:5]}"
        return "(weights only: it isn't computed on a CPU there)" if skipped else ""


def close(a: Any, b: Any, tolerance: float) -> bool:
    """Whether arrays agree."""
    return a.shape == b.shape and np.allclose(a, b, rtol=10 * tolerance, atol=tolerance)


def main() -> int:
    """Write, let read, compare; 1 if something differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--keras", choices=READERS, default="2", help="the generation that reads")
    parser.add_argument("--python", help="the Python to make its environment with")
    parser.add_argument("--venv", type=Path, help="its environment, kept for the next time")
    parser.add_argument("--files", type=Path, help="an empty folder that keeps the files")
    parser.add_argument("--only", default="", help="a word in the names of models")
    options = parser.parse_args()
    reader = READERS[options.keras]
    warnings.simplefilter("ignore")
    np.random.seed(0)
    with tempfile.TemporaryDirectory() as made:
        folder = options.files or Path(made) / "files"
        folder.mkdir(exist_ok=True)
        venv, python = options.venv or Path(made) / "other", options.python or reader.python
        other = environment(venv, python, reader.packages)
        expected, refused = write(folder, reader.ending, options.only)
        settings = {**os.environ, "KERAS_BACKEND": reader.backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [other, "-I", PROGRAM, folder]
        subprocess.run(command, check=True, env=settings, stderr=subprocess.DEVNULL)
        found = {name: compared(folder, name, each) for name, each in expected.items()}
    for name, said in found.items():
        print(f"{'ok  ' if not said or said[0] == '(' else 'FAIL'} {name} {said}")
    for each in refused:
        print(f"none {each}")
    wrong = [name for name, said in found.items() if said and said[0] != "("]
    print(f"{len(found) - len(wrong)} of {len(found)} files are read alike, {len(refused)} refused")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
