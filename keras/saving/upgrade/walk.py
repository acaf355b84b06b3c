"""Through a model's config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Entry = dict[str, Any]


def layers_of(entry: Entry) -> Iterator[Entry]:
    """An entry, and those of all layers inside it."""
    yield entry
    config = entry["config"]
    inner = [*config.get("layers", ()), *config.get("cells", ())]
    inner += [config.get(key) for key in ("layer", "cell", "backward_layer")]
    for each in inner:
        if isinstance(each, dict) and isinstance(each.get("config"), dict):
            yield from layers_of(each)
