"""One picture's contents in another's texture (Gatys, Ecker and Bethge 2015, arXiv:1508.06576).

The picture itself is what is optimised: SciPy's L-BFGS asks a K.function for the loss and for its
gradient with respect to the pixels. The features come from a small network of random orthogonal
kernels, which is enough for textures; `--vgg` takes VGG19 with its weights instead.

    python examples/neural_style_transfer.py --iterations 40
    python examples/neural_style_transfer.py --vgg --content a.jpg --style b.jpg --size 400
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from scipy.optimize import fmin_l_bfgs_b

from keras import backend as K
from keras.layers import AveragePooling2D, Conv2D, Input
from keras.models import Model

CONTENT_WEIGHT, STYLE_WEIGHT, SMOOTHNESS = 500.0, 1e4, 1.0


def drawn_pictures(size: int) -> tuple[np.ndarray, np.ndarray]:
    """A disc, and diagonal stripes: (1, size, size, 3) each, around 0."""
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    disc = np.where(x**2 + y**2 < 0.5, 0.8, -0.5)
    stripes = np.sin(12 * (x + y))
    content = np.stack([disc, disc * 0.5, -disc], -1)
    style = np.stack([stripes, -stripes, stripes * 0.3], -1)
    return content[np.newaxis], style[np.newaxis]


def read_picture(path: str, size: int) -> np.ndarray:
    """A picture as VGG19 wants it: (1, size, size, 3), blue first, around 0."""
    from keras.applications.vgg19 import preprocess_input
    from keras.preprocessing.image import img_to_array, load_img

    picture = img_to_array(load_img(path, target_size=(size, size)))
    return preprocess_input(picture[np.newaxis])


def random_features(pictures: object) -> tuple[Model, list[str], str]:
    """A network, the layers whose textures count, and the one whose contents do."""
    x = given = Input(tensor=pictures)
    for block, filters in enumerate((16, 32, 32), 1):
        x = Conv2D(
            filters,
            3,
            padding="same",
            activation="relu",
            kernel_initializer="orthogonal",
            name=f"block{block}",
        )(x)
        x = AveragePooling2D()(x)
    return Model(given, x), ["block1", "block2", "block3"], "block2"


def vgg_features(pictures: object) -> tuple[Model, list[str], str]:
    """The same of VGG19, which has seen photographs."""
    from keras.applications.vgg19 import VGG19

    model = VGG19(input_tensor=pictures, weights="imagenet", include_top=False)
    return model, [f"block{n}_conv1" for n in range(1, 6)], "block5_conv2"


def gram_matrix(features: object) -> object:
    """How often features come together, wherever: (rows, columns, n) -> (n, n)."""
    rows = K.batch_flatten(K.permute_dimensions(features, (2, 0, 1)))
    return K.dot(rows, K.transpose(rows)) / K.cast(K.shape(rows)[1], K.floatx())


def loss_of(content: np.ndarray, style: np.ndarray, vgg: bool) -> object:
    """A function of a picture that returns its loss and the gradient."""
    picture = K.placeholder(content.shape)
    pictures = K.concatenate([K.constant(content), K.constant(style), picture], axis=0)
    model, textures, contents = (vgg_features if vgg else random_features)(pictures)
    outputs = {layer.name: layer.output for layer in model.layers}
    of_content, _, of_picture = (outputs[contents][i] for i in range(3))
    loss = CONTENT_WEIGHT * K.mean(K.square(of_picture - of_content))
    for name in textures:
        of_style, of_picture = (gram_matrix(outputs[name][i]) for i in (1, 2))
        loss += STYLE_WEIGHT / len(textures) * K.mean(K.square(of_style - of_picture))
    down = K.square(picture[:, 1:] - picture[:, :-1])
    right = K.square(picture[:, :, 1:] - picture[:, :, :-1])
    loss += SMOOTHNESS * (K.mean(down) + K.mean(right))
    return K.function([picture], [loss, *K.gradients(loss, picture)])


def transfer(
    content: np.ndarray, style: np.ndarray, iterations: int, vgg: bool = False
) -> tuple[np.ndarray, list[float]]:
    """The picture, and the loss before the first step and after each five of them."""
    both = loss_of(content, style, vgg)
    shape = content.shape

    def loss_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        loss, slope = both([flat.reshape(shape)])
        return float(loss), slope.flatten().astype("float64")

    picture = content.astype("float64").flatten()
    losses = [loss_and_gradient(picture)[0]]
    for _ in range(0, iterations, 5):
        picture, loss, _ = fmin_l_bfgs_b(loss_and_gradient, picture, maxiter=5)
        losses.append(float(loss))
    return picture.reshape(shape), losses


def main(arguments: list[str] | None = None) -> list[float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--iterations", type=int, default=40)
    parser.add_argument("--vgg", action="store_true")
    parser.add_argument("--content")
    parser.add_argument("--style")
    parser.add_argument("--result", type=Path)
    given = parser.parse_args(arguments)
    content, style = drawn_pictures(given.size)
    if given.content and given.style:
        content, style = (read_picture(p, given.size) for p in (given.content, given.style))
    picture, losses = transfer(content, style, given.iterations, given.vgg)
    print("loss:", *(f"{loss:.4g}" for loss in losses))
    if given.result:
        from keras.preprocessing.image import array_to_img

        array_to_img(picture[0]).save(given.result)
    return losses


if __name__ == "__main__":
    main()
