"""The training's curves and the confusion matrix, drawn with matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..utils.io_utils import atomic_write

TRAINED, HELD = "#2a6f97", "#d1495b"  # colours that differ in grey, too
INK, FAINT = "#333333", "#dddddd"
MISTAKES = 6  # that are shown, the most confident first


def figure(width: float, height: float, *columns: float) -> tuple[Any, Sequence[Any]]:
    """A figure of one row, in inches, with no window anywhere."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    axes = made.subplots(1, len(columns), width_ratios=columns)
    return made, axes


def save(made: Any, file: Path) -> None:
    with atomic_write(file) as path:
        made.savefig(path, format="png", dpi=150, facecolor="white")


def plain(axes: Any) -> None:
    """Less ink: no box around the curves."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(FAINT)
    axes.tick_params(color=FAINT, labelcolor=INK, labelsize=9)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)


def curves(history: Mapping[str, Sequence[float]], held_out_accuracy: float, file: Path) -> None:
    """Loss and accuracy, epoch by epoch: on what is trained on, and on the validation split."""
    made, panels = figure(9.5, 3.8, 1, 1)
    epochs = range(1, len(history["loss"]) + 1)
    for axes, name, unit in zip(panels, ("loss", "accuracy"), (1, 100), strict=True):
        trained = [unit * value for value in history[name]]
        held = [unit * value for value in history[f"val_{name}"]]
        axes.plot(epochs, trained, color=TRAINED, linewidth=1.8, label="training, with dropout")
        axes.plot(epochs, held, color=HELD, linewidth=1.8, label="validation")
        axes.set_xlabel("epoch", color=INK)
        axes.set_xlim(1, max(2, len(epochs)))
        axes.xaxis.get_major_locator().set_params(integer=True)
        plain(axes)
    loss, accuracy = panels
    loss.set_title("Loss", loc="left", color=INK, fontsize=11)
    loss.set_ylim(bottom=0)
    accuracy.set_title("Accuracy, %", loc="left", color=INK, fontsize=11)
    accuracy.axhline(100 * held_out_accuracy, color=INK, linewidth=1, linestyle=(0, (4, 3)))
    accuracy.set_ylim(min(80.0, 100 * min(history["val_accuracy"])) - 2, 100.5)
    accuracy.annotate(
        f"held out: {held_out_accuracy:.1%}",
        (1, 100 * held_out_accuracy),
        xycoords=("axes fraction", "data"),
        xytext=(0, -14),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=9,
        color=INK,
    )
    loss.legend(frameon=False, fontsize=9, labelcolor=INK)
    save(made, file)


def confusion(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """How often a digit (row) was read as a digit (column)."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (truth, predicted), 1)
    return counts


def confusion_matrix(
    images: np.ndarray, truth: np.ndarray, probabilities: np.ndarray, file: Path
) -> None:
    """The confusion matrix, and beside it the images that were misread."""
    predicted = probabilities.argmax(axis=1)
    counts = confusion(truth, predicted)
    made, (matrix, beside) = figure(8.6, 5.4, 2.2, 1)
    # The root lets single mistakes be seen beside dozens that are right.
    matrix.imshow(np.sqrt(counts), cmap="Blues", vmin=0, vmax=1.25 * np.sqrt(counts.max()))
    for row, column in zip(*np.nonzero(counts), strict=True):
        right = row == column
        matrix.text(
            column,
            row,
            counts[row, column],
            ha="center",
            va="center",
            color="white" if right else HELD,
            fontweight="normal" if right else "bold",
        )
    matrix.set_xticks(range(10))
    matrix.set_yticks(range(10))
    matrix.set_xlabel("read as", color=INK)
    matrix.set_ylabel("is", color=INK)
    matrix.spines[:].set_color(FAINT)
    matrix.tick_params(length=0, labelcolor=INK)
    wrong = np.flatnonzero(predicted != truth)
    matrix.set_title(
        f"{len(truth) - len(wrong)} of {len(truth)} held-out digits are read right",
        loc="left",
        color=INK,
        fontsize=11,
    )
    surest = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:MISTAKES]
    mistakes(beside, images[surest, :, :, 0], truth[surest], predicted[surest])
    save(made, file)


def mistakes(axes: Any, images: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> None:
    """Misread images in two columns, each with what it is and what it was taken for."""
    axes.axis("off")
    title = "The surest mistakes" if len(images) == MISTAKES else "The mistakes"
    axes.set_title(title if len(images) else "No mistakes", loc="left", color=INK, fontsize=11)
    for i, (image, is_, read) in enumerate(zip(images, truth, predicted, strict=True)):
        row, column = divmod(i, 2)
        place = axes.inset_axes((0.52 * column, 0.7 - 0.34 * row, 0.46, 0.25))
        place.imshow(image, cmap="gray_r", vmin=0, vmax=1)
        place.set_xticks(())
        place.set_yticks(())
        place.spines[:].set_color(FAINT)
        place.set_title(f"is {is_}, read as {read}", fontsize=8.5, color=INK, pad=3)
