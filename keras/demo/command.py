"""`python -m keras demo`, from the arguments to the last line."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

EPOCHS = 40
NEEDS = {"sklearn": "scikit-learn", "matplotlib": "matplotlib"}


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m keras demo",
        description="Train a small convolutional network on 1,437 real handwritten digits, "
        "measure it on 360 others, save it, load it in a second process, draw what it learned.",
    )
    parser.add_argument(
        "--epochs",
        type=int,
        default=EPOCHS,
        metavar="N",
        help=f"how often all images are seen ({EPOCHS})",
    )
    parser.add_argument(
        "--folder", type=Path, default=Path("demo"), help="where the files go (demo)"
    )
    read = parser.parse_args(given)
    if read.epochs < 1:
        parser.error(f"--epochs is at least 1, got {read.epochs}.")
    return read


def missing() -> str | None:
    """What to install before this can run, in a sentence."""
    absent = [package for module, package in NEEDS.items() if find_spec(module) is None]
    if not absent:
        return None
    return (
        f"The demo needs {' and '.join(absent)}: "
        'run `pip install "evergreen-keras[demo]"`, or in a clone `./do demo`.'
    )


def main(given: Sequence[str]) -> int:
    """The command; what it returns is the exit status."""
    read = arguments(given)
    problem = missing()
    if problem:
        print(problem, file=sys.stderr)
        return 1
    # Images of 8×8 leave a second thread nothing but waiting: with all cores it is no faster, and a
    # hundred times slower while another program holds one of them. Read when the engine is loaded.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    run(read.epochs, read.folder)
    return 0


def run(epochs: int, folder: Path) -> float:
    """All of it; the accuracy on the images held out."""
    from .. import backend as K
    from ..utils import plot_model
    from . import pictures
    from .digits import SEED, load_data, network

    start = time.perf_counter()
    folder.mkdir(parents=True, exist_ok=True)
    (x, y), (held_x, held_y) = load_data()
    np.random.seed(SEED)  # weights, dropout and the order of the batches: the same run each time

    print(f"Evergreen on {K.backend()}: {len(x):,} digits to learn from, {len(held_x)} held out.\n")
    model = network()
    model.summary()
    print()
    history = model.fit(x, y, batch_size=32, epochs=epochs, validation_split=0.1).history
    loss, accuracy = model.evaluate(held_x, held_y, verbose=0)
    print(f"\nOn the {len(held_x)} held-out digits: {accuracy:.1%} right, loss {loss:.3f}.")

    model_file = folder / "digits.h5"
    model.save(str(model_file))
    probabilities = model.predict(held_x)
    compare(probabilities, predictions_of_second_process(model_file))
    print("Saved, loaded in a second process: the predictions are equal, bit by bit.")

    pictures.curves(history, accuracy, folder / "curves.png")
    pictures.confusion_matrix(
        held_x, held_y.argmax(axis=1), probabilities, folder / "confusion_matrix.png"
    )
    plot_model(model, str(folder / "model.png"), show_shapes=True)
    print(f"\nMade in {time.perf_counter() - start:.0f} seconds:")
    for name, content in FILES.items():
        print(f"  {folder / name!s:<{len(str(folder)) + 22}} {content}")
    return float(accuracy)


FILES = {
    "curves.png": "loss and accuracy, epoch by epoch",
    "confusion_matrix.png": "which digits are taken for which, and the mistakes",
    "model.png": "the network's layers",
    "digits.h5": "the trained model: keras.models.load_model opens it",
}


def predictions_of_second_process(model_file: Path) -> np.ndarray:
    """What another process predicts, which has the file and nothing else."""
    with tempfile.TemporaryDirectory() as there:
        out = Path(there) / "predictions.npy"
        command = [sys.executable, "-m", "keras.demo.second", str(model_file), str(out)]
        subprocess.run(command, check=True)
        predictions: np.ndarray = np.load(out)
    return predictions


def compare(first: np.ndarray, second: np.ndarray) -> None:
    """Raise where the loaded model says another thing than the one that was saved."""
    if not np.array_equal(first, second):
        difference = np.abs(first - second).max() if first.shape == second.shape else np.inf
        raise RuntimeError(
            f"The loaded model predicts otherwise than the saved one (up to {difference:.3g}). "
            "That is a defect of Evergreen: please report it."
        )
