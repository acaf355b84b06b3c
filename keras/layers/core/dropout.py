"""Dropout of single values and of whole feature maps."""

from __future__ import annotations

from typing import Any, ClassVar

from ... import backend as K
from ...caller import warn
from ..base import InputSpec, SameShape
from ..base.fields import DataFormat, Fraction, Seed, Sizes


class Dropout(SameShape):
    """While training, sets a fraction `rate` of the values to 0 and scales the others up.

    Along axes where `noise_shape` is 1 all values share their fate; `None` in it stands for the
    size of the input there. With a rate of 0, and as in the original of 1, nothing is dropped.

    Any shape; the output has the input's. Srivastava et al., 2014,
    http://www.jmlr.org/papers/v15/srivastava14a.html.
    """

    rate: Fraction
    noise_shape: Sizes = None
    seed: Seed = None

    def _get_noise_shape(self, inputs: Any) -> Any:
        """The shape of the noise; classic subclasses replace this method."""
        return self.noise_shape

    def call(self, inputs: Any, training: Any = None) -> Any:
        if not 0.0 < self.rate < 1.0:
            return inputs
        noise_shape = self._get_noise_shape(inputs)
        return K.in_train_phase(
            lambda: K.dropout(inputs, self.rate, noise_shape, self.seed), inputs, training
        )


class SpatialDropout(Dropout):
    """Dropout of whole maps: all positions of a channel share their fate."""

    rank: ClassVar[int]

    def __post_init__(self) -> None:
        if self.noise_shape is not None:
            raise ValueError(
                f"`{type(self).__name__}` drops whole channels, which fixes its `noise_shape`; got "
                f"{self.noise_shape}. `Dropout` takes one."
            )
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _get_noise_shape(self, inputs: Any) -> Any:
        ones = (1,) * self.rank
        first = getattr(self, "data_format", None) == "channels_first"
        return (None, None, *ones) if first else (None, *ones, None)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        # The classic config leaves the data format out, and a file must mean the same to both.
        own = config.pop("data_format", K.image_data_format())
        if own != K.image_data_format():
            warn(
                f"{type(self).__name__} `{self.name}`: classic configs don't hold `data_format`; a "
                f"copy made from this one will take {K.image_data_format()!r}, not {own!r}. "
                "`K.set_image_data_format` sets it for all layers."
            )
        return config


class SpatialDropout1D(SpatialDropout):
    """Dropout of whole features of sequences: (batch, time, n) -> (batch, time, n).

    Tompson et al., 2014, arXiv:1411.4280.
    """

    rank = 1


class SpatialDropout2D(SpatialDropout):
    """Dropout of whole maps of images: (batch, rows, columns, channels), or channels first.

    Tompson et al., 2014, arXiv:1411.4280.
    """

    data_format: DataFormat = None
    noise_shape: Sizes = None
    seed: Seed = None

    rank = 2


class SpatialDropout3D(SpatialDropout):
    """Dropout of whole maps of volumes: (batch, x, y, z, channels), or channels first.

    Tompson et al., 2014, arXiv:1411.4280.
    """

    data_format: DataFormat = None
    noise_shape: Sizes = None
    seed: Seed = None

    rank = 3
