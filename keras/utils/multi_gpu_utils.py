"""One model for several GPUs: each takes a part of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import backend as K
from ..backend.graph import runtime
from ..caller import warn
from ..layers import Lambda, concatenate
from ..layers.core.published import get_slice
from ..models import Model, clone_model
from .generic_utils import to_list, unpack_singleton

__all__ = ["Lambda", "Model", "clone_model", "concatenate", "multi_gpu_model", "to_list"]

Device = int | str


def multi_gpu_model(
    model: Model,
    gpus: int | Sequence[Device] | None = None,
    cpu_merge: bool = True,
    cpu_relocation: bool = False,
) -> Model:
    """A model that cuts each batch into parts, calls `model` on each, and joins the results.

    `gpus`: how many GPUs, or their numbers, or names of devices; `None` are all. With
    `["/cpu:0", "/cpu:0"]` a machine without GPUs does the same, for tests. The parts are of equal
    size; the last one gets what remains. `cpu_relocation`: the weights are those of a copy of
    `model`, made on the CPU; otherwise they are shared with `model`, which is the one to save.
    `cpu_merge`: the results are joined on the CPU.

    Programs run on one device so far, that of `KERAS_DEVICE`: the results are those of several
    devices, the time isn't, and a warning says so.
    """
    places = _places(gpus)
    if len(set(places)) > 1:
        warn(
            "`multi_gpu_model`: programs run on one device, where the parts for "
            f"{', '.join(places)} are computed one after the other; `cpu_merge` and "
            "`cpu_relocation` move nothing."
        )
    if cpu_relocation:
        values = model.get_weights()
        model = clone_model(model)
        model.set_weights(values)
    parts = len(places)
    slices = [[_part(x, number, parts) for x in model.inputs] for number in range(parts)]
    towers = [to_list(model(unpack_singleton(inputs))) for inputs in slices]
    merged = [
        concatenate(list(results), axis=0, name=name)
        for name, results in zip(model.output_names, zip(*towers, strict=True), strict=True)
    ]
    return Model(model.inputs, merged)


def _get_available_devices() -> list[str]:
    """The devices of this machine. Under this name scripts put others in its place, to try
    `multi_gpu_model` without them."""
    return runtime.engine().device_names()


def _part(x: Any, number: int, parts: int) -> Any:
    arguments = {"i": number, "parts": parts}
    return Lambda(get_slice, output_shape=K.int_shape(x)[1:], arguments=arguments)(x)


def _places(gpus: int | Sequence[Device] | None) -> list[str]:
    """The names of the devices, of which there are two at least, and all on this machine."""
    there = _get_available_devices()
    if gpus is None:
        gpus = sum(name.startswith("/gpu:") for name in there)
    listed = range(gpus) if isinstance(gpus, int) else gpus
    places = [f"/gpu:{each}" if isinstance(each, int) else each for each in listed]
    if len(places) < 2:
        raise ValueError(f"`multi_gpu_model` is of use with two GPUs or more, got `gpus={gpus!r}`.")
    missing = [name for name in dict.fromkeys(places) if name not in there]
    if missing:
        raise ValueError(
            f"`multi_gpu_model(gpus={gpus!r})` needs the devices {', '.join(places)}; this machine "
            f"has {', '.join(there)}. Take fewer `gpus`, or train `model` itself."
        )
    return places
