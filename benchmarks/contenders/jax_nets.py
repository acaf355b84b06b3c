"""The networks in plain JAX, up to the logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Tree = Any  # arrays in nested lists
Forward = Callable[..., tuple[Any, Tree]]  # weights, means and variances, key, x -> logits, those

settings: Any = jax.config
settings.update("jax_default_prng_impl", "unsafe_rbg")  # the cheaper of its generators
relu = jax.nn.relu


def weight(*shape: int) -> Any:
    """Glorot's uniform initial values."""
    space = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (space * (shape[-2] + shape[-1])))
    return jnp.asarray(np.random.uniform(-limit, limit, shape), "float32")


def dense(before: int, units: int) -> Tree:
    return [weight(before, units), jnp.zeros(units)]


def kernel(size: int, before: int, filters: int) -> Tree:
    return [weight(size, size, before, filters), jnp.zeros(filters)]


def applied(w: Tree, x: Any) -> Any:
    return x @ w[0] + w[1]


def conv(w: Tree, x: Any, stride: int = 1, padding: str = "SAME") -> Any:
    return conv_of(w[0], x, stride, padding) + w[1]


def conv_of(kernel: Any, x: Any, stride: int = 1, padding: str = "SAME", groups: int = 1) -> Any:
    names = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(
        x, kernel, (stride, stride), padding, dimension_numbers=names, feature_group_count=groups
    )


def pool(x: Any) -> Any:
    size = (1, 2, 2, 1)
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, size, size, "VALID")


def dropout(key: Any, x: Any, rate: float) -> Any:
    """Without a key nothing is dropped: that is the network when it predicts."""
    if key is None:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def keys(key: Any, number: int) -> Any:
    return [None] * number if key is None else jax.random.split(key, number)


def mlp(features: int, width: int, rate: float) -> tuple[Tree, Tree, Forward]:
    def forward(w: Tree, moving: Tree, key: Any, x: Any) -> tuple[Any, Tree]:
        first, second = keys(key, 2)
        x = dropout(first, relu(applied(w[0], x)), rate)
        x = dropout(second, relu(applied(w[1], x)), rate)
        return applied(w[2], x), moving

    return [dense(features, width), dense(width, width), dense(width, 10)], [], forward


def cnn() -> tuple[Tree, Tree, Forward]:
    def forward(w: Tree, moving: Tree, key: Any, x: Any) -> tuple[Any, Tree]:
        k1, k2, k3 = keys(key, 3)
        x = relu(conv(w[1], relu(conv(w[0], x)), padding="VALID"))
        x = dropout(k1, pool(x), 0.25)
        x = relu(conv(w[3], relu(conv(w[2], x)), padding="VALID"))
        x = dropout(k2, pool(x), 0.25).reshape(len(x), -1)
        return applied(w[5], dropout(k3, relu(applied(w[4], x)), 0.5)), moving

    convs = [kernel(3, *sizes) for sizes in ((3, 32), (32, 32), (32, 64), (64, 64))]
    return [*convs, dense(2304, 512), dense(512, 10)], [], forward


