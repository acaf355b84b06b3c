"""What all networks have in common: from the arguments of their functions to a model."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import backend as K
from ..layers import Input
from ..models import Model
from ..models.topology import get_source_inputs
from . import files
from .files import Released
from .imagenet_utils import obtain_input_shape
from .modules import check_modules
from .steps import POOLINGS, Tensor, pooled

Build = Callable[..., Model]

ARGUMENTS = """
    `include_top`: with the layers that tell `classes` apart; without them the outputs are features,
    (batch, rows, columns, channels), or with `pooling` 'avg' or 'max' (batch, channels).
    `weights`: 'imagenet' (downloaded to `~/.keras/models`), the path of a file, or `None` for
    random ones. `input_tensor`: what the model is built upon. `input_shape`: of one image, such as
    ({size}, {size}, 3), in the data format that is set; at least {smallest} rows and columns.
"""


@dataclass(frozen=True)
class Application:
    """A network as it was published.

    `body` makes features of images, `top` probabilities of features and a number of classes.
    `size` is the number of rows and columns of the images it was trained on, `smallest` the least
    there can be. `one_size`: it needs to know their number even without its top. `names_pooling`:
    the layer that `pooling` adds has a name that says which it is.
    """

    name: str
    body: Callable[[Tensor], Tensor]
    top: Callable[[Tensor, int], Tensor]
    released: Released
    size: int = 224
    smallest: int = 32
    one_size: bool = False
    names_pooling: bool = False

    def model(
        self,
        include_top: bool,
        weights: Any,
        input_tensor: Any,
        input_shape: Sequence[int | None] | None,
        pooling: str | None,
        classes: int,
    ) -> Model:
        """Build the network, and load its weights."""
        self.check(include_top, weights, pooling, classes)
        shape = self.shape(include_top, weights, input_shape)
        return self.build(shape, include_top, weights, input_tensor, pooling, classes)

    def shape(
        self, include_top: bool, weights: Any, input_shape: Sequence[int | None] | None
    ) -> tuple[int | None, ...]:
        """The shape of one image."""
        return obtain_input_shape(
            input_shape,
            default_size=self.size,
            min_size=self.smallest,
            require_flatten=include_top or self.one_size,
            weights=weights,
            who=self.name,
        )

    def build(
        self,
        shape: Sequence[int | None],
        include_top: bool,
        weights: Any,
        input_tensor: Any,
        pooling: str | None,
        classes: int,
    ) -> Model:
        """The network for images of this shape, with its weights."""
        images = network_input(input_tensor, shape)
        x = self.body(images)
        if include_top:
            x = self.top(x, classes)
        elif pooling is not None:
            x = pooled(x, pooling, f"{pooling}_pool" if self.names_pooling else None)
        inputs = images if input_tensor is None else get_source_inputs(images)
        model = Model(inputs, x, name=self.name)
        if weights == "imagenet":
            weights = self.released.path(include_top)
        if weights is not None:
            files.load(model, weights)
        return model

    def check(self, include_top: bool, weights: Any, pooling: str | None, classes: int) -> None:
        """Raise if these arguments don't go together."""
        if weights == "imagenet":
            if include_top and classes != 1000:
                raise ValueError(
                    f"`{self.name}`: the weights of 'imagenet' tell 1000 classes apart, got "
                    f"`classes={classes}`. Leave `classes` out, or take `include_top=False` and "
                    "put a top of your own on it."
                )
        elif weights is not None and not _is_file(weights):
            raise ValueError(
                f"`{self.name}`: `weights` is None (random), 'imagenet' or the path of a file, got "
                f"{weights!r}, which is no file."
            )
        if pooling is not None and pooling not in POOLINGS:
            raise ValueError(f"`{self.name}`: `pooling` is None, 'avg' or 'max', got {pooling!r}.")


def network_input(tensor: Any, shape: Sequence[int | None]) -> Tensor:
    """Where data of a shape enter a network, or the tensor that it is built upon."""
    if tensor is None:
        return Input(shape=shape)
    return tensor if K.is_keras_tensor(tensor) else Input(tensor=tensor, shape=shape)


def _is_file(weights: Any) -> bool:
    return isinstance(weights, (str, os.PathLike)) and Path(weights).exists()


def function(application: Application, called: str, where: str, summary: str) -> Build:
    """The public function `called`, of the module `where`, that builds a network."""

    def build(
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        input_shape: Sequence[int | None] | None = None,
        pooling: str | None = None,
        classes: int = 1000,
        **modules: ModuleType,
    ) -> Model:
        check_modules(called, modules)
        return application.model(include_top, weights, input_tensor, input_shape, pooling, classes)

    build.__name__ = build.__qualname__ = called
    build.__module__ = where
    build.__doc__ = f"{summary}\n{documented(application)}"
    return build


def documented(application: Application) -> str:
    """What the arguments of all networks mean, with the sizes of this one."""
    return ARGUMENTS.format(size=application.size, smallest=application.smallest)
