"""Digits from two numbers: a variational autoencoder (Kingma and Welling 2013, arXiv:1312.6114).

The loss belongs to the model rather than to its output, so `add_loss` takes it, and `fit` gets no
targets. The decoder is a model of its own afterwards, which draws new digits.

    python examples/variational_autoencoder.py --epochs 60
"""

from __future__ import annotations

import argparse

import numpy as np

from keras import backend as K
from keras.datasets import digits
from keras.layers import Dense, Input, Lambda
from keras.models import Model

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


def main(arguments: list[str] | None = None) -> tuple[list[float], float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=20)
    given = parser.parse_args(arguments)
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
    for row in decoder.predict(np.array([[0.0, 0.0]])).reshape(8, 8):
        print("".join(" .:-=+*#%@"[int(p * 9.99)] * 2 for p in row))
    return losses, same


if __name__ == "__main__":
    main()
