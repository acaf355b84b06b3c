"""The ResNets of the second generation, which normalize before they convolve."""

from __future__ import annotations

from .imagenet_utils import decode_predictions, preprocessor
from .resnet_common import Generation, block2

__all__ = ["ResNet50V2", "ResNet101V2", "ResNet152V2", "decode_predictions", "preprocess_input"]

SECOND = Generation(
    "V2",
    block2,
    before=True,
    shrinks_last=True,
    summary="normalized before each convolution (He et al., 2016, arXiv:1603.05027).",
)

ResNet50V2 = SECOND.network(
    __name__, 50, "3ef43a0b657b3be2300d5770ece849e0", "fac2f116257151a9d068a22e544a4917"
)
ResNet101V2 = SECOND.network(
    __name__, 101, "6343647c601c52e1368623803854d971", "c0ed64b8031c3730f411d2eb4eea35b5"
)
ResNet152V2 = SECOND.network(
    __name__, 152, "a49b44d1979771252814e80f8ec446f9", "ed17cf2e0169df9d443503ef94b23b33"
)
preprocess_input = preprocessor("tf")
