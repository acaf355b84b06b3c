"""The networks as bare functions on a module's weights: what `predict` costs at least."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .torch_nets import BiLstm, Block, Convolved, GruStack, Lstm, ResNet20

Function = Callable[[Tensor], Tensor]


def bare(net: nn.Module) -> Function:
    """Inputs -> probabilities, by functions on the module's own weights."""
    match net:
        case Lstm():
            return bare_lstm(net)
        case BiLstm():
            return bare_bilstm(net)
        case GruStack():
            return bare_gru(net)
        case ResNet20():
            return bare_resnet(net)
    if not isinstance(net, nn.Sequential):  # its own calls are as bare as they can be
        return lambda x: net(x).softmax(1)
    steps = [function for part in net for function in bare_part(part)]

    def outputs(x: Tensor) -> Tensor:
        for step in steps:
            x = step(x)
        return x.softmax(1)

    return outputs


def bare_part(part: Any) -> list[Function]:
    match part:
        case nn.Linear():
            return [partial(F.linear, weight=part.weight, bias=part.bias)]
        case nn.Conv2d():
            where = {"stride": part.stride, "padding": part.padding, "groups": part.groups}
            return [partial(torch.conv2d, weight=part.weight, bias=part.bias, **where)]
        case nn.AdaptiveAvgPool2d():
            return [partial(torch.mean, dim=(2, 3), keepdim=True)]
        case nn.MaxPool2d():
            return [partial(torch.max_pool2d, kernel_size=2)]
        case nn.Flatten():
            return [partial(torch.flatten, start_dim=1)]
        case nn.ReLU():
            return [torch.relu_]
    assert isinstance(part, nn.Dropout)
    return []


def bare_lstm(net: Lstm) -> Function:
    weights = [getattr(net.lstm, name) for name in net.lstm._flat_weights_names]

    def outputs(words: Tensor) -> Tensor:
        x = torch.embedding(net.embedding.weight, words.t())
        zeros = x.new_zeros(1, x.shape[1], 128)
        last = torch.lstm(x, (zeros, zeros), weights, True, 1, 0.0, False, False, False)[1]
        return F.linear(last[0], net.dense.weight, net.dense.bias).sigmoid_()

    return outputs


def bare_bilstm(net: BiLstm) -> Function:
    weights = [getattr(net.lstm, name) for name in net.lstm._flat_weights_names]

    def outputs(words: Tensor) -> Tensor:
        x = torch.embedding(net.embedding.weight, words.t())
        zeros = x.new_zeros(2, x.shape[1], 64)
        last = torch.lstm(x, (zeros, zeros), weights, True, 1, 0.0, False, True, False)[1]
        both = torch.cat([last[0], last[1]], 1)
        return F.linear(both, net.dense.weight, net.dense.bias).sigmoid_()

    return outputs


def bare_gru(net: GruStack) -> Function:
    weights = [getattr(net.gru, name) for name in net.gru._flat_weights_names]

    def outputs(x: Tensor) -> Tensor:
        zeros = x.new_zeros(2, len(x), 64)
        last = torch.gru(x.transpose(0, 1), zeros, weights, True, 2, 0.0, False, False, False)[1]
        return F.linear(last[1], net.dense.weight, net.dense.bias).softmax(1)

    return outputs


def bare_convolved(part: Convolved) -> Function:
    conv, norm = part.conv, part.norm
    given = norm.running_mean, norm.running_var, norm.weight, norm.bias

    def outputs(x: Tensor) -> Tensor:
        x = torch.conv2d(x, conv.weight, conv.bias, conv.stride, 1)
        return F.batch_norm(x, *given, training=False, eps=1e-3)

    return outputs


def bare_block(block: Block) -> Function:
    first, second = bare_convolved(block.first), bare_convolved(block.second)
    past = bare_part(block.past) if isinstance(block.past, nn.Conv2d) else []

    def outputs(x: Tensor) -> Tensor:
        y = second(first(x).relu_())
        for step in past:
            x = step(x)
        return y.add_(x).relu_()

    return outputs


def bare_resnet(net: ResNet20) -> Function:
    first = bare_convolved(net.first)
    blocks = [bare_block(block) for block in net.blocks if isinstance(block, Block)]

    def outputs(x: Tensor) -> Tensor:
        x = first(x).relu_()
        for block in blocks:
            x = block(x)
        return F.linear(x.mean((2, 3)), net.dense.weight, net.dense.bias).softmax(1)

    return outputs
