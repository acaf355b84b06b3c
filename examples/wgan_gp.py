"""A generative adversarial network whose critic is held back by a penalty on its gradient.

The critic's loss holds the gradient of the critic itself with respect to its input, and training
takes the gradient of that (Gulrajani et al. 2017, arXiv:1704.00028). What is to be imitated: points
on a ring.

    python examples/wgan_gp.py --rounds 2000
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from keras import backend as K
from keras.layers import Dense, Input, Lambda
from keras.models import Model, Sequential
from keras.optimizers import Adam

PICTURE = Path(__file__).parent / "out" / "wgan_gp.png"
NOISE, PENALTY, CRITIC_STEPS = 4, 1.0, 5


def real_points(count: int) -> np.ndarray:
    """Points on a ring of radius 1, a little beside it: (count, 2)."""
    angle = np.random.uniform(0, 2 * np.pi, count)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    return ring + np.random.normal(0, 0.05, (count, 2))


def between(pair: list[object]) -> object:
    """A random point on the line between each real point and each made one."""
    real, made = pair
    share = K.random_uniform((K.shape(real)[0], 1))
    return share * real + (1 - share) * made


def slope_of(pair: list[object]) -> object:
    """How steep the critic's answer is at each point: (batch, 1)."""
    answer, points = pair
    (slope,) = K.gradients(answer, [points])
    return K.sqrt(K.sum(K.square(slope), axis=1, keepdims=True) + K.epsilon())


def mean_of_signed(sign: object, answer: object) -> object:
    """The Wasserstein loss: the sign says whether a high answer is wanted (-1) or not (1)."""
    return K.mean(sign * answer)


def networks() -> tuple[Sequential, Model, Model]:
    """The generator, what trains the critic, and what trains the generator."""
    generator = Sequential(
        [Dense(32, activation="relu", input_dim=NOISE), Dense(32, activation="relu"), Dense(2)]
    )
    critic = Sequential(
        [Dense(64, activation="tanh", input_dim=2), Dense(64, activation="tanh"), Dense(1)]
    )
    real, noise = Input((2,)), Input((NOISE,))
    generator.trainable = False
    made = generator(noise)
    middle = Lambda(between)([real, made])
    slope = Lambda(slope_of)([critic(middle), middle])
    criticism = Model([real, noise], [critic(real), critic(made), slope])
    criticism.compile(
        Adam(2e-3, beta_1=0.0, beta_2=0.9),
        [mean_of_signed, mean_of_signed, "mse"],
        loss_weights=[1.0, 1.0, PENALTY],
    )
    generator.trainable, critic.trainable = True, False
    imitation = Model(noise, critic(generator(noise)))
    imitation.compile(Adam(2e-3, beta_1=0.0, beta_2=0.9), mean_of_signed)
    return generator, criticism, imitation


def distance_from_ring(points: np.ndarray) -> float:
    """How far points are from the ring, on the average."""
    return float(np.mean(np.abs(np.linalg.norm(points, axis=1) - 1)))


def train(rounds: int, batch: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """The points that are made before and after."""
    generator, criticism, imitation = networks()
    noise = np.random.normal(size=(512, NOISE))
    before = generator.predict(noise)
    low, high, steep = -np.ones((batch, 1)), np.ones((batch, 1)), np.ones((batch, 1))
    for _ in range(rounds):
        for _ in range(CRITIC_STEPS):
            drawn = np.random.normal(size=(batch, NOISE))
            criticism.train_on_batch([real_points(batch), drawn], [low, high, steep])
        imitation.train_on_batch(np.random.normal(size=(batch, NOISE)), low)
    return before, generator.predict(noise)


def draw(points: dict[str, np.ndarray], file: Path) -> None:
    """Real points and made ones."""
    figure, places = plt.subplots(
        1, len(points), figsize=(10, 3.6), sharex=True, sharey=True, layout="constrained"
    )
    for axes, (name, some) in zip(places, points.items(), strict=True):
        axes.plot(*some.T, ".", markersize=4)
        axes.set(title=name, aspect="equal")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> tuple[float, float, int]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    made = train(given.rounds)
    before, after = (distance_from_ring(points) for points in made)
    eighths = np.floor(np.arctan2(made[1][:, 1], made[1][:, 0]) / (np.pi / 4)).astype(int)
    filled = len(set(eighths))
    print(f"distance from the ring: {before:.3f} before, {after:.3f} after; {filled} of 8 parts")
    draw({"real": real_points(512), "made, before": made[0], "made, after": made[1]}, given.picture)
    return before, after, filled


if __name__ == "__main__":
    main()
