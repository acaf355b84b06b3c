"""The ResNets of the first generation."""

from __future__ import annotations

from .imagenet_utils import decode_predictions, preprocess_input
from .resnet_common import Generation, block1

__all__ = ["ResNet50", "ResNet101", "ResNet152", "decode_predictions", "preprocess_input"]

FIRST = Generation(
    "",
    block1,
    before=False,
    shrinks_last=False,
    summary="convolutions beside short ways (He et al., 2015, arXiv:1512.03385).",
)

ResNet50 = FIRST.network(
    __name__, 50, "2cb95161c43110f7111970584f804107", "4d473c1dd8becc155b73f8504c6f6626"
)
ResNet101 = FIRST.network(
    __name__, 101, "f1aeb4b969a6efcfb50fad2f0c20cfc5", "88cf7a10940856eca736dc7b7e228a21"
)
ResNet152 = FIRST.network(
    __name__, 152, "100835be76be38e30d865e96f2aaae62", "ee4c566cf9a93f14d82f913c2dc6dd0c"
)
