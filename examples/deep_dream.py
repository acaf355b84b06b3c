"""A picture changed until the inner layers of a network see more of what they look for.

Each step climbs the gradient of the layers' activity with respect to the pixels, first on a small
copy of the picture, then on larger ones (Mordvintsev, Olah and Tyka 2015).

    python examples/deep_dream.py --steps 30
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

from keras import backend as K
from keras.layers import Conv2D, MaxPooling2D
from keras.models import Sequential

PICTURE = Path(__file__).parent / "out" / "deep_dream.png"
WANTED = {"first": 0.5, "second": 1.0}  # how much the activity of a layer counts


def network() -> Sequential:
    """What looks at the picture; its kernels are random, and any trained network would do."""
    return Sequential(
        [
            Conv2D(12, 5, activation="relu", name="first", input_shape=(None, None, 3)),
            MaxPooling2D(),
            Conv2D(24, 3, activation="relu", name="second"),
        ]
    )


def activity_of(model: Sequential) -> object:
    """A function of a picture that returns how active the layers are, and the gradient of that."""
    total = sum(
        weight * K.mean(K.square(model.get_layer(name).output[:, 1:-1, 1:-1]))
        for name, weight in WANTED.items()
    )
    (slope,) = K.gradients(total, model.input)
    slope /= K.maximum(K.mean(K.abs(slope)), K.epsilon())
    return K.function([model.input], [total, slope])


def resized(picture: np.ndarray, size: int) -> np.ndarray:
    """The nearest pixels: (1, rows, columns, 3) -> (1, size, size, 3)."""
    rows, columns = (np.arange(size) * n // size for n in picture.shape[1:3])
    return picture[:, rows][:, :, columns]


def dream(picture: np.ndarray, steps: int, step: float = 0.01) -> tuple[np.ndarray, list[float]]:
    """The picture, and the activity at the beginning and at the end."""
    climb = activity_of(network())
    size = picture.shape[1]
    before = float(climb([picture])[0])
    dreamt = resized(picture, size // 2)
    for now in (size // 2, size * 3 // 4, size):
        blurred = resized(resized(picture, dreamt.shape[1]), now)
        dreamt = resized(dreamt, now) + resized(picture, now) - blurred  # with its details
        for _ in range(steps):
            _, slope = climb([dreamt])
            dreamt = dreamt + step * slope
    return dreamt, [before, float(climb([dreamt])[0])]


def draw(pictures: dict[str, np.ndarray], file: Path) -> None:
    figure, places = plt.subplots(1, len(pictures), figsize=(9, 4.6), layout="constrained")
    for axes, (name, picture) in zip(places, pictures.items(), strict=True):
        axes.imshow(np.clip((picture[0] + 1) / 2, 0, 1))
        axes.set_title(name)
        axes.axis("off")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> list[float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=180)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    flower = load_sample_image("flower.jpg")[40:400, 120:480] / 127.5 - 1
    picture = resized(flower[np.newaxis], given.size)
    dreamt, activity = dream(picture, given.steps)
    print(f"activity: {activity[0]:.4g} before, {activity[1]:.4g} after")
    draw({"a flower": picture, "dreamt": dreamt}, given.picture)
    return activity


if __name__ == "__main__":
    main()
