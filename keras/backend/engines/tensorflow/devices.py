"""Where arrays live: TensorFlow's choice, unless `KERAS_DEVICE` or `K.device` names a device."""

from __future__ import annotations

import os
import re

import tensorflow as tf

from ....caller import warn


def nearest_device(name: str) -> str:
    """A device by TensorFlow's name ('/gpu:0', '/device:GPU:1') or a short one ('cpu', 'cuda:0').

    Where there is no such device, the default one serves.
    """
    found = _found(name)
    if found is not None:
        return found
    instead = _devices()[0]
    warn(f"There is no device {name!r} (TensorFlow sees {_seen()}): {instead[1:]} is used.")
    return instead


def chosen_device() -> str | None:
    """The device that `KERAS_DEVICE` asks for, if it does."""
    asked = os.environ.get("KERAS_DEVICE")
    if not asked:
        return None
    found = _found(asked)
    if found is None:
        raise ValueError(f"Device {asked!r} was asked for, but TensorFlow sees {_seen()}.")
    return found


def device_names() -> list[str]:
    """The CPU and all other devices."""
    others = sorted(name for name in _devices() if not name.startswith("/CPU"))
    return ["/cpu:0", *(name.lower() for name in others)]


def _found(name: str) -> str | None:
    """The device of this name, if there is one."""
    text = str(name).lower().removeprefix("/").removeprefix("device:").replace("cuda", "gpu")
    parsed = re.fullmatch(r"(cpu|gpu|tpu)(?::(\d+))?", text)
    if parsed is None:
        raise ValueError(f"Unknown device {name!r}; examples are 'cpu' and '/gpu:0'.")
    wanted = f"/{parsed[1].upper()}:{parsed[2] or 0}"
    return wanted if wanted in _devices() else None


def only_processor() -> bool:
    """Whether there is nothing but one CPU."""
    return len(_devices()) == 1


def _devices() -> list[str]:
    """Those that there are, accelerators first."""
    names = [d.name.replace("/device:", "/") for d in tf.config.list_logical_devices()]
    return sorted(names, key=lambda name: name.startswith("/CPU"))


def _seen() -> str:
    return ", ".join(name[1:] for name in _devices())
