"""Digits from two numbers: a variational autoencoder (Kingma and Welling 2013, arXiv:1312.6114).

The loss belongs to the model rather than to its output, so `add_loss` takes it, and `fit` gets no
targets. The decoder is a model of its own afterwards, which draws new digits.

    python examples/variational_autoencoder.py --epochs 200
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from keras import backend as K
from keras.datasets import digits
from keras.layers import Dense, Input, Lambda
from keras.models import Model

PICTURE = Path(__file__).parent / "out" / "variational_autoencoder.png"
PIXELS, HIDDEN, CODE = 64, 64, 2


def drawn(arguments: list[object]) -> object:
    """A sample of the normal distribution with this mean and this logarithm of the variance."""
    mean, log_variance = arguments
    noise = K.random_normal(K.shape(mean))
    return mean + K.exp(log_variance / 2) * noise


def networks() -> tuple[Model, Model, Model]:
    """Encoder, decoder, and both in a row, compiled."""
    picture = Input((PIXELS,))
    hidden = Dense(HIDDEN, activation="relu")(picture)
    mean, log_variance = Dense(CODE)(hidden), Dense(CODE)(hidden)
    code = Lambda(drawn)([mean, log_variance])
    encoder = Model(picture, mean)

    given = Input((CODE,))
    hidden = Dense(HIDDEN, activation="relu")(given)
    decoder = Model(given, Dense(PIXELS, activation="sigmoid")(hidden))

    again = decoder(code)
    model = Model(picture, again)
    wrong_pixels = PIXELS * K.mean(K.binary_crossentropy(picture, again), axis=-1)
    surprise = K.sum(K.exp(log_variance) + K.square(mean) - 1 - log_variance, axis=-1) / 2
    model.add_loss(K.mean(wrong_pixels + surprise))
    model.compile("adam")
    return encoder, decoder, model


def draw(codes: np.ndarray, y: np.ndarray, decoder: Model, file: Path, side: int = 11) -> None:
    """Where the digits lie among the two numbers, and what is drawn from there."""
    figure, (plane, drawn_again) = plt.subplots(1, 2, figsize=(10, 4.6), layout="constrained")
    dots = plane.scatter(*codes.T, c=y, cmap="tab10", vmin=-0.5, vmax=9.5, s=12)
    figure.colorbar(dots, ax=plane, ticks=range(10), label="digit")
    plane.set(title="Digits never seen, as two numbers", xlim=(-3, 3), ylim=(-3, 3))
    line = np.linspace(-2, 2, side)
    places = np.array([[a, b] for b in line[::-1] for a in line])
    pictures = decoder.predict(places).reshape(side, side, 8, 8)
    pictures = np.pad(pictures, ((0, 0), (0, 0), (1, 1), (1, 1)))
    drawn_again.imshow(np.block([list(row) for row in pictures]), cmap="gray_r")
    drawn_again.set(title="Drawn from -2 to 2 of both numbers")
    drawn_again.axis("off")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> tuple[list[float], float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    (x, _), (x_test, y_test) = digits.load_data()
    x, x_test = (a.reshape(-1, PIXELS).astype("float32") / 16 for a in (x, x_test))
    encoder, decoder, model = networks()
    history = model.fit(x, batch_size=32, epochs=given.epochs, verbose=0)
    codes = encoder.predict(x_test)
    apart = np.sum((codes[:, np.newaxis] - codes) ** 2, -1) + np.diag([np.inf] * len(codes))
    same = float(np.mean(y_test[apart.argmin(1)] == y_test))
    losses = history.history["loss"]
    print(f"loss: {losses[0]:.2f} at first, {losses[-1]:.2f} at last")
    print(f"digits whose nearest code is of the same class: {same:.0%}")
    draw(codes, y_test, decoder, given.picture)
    return losses, same


if __name__ == "__main__":
    main()
