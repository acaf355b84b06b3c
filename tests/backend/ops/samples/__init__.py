"""The table of samples: for each function of K, and for each op, calls with numpy's answer."""

from tests.backend.ops.samples import (
    elementwise,
    images,
    products,
    recurrent,
    reduce,
    shapes,
    training,
)

SAMPLES = [
    *elementwise.SAMPLES,
    *reduce.SAMPLES,
    *shapes.SAMPLES,
    *products.SAMPLES,
    *images.SAMPLES,
    *training.SAMPLES,
    *recurrent.SAMPLES,
]
