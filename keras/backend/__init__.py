"""K: tensors, their functions, and the engine that computes them. The classic namespace."""
# ruff: noqa: F401, A004  the table of contents

from . import config
from .graph import runtime
from .engines import load as _load

runtime.set_loader(_load)
config.load()

from .graph.function import (
    ExecutionError,
    Function,
    evaluate,
    function,
    learning_phase,
    set_learning_phase,
)
from .graph.gradients import gradients
from .graph.op import TensorList
from .graph.state import Variable, update
from .graph.tensor import Constant, Placeholder, Spec, Tensor
from .config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    normalize_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from .ops.arrange import (
    batch_flatten,
    concatenate,
    expand_dims,
    flatten,
    permute_dimensions,
    repeat,
    repeat_elements,
    reshape,
    reverse,
    size,
    squeeze,
    stack,
    tile,
    transpose,
)
from .ops.arrange import set_static_sizes as shape
from .ops.conv import (
    conv1d,
    conv2d,
    conv2d_transpose,
    conv3d,
    conv3d_transpose,
    depthwise_conv2d,
    separable_conv1d,
    separable_conv2d,
)
from .ops.control import foldl, foldr, in_test_phase, in_train_phase, map_fn, rnn, scan, switch, while_loop
from .ops.create import arange, constant, eye, ones, ones_like, placeholder, variable, zeros, zeros_like
from .ops.ctc import ctc_batch_cost, ctc_decode, ctc_label_dense_to_sparse
from .ops.elementwise import (
    abs,
    cast,
    clip,
    cos,
    elu,
    equal,
    exp,
    expm1,
    greater,
    greater_equal,
    hard_sigmoid,
    identity,
    less,
    less_equal,
    log,
    log1p,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    not_equal,
    pow,
    relu,
    round,
    sigmoid,
    sign,
    sin,
    softplus,
    softsign,
    sqrt,
    square,
    stop_gradient,
    tanh,
    where,
)
from .ops.image import (
    resize_images,
    resize_volumes,
    spatial_2d_padding,
    spatial_3d_padding,
    temporal_padding,
)
from .ops.index import gather, in_top_k, one_hot
from .ops.index import slice_ as slice
from .ops.linalg import batch_dot, bias_add, dense, dot
from .ops.local import local_conv1d, local_conv2d
from .ops.losses import binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy
from .ops.normalise import batch_normalization, normalize_batch_in_training
from .ops.outside import print_tensor
from .ops.pool import pool2d, pool3d
from .ops.random import (
    dropout,
    random_binomial,
    random_normal,
    random_normal_variable,
    random_uniform,
    random_uniform_variable,
    truncated_normal,
)
from .ops.recurrent import gru, lstm, simple_rnn
from .ops.reduce import (
    all,
    any,
    argmax,
    argmin,
    cumprod,
    cumsum,
    l2_normalize,
    log_softmax,
    logsumexp,
    max,
    mean,
    min,
    prod,
    softmax,
    std,
    sum,
    var,
)
from .ops.sparse import is_sparse, to_dense
from .values import *
