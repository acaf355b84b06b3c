"""All contenders learn, with the same network: the race is fair."""

from __future__ import annotations

import contextlib
import copy
import functools
from typing import Any

import numpy as np
import pytest
import torch

from benchmarks.__main__ import contenders_for
from benchmarks.contenders import BY_HAND, CONTENDERS, contender, installed
from benchmarks.workloads import WORKLOADS
from tests.benchmarks.same_weights import (
    as_keras,
    load,
    load_ours,
    made,
    one_bias,
    pad_as_keras,
    without_dropout,
)

with contextlib.suppress(ImportError):  # an extra
    import jax

HAND = [name for name in BY_HAND if installed(name)]
PAIRS = [(name, c) for name in WORKLOADS for c in contenders_for(name, ["torch"], HAND)]


@pytest.fixture(autouse=True)
def engine_as_before(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Some contenders set the number of threads, or switch autograd off; and our engine on JAX lets
    numbers have 64 bits, which those by hand don't expect."""
    threads, gradients = torch.get_num_threads(), torch.is_grad_enabled()
    torch.manual_seed(0)
    if "jax" in HAND:
        by_hand = contender("jax")
        for name in ("__init__", "train", "train_on_batch", "predict"):
            monkeypatch.setattr(by_hand, name, in_32_bits(getattr(by_hand, name)))
    yield
    torch.set_num_threads(threads)
    torch.set_grad_enabled(gradients)


def in_32_bits(method: Any) -> Any:
    """A method of the contender in plain JAX, in JAX as it is by itself."""

    @functools.wraps(method)
    def call(*args: Any) -> Any:
        with jax.enable_x64(False):
            return method(*args)

    return call


# JAX takes long to jit, its loop is the same for all, and its networks are compared below.
@pytest.mark.parametrize(("name", "which"), [p for p in PAIRS if p[1] != "jax" or "mlp" in p[0]])
def test_a_contender_trains_until_it_is_told_to_stop(name: str, which: str) -> None:
    """Two epochs of a whole and a half batch; two losses, a prediction for each row."""
    batch = WORKLOADS[name].batch
    subject, x, y = made(name, which, batch + batch // 2)
    losses: list[float] = []

    def go_on(loss: float) -> bool:
        losses.append(loss)
        return len(losses) < 2

    subject.train(x, y, go_on)
    assert len(losses) == 2
    assert np.isfinite(losses).all()
    loss, accuracy = subject.train_on_batch(x[:batch], y[:batch])
    assert 0 < loss < 10
    assert 0 <= accuracy <= 1
    outputs = subject.predict(x[:33])
    assert isinstance(outputs, np.ndarray)
    assert len(outputs) == min(33, len(x))
    if outputs.shape[1] == 1:
        assert ((outputs > 0) & (outputs < 1)).all()
    else:
        np.testing.assert_allclose(outputs.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(subject.predict(x[:1]), outputs[:1], rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize("which", [*HAND, "evergreen"])
def test_a_contender_learns(which: str) -> None:
    subject, x, y = made("mnist-mlp", which, 512)
    losses: list[float] = []

    def go_on(loss: float) -> bool:
        losses.append(loss)
        return len(losses) < 6

    subject.train(x, y, go_on)
    assert losses[-1] < 0.7 * losses[0]


def test_each_workload_has_ours_and_both_ways_by_hand() -> None:
    assert set(WORKLOADS) == {name for name, which in PAIRS if which == "evergreen"}
    assert {"evergreen", "usual", "tuned"} <= set(CONTENDERS)


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_bare_functions_compute_what_the_module_does(name: str) -> None:
    subject, x, _ = made(name, "tuned")
    subject.train_on_batch(x[:32], made(name, "tuned")[2][:32])  # moves the means of ResNet-20
    with torch.no_grad():
        logits = subject.model.eval()(torch.from_numpy(x[:8]))
    wanted = logits.sigmoid() if logits.shape[1] == 1 else logits.softmax(1)
    np.testing.assert_allclose(subject.predict(x[:8]), wanted.numpy(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", WORKLOADS)
def test_equal_weights_give_equal_outputs_and_losses(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outputs, the loss of a step, and the losses after it: network, gradients and optimizer."""
    without_dropout(monkeypatch)
    start = copy.deepcopy(made(name, "usual", 32)[0].model)
    rows = min(32, WORKLOADS[name].batch)
    found: dict[str, tuple[Any, list[float]]] = {}
    for which in contenders_for(name, ["torch"], HAND):
        torch.set_grad_enabled(True)
        subject, own_x, own_y = made(name, which, 32)
        load(name, which, subject, start)
        if which in ("usual", "tuned"):
            one_bias(subject.model)
            if name == "cifar-resnet20":
                pad_as_keras(subject.model)
        # The bare functions of `tuned` don't ask the module, and pad as PyTorch does.
        skipped = name == "cifar-resnet20" and which == "tuned"
        outputs = None if skipped else subject.predict(own_x[:4])
        batch = own_x[:rows], own_y[:rows]
        found[which] = outputs, [float(subject.train_on_batch(*batch)[0]) for _ in range(3)]
    wanted, losses = found.pop("evergreen")
    assert len(found) >= 2
    for which, (outputs, theirs) in found.items():
        if outputs is not None:
            np.testing.assert_allclose(outputs, wanted, rtol=2e-4, atol=1e-5, err_msg=which)
        assert theirs == pytest.approx(losses, rel=5e-3), which
        assert theirs[0] == pytest.approx(losses[0], rel=1e-4), which
    assert losses[0] != pytest.approx(losses[2], rel=1e-3)


def test_other_weights_give_other_losses() -> None:
    """The comparison above can fail."""
    subject, x, y = made("tiny-mlp", "evergreen")
    weights = as_keras(made("tiny-mlp", "usual")[0].model)
    load_ours(subject.model, weights)
    first = subject.model.test_on_batch(x[:16], y[:16])[0]
    weights[-1][0] += 1
    load_ours(subject.model, weights)
    assert subject.model.test_on_batch(x[:16], y[:16])[0] != pytest.approx(first, rel=5e-3)


@pytest.mark.parametrize("name", ["tiny-mlp", "mnist-mlp"])
def test_the_way_back_by_hand_is_autograds(name: str) -> None:
    subject, x, y = made(name, "manual")
    subject.rate = 0.0
    subject.update = lambda: None
    before = [w.clone().requires_grad_() for w in subject.weights]
    loss, _ = subject.train_on_batch(x[:16], y[:16])
    torch.set_grad_enabled(True)
    w1, b1, w2, b2, w3, b3 = before
    hidden = torch.relu(torch.from_numpy(x[:16]) @ w1 + b1)
    logits = torch.relu(hidden @ w2 + b2) @ w3 + b3
    wanted = torch.nn.functional.cross_entropy(logits, torch.from_numpy(y[:16]))
    gradients = torch.autograd.grad(wanted, before)
    assert loss == pytest.approx(wanted.item(), rel=1e-5)
    for got, by_autograd in zip(subject.gradients, gradients, strict=True):
        np.testing.assert_allclose(got.numpy(), by_autograd.numpy(), rtol=1e-4, atol=1e-6)
