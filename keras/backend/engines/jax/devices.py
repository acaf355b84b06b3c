"""Where arrays live: JAX's own choice, unless `KERAS_DEVICE` or `K.device` names a device."""

from __future__ import annotations

import os
import re
from typing import Any

import jax

from ....caller import warn


def nearest_device(name: str) -> Any:
    """A device by JAX's name ('gpu:0', 'cpu') or TensorFlow's ('/gpu:0', '/device:GPU:1').

    Where there is no such device, the default one serves.
    """
    found = _found(name)
    if found is not None:
        return found
    instead = jax.devices()[0]
    warn(f"There is no device {name!r} (JAX sees {_seen()}): {instead} is used.")
    return instead


def choose_device() -> None:
    """Let the device that `KERAS_DEVICE` asks for, if it does, be the default one."""
    asked = os.environ.get("KERAS_DEVICE")
    if not asked:
        return
    found = _found(asked)
    if found is None:
        raise ValueError(f"Device {asked!r} was asked for, but JAX sees {_seen()}.")
    jax.config.update("jax_default_device", found)


def _found(name: str) -> Any:
    """The device of this name, if there is one."""
    text = str(name).lower().removeprefix("/").removeprefix("device:").replace("cuda", "gpu")
    parsed = re.fullmatch(r"(cpu|gpu|tpu)(?::(\d+))?", text)
    if parsed is None:
        raise ValueError(f"Unknown device {name!r}; examples are 'cpu' and 'gpu:0'.")
    kind, number = parsed[1], int(parsed[2] or 0)
    found = jax.devices("cpu") if kind == "cpu" else jax.devices()
    found = [d for d in found if d.platform == kind]
    return found[number] if len(found) > number else None


def _seen() -> str:
    return ", ".join(str(d) for d in jax.devices())


def device_names() -> list[str]:
    """The CPU and all other devices, by TensorFlow's names."""
    others = [d for d in jax.devices() if d.platform != "cpu"]
    return ["/cpu:0", *(f"/{d.platform}:{number}" for number, d in enumerate(others))]
