"""Runs inside another Keras, of Python 3.7 or later: loads files, predicts, trains a step.

Its argument is the folder that `classic_check.py` has filled. For each `NAME.h5` or `NAME.keras`
there is `NAME.npz` with the inputs `x0, x1, ...` and, if a step is to be trained, the targets
`y0, ...`. What came out is left in `NAME.out.npz`, or in `NAME.error` why nothing did.
"""

import sys
import traceback
import warnings
from pathlib import Path

import numpy as np

import keras


def numbered(arrays, letter):
    """The arrays `x0, x1, ...` as a model takes them."""
    found = [arrays[name] for name in sorted(arrays.files) if name[0] == letter]
    return found[0] if len(found) == 1 else found


def listed(value):
    """A list, also of one."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def results(path):
    """What this Keras makes of a file."""
    given = np.load(str(path.with_suffix(".npz")))
    model = keras.models.load_model(str(path))
    made = {f"w{i}": w for i, w in enumerate(model.get_weights())}
    try:
        predicted = model.predict(numbered(given, "x"), batch_size=64, verbose=0)
    except Exception as error:  # what TensorFlow can't compute on a CPU has still been loaded
        made["not_computed"] = np.array(str(error)[:200])
        return made
    made.update((f"p{i}", p) for i, p in enumerate(listed(predicted)))
    if any(name[0] == "y" for name in given.files):
        loss = model.train_on_batch(numbered(given, "x"), numbered(given, "y"))
        made["loss"] = np.array(loss)
        made.update((f"v{i}", w) for i, w in enumerate(model.get_weights()))
    return made


def main(folder):
    """Read all files of a folder."""
    warnings.simplefilter("ignore")
    print("Keras", keras.__version__, "on", keras.backend.backend(), "in Python", sys.version[:6])
    for path in sorted([*Path(folder).glob("*.h5"), *Path(folder).glob("*.keras")]):
        try:
            np.savez(str(path.with_suffix(".out.npz")), **results(path))
        except Exception:  # one file's failure is a finding, told by the caller
            path.with_suffix(".error").write_text(traceback.format_exc())
        keras.backend.clear_session()


if __name__ == "__main__":
    main(sys.argv[1])
