"""Where arrays live: the first GPU if there is one, else the CPU; `KERAS_DEVICE` decides
otherwise."""

from __future__ import annotations

import os

import torch

from ....caller import warn


def chosen_device() -> torch.device:
    """The device that programs run on by default."""
    asked = os.environ.get("KERAS_DEVICE")
    if asked:
        return device_of(asked)
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


def device_of(name: str) -> torch.device:
    """A device by torch's name ('cuda:0', 'cpu') or TensorFlow's ('/gpu:0', '/device:GPU:1')."""
    device = _parsed(name)
    if not _exists(device):
        raise ValueError(f"Device {name!r} was asked for, but torch sees {_seen()}.")
    return device


def nearest_device(name: str) -> torch.device:
    """As `device_of`, but where there is no such GPU, the default device serves."""
    device = _parsed(name)
    if _exists(device):
        return device
    instead = chosen_device()
    warn(f"There is no device {name!r} (torch sees {_seen()}): {instead} is used.")
    return instead


def device_names() -> list[str]:
    """The CPU and all GPUs, by TensorFlow's names."""
    return ["/cpu:0", *(f"/gpu:{number}" for number in range(torch.cuda.device_count()))]


def _exists(device: torch.device) -> bool:
    return device.type != "cuda" or (device.index or 0) < torch.cuda.device_count()


def _seen() -> str:
    count = torch.cuda.device_count()
    return f"{count} GPU{'s' * (count > 1)}" if count else "no GPU"


def _parsed(name: str) -> torch.device:
    text = str(name).lower().removeprefix("/").removeprefix("device:").replace("gpu", "cuda")
    if text.startswith("cpu"):
        text = "cpu"
    try:
        device = torch.device(text)
    except RuntimeError as error:
        raise ValueError(f"Unknown device {name!r}; examples are 'cpu' and 'cuda:0'.") from error
    return torch.device("cuda", device.index or 0) if device.type == "cuda" else device
