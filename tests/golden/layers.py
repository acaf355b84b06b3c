"""How the recorded layers are made again: a chain of layers, the last of which is tested."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras import backend as K
from keras.layers import Input
from keras.layers.base.calls import one_or_list, to_list
from keras.models import Model
from tests.golden.loader import Case


class Chain:
    """The layers of a case in a model, with the recorded weights."""

    def __init__(self, case: Case) -> None:
        self.case = case
        inputs = [
            Input(batch_shape=tuple(i["batch_shape"]), dtype=i["dtype"]) for i in case["inputs"]
        ]
        x = one_or_list([inputs[i] for i in case.get("main", range(len(inputs)))])
        chain = [case.decode({"$layer": spec}) for spec in case["chain"]]
        for layer in chain[:-1]:
            x = layer(x)
        keywords = {k: [inputs[i] for i in n] for k, n in case.get("call_kwargs", {}).items()}
        self.layer = chain[-1]
        self.model = Model(one_or_list(inputs), one_or_list(to_list(self.layer(x, **keywords))))
        self.model.set_weights([case.array(name) for name in case.get("weights", [])])
        self.gradients = self._gradients() if case.get("R") else {}

    def _gradients(self) -> dict[str, Any]:
        """Of sum(outputs * R), by the names under which they are recorded."""
        weighted = zip(self.model.outputs, self.case["R"], strict=True)
        loss = sum(K.sum(y * K.variable(self.case.array(r))) for y, r in weighted)
        wanted = {
            f"gin{i}": x for i, x in enumerate(self.model.inputs) if x.dtype.startswith("float")
        }
        wanted |= {f"gw{i}": w for i, w in enumerate(self.model.trainable_weights)}
        found = zip(wanted, K.gradients(loss, list(wanted.values())), strict=True)
        return {name: g for name, g in found if g is not None}

    def run(self, number: int, last: bool) -> dict[str, Any]:
        """The outputs of a call, and with the last one its gradients and masks."""
        case, model = self.case, self.model
        names = [i["a"] for i in case["inputs"]]
        own = [f"{n}@{number}" if f"{case['id']}/{n}@{number}" in case.arrays else n for n in names]
        fetched = {f"out{i}": y for i, y in enumerate(model.outputs)}
        if last:
            fetched |= self.gradients
            masks = [m for m in to_list(model.layers[-1].output_mask) if m is not None]
            if "mask" in case["aspects"]:
                fetched |= {f"mask{i}": m for i, m in enumerate(masks)}
        updates = model.updates if case.get("updates") or model.stateful else []
        function = K.function([*model.inputs, K.learning_phase()], list(fetched.values()), updates)
        values = function([*(case.array(n) for n in own), case.get("training", 0)])
        return {name: np.asarray(value) for name, value in zip(fetched, values, strict=True)}

    def losses(self) -> list[float]:
        """What the layer adds to the loss."""
        if not self.case.get("activity"):
            return sorted(float(K.eval(loss)) for loss in self.layer.losses)
        values = K.function(self.model.inputs, [K.sum(loss) for loss in self.layer.losses])
        return sorted(
            float(v) for v in values([self.case.array(i["a"]) for i in self.case["inputs"]])
        )

    def facts(self) -> dict[str, Any]:
        """What is known without running it."""
        layer, shapes = self.layer, self.model.output_shape
        got: dict[str, Any] = {
            "output_shape": [list(s) for s in (shapes if isinstance(shapes, list) else [shapes])],
            "n_weights": [len(layer.weights), len(layer.trainable_weights)],
            "config": layer.get_config(),
        }
        if self.case.get("infer"):
            got["infer"] = [layer.compute_output_shape(_shape(s)) for s in self.case["infer"]]
        if self.case.get("reg_losses"):
            got["losses"] = self.losses()
        return got


def _shape(said: Any) -> Any:
    """The shape of an input, or a list of those of several."""
    return [tuple(s) for s in said] if isinstance(said[0], list) else tuple(said)


def results(case: Case) -> dict[str, Any]:
    """All that is recorded of a layer."""
    chain = Chain(case)
    got = chain.facts()
    calls = case.get("calls", ["call"])
    for number, what in enumerate(calls):
        if what == "reset":
            chain.model.reset_states()
            continue
        made = chain.run(number, number == len(calls) - 1)
        tag = f"@{number}" if len(calls) > 1 else ""
        got |= {name + tag if name.startswith("out") else name: v for name, v in made.items()}
    if case.get("updates"):
        got |= {f"after{i}": w for i, w in enumerate(chain.model.get_weights())}
    return got
