"""What layers around another layer share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from ...registry import CustomObjectScope, Named
from ..base import Layer

Inner = Annotated[Any, Named("layer")]


class Wrapper(Layer):
    """The base of layers around another `layer`, whose weights, losses and updates are theirs."""

    layer: Inner

    def set_options(self, options: dict[str, Any]) -> None:
        super().set_options(options)
        self._freezes = options.get("trainable") is False

    def __post_init__(self) -> None:
        if self._freezes:
            self.trainable = False
        self.stateful = bool(getattr(self.layer, "stateful", False))

    def build(self, input_shape: Any = None) -> None:
        """Classic subclasses build the inner layer before they call this."""
        self.built = True

    @property  # type: ignore[misc]  # an argument of other layers, here the inner layer's
    def trainable(self) -> Any:
        """Whether training changes the inner layer."""
        inner = self.__dict__.get("layer")
        return True if inner is None else inner.trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for inner in self._held()[0]:
            inner.trainable = value

    @property
    def activity_regularizer(self) -> Any:
        """The inner layer's: it applies to what the wrapper returns."""
        return getattr(self.layer, "activity_regularizer", None)

    def reset_states(self) -> None:
        """Set the inner layer's states back to zero."""
        self.layer.reset_states()

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """The layer that a config describes, the inner one included."""
        with CustomObjectScope(custom_objects or {}):
            return cls(**config)
