"""From what older and other versions of Keras wrote to what ours writes: a list of small steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..version import Origin


def upgraded_config(config: Mapping[str, Any], origin: Origin) -> dict[str, Any]:
    """A model's config in our own terms."""
    return {"class_name": config["class_name"], "config": config["config"]}
