"""Several cells, one on top of the other, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from ... import backend as K
from ...registry import CustomObjectScope, serialize_keras_object
from ..base import Layer
from .cells import Run, arguments_for, build_cell, made_cell, output_size, state_sizes

Shape = Any


class Cells:
    """Converts a list of cells, or of configs of cells."""

    def get(self, value: Any) -> Any:
        """The cells."""
        if not isinstance(value, (list, tuple)) or not value:
            raise ValueError(f"expected a list of cells, got {value!r}.")
        return [made_cell(cell) for cell in value]

    def serialize(self, value: Any) -> Any:
        """Their configs."""
        return [serialize_keras_object(cell) for cell in value]


CellList = Annotated[Any, Cells()]


class StackedRNNCells(Layer):
    """Several cells as one: each gets what the one before it returned at this step.

    The states are those of all cells in their order, or in the opposite order with
    `reverse_state_order`, as some models of Keras 2.1 need it.
    """

    cells: CellList
    reverse_state_order: bool = False

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if not self.reverse_state_order:
            del config["reverse_state_order"]
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        with CustomObjectScope(custom_objects or {}):
            return cls(**config)

    @property
    def state_size(self) -> tuple[Any, ...]:
        """The sizes of all states."""
        cells = self.cells[::-1] if self.reverse_state_order else self.cells
        return tuple(size for cell in cells for size in state_sizes(cell))

    @property
    def output_size(self) -> Any:
        """The size of the last cell's output."""
        return output_size(self.cells[-1])

    def build(self, input_shape: Shape) -> None:
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        step = shapes[0]
        for cell in self.cells:
            build_cell(cell, step, shapes[1:])
            size = output_size(cell)
            step = (step[0], *size) if isinstance(size, (list, tuple)) else (step[0], size)
        self.built = True

    def call(
        self, inputs: Any, states: Sequence[Any], constants: Any = None, training: Any = None
    ) -> tuple[Any, list[Any]]:
        """One step of all cells."""
        news = []
        for cell, own in zip(self.cells, self.parted(states), strict=True):
            inputs, new = cell.call(inputs, own, **arguments_for(cell, training, constants or ()))
            news.append(list(new))
        return inputs, self.joined(news)

    def parted(self, states: Sequence[Any]) -> list[list[Any]]:
        """The states of each cell."""
        cells = self.cells[::-1] if self.reverse_state_order else self.cells
        given = iter(states)
        parts = [[next(given) for _ in state_sizes(cell)] for cell in cells]
        return parts[::-1] if self.reverse_state_order else parts

    def joined(self, parts: Sequence[Sequence[Any]]) -> list[Any]:
        """All states in one list."""
        ordered = parts[::-1] if self.reverse_state_order else parts
        return [state for part in ordered for state in part]

    @property
    def runs_whole(self) -> bool:
        """Whether each cell may see its whole sequence before the next one begins."""
        own = type(self).call is StackedRNNCells.call
        return own and all(getattr(cell, "runs_whole", False) for cell in self.cells)

    def run(
        self, inputs: Any, states: Sequence[Any], go_backwards: bool, mask: Any, unroll: bool
    ) -> Run:
        """All steps of the first cell, then all of the second, and so on."""
        last, news = None, []
        for cell, own in zip(self.cells, self.parted(states), strict=True):
            last, inputs, new = cell.run(inputs, own, go_backwards, mask, unroll)
            news.append(new)
            if go_backwards:  # what comes out is in the order in which it was computed
                go_backwards, mask = False, None if mask is None else K.reverse(mask, 1)
        return last, inputs, self.joined(news)

    def _held(self) -> tuple[list[Layer], list[Any]]:
        layers, variables = super()._held()
        return [*(cell for cell in self.cells if isinstance(cell, Layer)), *layers], variables
