"""Two inputs, two outputs: what cells look like, the diagnosis and their largest measurements.

569 women had cells of the breast put under a microscope. Of ten measurements of their nuclei
(radius, texture, ...) the data hold the mean, its standard error and the mean of the worst three
(Street, Wolberg and Mangasarian 1993; it comes with scikit-learn). A branch reads the means,
another one the errors; from both come the chance that the tumour is malignant, and the worst values
of all ten. Inputs, targets, losses and their weights go by names. Expect 95 % right diagnoses,
where the most frequent one would be 62 %, and 90 % of the variance of the worst values, after 5
seconds.

    python examples/multi_input_output.py --epochs 200
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer

from keras.layers import Dense, Dropout, Input, concatenate
from keras.models import Model
from keras.optimizers import Adam

PICTURE = Path(__file__).parent / "out" / "multi_input_output.png"


def load_data() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], int]:
    """Inputs and targets by name, and how many of the rows are for training.

    Measurements are on a scale of their own each: less the mean, over the standard deviation.
    """
    found = load_breast_cancer()
    order = np.random.permutation(len(found.target))
    count = len(order) * 2 // 3
    measured = np.log(found.data[order] + 1e-3)  # areas and concavities span powers of ten
    measured -= measured[:count].mean(axis=0)
    measured /= measured[:count].std(axis=0)
    mean, error, worst = np.split(measured, 3, axis=1)
    malignant = 1 - found.target[order]
    return {"mean": mean, "error": error}, {"malignant": malignant, "worst": worst}, count


def network() -> Model:
    mean = Input(shape=(10,), name="mean")
    error = Input(shape=(10,), name="error")
    y = concatenate([Dense(32, activation="relu")(mean), Dense(16, activation="relu")(error)])
    y = Dropout(0.2)(Dense(32, activation="relu")(y))
    malignant = Dense(1, activation="sigmoid", name="malignant")(y)
    worst = Dense(10, name="worst")(concatenate([y, mean]))
    model = Model(inputs=[mean, error], outputs=[malignant, worst])
    model.compile(
        optimizer=Adam(lr=3e-3),
        loss={"malignant": "binary_crossentropy", "worst": "mse"},
        loss_weights={"malignant": 1.0, "worst": 0.5},
        metrics={"malignant": "accuracy"},
    )
    return model


def draw(
    malignant: np.ndarray, chance: np.ndarray, worst: np.ndarray, told: np.ndarray, file: Path
) -> None:
    """The chances of both diagnoses, and the worst radii as told and as they are."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    for kind, name in enumerate(("benign", "malignant")):
        of_kind = malignant == kind
        left.hist(chance[of_kind], np.linspace(0, 1, 21), alpha=0.6, label=f"is {name}")
        right.scatter(worst[of_kind, 0], told[of_kind, 0], s=12, alpha=0.6, label=f"is {name}")
    left.set(xlabel="chance of malignant, as told", ylabel="women", yscale="log")
    left.set_title("First output: the diagnosis")
    left.legend()
    ends = [worst[:, 0].min(), worst[:, 0].max()]
    right.plot(ends, ends, color="gray", linewidth=1)
    right.set(xlabel="as measured, in standard deviations", ylabel="as told")
    right.set_title("Second output: the worst radius")
    right.legend()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> tuple[float, float, float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    inputs, targets, count = load_data()
    model = network()
    model.fit(
        {name: x[:count] for name, x in inputs.items()},
        {name: y[:count] for name, y in targets.items()},
        batch_size=32,
        epochs=given.epochs,
        verbose=0,
    )

    malignant, worst = (targets[name][count:] for name in model.output_names)
    chance, told = model.predict({name: x[count:] for name, x in inputs.items()})
    chance = chance[:, 0]
    right = float(np.mean((chance > 0.5) == malignant))
    frequent = float(max(malignant.mean(), 1 - malignant.mean()))
    explained = float(1 - np.mean((worst - told) ** 2) / np.mean(worst**2))
    print(
        f"diagnoses: {right:.1%} of {len(malignant)} are right; the most frequent: {frequent:.1%}"
    )
    print(f"worst values: {explained:.0%} of the variance is explained; by the mean: 0%")
    draw(malignant, chance, worst, told, given.picture)
    return right, frequent, explained


if __name__ == "__main__":
    main()
