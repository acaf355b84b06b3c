"""Reading a line of digits: a recurrent network and connectionist temporal classification.

Nobody says where in the picture a digit stands: CTC sums over all the ways in which the digits can
follow one another (Graves et al. 2006, "Connectionist temporal classification"). The loss is
computed by a Lambda layer; what reads afterwards is the same network without it.

    python examples/image_ocr.py --epochs 40
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from keras import backend as K
from keras.layers import GRU, Bidirectional, Conv2D, Dense, Input, Lambda, Permute, Reshape
from keras.models import Model
from keras.optimizers import Adam

PICTURE = Path(__file__).parent / "out" / "image_ocr.png"
# Five rows of three pixels for each digit.
FONT = (
    "### .#. ### ### #.# ### ### ### ### ###",
    "#.# ##. ..# ..# #.# #.. #.. ..# #.# #.#",
    "#.# .#. ### .## ### ### ### ..# ### ###",
    "#.# .#. #.. ..# ..# ..# #.# ..# #.# ..#",
    "### ### ### ### ..# ### ### ..# ### ###",
)
GLYPHS = np.array([[[c == "#" for c in g] for g in row.split()] for row in FONT]).swapaxes(0, 1)
ROWS, COLUMNS, LONGEST, CLASSES = 8, 32, 5, 11  # the eleventh class is CTC's blank


def written(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures (count, rows, columns, 1), their digits (count, longest), and how many there are."""
    x = np.random.normal(0, 0.15, (count, ROWS, COLUMNS, 1))
    labels = np.zeros((count, LONGEST), "int32")
    lengths = np.random.randint(1, LONGEST + 1, (count, 1))
    for i, (length,) in enumerate(lengths):
        labels[i, :length] = np.random.randint(0, 10, length)
        spare = COLUMNS - 4 * length
        at = np.random.randint(0, spare // 2 + 1)
        for digit in labels[i, :length]:
            top = np.random.randint(0, ROWS - 4)
            x[i, top : top + 5, at : at + 3, 0] += GLYPHS[digit]
            at += 4 + np.random.randint(0, max(spare // (2 * length), 1))
    return x.astype("float32"), labels, lengths


def ctc(arguments: list[object]) -> object:
    chances, labels, steps, lengths = arguments
    return K.ctc_batch_cost(labels, chances, steps, lengths)


def networks() -> tuple[Model, Model]:
    """What reads, and what trains it."""
    picture = Input((ROWS, COLUMNS, 1))
    y = Conv2D(24, 3, padding="same", activation="relu")(picture)
    y = Conv2D(24, 3, strides=(2, 1), padding="same", activation="relu")(y)
    y = Reshape((COLUMNS, -1))(Permute((2, 1, 3))(y))  # a column is a step of time
    y = Dense(48, activation="relu")(y)
    y = Bidirectional(GRU(32, return_sequences=True))(y)
    chances = Dense(CLASSES, activation="softmax")(y)
    labels, steps, lengths = Input((LONGEST,)), Input((1,)), Input((1,))
    loss = Lambda(ctc, output_shape=(1,))([chances, labels, steps, lengths])
    training = Model([picture, labels, steps, lengths], loss)
    training.compile(Adam(5e-3, clipnorm=5.0), lambda _, loss: loss)
    return Model(picture, chances), training


def read(model: Model, x: np.ndarray) -> list[list[int]]:
    """The digits of each picture."""
    chances = model.predict(x)
    steps = np.full(len(x), chances.shape[1])
    (decoded,), _ = K.ctc_decode(chances, steps, greedy=True)
    return [[int(d) for d in row if d >= 0] for row in K.eval(decoded)]


def draw(x: np.ndarray, wanted: list[list[int]], found: list[list[int]], file: Path) -> None:
    """Lines, and what was read; red where that is wrong."""
    figure, places = plt.subplots(5, 2, figsize=(8, 5), layout="constrained")
    for axes, line, right, digits in zip(places.flat, x, wanted, found, strict=False):
        axes.imshow(line[:, :, 0], cmap="gray_r")
        text = "read: " + " ".join(map(str, digits))
        if digits != right:
            text += "   is: " + " ".join(map(str, right))
        axes.set_title(text, fontsize="small", color="black" if digits == right else "red")
        axes.axis("off")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> tuple[list[float], float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--lines", type=int, default=1500)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    x, labels, lengths = written(given.lines)
    reader, training = networks()
    steps = np.full((len(x), 1), COLUMNS)
    history = training.fit(
        [x, labels, steps, lengths], np.zeros(len(x)), epochs=given.epochs, verbose=0
    )
    x, labels, lengths = written(200)
    found = read(reader, x)
    wanted = [list(row[:n]) for row, (n,) in zip(labels, lengths, strict=True)]
    right = float(np.mean([a == b for a, b in zip(found, wanted, strict=True)]))
    losses = history.history["loss"]
    print(f"loss: {losses[0]:.2f} at first, {losses[-1]:.2f} at last")
    for some, others in list(zip(wanted, found, strict=True))[:5]:
        print("written", *some, " read", *others)
    print(f"{right:.0%} of the lines are read without a mistake")
    draw(x, wanted, found, given.picture)
    return losses, right


if __name__ == "__main__":
    main()
