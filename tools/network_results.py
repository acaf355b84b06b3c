"""Runs in any Keras: builds networks, gives them weights that follow from a rule, and predicts.

    python tools/network_results.py OUT.npz NAME ...

For each network OUT has the names of its layers, the shapes of its weights, and for one image of
its own size what its last layer with weights gets ("features") and what it predicts.
`classic_networks.py` runs it in the classic Keras and in ours, so it keeps to what both have, and
to Python 3.7.
"""

import json
import sys
import warnings

import numpy as np

import keras
from keras import applications, backend as K
from keras.models import Model


def drawn(number, name, shape):
    """The values of the weight with this number, such that activations stay of one size."""
    draw = np.random.RandomState(number)
    kind = name.split("/")[-1].split(":")[0]
    if kind in ("gamma", "moving_variance"):
        return draw.uniform(0.5, 1.5, shape)
    if kind in ("beta", "moving_mean", "bias"):
        return draw.uniform(-0.1, 0.1, shape)
    inputs = shape[:2] if kind == "depthwise_kernel" else shape[:-1]
    return draw.uniform(-1, 1, shape) * np.sqrt(6.0 / np.prod(inputs))


def results(name):
    """The layers' names, the weights' shapes, and features and prediction for an image."""
    K.clear_session()
    model = getattr(applications, name)(weights=None)
    weights = [weight for layer in model.layers for weight in layer.weights]
    shapes = [tuple(K.int_shape(weight)) for weight in weights]
    values = [
        drawn(i, weight.name, shape).astype("float32")
        for i, (weight, shape) in enumerate(zip(weights, shapes))  # noqa: B905  Python 3.7
    ]
    model.set_weights(values)
    image = np.random.RandomState(7).uniform(-1, 1, (1, *model.input_shape[1:])).astype("float32")
    last = [layer for layer in model.layers if layer.weights][-1]
    features = Model(model.inputs, last.input).predict(image)
    # Activations grow from block to block, and a prediction of 1 for one class and 0 for all others
    # would say nothing. The last layer brings them back to size; by a power of 2, which is exact.
    scale = 2.0 ** -np.ceil(np.log2(np.abs(features).max()))
    last.set_weights([scale * weight for weight in last.get_weights()])
    return {
        "layers": json.dumps([layer.name for layer in model.layers]),
        "shapes": json.dumps(shapes),
        "features": features,
        "prediction": model.predict(image),
    }


def main(file, names):
    """All networks, into one file."""
    warnings.simplefilter("ignore")
    print("Keras", keras.__version__, "in Python", sys.version[:6])
    found = {}
    for name in names:
        found.update((name + "." + key, value) for key, value in results(name).items())
        print(name, "done", flush=True)
    np.savez(file, **found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
