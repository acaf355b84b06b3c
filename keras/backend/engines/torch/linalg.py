"""Rows of products."""

from __future__ import annotations

from typing import Any

import torch

from ..protocol import Prepared


def _matmul(inputs: Any, transpose_x: bool, transpose_y: bool) -> Any:
    flat = len(inputs[0].shape) == 2 and len(inputs[1].shape) == 2
    product: Any = torch.mm if flat else torch.matmul
    if flat:
        if transpose_x and transpose_y:
            return lambda x, y: product(x.t(), y.t())
        if transpose_x:
            return lambda x, y: product(x.t(), y)
        return (lambda x, y: product(x, y.t())) if transpose_y else product

    def run(x: Any, y: Any) -> Any:
        return product(x.mT if transpose_x else x, y.mT if transpose_y else y)

    return run


def _dense(inputs: Any) -> Any:
    x, _, bias = inputs
    if bias is None:
        return lambda x, kernel, bias: torch.matmul(x, kernel)
    if len(x.shape) == 2:
        return lambda x, kernel, bias: torch.addmm(bias, x, kernel)

    def run(x: Any, kernel: Any, bias: Any) -> Any:
        made = torch.addmm(bias, x.reshape(-1, x.shape[-1]), kernel)
        return made.reshape(*x.shape[:-1], kernel.shape[1])

    return run


TABLE: dict[str, Any] = {"matmul": Prepared(_matmul), "dense": Prepared(_dense)}
