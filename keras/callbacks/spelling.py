"""`acc` and `accuracy`: two generations of Keras wrote the same number by two names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_OTHER = {"acc": "accuracy", "accuracy": "acc"}
_ENDING = re.compile(r"(?:^|(?<=_))(acc|accuracy)(?=(?:_\d+)?$)")


def other_spelling(name: str) -> str:
    """The name with `acc` for `accuracy` and the other way round; others stay as they are.

    >>> other_spelling("val_acc"), other_spelling("out_accuracy_1"), other_spelling("loss")
    ('val_accuracy', 'out_acc_1', 'loss')
    """
    return _ENDING.sub(lambda found: _OTHER[found[1]], name)


class EitherSpelling(dict[str, Any]):
    """A dict that finds `acc` under `accuracy` and the other way round; it shows what was written.

    >>> history = EitherSpelling(loss=[0.5], accuracy=[0.9])
    >>> history["acc"], "val_acc" in history, list(history)
    ([0.9], False, ['loss', 'accuracy'])
    """

    @classmethod
    def of(cls, logs: Mapping[str, Any] | None) -> dict[str, Any]:
        """These logs in either spelling; mappings that are more than a dict stay as they are."""
        if isinstance(logs, dict) and type(logs) is not dict:
            return logs
        return cls(logs or {})

    def __missing__(self, name: str) -> Any:
        other = other_spelling(name)
        if other == name or not dict.__contains__(self, other):
            raise KeyError(name)
        return self[other]

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or (
            isinstance(name, str) and dict.__contains__(self, other_spelling(name))
        )

    def get(self, name: str, default: Any = None) -> Any:
        """The value in either spelling, or the default."""
        try:
            return self[name]
        except KeyError:
            return default

    def __reduce__(self) -> Any:
        # A pickled history is a plain dict, to be read where this package isn't installed.
        return dict, (dict(self),)


def look_up(logs: Mapping[str, Any], name: str) -> Any:
    """The value of that name in either spelling; `None` if there is none."""
    return logs[name] if name in logs else logs.get(other_spelling(name))
