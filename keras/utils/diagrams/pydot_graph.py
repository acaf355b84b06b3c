"""A diagram as pydot's objects, which can be changed before they are drawn. Imports pydot."""

from __future__ import annotations

import shutil
from typing import Any

import pydot

from ...caller import warn
from .diagram import Diagram
from .dot import TEXT, drawn, end_of, headline, record


class PydotGraph(pydot.Dot):
    """A graph of pydot that we draw where Graphviz's program isn't installed."""

    def remember(self, diagram: Diagram, rankdir: str, dpi: float) -> None:
        """What to draw then."""
        self.diagram, self.rankdir, self.dpi = diagram, rankdir, dpi
        self.as_made = self.to_string()

    def create(
        self,
        prog: Any = None,
        format: str = "ps",  # noqa: A002  # as pydot calls it
        encoding: str | None = None,
    ) -> Any:  # bytes; pydot says text
        """The picture's content."""
        program = prog or self.prog
        first = program if isinstance(program, str) else program[0]
        if format in TEXT or shutil.which(first) is not None:
            return super().create(prog, format, encoding)
        if self.to_string() != self.as_made:
            warn(
                "The graph was changed after it was made. Without Graphviz's program "
                f"`{first}` the model is drawn as it was."
            )
        return drawn(self.diagram, format, self.rankdir, self.dpi)


def pydot_graph(
    diagram: Diagram, rankdir: str = "TB", dpi: float = 96, subgraph: bool = False
) -> Any:
    """A `pydot.Dot`; with `subgraph` a `pydot.Cluster`, for use in another graph."""
    graph: Any
    if subgraph:
        graph = pydot.Cluster(graph_name=diagram.name, label=diagram.name, style="dashed")
    else:
        graph = PydotGraph(graph_type="digraph", rankdir=rankdir, dpi=f"{dpi:g}")
        graph.set("concentrate", True)
    graph.set_node_defaults(shape="record")
    fill(graph, diagram, rankdir, "layer")
    if not subgraph:
        graph.remember(diagram, rankdir, dpi)
    return graph


def fill(graph: Any, diagram: Diagram, rankdir: str, prefix: str) -> None:
    """Add boxes and edges."""
    for number, box in enumerate(diagram.boxes):
        own = f"{prefix}{number}"
        if box.inner is None:
            graph.add_node(pydot.Node(own, label=record(box, rankdir)))
        else:
            cluster = pydot.Cluster(graph_name=own, label=headline(box), style="dashed")
            fill(cluster, box.inner, rankdir, f"{own}_")
            graph.add_subgraph(cluster)
    for edge in diagram.edges:
        tail = end_of(diagram, edge.tail, edge.tail_port, prefix, out=True)
        head = end_of(diagram, edge.head, edge.head_port, prefix, out=False)
        graph.add_edge(pydot.Edge(tail, head))
