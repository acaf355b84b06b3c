"""Each network has the layers, names, order and weights of the original."""

from __future__ import annotations

from typing import Any

import pytest

from keras import applications, backend as K
from keras.layers import Input
from tests.applications.published import PUBLISHED
from tests.applications.structure import digest_of

VARIANTS: dict[str, dict[str, Any]] = {
    "top": {},
    "bare": {"include_top": False},
    "first": {},
    "avg": {"include_top": False, "pooling": "avg", "input_shape": (96, 128, 3)},
    "max": {"include_top": False, "pooling": "max", "input_shape": (160, 96, 3)},
}


def build(name: str, **arguments: Any) -> Any:
    module, _, function = name.rpartition(".")
    home = getattr(applications, module) if module else applications
    return getattr(home, function)(weights=None, **arguments)


@pytest.fixture(autouse=True)
def _data_format() -> Any:
    yield
    K.set_image_data_format("channels_last")


@pytest.mark.parametrize(
    ("name", "variant"), [(name, key) for name, row in PUBLISHED.items() for key in row.digests]
)
def test_structure(name: str, variant: str) -> None:
    """Names, order, arguments and connections of layers, and shapes of weights."""
    published = PUBLISHED[name]
    if variant == "first":
        K.set_image_data_format("channels_first")
    model = build(name, **VARIANTS[variant])
    assert digest_of(model) == published.digests[variant]
    top = "include_top" not in VARIANTS[variant]
    assert model.count_params() == (published.params if top else published.without_top)
    if variant == "top":
        assert model.input_shape == (None, published.size, published.size, 3)
        assert model.output_shape == (None, 1000)
        assert len(model.layers) == published.layers


def test_a_difference_is_found() -> None:
    def digest(**arguments: Any) -> str:
        K.clear_session()
        shape = {"include_top": False, "input_shape": (32, 32, 3)}
        return digest_of(build("MobileNet", **shape, **arguments))

    assert digest() == digest()
    assert (
        len({digest(), digest(alpha=0.5), digest(depth_multiplier=2), digest(pooling="avg")}) == 4
    )


@pytest.mark.parametrize("name", ["NASNetMobile", "NASNetLarge"])
def test_nasnet_with_the_channels_first(name: str) -> None:
    """The original takes the rows for channels there."""
    K.set_image_data_format("channels_first")
    model = build(name, include_top=False, input_shape=(3, 64, 96))
    assert model.count_params() == PUBLISHED[name].without_top
    features = {"NASNetMobile": 1056, "NASNetLarge": 4032}[name]
    assert model.output_shape == (None, features, 2, 3)


@pytest.mark.parametrize("alpha", [0.25, 0.35, 0.5, 0.75, 1.3, 1.4])
def test_widths_of_mobilenets(alpha: float) -> None:
    """Every layer's filters follow from the rule of the paper's authors, written out here."""
    small = {"include_top": False, "input_shape": (32, 32, 3), "alpha": alpha}
    narrow = build("MobileNet", **small)
    assert narrow.get_layer("conv_pw_13").filters == int(1024 * alpha)
    assert narrow.name == f"mobilenet_{alpha:.2f}_32"
    second = build("MobileNetV2", **small)
    for layer in second.layers:
        if layer.name.endswith("_project"):
            assert layer.filters % 8 == 0
    last = 1280 if alpha <= 1 else {1.3: 1664, 1.4: 1792}[alpha]
    assert second.get_layer("Conv_1").filters == last
    for name, published in {"block_1_project": 24, "block_6_project": 64}.items():
        wanted = published * alpha
        # The nearest multiple of 8, unless it is less than nine tenths.
        least = max(0.9 * wanted, wanted - 4)
        assert second.get_layer(name).filters == min(n for n in range(8, 200, 8) if n >= least)


def test_one_network_on_two_tensors() -> None:
    """Called as a layer: the weights are shared."""
    network = build("VGG16", include_top=False, input_shape=(32, 40, 3))
    one, other = Input((32, 40, 3)), Input((32, 40, 3))
    assert K.int_shape(network(one)) == K.int_shape(network(other)) == (None, 1, 1, 512)
    assert len(network.weights) == 26
