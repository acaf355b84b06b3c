"""Sums learnt as a language: "47+85" is read, and "132" is written, letter by letter.

One LSTM reads the question; its last states are where a second one starts, which writes the answer
(Sutskever, Vinyals and Le 2014, arXiv:1409.3215). In training the writer sees the right letters so
far, afterwards its own: for that, the same layers are put together to two other models. 4,000 of
the 10,000 sums of two numbers below 100 are taught. The nearest sum that was taught is an answer
too, and almost always wrong; the network gets nine out of ten or more of those never seen right,
after 30 seconds.

    python examples/seq2seq_addition.py --epochs 100
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap

from keras.layers import LSTM, Dense, Input
from keras.models import Model
from keras.optimizers import Adam

PICTURE = Path(__file__).parent / "out" / "seq2seq_addition.png"
LETTERS = "0123456789+ <>"  # "<" begins an answer, ">" ends it
ASKED, ANSWERED = len("99+99"), len("198>")


def coded(texts: list[str]) -> np.ndarray:
    """Texts of one length as ones among zeros: (texts, length, letters)."""
    return np.eye(len(LETTERS))[[[LETTERS.index(c) for c in text] for text in texts]]


def questions(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return coded([f"{m}+{n}".ljust(ASKED) for m, n in zip(a, b, strict=True)])


def answers(sums: np.ndarray) -> np.ndarray:
    return coded([f"{n}>".ljust(ANSWERED) for n in sums])


def networks(units: int) -> tuple[Model, Model, Model]:
    """What is trained; its reader; and its writer, a letter at a time."""
    asked = Input(shape=(None, len(LETTERS)))
    _, *states = LSTM(units, return_state=True)(asked)

    so_far = Input(shape=(None, len(LETTERS)))
    write = LSTM(units, return_sequences=True, return_state=True)
    choose = Dense(len(LETTERS), activation="softmax")
    y, *_ = write(so_far, initial_state=states)
    training = Model([asked, so_far], choose(y))
    training.compile(
        optimizer=Adam(lr=0.003), loss="categorical_crossentropy", metrics=["accuracy"]
    )

    reader = Model(asked, states)
    given = [Input(shape=(units,)), Input(shape=(units,))]
    y, *then = write(so_far, initial_state=given)
    writer = Model([so_far, *given], [choose(y), *then])
    return training, reader, writer


def solved(reader: Model, writer: Model, asked: np.ndarray) -> list[str]:
    """The answers, each up to its end."""
    states = reader.predict(asked)
    letter = coded(["<"] * len(asked))
    found = [""] * len(asked)
    for _ in range(ANSWERED):
        chances, *states = writer.predict([letter, *states])
        likeliest = chances[:, 0].argmax(axis=1)
        found = [text + LETTERS[i] for text, i in zip(found, likeliest, strict=True)]
        letter = np.eye(len(LETTERS))[likeliest][:, np.newaxis]
    return [text.split(">")[0] for text in found]


def nearest(a: np.ndarray, b: np.ndarray, taught: np.ndarray) -> np.ndarray:
    """The sum of the pair of numbers that was taught and is nearest to each pair."""
    known = np.argwhere(taught)
    apart = (a[:, np.newaxis] - known[:, 0]) ** 2 + (b[:, np.newaxis] - known[:, 1]) ** 2
    return known[apart.argmin(axis=1)].sum(axis=1)


def draw(accuracy: list[float], taught: np.ndarray, right: np.ndarray, file: Path) -> None:
    """The curve of training, and which of all sums are right."""
    figure, (curve, square) = plt.subplots(
        1, 2, figsize=(10, 4.4), width_ratios=(1, 1.2), layout="constrained"
    )
    curve.plot(np.arange(1, len(accuracy) + 1), 100 * np.array(accuracy))
    curve.set(xlabel="epoch", title="Letters guessed right in training, %")
    kinds = np.where(taught, np.where(right, 0, 1), np.where(right, 2, 3))
    colours = ListedColormap(["#e4e4e4", "#8c8c8c", "#7fb5d5", "#d1495b"])
    names = ["taught, right", "taught, wrong", "new, right", "new, wrong"]
    square.imshow(kinds, cmap=colours, vmin=0, vmax=3, origin="lower", interpolation="nearest")
    square.set(xlabel="second number", ylabel="first number", title="All sums")
    patches = [plt.Rectangle((0, 0), 1, 1, color=colours(i)) for i in range(4)]
    square.legend(patches, names, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--below", type=int, default=100, help="all numbers are")
    parser.add_argument("--taught", type=int, default=4000, help="how many sums are taught")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    a, b = (n.ravel() for n in np.mgrid[: given.below, : given.below])
    taught = np.random.permutation(len(a)) < given.taught
    asked, answered = questions(a, b), answers(a + b)
    so_far = np.concatenate([coded(["<"] * len(a)), answered[:, :-1]], axis=1)
    training, reader, writer = networks(128)
    history = training.fit(
        [asked[taught], so_far[taught]],
        answered[taught],
        batch_size=64,
        epochs=given.epochs,
        verbose=0,
    )

    found = solved(reader, writer, asked)
    right = np.array([text == str(m + n) for text, m, n in zip(found, a, b, strict=True)])
    for i in np.flatnonzero(~taught)[:: len(a) // 12]:
        print(f"{a[i]} + {b[i]} = {found[i]}", "" if right[i] else f"(no: {a[i] + b[i]})")
    square = (given.below, given.below)
    guessed = nearest(a[~taught], b[~taught], taught.reshape(square))
    share, baseline = float(right[~taught].mean()), float((guessed == (a + b)[~taught]).mean())
    print(
        f"right of the sums never seen: {share:.1%}; by the nearest that was taught: {baseline:.1%}"
    )
    draw(history.history["accuracy"], taught.reshape(square), right.reshape(square), given.picture)
    return share, baseline


if __name__ == "__main__":
    main()
