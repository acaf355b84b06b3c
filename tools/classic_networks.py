"""Are the networks of `keras.applications` those of the classic Keras 2.3.1, number by number?

    python -m tools.classic_networks [--python PYTHON3.7] [--venv FOLDER] [NAME ...]

Builds each in both, gives both the same weights, and compares names of layers, shapes of weights,
features and prediction for an image of the network's own size. The environment of the classic Keras
is that of `classic_check.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from tools.classic_check import READERS, environment

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Path(__file__).with_name("network_results.py")
NAMES = (
    "DenseNet121 DenseNet169 DenseNet201 InceptionResNetV2 InceptionV3 MobileNet MobileNetV2 "
    "NASNetLarge NASNetMobile ResNet101 ResNet101V2 ResNet152 ResNet152V2 ResNet50 ResNet50V2 "
    "VGG16 VGG19 Xception"
)
TOLERANCE = 1e-4  # of the greatest number; sums are in another order


def run(python: Path, file: Path, names: list[str], **variables: str) -> dict[str, Any]:
    """What one Keras makes of the networks."""
    settings = {"KERAS_HOME": str(file.parent), **variables}
    command: list[str | Path] = [python, SCRIPT, file, *names]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{python} failed:\n{done.stderr[-2000:]}")
    with np.load(file) as found:
        return dict(found)


def compared(name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[bool, str]:
    """Whether a network is the same in both; how well they agree, or what differs first."""
    for key in ("layers", "shapes"):
        a, b = (json.loads(str(each[f"{name}.{key}"])) for each in (ours, theirs))
        wrong = [(x, y) for x, y in zip(a, b, strict=False) if x != y]
        if wrong or len(a) != len(b):
            first = f"{wrong[0][0]}, there {wrong[0][1]}" if wrong else ""
            return False, f"{key}: {len(a)} here, {len(b)} there; {first}"
    said, equal = [], True
    for key in ("features", "prediction"):
        a, b = ours[f"{name}.{key}"], theirs[f"{name}.{key}"]
        error = float(np.abs(a - b).max() / np.abs(b).max())
        equal = equal and error <= TOLERANCE  # not if it is NaN
        said.append(f"{key} by at most {error:.1e} (from {b.min():.1e} to {b.max():.1e})")
    return equal, f"{'equal' * equal or 'other numbers'}; they differ: {', '.join(said)}"


def main() -> int:
    """Compare the networks that are asked for, all by default."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", default="python3.7", help="an interpreter of Python 3.7")
    parser.add_argument("--venv", type=Path, default=Path.home() / ".cache/classic-keras")
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args()
    names = given.names or NAMES.split()
    classic = environment(given.venv, given.python, READERS["2"].packages)
    wrong = 0
    for name in names:  # one at a time: the largest take gigabytes
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            theirs = run(
                classic, place / "theirs.npz", [name], KERAS_BACKEND="tensorflow", PYTHONPATH=""
            )
            ours = run(
                Path(sys.executable),
                place / "ours.npz",
                [name],
                KERAS_BACKEND="torch",
                PYTHONPATH=str(ROOT),
            )
        equal, said = compared(name, ours, theirs)
        wrong += not equal
        print(f"{name:20} {said}", flush=True)
    print(f"{len(names) - wrong} of {len(names)} networks are those of the classic Keras")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