def lstm_outputs(w: Tree, x: Any) -> Any:
    """The last output over (time, batch, features)."""
    kernel, recurrent = w
    units = recurrent.shape[0]

    def cell(state: Any, given: Any) -> tuple[Any, None]:
        h, c = state
        i, f, g, o = jnp.split(given + h @ recurrent, 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((x.shape[1], units))
    (h, _), _ = jax.lax.scan(cell, (zeros, zeros), applied(kernel, x))
    return h


def words() -> Any:
    return jnp.asarray(np.random.uniform(-0.05, 0.05, (20_000, 128)), "float32")


def lstm() -> tuple[Tree, Tree, Forward]:
    def forward(w: Tree, moving: Tree, key: Any, x: Any) -> tuple[Any, Tree]:
        return applied(w[2], lstm_outputs(w[1], jnp.take(w[0], x.T, axis=0))), moving

    return [words(), [dense(128, 512), weight(128, 512)], dense(128, 1)], [], forward


def bilstm() -> tuple[Tree, Tree, Forward]:
    def forward(w: Tree, moving: Tree, key: Any, x: Any) -> tuple[Any, Tree]:
        vectors = jnp.take(w[0], x.T, axis=0)
        both = lstm_outputs(w[1], vectors), lstm_outputs(w[2], vectors[::-1])
        return applied(w[3], jnp.concatenate(both, axis=1)), moving

    ways = [[dense(128, 256), weight(64, 256)] for _ in range(2)]
    return [words(), *ways, dense(128, 1)], [], forward


def gru_stack() -> tuple[Tree, Tree, Forward]:
    def layer(w: Tree, x: Any) -> Any:
        kernel, recurrent = w

        def cell(h: Any, given: Any) -> tuple[Any, Any]:
            own = jnp.split(applied(recurrent, h), 3, axis=1)
            z, r, new = jnp.split(given, 3, axis=1)
            z, r = jax.nn.sigmoid(z + own[0]), jax.nn.sigmoid(r + own[1])
            h = z * h + (1 - z) * jnp.tanh(new + r * own[2])
            return h, h

        return jax.lax.scan(cell, jnp.zeros((x.shape[1], 64)), applied(kernel, x))[1]

    def forward(w: Tree, moving: Tree, key: Any, x: Any) -> tuple[Any, Tree]:
        outputs = layer(w[1], layer(w[0], jnp.swapaxes(x, 0, 1)))
        return applied(w[2], outputs[-1]), moving

    layers = [[dense(before, 192), dense(64, 192)] for before in (32, 64)]
    return [*layers, dense(64, 10)], [], forward


def hard_sigmoid(x: Any) -> Any:
    return jnp.clip(0.2 * x + 0.5, 0, 1)


def convlstm() -> tuple[Tree, Tree, Forward]:
    def layer(w: Tree, x: Any) -> Any:
        kernel, recurrent = w
        time, batch = x.shape[:2]
        given = conv(kernel, x.reshape(time * batch, *x.shape[2:])).reshape(time, batch, 24, 24, -1)
        h = c = jnp.zeros((batch, 24, 24, 16))
        outputs = []
        for gates in given:  # not a scan: in loops XLA convolves without its quick kernels
            i, f, g, o = jnp.split(gates + conv_of(recurrent, h), 4, axis=-1)
            c = hard_sigmoid(f) * c + hard_sigmoid(i) * jnp.tanh(g)
            h = hard_sigmoid(o) * jnp.tanh(c)
            outputs.append(h)
        return jnp.stack(outputs)

    def forward(w: Tree, moving: Tree, key: Any, x: Any) -> tuple[Any, Tree]:
        outputs = layer(w[1], layer(w[0], jnp.swapaxes(x, 0, 1)))
        return applied(w[2], outputs[-1].mean((1, 2))), moving

    layers = [[kernel(3, before, 64), weight(3, 3, 16, 64)] for before in (1, 16)]
    return [*layers, dense(16, 10)], [], forward


def separable_cnn() -> tuple[Tree, Tree, Forward]:
    def separable(w: Tree, x: Any) -> Any:
        depthwise, pointwise = w
        return relu(conv(pointwise, conv_of(depthwise, x, groups=x.shape[-1])))

    def forward(w: Tree, moving: Tree, key: Any, x: Any) -> tuple[Any, Tree]:
        x = pool(separable(w[1], relu(conv(w[0], x))))
        x = pool(separable(w[2], x))
        return applied(w[3], x.mean((1, 2))), moving

    parts = [[weight(3, 3, 1, before), kernel(1, before, f)] for before, f in ((32, 64), (64, 128))]
    return [kernel(3, 3, 32), *parts, dense(128, 10)], [], forward


def normalised(w: Tree, moving: Tree, training: bool, x: Any) -> tuple[Any, Tree]:
    mean, variance = moving
    if training:
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        moving = [0.99 * moving[0] + 0.01 * mean, 0.99 * moving[1] + 0.01 * variance]
    return (x - mean) * (jax.lax.rsqrt(variance + 1e-3) * w[0]) + w[1], moving


def resnet20() -> tuple[Tree, Tree, Forward]:
    widths = [(b if i == 0 else f, f, s if i == 0 else 1)
              for b, f, s in ((16, 16, 1), (16, 32, 2), (32, 64, 2)) for i in range(3)]  # fmt: skip

    def unit(before: int, filters: int) -> Tree:
        return [kernel(3, before, filters), [jnp.ones(filters), jnp.zeros(filters)]]

    units = [unit(3, 16)] + [unit(*s) for b, f, _ in widths for s in ((b, f), (f, f))]
    past = [kernel(1, b, f) for b, f, stride in widths if stride == 2]
    moving = [[jnp.zeros(len(u[0][1])), jnp.ones(len(u[0][1]))] for u in units]

    def forward(w: Tree, moving: Tree, key: Any, x: Any) -> tuple[Any, Tree]:
        units, past = iter(zip(w[0], moving, strict=True)), iter(w[1])
        made = []

        def convolved(x: Any, stride: int = 1) -> Any:
            (weights, norm), before = next(units)
            y, after = normalised(norm, before, key is not None, conv(weights, x, stride))
            made.append(after)
            return y

        x = relu(convolved(x))
        for _, _, stride in widths:
            y = convolved(relu(convolved(x, stride)))
            x = relu(y + (conv(next(past), x, 2) if stride == 2 else x))
        return applied(w[2], x.mean((1, 2))), made

    return [units, past, dense(64, 10)], moving, forward


NETWORKS: dict[str, Callable[[], tuple[Tree, Tree, Forward]]] = {
    "tiny-mlp": lambda: mlp(20, 64, 0.5),
    "mnist-mlp": lambda: mlp(784, 512, 0.2),
    "cifar-cnn": cnn,
    "imdb-lstm": lstm,
    "cifar-resnet20": resnet20,
    "gru-stack": gru_stack,
    "imdb-bilstm": bilstm,
    "convlstm": convlstm,
    "separable-cnn": separable_cnn,
}
