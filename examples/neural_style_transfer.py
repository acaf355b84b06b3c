"""One picture's contents in another's texture (Gatys, Ecker and Bethge 2015, arXiv:1508.06576).

The picture itself is what is optimised: SciPy's L-BFGS asks a K.function for the loss and for its
gradient with respect to the pixels. The features come from a small network of random orthogonal
kernels, which is enough for colours and small textures; `--vgg` takes VGG19 with its weights
instead. Expect a loss of less than a hundredth of the first one, after 8 seconds.

    python examples/neural_style_transfer.py --iterations 200
    python examples/neural_style_transfer.py --vgg --content a.jpg --style b.jpg --size 400
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import sklearn.datasets
from scipy.optimize import fmin_l_bfgs_b

from keras import backend as K
from keras.applications.imagenet_utils import preprocess_input
from keras.layers import AveragePooling2D, Conv2D, Input
from keras.models import Model
from keras.preprocessing.image import img_to_array, load_img

PICTURE = Path(__file__).parent / "out" / "neural_style_transfer.png"
SHIPPED = ("china.jpg", "flower.jpg")
CONTENT_WEIGHT, STYLE_WEIGHT, SMOOTHNESS = 5.0, 1e4, 1.0


def read_pictures(names: list[str] | None, size: int, vgg: bool) -> list[np.ndarray]:
    """Contents and style as the network wants them: (1, rows, size, 3), around 0.

    Without names they are a temple and a flower that come with scikit-learn.
    """
    files = names or [Path(sklearn.datasets.__file__).parent / "images" / name for name in SHIPPED]
    images = [load_img(file, target_size=(size * 2 // 3, size)) for file in files]
    pixels = [img_to_array(image)[np.newaxis] for image in images]
    return [preprocess_input(p, mode="caffe" if vgg else "tf") for p in pixels]


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


def shown(picture: np.ndarray, vgg: bool) -> np.ndarray:
    """(1, rows, columns, 3) as a picture of bytes."""
    if vgg:  # blue first, the mean of many photographs subtracted
        return np.clip(picture[0] + (103.939, 116.779, 123.68), 0, 255)[..., ::-1].astype("uint8")
    return np.clip((picture[0] + 1) * 127.5, 0, 255).astype("uint8")


def draw(pictures: dict[str, np.ndarray], file: Path) -> None:
    """The two pictures, and what became of them."""
    figure, places = plt.subplots(1, len(pictures), figsize=(11, 2.8), layout="constrained")
    for axes, (name, picture) in zip(places, pictures.items(), strict=True):
        axes.imshow(picture)
        axes.set_title(name)
        axes.axis("off")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=100)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> list[float]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=192)
    parser.add_argument("--iterations", type=int, default=80)
    parser.add_argument(
        "--vgg", action="store_true", help="VGG19's features; its weights are fetched"
    )
    parser.add_argument("--content")
    parser.add_argument("--style")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    given = parser.parse_args(arguments)
    np.random.seed(1)  # the same figures at each run

    if bool(given.content) != bool(given.style):
        parser.error("--content and --style go together")
    names = [given.content, given.style] if given.content else None
    content, style = read_pictures(names, given.size, given.vgg)
    picture, losses = transfer(content, style, given.iterations, given.vgg)
    print("loss:", *(f"{loss:.4g}" for loss in losses))
    found = {"contents": content, "style": style, "both": picture}
    draw({name: shown(p, given.vgg) for name, p in found.items()}, given.picture)
    return losses


if __name__ == "__main__":
    main()
