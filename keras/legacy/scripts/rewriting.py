"""Scripts with names of numpy and SciPy that are gone, put into today's names as they are run."""

from __future__ import annotations

import ast

from . import gone
from .reading import OLD, Finding, Reader


class Rewriter(ast.NodeTransformer):
    """Puts today's names in place of those that are gone."""

    def __init__(self) -> None:
        self.reader = Reader()  # knows what the imports are called
        self.needed: set[str] = set()
        self.done: list[Finding] = []

    def visit_Import(self, node: ast.Import) -> ast.AST:
        self.reader.visit_Import(node)
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.stmt]:
        self.reader.visit_ImportFrom(node)
        kept = []
        made: list[ast.stmt] = []
        for alias in node.names:
            new = self._today(f"{node.module}.{alias.name}")
            if new is None:
                kept.append(alias)
                continue
            self._note(node, f"{node.module}.{alias.name}", new)
            name = ast.Name(alias.asname or alias.name, ast.Store())
            made.append(ast.Assign([name], self._expression(new)))
        if not made:
            return node
        own: list[ast.stmt] = []
        if kept:
            own.append(ast.ImportFrom(node.module, kept, node.level))
        return [ast.fix_missing_locations(ast.copy_location(each, node)) for each in own + made]

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        path = self.reader.path(node)
        new = self._today(path) if path else None
        if path is None or new is None or not isinstance(node.ctx, ast.Load):
            return self.generic_visit(node)
        if new != "keras":  # that it is us goes without saying
            self._note(node, path, new)
        return ast.fix_missing_locations(ast.copy_location(self._expression(new), node))

    def _today(self, path: str) -> str | None:
        if path == "tensorflow.keras":
            return "keras"
        new = gone.EXPRESSIONS.get(path)
        return new if new is not None and gone.is_gone(path) else None

    def _expression(self, new: str) -> ast.expr:
        """`numpy.inf`, with its module imported under a name that no script has."""
        parsed = ast.parse(new, mode="eval").body
        for node in ast.walk(parsed):
            if isinstance(node, ast.Name) and (new == "keras" or "." in new):
                package = new.lstrip("-").rpartition(".")[0] or new
                self.needed.add(package)
                node.id = _hidden(node.id)
        return parsed

    def _note(self, node: ast.AST, path: str, new: str) -> None:
        self.done.append(Finding(getattr(node, "lineno", 0), OLD, f"{path} -> {new}"))


def _hidden(name: str) -> str:
    return f"__{name}_of_today"


def rewritten(source: str, filename: str) -> tuple[ast.Module, list[Finding], dict[str, str]]:
    """A script in today's names: its tree, what was changed, and what has to be imported for it.

    The imports are from the names that the tree uses to the packages they stand for.
    """
    tree = ast.parse(source, filename)
    rewriter = Rewriter()
    made = rewriter.visit(tree)
    needed = {_hidden(package.partition(".")[0]): package for package in rewriter.needed}
    return made, rewriter.done, needed
