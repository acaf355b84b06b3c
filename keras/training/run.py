"""All that a training that is under way consists of, as a tree that can be written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..backend.graph import runtime
from ..backend.graph.chance import leaves_and_nodes
from ..backend.graph.state import Variable
from ..callbacks import ProgbarLogger
from ..callbacks.state import set_state_of, state_of
from ..layers.base.weights import unique
from .feed.generators import BatchFeed
from .feed.position import chance, set_chance
from .loop import Place
from .sources import Source

FORMAT = 1


class Run:
    """A call of `fit`: the model, the data, the callbacks, and the place in it.

    The state of one run, restored in another of the same script, makes the rest of both the same,
    bit for bit.
    """

    def __init__(
        self,
        model: Any,
        callbacks: Any,
        source: Source,
        validation: Sequence[BatchFeed],
        place: Place,
    ) -> None:
        self.model = model
        self.callbacks = callbacks
        self.source = source
        self.validation = list(validation)
        self.place = place

    def keep(self) -> None:
        """The state is going to be asked for: note what is needed for that."""
        self.source.keep()
        for feed in self.validation:
            feed.kept = True

    # ---- the state

    def state(self, epoch: int, batch: int) -> dict[str, Any]:
        """Everything, with the batch of the epoch that comes next."""
        meter = self.place.meter
        if meter is not None and meter.losses:
            meter.means()  # reads the losses from the device
        variables, nodes = self._kept()
        return {
            "format": FORMAT,
            "epoch": epoch,
            "batch": batch,
            "losses": meter.read if batch and meter is not None else (0.0, 0),
            "stopped": bool(self.model.stop_training),
            "batches": {"size": self.source.batch_size, "samples": self.source.samples},
            "functions": list(self.model._steps.made),
            "variables": [(v.name, v.numpy()) for v in variables],
            "seeds": [node.attributes["seed"] for node in nodes],
            "nodes": runtime.engine().random_state(nodes),
            "chance": chance(),
            "source": self.source.position(),
            "validation": [feed.position() for feed in self.validation],
            "callbacks": [(type(c).__name__, state_of(c)) for c in self._others()],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Be where the other run was."""
        self._check(state)
        steps = self.model._steps
        for key in state["functions"]:
            steps._get(*key)
        variables, nodes = self._kept()
        self._restore_nodes(state, nodes)
        self._restore_variables(state["variables"], variables)
        self.source.go_to(state["source"])
        for feed, position in zip(self.validation, state["validation"], strict=True):
            feed.go_to(position)
        for callback, (_, kept) in zip(self._others(), state["callbacks"], strict=True):
            set_state_of(callback, kept)
        self.place.epoch, self.place.first = state["epoch"], state["batch"]
        self.place.read = state["losses"]
        self.place.over = self.model.stop_training = state["stopped"]
        set_chance(state["chance"])

    def _others(self) -> list[Any]:
        """The callbacks that have something to keep; the bar only shows."""
        return [
            c for c in self.callbacks if not (hasattr(c, "set_run") or isinstance(c, ProgbarLogger))
        ]

    def _kept(self) -> tuple[list[Variable], list[Any]]:
        """The variables and the random nodes of the model and of its functions."""
        model = self.model
        roots: list[Any] = [*model.outputs]
        for step in model._steps.made.values():
            roots += step.function.outputs
            for update in step.function.updates:
                roots += update if isinstance(update, tuple) else [update]
        leaves, nodes = leaves_and_nodes(roots)
        touched = [node.attributes.get("variable") for node in nodes]
        slots = getattr(model.optimizer, "weights", [])
        found = unique([*model.weights, *slots, *leaves, *touched])
        return (
            [x for x in found if isinstance(x, Variable)],
            [node for node in nodes if "seed" in node.attributes],
        )

    # ---- checks and parts

    def _check(self, state: dict[str, Any]) -> None:
        def refuse(what: str, then: Any, now: Any) -> None:
            raise ValueError(
                f"{self.model._who()}: the training that was kept had {what} {then}, this one has "
                f"{now}. Call `fit` as it was called then, or remove what was kept to begin anew."
            )

        if state["format"] != FORMAT:
            refuse("the format", state["format"], FORMAT)
        then = [name for name, _ in state["callbacks"]]
        now = [type(c).__name__ for c in self._others()]
        if then != now:
            refuse("the callbacks", ", ".join(then) or "none", ", ".join(now) or "none")
        batches = {"size": self.source.batch_size, "samples": self.source.samples}
        if batches != state["batches"]:
            refuse(
                "batches of (size, samples)", *({*b.values()} for b in (state["batches"], batches))
            )
        if len(state["validation"]) != len(self.validation):
            refuse("validation generators:", len(state["validation"]), len(self.validation))

    def _restore_nodes(self, state: dict[str, Any], nodes: Sequence[Any]) -> None:
        if len(nodes) != len(state["seeds"]):
            raise ValueError(
                f"{self.model._who()} draws random numbers in {len(nodes)} places, the one that "
                f"was kept in {len(state['seeds'])}: it isn't the same model."
            )
        for node, seed in zip(nodes, state["seeds"], strict=True):
            node.attributes["seed"] = seed
        for key in state["functions"]:
            step = self.model._steps._get(*key)
            step.function._variants.clear()
            step.function.variant(step.phase)
        runtime.engine().set_random_state(nodes, state["nodes"])

    def _restore_variables(self, kept: Sequence[Any], variables: Sequence[Variable]) -> None:
        then = [tuple(value.shape) for _, value in kept]
        now = [tuple(v.shape) for v in variables]
        fits = len(then) == len(now) and all(
            len(a) == len(b) and all(n in (None, m) for m, n in zip(a, b, strict=True))
            for a, b in zip(then, now, strict=True)
        )
        if not fits:
            wrong = next((n for (n, _), a, b in zip(kept, then, now, strict=False) if a != b), "")
            raise ValueError(
                f"{self.model._who()} isn't the one that was kept: its {len(now)} variables don't "
                f"have the shapes of the {len(then)} kept ones"
                + (f" (first `{wrong}`)." if wrong else ".")
            )
        for variable, (_, value) in zip(variables, kept, strict=True):
            variable.assign(value)
