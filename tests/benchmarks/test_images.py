"""The pictures of the benchmark: both ways of writing see, compute and learn the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

pytest.importorskip("PIL")

from benchmarks import __main__ as command, images, processes
from benchmarks.contenders import BY_HAND, images_evergreen, images_torch
from benchmarks.measure import Effort
from benchmarks.report import of_images, report
from tests.benchmarks.same_weights import of, of_part

TINY = Effort(rounds=1, budget=1e9, seconds=0.0, least=1, share=0.01, builds=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pictures")
    images.fill(made, 40)
    return made


@pytest.fixture(autouse=True)
def seeded() -> Any:
    torch.manual_seed(0)


def normal_of(part: Any) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A convolution's weights, and those of the normalization after it."""
    return of_part(part.conv), [
        *of_part(part.norm), of(part.norm.running_mean), of(part.norm.running_var),
    ]  # fmt: skip


def load(model: Any, net: Any) -> None:
    """Give a ResNet50 of ours the weights of one of PyTorch, by the names of the layers."""
    found = {"conv1": normal_of(net.start)}
    blocks = iter(net.blocks)
    for stage, depth in ((2, 3), (3, 4), (4, 6), (5, 3)):
        for letter in "abcdef"[:depth]:
            block = next(blocks)
            ways = {"2a": block.first, "2b": block.second, "2c": block.third, "1": block.past}
            for end, part in ways.items():
                if not isinstance(part, torch.nn.Identity):
                    found[f"{stage}{letter}_branch{end}"] = normal_of(part)
    for name, (convolution, normal) in found.items():
        is_start = name == "conv1"
        model.get_layer(name if is_start else f"res{name}").set_weights(convolution)
        model.get_layer(f"bn_{name}" if is_start else f"bn{name}").set_weights(normal)
    model.get_layer("fc1000").set_weights(of_part(net.dense))


def test_equal_weights_give_equal_probabilities() -> None:
    import keras

    net = images_torch.ResNet50().eval()
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(part.running_var, 0.5, 1.5)
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
            torch.nn.init.uniform_(part.bias, -0.1, 0.1)
    model = keras.applications.ResNet50(weights=None)
    load(model, net)
    image = np.random.RandomState(0).random_sample((1, 224, 224, 3)).astype("float32")
    with torch.no_grad():
        wanted = net(torch.from_numpy(image).permute(0, 3, 1, 2)).numpy()
    assert wanted.max() > 1.2 * wanted.min(), "weights that say nothing would be no test"
    np.testing.assert_allclose(model.predict(image), wanted, rtol=1e-3)


def test_both_read_the_same_pictures(folder: Path) -> None:
    ours, theirs = images_evergreen.Contender(folder), images_torch.Contender(folder)
    assert ours.flow.class_indices == {"dots": 0, "lines": 1}
    labels = ours.arrays[1].argmax(1)
    for label in (0, 1):  # each in an order of its own
        a = ours.arrays[0][labels == label]
        b = theirs.x.numpy()[theirs.y.numpy() == label]
        order = [np.lexsort(x.reshape(len(x), -1).T[:8]) for x in (a, b)]
        np.testing.assert_allclose(a[order[0]], b[order[1]], rtol=0, atol=1e-6)
    assert 0 <= theirs.x.min() < 0.1 < 0.9 < theirs.x.max() <= 1


def test_both_learn_the_same(folder: Path) -> None:
    """The loss of a step on all pictures, with equal weights, and the loss after it."""
    ours, theirs = images_evergreen.cnn(), images_torch.cnn()
    ours.set_weights([w for part in theirs for w in of_part(part)])
    x = images_torch.Contender(folder).x
    y = torch.arange(len(x)) % 2
    optimizer = images_torch.rmsprop(theirs.parameters())
    wanted = []
    for _ in range(2):
        loss = torch.nn.functional.cross_entropy(theirs(x.permute(0, 3, 1, 2)), y)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it without types
        optimizer.step()
        wanted.append(loss.item())
    targets = np.eye(2, dtype="float32")[y.numpy()]
    got = [ours.train_on_batch(x.numpy(), targets)[0] for _ in range(2)]
    assert got == pytest.approx(wanted, rel=1e-4)
    assert wanted[0] != pytest.approx(wanted[1], rel=1e-3)


def test_each_epoch_has_all_pictures(folder: Path) -> None:
    ours = images_evergreen.Contender(folder)
    assert ours.read() == ours.read() == 40
    assert np.isfinite([ours.learn(), ours.remembered()]).all()
    theirs = images_torch.Contender(folder)
    theirs.loader = images_torch.DataLoader(theirs.loader.dataset, images.BATCH)  # no processes
    assert theirs.read() == 40
    assert np.isfinite([theirs.learn(), theirs.remembered()]).all()


def test_the_whole_way_through_a_fresh_process() -> None:
    found = processes.everything(["images"], lambda name: ["evergreen"], TINY, 1, lambda text: None)
    starting, measured = found["images"]["evergreen"]
    assert set(starting) == {"build"}
    assert set(measured) == set(images.TITLES)
    assert "| ResNet50, one image, ms" in report(found)


def test_the_table_judges() -> None:
    def reports(learn: float) -> list[Any]:
        times = dict.fromkeys(images.TITLES, 0.1) | {images.LEARN: learn}
        return [{k: {"median": v, "contention": 0.0} for k, v in times.items()}]

    text = of_images({"evergreen": reports(0.12), "usual": reports(0.1)})
    assert "1.20 > 1.05 ✗" in text
    assert text.count("1.20") == 2, "beside the limit, and from files ÷ from memory"
    assert "1.00 ≤ 1.05 ✓" in text


def test_who_takes_part() -> None:
    assert command.contenders_for("images", ["torch", "jax"], BY_HAND) == [*images.WRITTEN]
