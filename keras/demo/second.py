"""A process that knows nothing but the file: `python -m keras.demo.second MODEL OUT`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from ..models import load_model
from .digits import load_data


def predict(model_file: Path, predictions_file: Path) -> None:
    """Load the model, predict the images held out, and write down what came out."""
    model = load_model(str(model_file))
    _, (x, _) = load_data()
    np.save(predictions_file, model.predict(x))


if __name__ == "__main__":
    predict(Path(sys.argv[1]), Path(sys.argv[2]))
