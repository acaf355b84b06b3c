"""Where arrays live: the first GPU if there is one, else the CPU; `KERAS_DEVICE` decides otherwise."""

from __future__ import annotations

import os

import torch


def chosen_device() -> torch.device:
    """The device that programs run on by default."""
    asked = os.environ.get("KERAS_DEVICE")
    if asked:
        return device_of(asked)
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


def device_of(name: str) -> torch.device:
    """A device by torch's name ('cuda:0', 'cpu') or TensorFlow's ('/gpu:0', '/device:GPU:1')."""
    text = str(name).lower().removeprefix("/").removeprefix("device:").replace("gpu", "cuda")
    if text.startswith("cpu"):
        text = "cpu"
    try:
        device = torch.device(text)
    except RuntimeError as error:
        raise ValueError(f"Unknown device {name!r}; examples are 'cpu' and 'cuda:0'.") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"Device {name!r} was asked for, but torch sees no GPU.")
    return torch.device("cuda", device.index or 0) if device.type == "cuda" else device
