"""A layer and a loss of one's own: bumps that find their places, and quantiles instead of a mean.

The layer answers how near its input is to each of its centres (radial basis functions); centres
and widths are weights that are trained. The loss asks for quantiles: below the one of 10 % should
lie a tenth of what is measured (Koenker and Bassett 1978, "Regression quantiles"). So the network
says how sure it is, which differs from place to place here. A straight band that is as wide
everywhere is what has to be beaten: expect a third of its loss, and about 80 % of new points
between the outer quantiles, after 3 seconds. The model is saved and loaded again at the end.

    python examples/custom_layer_and_loss.py --bumps 8
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from keras import backend as K
from keras.initializers import RandomUniform
from keras.layers import Dense, Layer
from keras.models import Sequential, load_model
from keras.optimizers import Adam

PICTURE = Path(__file__).parent / "out" / "custom_layer_and_loss.png"
QUANTILES = np.array([0.1, 0.5, 0.9])


class RadialBasis(Layer):
    """exp(-|x - centre|² / width²) for each of its centres: (batch, n) -> (batch, units)."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.centres = self.add_weight(
            name="centres", shape=(self.units, input_shape[-1]), initializer=RandomUniform(-1, 1)
        )
        self.widths = self.add_weight(name="widths", shape=(self.units,), initializer="ones")
        super().build(input_shape)

    def call(self, inputs: object) -> object:
        apart = K.expand_dims(inputs, 1) - self.centres
        return K.exp(-K.sum(K.square(apart), axis=-1) / K.square(self.widths))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


def quantile_loss(y_true: object, y_pred: object) -> object:
    """What lies above a quantile costs its share, what lies below it the rest."""
    above = y_true - y_pred
    return K.mean(K.maximum(QUANTILES * above, (QUANTILES - 1) * above), axis=-1)


def within(y_true: object, y_pred: object) -> object:
    """A metric: how many points lie between the outer quantiles."""
    inside = K.cast(y_true[:, 0] > y_pred[:, 0], "float32")
    return K.mean(inside * K.cast(y_true[:, 0] < y_pred[:, 2], "float32"))


def measured(count: int) -> tuple[np.ndarray, np.ndarray]:
    """A curve whose noise grows to the right: (count, 1) both."""
    x = np.random.uniform(-1, 1, (count, 1))
    noise = np.random.normal(0, 1, (count, 1)) * (0.03 + 0.25 * (x + 1) ** 2 / 2)
    return x, np.sin(5 * x) + noise


def straight_band(x: np.ndarray, y: np.ndarray, x_test: np.ndarray) -> np.ndarray:
    """Least squares, and the quantiles of what is left, the same everywhere: (count, quantiles)."""
    slope, height = np.polyfit(x[:, 0], y[:, 0], 1)
    left = y[:, 0] - (slope * x[:, 0] + height)
    return slope * x_test + height + np.quantile(left, QUANTILES)


def draw(
    x: np.ndarray,
    y: np.ndarray,
    model: Sequential,
    band: np.ndarray,
    centres: np.ndarray,
    file: Path,
) -> None:
    """The points, what the network says of them, and where its bumps lie."""
    line = np.linspace(-1, 1, len(band))[:, np.newaxis]
    low, middle, high = model.predict(line).T
    figure, axes = plt.subplots(figsize=(10, 4), layout="constrained")
    axes.plot(x, y, ".", color="gray", markersize=3, label="new points")
    axes.fill_between(line[:, 0], low, high, alpha=0.3, label="from the 10 % to the 90 % quantile")
    axes.plot(line, middle, label="median")
    axes.plot(line, band[:, [0, 2]], "--", color="C1", linewidth=1, label="straight band")
    seen = centres[np.abs(centres) <= 1]
    axes.plot(seen, np.full(len(seen), y.min()), "^", color="C3", label="centres of the bumps")
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    axes.legend(
        unique.values(), unique.keys(), fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5)
    )
    axes.set(xlabel="x", ylabel="y", title="Quantiles by a layer and a loss of one's own")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> tuple[float, float, float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--bumps", type=int, default=12)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    (x, y), (x_test, y_test) = measured(2000), measured(1000)
    model = Sequential([RadialBasis(given.bumps, input_shape=(1,)), Dense(len(QUANTILES))])
    model.compile(Adam(lr=0.01), loss=quantile_loss, metrics=[within])
    model.fit(x, y, batch_size=32, epochs=given.epochs, verbose=0)
    loss, inside = model.evaluate(x_test, y_test, verbose=0)
    left = y_test - straight_band(x, y, x_test)
    straight = float(np.maximum(QUANTILES * left, (QUANTILES - 1) * left).mean())
    print(f"loss: network {loss:.3f}, straight band {straight:.3f}")
    print(f"{inside:.1%} of the new points lie between the outer quantiles; wanted: 80%")

    own = {"RadialBasis": RadialBasis, "quantile_loss": quantile_loss, "within": within}
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "quantiles.h5")
        model.save(file)
        again = load_model(file, custom_objects=own)
    np.testing.assert_array_equal(again.predict(x_test), model.predict(x_test))
    band = straight_band(x, y, np.linspace(-1, 1, 200)[:, np.newaxis])
    centres = model.layers[0].get_weights()[0]
    draw(x_test, y_test, model, band, centres, given.picture)
    return float(loss), straight, float(inside)


if __name__ == "__main__":
    main()
