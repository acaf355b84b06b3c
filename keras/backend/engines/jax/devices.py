"""Where arrays live: JAX's own choice, unless `K.device` names a device."""

from __future__ import annotations

import re
import warnings
from typing import Any

import jax


def nearest_device(name: str) -> Any:
    """A device by JAX's name ('gpu:0', 'cpu') or TensorFlow's ('/gpu:0', '/device:GPU:1').

    Where there is no such device, the default one serves.
    """
    text = str(name).lower().removeprefix("/").removeprefix("device:").replace("cuda", "gpu")
    parsed = re.fullmatch(r"(cpu|gpu|tpu)(?::(\d+))?", text)
    if parsed is None:
        raise ValueError(f"Unknown device {name!r}; examples are 'cpu' and 'gpu:0'.")
    kind, number = parsed[1], int(parsed[2] or 0)
    found = jax.devices("cpu") if kind == "cpu" else jax.devices()
    found = [d for d in found if d.platform == kind]
    if len(found) > number:
        return found[number]
    instead = jax.devices()[0]
    seen = ", ".join(str(d) for d in jax.devices())
    warnings.warn(
        f"There is no device {name!r} (JAX sees {seen}): {instead} is used.", stacklevel=5
    )
    return instead


def device_names() -> list[str]:
    """The CPU and all other devices, by TensorFlow's names."""
    others = [d for d in jax.devices() if d.platform != "cpu"]
    return ["/cpu:0", *(f"/{d.platform}:{number}" for number, d in enumerate(others))]
