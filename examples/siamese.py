"""Are these two digits the same? One network looks at both; the distance of its answers says it.

The contrastive loss draws like to like and pushes others apart, up to a margin (Hadsell, Chopra
and LeCun 2006, "Dimensionality reduction by learning an invariant mapping").

    python examples/siamese.py --epochs 30
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from keras import backend as K
from keras.datasets import digits
from keras.layers import Conv2D, Dense, Dropout, Flatten, Input, Lambda
from keras.models import Model, Sequential

PICTURE = Path(__file__).parent / "out" / "siamese.png"
MARGIN = 1.0


def distance(pair: list[object]) -> object:
    """Euclid's, of each pair: (batch, 1)."""
    a, b = pair
    squares = K.sum(K.square(a - b), axis=1, keepdims=True)
    return K.sqrt(K.maximum(squares, K.epsilon()))


def contrastive_loss(same: object, far: object) -> object:
    return K.mean(same * K.square(far) + (1 - same) * K.square(K.maximum(MARGIN - far, 0)))


def accuracy(same: object, far: object) -> object:
    """How many pairs lie on the right side of half the margin."""
    return K.mean(K.equal(same, K.cast(far < MARGIN / 2, same.dtype)))


def network() -> Model:
    look = Sequential(
        [
            Conv2D(16, 3, activation="relu", input_shape=(8, 8, 1)),
            Conv2D(32, 3, activation="relu"),
            Flatten(),
            Dropout(0.1),
            Dense(64, activation="relu"),
            Dense(16),
        ]
    )
    one, other = Input((8, 8, 1)), Input((8, 8, 1))
    model = Model([one, other], Lambda(distance)([look(one), look(other)]))
    model.compile("adam", contrastive_loss, metrics=[accuracy])
    return model


def pairs(x: np.ndarray, y: np.ndarray, count: int) -> tuple[list[np.ndarray], np.ndarray]:
    """As many pairs of one digit as of two."""
    first = np.random.randint(0, len(x), count)
    same = np.arange(count) % 2
    second = [
        np.random.choice(np.flatnonzero((y == y[i]) == bool(s)))
        for i, s in zip(first, same, strict=True)
    ]
    return [x[first], x[second]], same.astype("float32").reshape(-1, 1)


def draw(
    x: list[np.ndarray], same: np.ndarray, far: np.ndarray, file: Path, shown: int = 8
) -> None:
    """How far apart pairs of both kinds are, and some pairs with their distance."""
    figure = plt.figure(figsize=(10, 3.6), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.2))
    axes = left.subplots()
    bins = np.linspace(0, far.max(), 40)
    axes.hist(far[same == 1], bins, alpha=0.6, label="the same digit")
    axes.hist(far[same == 0], bins, alpha=0.6, label="two digits")
    axes.axvline(MARGIN / 2, color="black", linestyle="--", linewidth=1)
    axes.set(xlabel="distance", ylabel="pairs", title="Pairs that were never seen")
    axes.legend()
    for column, place in enumerate(right.subplots(2, shown // 2).flat):
        place.imshow(np.hstack([a[column, :, :, 0] for a in x]), cmap="gray_r")
        right_side = (far[column] < MARGIN / 2) == same[column]
        place.set_title(f"{far[column]:.2f}", color="black" if right_side else "red")
        place.axis("off")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> float:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--pairs", type=int, default=4000)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    (x, y), (x_test, y_test) = digits.load_data()
    x, x_test = (a[..., np.newaxis].astype("float32") / 16 for a in (x, x_test))
    model = network()
    model.fit(*pairs(x, y, given.pairs), batch_size=64, epochs=given.epochs, verbose=0)
    x, same = pairs(x_test, y_test, 600)
    _, right = model.evaluate(x, same, verbose=0)
    print(f"{right:.1%} of the pairs of digits that were never seen are told apart")
    draw(x, same[:, 0], model.predict(x)[:, 0], given.picture)
    return float(right)


if __name__ == "__main__":
    main()
