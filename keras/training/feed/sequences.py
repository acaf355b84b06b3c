"""Data that is asked for batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Sequence:
    """Batches by their numbers: write `__getitem__` and `__len__`.

    `sequence[i]` is a batch, `(inputs, targets)` or `(inputs, targets, sample_weights)`;
    `len(sequence)` is the number of batches in an epoch. `on_epoch_end` is called after each epoch,
    to change what the next one consists of. Several workers can make batches at the same time, each
    batch once an epoch.

        class Squares(Sequence):
            def __len__(self):
                return 10

            def __getitem__(self, i):
                x = np.arange(32 * i, 32 * (i + 1))
                return x, x**2
    """

    use_sequence_api = True

    def __getitem__(self, index: int) -> Any:
        """The batch with this number."""
        raise NotImplementedError(f"`{type(self).__name__}` needs `__getitem__(self, index)`.")

    def __len__(self) -> int:
        """How many batches an epoch has."""
        raise NotImplementedError(f"`{type(self).__name__}` needs `__len__(self)`.")

    def on_epoch_end(self) -> None:
        """After each epoch."""

    def __iter__(self) -> Iterator[Any]:
        """The batches of an epoch, one after the other."""
        for index in range(len(self)):
            yield self[index]
