"""Convolutions and what goes with them, by their classic names."""

from __future__ import annotations

from ..base import InputSpec, Layer
from ..pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from .borders import (
    Cropping1D,
    Cropping2D,
    Cropping3D,
    ZeroPadding1D,
    ZeroPadding2D,
    ZeroPadding3D,
)
from .conv import Conv as _Conv
from .conv import Conv1D, Conv2D, Conv3D
from .resize import UpSampling1D, UpSampling2D, UpSampling3D
from .separable import DepthwiseConv2D, SeparableConv1D, SeparableConv2D
from .separable import SeparableConv as _SeparableConv
from .transpose import Conv2DTranspose, Conv3DTranspose

Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution3D = Conv3D
SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D
Convolution2DTranspose = Deconvolution2D = Deconv2D = Conv2DTranspose
Convolution3DTranspose = Deconvolution3D = Deconv3D = Conv3DTranspose
