"""Text written letter by letter, by an LSTM that has read a part of Python's manual.

The manual's chapters come with Python (`pydoc_data`, what `help("while")` shows). After 40 letters
the network says how likely each letter is to be the next one; drawn from these chances, one letter
after the other, comes new text. A table of which letter follows which two needs 3.0 bits to tell
the next letter of text that nobody has seen; the network should need 2.3, after 30 seconds.

    python examples/text_generation.py --epochs 12
"""

from __future__ import annotations

import argparse
import textwrap
from pathlib import Path
from pydoc_data.topics import topics

import matplotlib.pyplot as plt
import numpy as np

from keras.callbacks import LambdaCallback
from keras.layers import LSTM, Dense, Embedding
from keras.models import Sequential
from keras.optimizers import Adam

PICTURE = Path(__file__).parent / "out" / "text_generation.png"
WINDOW = 40
TEMPERATURES = (0.3, 0.6, 1.0)


def manual(letters: int) -> str:
    """The beginning of the manual: small letters, digits, the usual signs, one blank at a time."""
    text = " ".join(" ".join(topics[name].split()) for name in sorted(topics)).lower()
    text = "".join(c for c in text if c.isascii() and (c.isalnum() or c in " .,:;()[]='\"-_*"))
    return text[:letters]


def windows(numbers: np.ndarray, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Stretches of letters (n, WINDOW), and the letter that follows each letter (n, WINDOW, 1)."""
    starts = np.arange(0, len(numbers) - WINDOW, step)
    stretches = numbers[starts[:, np.newaxis] + np.arange(WINDOW + 1)]
    return stretches[:, :-1], stretches[:, 1:, np.newaxis]


def network(letters: int) -> Sequential:
    model = Sequential()
    model.add(Embedding(letters, 24))
    model.add(LSTM(128, return_sequences=True))
    model.add(Dense(letters, activation="softmax"))
    model.compile(loss="sparse_categorical_crossentropy", optimizer=Adam(lr=5e-3))
    return model


def bits_of_table(numbers: np.ndarray, test: np.ndarray, letters: int) -> float:
    """How many bits a letter costs to whom knows how often each follows each two letters."""
    counts = np.zeros((letters, letters, letters))
    np.add.at(counts, (numbers[:-2], numbers[1:-1], numbers[2:]), 1)
    pairs = counts.sum(axis=0) + 0.1  # where three were never seen, two decide, and there one
    chances = counts + 2 * (pairs / pairs.sum(axis=1, keepdims=True))
    chances /= chances.sum(axis=2, keepdims=True)
    return float(-np.log2(chances[test[:-2], test[1:-1], test[2:]]).mean())


def drawn(chances: np.ndarray, temperature: float) -> int:
    """A letter: the likeliest ones at a low temperature, surprising ones at a high one."""
    weights = np.exp(np.log(np.maximum(chances.astype("float64"), 1e-12)) / temperature)
    return int(np.random.choice(len(weights), p=weights / weights.sum()))


def written(model: Sequential, start: np.ndarray, length: int, temperature: float) -> list[int]:
    """The letters that the network adds to the given ones."""
    letters = list(start)
    for _ in range(length):
        chances = model.predict(np.array([letters[-WINDOW:]]))[0, -1]
        letters.append(drawn(chances, temperature))
    return letters[len(start) :]


def draw(bits: list[float], table: float, texts: dict[float, str], file: Path) -> None:
    """The bits that a letter costs, epoch by epoch, and what was written."""
    figure, (curve, page) = plt.subplots(
        1, 2, figsize=(11, 4), width_ratios=(1, 1.6), layout="constrained"
    )
    curve.plot(np.arange(1, len(bits) + 1), bits, "o-", label=f"LSTM: {bits[-1]:.2f}")
    curve.axhline(table, color="gray", linestyle="--", label=f"table of three letters: {table:.2f}")
    curve.set(xlabel="epoch", title="Bits to tell the next letter")
    curve.xaxis.get_major_locator().set_params(integer=True)
    curve.legend()
    page.axis("off")
    blocks = [
        f"temperature {temperature}\n" + textwrap.fill(text, 76)
        for temperature, text in texts.items()
    ]
    page.text(
        0, 1, "\n\n".join(blocks), va="top", family="monospace", fontsize=8.5, parse_math=False
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> tuple[float, float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--letters", type=int, default=200_000, help="how much is read")
    parser.add_argument("--length", type=int, default=300, help="how much is written")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    text = manual(given.letters)
    alphabet = sorted(set(text))
    numbers = np.array([alphabet.index(c) for c in text])
    split = len(numbers) * 9 // 10
    numbers, test = numbers[:split], numbers[split:]
    model = network(len(alphabet))
    table = bits_of_table(numbers, test, len(alphabet))
    print(f"{len(text)} letters of {len(alphabet)} kinds; a table needs {table:.2f} bits a letter")

    bits = []
    x_test, y_test = windows(test, WINDOW)

    def at_end_of_epoch(epoch: int, logs: dict[str, float]) -> None:
        bits.append(float(model.evaluate(x_test, y_test, verbose=0) / np.log(2)))
        print(f"epoch {epoch + 1}: {bits[-1]:.2f} bits a letter")

    model.fit(
        *windows(numbers, WINDOW // 2),
        batch_size=64,
        epochs=given.epochs,
        verbose=0,
        callbacks=[LambdaCallback(on_epoch_end=at_end_of_epoch)],
    )

    texts = {}
    for temperature in TEMPERATURES:
        letters = written(model, test[:WINDOW], given.length, temperature)
        texts[temperature] = "".join(alphabet[n] for n in letters)
        print(f"--- temperature {temperature}\n{textwrap.fill(texts[temperature], 80)}")
    draw(bits, table, texts, given.picture)
    return bits[-1], table


if __name__ == "__main__":
    main()
