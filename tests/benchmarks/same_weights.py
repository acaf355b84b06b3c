"""Contenders with equal weights and without dropout, so that their losses must be equal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from benchmarks.contenders import contender
from benchmarks.contenders.torch_nets import BiLstm, ConvLstm, GruStack, Lstm, ResNet20
from benchmarks.workloads import WORKLOADS

Weights = list[np.ndarray]


def made(name: str, which: str, samples: int = 64) -> tuple[Any, Any, Any]:
    """A contender with data as it wants them."""
    workload = WORKLOADS[name]
    subject = contender(which)(name, workload)
    return subject, *subject.prepare(*workload.data(samples))


def without_dropout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every way of writing keep everything."""
    import keras
    from benchmarks.contenders import torch_manual, torch_tuned

    original = keras.layers.Dropout
    monkeypatch.setattr(keras.layers, "Dropout", lambda rate: original(0.0))
    monkeypatch.setattr(nn.Dropout, "forward", lambda self, x: x)
    monkeypatch.setattr(torch_tuned.Dropout, "forward", lambda self, x: x)
    rates = {name: (*sizes[:2], 0.0) for name, sizes in torch_manual.SIZES.items()}
    monkeypatch.setattr(torch_manual, "SIZES", rates)
    try:
        from benchmarks.contenders import jax_nets
    except ImportError:
        return
    monkeypatch.setattr(jax_nets, "dropout", lambda key, x, rate: x)


def as_keras(module: nn.Module) -> Weights:
    """The weights of one of the modules as Keras lays them out, in its order."""
    if isinstance(module, Lstm):
        return [of(module.embedding.weight), *recurrent(module.lstm, "_l0"), *linear(module.dense)]
    if isinstance(module, BiLstm):
        ways = [w for end in ("_l0", "_l0_reverse") for w in recurrent(module.lstm, end)]
        return [of(module.embedding.weight), *ways, *linear(module.dense)]
    if isinstance(module, GruStack):
        layers = [w for end in ("_l0", "_l1") for w in gru(module.gru, end)]
        return [*layers, *linear(module.dense)]
    if isinstance(module, ConvLstm):
        layers = [w for cell in module.cells for w in conv_lstm(cell)]
        return [*layers, *linear(module.dense)]
    if isinstance(module, ResNet20):
        return [w for part in in_order_of_keras(module) for w in of_part(part)]
    return [w for part in module.modules() for w in of_part(part)]


def in_order_of_keras(net: ResNet20) -> list[Any]:
    """By the distance from the output: the way past a block ends as its convolutions do."""
    parts: list[Any] = [net.first.conv, net.first.norm]
    for block in net.blocks:
        first, second, past = (getattr(block, name) for name in ("first", "second", "past"))
        parts += [first.conv, first.norm, second.conv, past, second.norm]
    return [*parts, net.dense]


def of(parameter: Any, *axes: int) -> np.ndarray:
    return (parameter.permute(axes) if axes else parameter).detach().numpy().copy()


def linear(part: nn.Linear) -> Weights:
    weight = part.weight
    if weight.shape == (512, 2304):  # after Flatten: channels come last in Keras
        weight = weight.reshape(512, 64, 6, 6).permute(0, 2, 3, 1).reshape(512, 2304)
    return [of(weight, 1, 0), of(part.bias)]


def of_part(part: nn.Module) -> Weights:
    match part:
        case nn.Linear():
            return linear(part)
        case nn.Conv2d(groups=1):
            return [of(part.weight, 2, 3, 1, 0), of(part.bias)]
        case nn.Conv2d():  # depthwise: (channels, 1, 3, 3)
            return [of(part.weight, 2, 3, 0, 1)]
        case nn.BatchNorm2d():
            return [of(part.weight), of(part.bias)]
    return []


def recurrent(part: nn.LSTM, end: str) -> Weights:
    bias = of(getattr(part, f"bias_ih{end}")) + of(getattr(part, f"bias_hh{end}"))
    kernels = [of(getattr(part, f"weight_{which}{end}"), 1, 0) for which in ("ih", "hh")]
    return [*kernels, bias]


