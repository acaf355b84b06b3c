"""What was learnt on the digits 0 to 4 helps with 5 to 9: layers are frozen, the rest trained anew.

There are 700 examples of the first five digits and three of each of the others. Convolutions that
have learnt on the many are kept as they are, and only the last layer learns from the few. The same
with convolutions that were never trained is what has to be beaten: expect 89 % of the digits right
against 80 %, means of four choices of the few, after 30 seconds. On pictures as small as these,
training all the weights gets as far; but it trains six times as many.

    python examples/transfer_learning.py --each 10
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from keras.datasets import digits
from keras.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from keras.models import Sequential

PICTURE = Path(__file__).parent / "out" / "transfer_learning.png"


def features() -> list[object]:
    """The layers that look at the picture."""
    return [
        Conv2D(32, 3, padding="same", activation="relu", input_shape=(8, 8, 1)),
        Conv2D(32, 3, padding="same", activation="relu"),
        MaxPooling2D(),
        Conv2D(64, 3, padding="same", activation="relu"),
        Flatten(),
        Dropout(0.3),
    ]


def freeze(layers: list[object]) -> list[object]:
    for layer in layers:
        layer.trainable = False
    return layers


def compiled(layers: list[object]) -> Sequential:
    """A network of these layers and a new one that names one of five digits."""
    model = Sequential([*layers, Dense(5, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def few(y: np.ndarray, each: int) -> np.ndarray:
    """The places of that many digits of each kind."""
    return np.concatenate(
        [np.random.choice(np.flatnonzero(y == n), each, replace=False) for n in range(5)]
    )


def draw(curves: dict[str, np.ndarray], x: np.ndarray, file: Path) -> None:
    """How each learns from the few digits, and these."""
    figure, (axes, beside) = plt.subplots(
        1, 2, figsize=(9, 3.8), width_ratios=(1.6, 1), layout="constrained"
    )
    for name, runs in curves.items():
        mean = 100 * runs.mean(axis=0)
        epochs = np.arange(1, len(mean) + 1)
        (line,) = axes.plot(epochs, mean, label=f"{name}: {mean[-1]:.1f} %")
        low, high = 100 * runs.min(axis=0), 100 * runs.max(axis=0)
        axes.fill_between(epochs, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    axes.set(xlabel="epoch on the few", title="5 to 9, never seen, read right, %", ylim=(15, 100))
    axes.legend(loc="lower right")
    rows = x[:, :, :, 0].reshape(5, -1, 8, 8)[:, :10]
    rows = np.pad(rows, ((0, 0), (0, 0), (1, 1), (1, 1)))
    beside.imshow(np.block([list(row) for row in rows]), cmap="gray_r")
    beside.set_title("The few of one choice")
    beside.axis("off")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=30, help="on the few")
    parser.add_argument("--each", type=int, default=3, help="how many there are of each of the few")
    parser.add_argument("--choices", type=int, default=4, help="how often the few are chosen")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    (x, y), (x_test, y_test) = digits.load_data()
    x, x_test = (a[..., np.newaxis] / 16.0 for a in (x, x_test))
    x_many, y_many = x[y < 5], y[y < 5]
    x, y, x_test, y_test = x[y >= 5], y[y >= 5] - 5, x_test[y_test >= 5], y_test[y_test >= 5] - 5

    learnt = features()
    compiled(learnt).fit(x_many, y_many, batch_size=32, epochs=8, verbose=0)
    freeze(learnt)

    curves: dict[str, list[list[float]]] = {
        "learnt, frozen": [],
        "random, frozen": [],
        "all trained": [],
    }
    for _ in range(given.choices):
        chosen = few(y, given.each)
        beginnings = (learnt, freeze(features()), features())
        for name, layers in zip(curves, beginnings, strict=True):
            history = compiled(layers).fit(
                x[chosen],
                y[chosen],
                batch_size=5,
                epochs=given.epochs,
                verbose=0,
                validation_data=(x_test, y_test),
            )
            curves[name].append(history.history["val_accuracy"])
    means = {name: float(np.mean([run[-1] for run in runs])) for name, runs in curves.items()}
    print(f"{given.each} examples of each of 5 to 9; right of those never seen:")
    for name, share in means.items():
        print(f"  {name}: {share:.1%}")
    draw({name: np.array(runs) for name, runs in curves.items()}, x[chosen], given.picture)
    return means["learnt, frozen"], means["random, frozen"]


if __name__ == "__main__":
    main()
