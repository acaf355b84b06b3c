"""Whether a test gives the same however its samples are divided into batches.

It does where what it gives for a batch is a mean over samples, each treated on its own, and what it
adds to variables are sums over samples: means weighted by the sizes of batches, and sums, don't
depend on how many samples a batch has.
"""

from __future__ import annotations

from typing import Any

from .dtypes import is_float
from .program import Program, Step, Value
from .samples import Followed, fed_with_rows, name_of, settled_of

MEAN, SUM = "mean", "sum"
# "array" takes a number to the engine.
SCALED = frozenset(("multiply", "divide", "negative", "identity", "stop_gradient", "array"))
ADDED = frozenset(("add", "subtract"))


def sample_bytes(program: Program) -> int | None:
    """How large a sample's part of the largest value is, if batches may be of any size; else
    `None`."""
    drawn = any(s.node is not None and "seed" in s.node.attributes for s in program.all_steps())
    if drawn or not fed_with_rows(program) or not program.results:
        return None
    kinds = Kinds(program)
    if not all(map(kinds.follow, program.steps)):
        return None
    if any(kinds.of.get(result) != MEAN for result in program.results):
        return None
    if any(kinds.totals.get(value) is not variable for variable, value in program.updates):
        return None
    return kinds.samples.largest()


class Kinds:
    """What is a mean or a sum over all samples of a batch, up to some step of a program."""

    def __init__(self, program: Program) -> None:
        self.samples = Followed(program.parameters)
        self.of: dict[Any, str] = {}
        self.totals: dict[Any, Any] = {}  # variables with sums added
        updated = {id(variable) for variable, _ in program.updates}
        self.before = {v: w for w, v in program.variables.items() if id(w) in updated}

    def follow(self, step: Step) -> bool:
        """Take another step; false if it isn't known what it makes."""
        values = [x for x in step.inputs if isinstance(x, Value)]
        if any(x in self.before for x in values):
            return self._added_up(step)
        if any(x in self.totals for x in values):
            return False
        if any(x in self.of for x in values):
            return self._combined(step)
        return self._reduced(step) or self.samples.follow(step)

    def _reduced(self, step: Step) -> bool:
        """A mean or a sum over all samples, or how many values they have."""
        name, made = name_of(step), step.outputs[0]
        if name not in (MEAN, SUM, "extent") or step.inputs[0] not in self.samples.rows:
            return False
        if 0 not in settled_of(step)["axis"] or (name == MEAN and not is_float(made.dtype)):
            return False
        self.of[made] = MEAN if name == MEAN else SUM
        return True

    def _combined(self, step: Step) -> bool:
        """A multiple of one, or a sum of some of one kind."""
        if self.samples.reads(step):
            return False
        name, kinds = name_of(step), [self._kind(x) for x in step.inputs]
        if name in SCALED:
            alone = kinds.count(None) == len(kinds) - 1
            fits = alone and (name != "divide" or kinds[0] is not None)
        else:  # a mean and a number are the mean of sums with this number
            fits = name in ADDED and (len({*kinds}) == 1 or {*kinds} == {MEAN, None})
        if fits:
            self.of[step.outputs[0]] = next(kind for kind in kinds if kind is not None)
        return fits

    def _kind(self, x: Any) -> str | None:
        return self.of.get(x) if isinstance(x, Value) else None

    def _added_up(self, step: Step) -> bool:
        """A variable's old value, and a sum over samples."""
        if name_of(step) != "add":
            return False
        for total, more in (step.inputs, step.inputs[::-1]):
            if total in self.before and self._kind(more) == SUM and more not in self.before:
                self.totals[step.outputs[0]] = self.before[total]
                return True
        return False
