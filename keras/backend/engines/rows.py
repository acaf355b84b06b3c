"""What all engines do with their tables: find the row of an op, settle it, run it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..graph.dtypes import name_of
from ..graph.tensor import Node, Spec
from .protocol import Prepared, Row, Stateful


class Rows:
    """The table of an engine (op name -> row), with the rows of ops on lists of arrays."""

    def __init__(
        self, engine: str, tables: Sequence[Mapping[str, Any]], lists: Mapping[str, Row]
    ) -> None:
        self.engine = engine
        self.table: dict[str, Any] = {}
        for table in tables:
            self.table.update(table)
        self.lists = lists

    def ready(
        self, name: str, node: Any, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        """The function for an op, and the keywords that it still takes."""
        row = self.table.get(name)
        if row is None:
            raise NotImplementedError(f"The {self.engine} engine has no row for the op `{name}`.")
        if isinstance(row, Prepared):
            return row.prepare(inputs, **settled), {}
        if isinstance(row, Stateful):
            return row.make(node, **settled), {}
        return row, settled

    def on_lists(
        self, name: str, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        """The function that does an op on lists of arrays."""
        if name in self.lists:
            return self.lists[name], settled
        row, settled = self.ready(name, None, inputs, settled)
        return one_by_one(row), settled

    def run_now(self, name: str, inputs: Sequence[Any], settled: dict[str, Any]) -> Any:
        """One op on arrays, at once."""
        described = [
            Spec(tuple(x.shape), name_of(x.dtype)) if hasattr(x, "dtype") else x for x in inputs
        ]
        row, settled = self.ready(name, None, described, settled)
        return row(*inputs, **settled)


class ByTable:
    """The methods of an engine that look into its table."""

    rows: Rows

    def row(
        self, node: Node, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        """The function for a node, and the keywords that it still takes."""
        return self.rows.ready(node.op.name, node, inputs, settled)

    def list_row(
        self, name: str, inputs: Sequence[Any], settled: dict[str, Any]
    ) -> tuple[Row, dict[str, Any]]:
        """The function that does an op on lists of arrays."""
        return self.rows.on_lists(name, inputs, settled)

    def run_now(self, name: str, inputs: Sequence[Any], settled: dict[str, Any]) -> Any:
        """One op on arrays, at once."""
        return self.rows.run_now(name, inputs, settled)

    def forget(self) -> None:
        """Nothing is kept besides the functions themselves."""


def one_by_one(row: Row) -> Callable[..., list[Any]]:
    """A row applied to each member of lists; what is no list is the same for all."""

    def run(*inputs: Any, **settled: Any) -> list[Any]:
        count = next(len(x) for x in inputs if isinstance(x, (list, tuple)))
        columns = [x if isinstance(x, (list, tuple)) else [x] * count for x in inputs]
        return [row(*members, **settled) for members in zip(*columns, strict=True)]

    return run
