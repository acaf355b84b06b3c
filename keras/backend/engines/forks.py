"""Processes forked from one in which an engine has run."""

from __future__ import annotations

from typing import Any, NoReturn


def refuse(engine: Any, name: str) -> None:
    """Let an engine say in this process that it can't compute; it would wait for ever for threads
    that weren't copied."""

    def refused(*args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            f"{name} can't compute in a process that was forked from one where it has run, as the "
            "workers of `use_multiprocessing=True` are. Compute with numpy there, use threads "
            "(`use_multiprocessing=False`), or let processes start anew: "
            "`multiprocessing.set_start_method('spawn')`."
        )

    engine.array = engine.own = engine.numpy = refused
