"""Several steps in one call of the engine, where nobody looks at anything in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

Batch = tuple[Sequence[Any], int, tuple[bool, ...]]  # arrays, samples, which outputs have weights

LEAST = 1000  # steps of a training that make up for one more program


def in_groups(
    batches: Iterable[Batch], alike: int, most: Callable[[Batch], int]
) -> Iterator[Sequence[Batch]]:
    """The batches: of the first `alike` ones, which have the same size, as many together as `most`
    says of such a one, or a few less, so that hardly any is left; the others one by one.

    All groups have one size, since an engine may need a program for each. Which they are depends on
    nothing but the numbers of batches: the same training is done in the same way each time.
    """
    batches = iter(batches)
    first = next(batches, None)
    if first is None:
        return
    groups = -(-alike // max(most(first), 1)) if alike else 0
    size = alike // groups if groups else 1
    batches = chain([first], batches)
    if size > 1:
        for _ in range(groups):
            yield list(islice(batches, size))
    for batch in batches:
        yield [batch]
