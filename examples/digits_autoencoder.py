"""Digits squeezed into six numbers and drawn again: an autoencoder against principal components.

The encoder and the decoder are models of their own, trained as one to give back what they get.
Principal components do the same with straight lines only; with as many numbers they leave twice
the error. Takes about 8 seconds.

    python examples/digits_autoencoder.py --code 2
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from keras.datasets import digits
from keras.layers import Dense, Input
from keras.models import Model

PICTURE = Path(__file__).parent / "out" / "digits_autoencoder.png"
PIXELS = 64


def networks(code: int) -> tuple[Model, Model, Model]:
    """Encoder, decoder, and both in a row, compiled."""
    picture = Input(shape=(PIXELS,))
    y = Dense(128, activation="relu")(picture)
    y = Dense(64, activation="relu")(y)
    encoder = Model(picture, Dense(code)(y))

    numbers = Input(shape=(code,))
    y = Dense(64, activation="relu")(numbers)
    y = Dense(128, activation="relu")(y)
    decoder = Model(numbers, Dense(PIXELS, activation="sigmoid")(y))

    autoencoder = Model(picture, decoder(encoder(picture)))
    autoencoder.compile(optimizer="adam", loss="mse")
    return encoder, decoder, autoencoder


def principal_components(x: np.ndarray, x_test: np.ndarray, count: int) -> np.ndarray:
    """`x_test` as it comes back from that many components of `x`."""
    mean = x.mean(axis=0)
    _, _, directions = np.linalg.svd(x - mean, full_matrices=False)
    kept = directions[:count]
    return mean + (x_test - mean) @ kept.T @ kept


def draw(rows: dict[str, np.ndarray], file: Path, shown: int = 12) -> None:
    """One digit a column: as it was, and as each of the two gives it back."""
    figure, axes = plt.subplots(len(rows), shown, figsize=(9, 2.9), layout="constrained")
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        for place, picture in zip(line, pictures, strict=False):
            place.imshow(picture.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            place.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--code", type=int, default=6, help="how many numbers a digit becomes")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    (x, _), (x_test, _) = digits.load_data()
    x, x_test = (a.reshape(-1, PIXELS) / 16.0 for a in (x, x_test))
    encoder, decoder, autoencoder = networks(given.code)
    autoencoder.fit(x, x, batch_size=32, epochs=given.epochs, verbose=0)

    codes = encoder.predict(x_test)
    again = decoder.predict(codes)
    straight = principal_components(x, x_test, given.code)
    errors = [float(np.mean((x_test - y) ** 2)) for y in (again, straight)]
    print(f"{PIXELS} pixels -> {codes.shape[1]} numbers -> {PIXELS} pixels")
    print("mean squared error: autoencoder {:.4f}, principal components {:.4f}".format(*errors))
    rows = {"digit": x_test, "autoencoder": again, "principal\ncomponents": straight}
    draw(rows, given.picture)
    return errors[0], errors[1]


if __name__ == "__main__":
    main()
