"""What a loop gives out for another loop alone, as its way back, is left apart, step by step.

To stack the values of all steps would copy each of them, and the other loop takes the stack apart
again.
"""

from __future__ import annotations

from ....graph.program import Program, Step, Value


def apply(program: Program) -> None:
    """Tell loops which of their outputs to leave apart."""
    readers: dict[Value, list[Step]] = {}
    for step in program.steps:
        for x in set(step.inputs):
            if isinstance(x, Value):
                readers.setdefault(x, []).append(step)
    kept = {*program.results, *(value for _, value in program.updates)}
    for step in list(program.steps):
        if step.name != "scan" or step.tape is not None or step.forward is not None:
            continue
        left = tuple(
            _is_stacked(step, number) and _leave(program, step, value, readers, kept)
            for number, value in enumerate(step.outputs)
        )
        if any(left):
            step.settled["apart"] = left


def _is_stacked(loop: Step, number: int) -> bool:
    """Whether it is an output of all steps, rather than of the last one, or a state."""
    states: int = loop.settled["states"]
    count = (len(loop.outputs) - states) // 2
    return count <= number < 2 * count


def _leave(
    program: Program,
    loop: Step,
    value: Value,
    readers: dict[Value, list[Step]],
    kept: set[Value],
) -> bool:
    """Let the loops that read a stack read its parts, if nobody else reads it."""
    turned: list[Step] = []
    axis = loop.settled["axis"]
    first = (axis, *(i for i in range(len(value.shape)) if i != axis))
    for reader in readers.get(value, []):
        if axis and reader.name == "transpose" and reader.settled.get("pattern") == first:
            turned.append(reader)
        elif axis or not _goes_along(reader, value):
            return False
    for turn in turned:
        stack = turn.outputs[0]
        if stack in kept or not all(_goes_along(r, stack) for r in readers.get(stack, [])):
            return False
    if value in kept or not readers.get(value):
        return False
    for turn in turned:
        program.steps.remove(turn)
        for reader in readers.get(turn.outputs[0], []):
            reader.inputs = tuple(value if x is turn.outputs[0] else x for x in reader.inputs)
    return True


def _goes_along(reader: Step, value: Value) -> bool:
    """Whether this is a loop along the first axis of a stack, and reads nothing else of it."""
    if reader.name != "scan" or reader.settled["axis"] or reader.tape or reader.forward:
        return False
    return all(x is not value for x in reader.inputs[reader.settled["sequences"] :])