def gru(part: nn.GRU, end: str) -> Weights:
    """PyTorch has reset, update, new; Keras update, reset, new."""

    def sorted_gates(w: Any) -> Any:
        reset, update, new = w.chunk(3)
        return torch.cat([update, reset, new])

    kernels = [of(sorted_gates(getattr(part, f"weight_{w}{end}")), 1, 0) for w in ("ih", "hh")]
    biases = [of(sorted_gates(getattr(part, f"bias_{w}{end}"))) for w in ("ih", "hh")]
    return [*kernels, np.stack(biases)]


def conv_lstm(cell: Any) -> Weights:
    kernel = of(cell.conv.weight, 2, 3, 1, 0)
    before = kernel.shape[2] - cell.filters
    return [kernel[:, :, :before], kernel[:, :, before:], of(cell.conv.bias)]


def load(name: str, which: str, subject: Any, module: nn.Module) -> None:
    """Give a contender the weights of a module."""
    if which in ("usual", "tuned"):
        subject.model.load_state_dict(module.state_dict())
    elif which == "manual":
        with torch.no_grad():
            for own, given in zip(subject.weights, as_keras(module), strict=True):
                own.copy_(torch.from_numpy(given))
    elif which == "jax":
        import jax.numpy as jnp

        tree = for_jax(name, as_keras(module))
        leaves = [jnp.asarray(w) for w in tree]
        subject.state = (refilled(subject.state[0], iter(leaves)), *subject.state[1:])
    else:
        load_ours(subject.model, as_keras(module))


def load_ours(model: Any, weights: Weights) -> None:
    """Moving means and variances stay as they are."""
    left = iter(weights)
    for layer in model.layers:
        count = len(layer.trainable_weights)
        layer.set_weights([next(left) for _ in range(count)] + layer.get_weights()[count:])
    assert next(left, None) is None


def for_jax(name: str, weights: Weights) -> Weights:
    """In the order of the leaves of its nested lists."""
    if name == "imdb-lstm":
        words, kernel, own, bias, *rest = weights
        return [words, kernel, bias, own, *rest]
    if name == "imdb-bilstm":
        words, *ways, kernel, bias = weights
        sorted_ways = [w for k, r, b in (ways[:3], ways[3:]) for w in (k, b, r)]
        return [words, *sorted_ways, kernel, bias]
    if name == "gru-stack":
        layers = [weights[:3], weights[3:6]]
        return [w for k, r, (b, c) in layers for w in (k, b, r, c)] + weights[6:]
    if name == "convlstm":
        layers = [weights[:3], weights[3:6]]
        return [w for k, r, b in layers for w in (k, b, r)] + weights[6:]
    if name == "separable-cnn":  # (3, 3, channels, 1) there, (3, 3, 1, channels) here
        return [np.swapaxes(w, 2, 3) if w.shape[3:] == (1,) else w for w in weights]
    if name == "cifar-resnet20":  # the convolutions past a block stand apart
        past = [i for i, w in enumerate(weights) if w.shape[:2] == (1, 1)]
        apart = {j for i in past for j in (i, i + 1)}
        inner = [w for i, w in enumerate(weights[:-2]) if i not in apart]
        return [*inner, *(weights[i] for i in sorted(apart)), *weights[-2:]]
    return weights


def refilled(tree: Any, leaves: Any) -> Any:
    if isinstance(tree, list):
        return [refilled(part, leaves) for part in tree]
    leaf = next(leaves)
    assert leaf.shape == tree.shape
    return leaf


def pad_as_keras(net: Any) -> None:
    """Keras pads the far side where a 3×3 convolution has stride 2, PyTorch both."""
    assert isinstance(net, ResNet20)
    for part in net.modules():
        if isinstance(part, nn.Conv2d) and part.stride == (2, 2) and part.kernel_size == (3, 3):
            part.padding = (0, 0)
            part.register_forward_pre_hook(lambda part, given: (F.pad(given[0], (0, 1, 0, 1)),))


def one_bias(net: nn.Module) -> None:
    """Of the two biases of PyTorch's LSTM one is trained, as Keras has one."""
    for name, parameter in net.named_parameters():
        if name.startswith("lstm.bias_hh"):
            parameter.requires_grad_(False)
