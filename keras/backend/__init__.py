"""K: tensors, their functions, and the engine that computes them. The classic namespace."""

from typing import Any

from . import common, config, engines
from .config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    image_dim_ordering,
    normalize_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
    set_image_dim_ordering,
)
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
from .graph.state import Variable, control_dependencies, update
from .graph.tensor import Constant, Placeholder, Spec, Tensor
from .keras1 import (
    asymmetric_spatial_2d_padding,
    asymmetric_temporal_padding,
    atrous_conv2d,
    batch_get_value,
    conv1d,
    conv2d,
    conv3d,
    deconv2d,
    expand_dims,
    get_variable_shape,
    image_ordering,
    legacy_weight_ordering,
    lesser,
    lesser_equal,
    moving_average_update,
    one_hot,
    pool2d,
    pool3d,
    random_normal,
    random_uniform,
    resize_images,
    resize_volumes,
    separable_conv2d,
    set_image_ordering,
    set_legacy_weight_ordering,
    spatial_2d_padding,
    spatial_3d_padding,
    tf_major_version,
    tf_minor_version,
)
from .ops import native as _native  # numpy and engines on tensors
from .ops import numpy_names as _numpy_names
from .ops.activations import (
    elu,
    hard_sigmoid,
    relu,
    sigmoid,
    softplus,
    softsign,
    tanh,
)
from .ops.arrange import (
    batch_flatten,
    concatenate,
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
from .ops.control import (
    foldl,
    foldr,
    in_test_phase,
    in_train_phase,
    map_fn,
    rnn,
    scan,
    switch,
    while_loop,
)
from .ops.conv import conv2d_transpose, conv3d_transpose, depthwise_conv2d, separable_conv1d
from .ops.create import (
    arange,
    constant,
    eye,
    ones,
    ones_like,
    placeholder,
    variable,
    zeros,
    zeros_like,
)
from .ops.ctc import ctc_batch_cost, ctc_decode, ctc_label_dense_to_sparse
from .ops.elementwise import (
    abs,
    cast,
    clip,
    cos,
    exp,
    expm1,
    identity,
    log,
    log1p,
    maximum,
    minimum,
    pow,
    round,
    sign,
    sin,
    sqrt,
    square,
    stop_gradient,
)
from .ops.image import temporal_padding
from .ops.index import gather, in_top_k
from .ops.index import slice_ as slice
from .ops.linalg import batch_dot, bias_add, dense, dot
from .ops.local import local_conv1d, local_conv2d
from .ops.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from .ops.normalise import batch_normalization, normalize_batch_in_training
from .ops.outside import print_tensor
from .ops.random import (
    dropout,
    random_binomial,
    random_normal_variable,
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
from .ops.steps import adam_step, rmsprop_step
from .ops.truth import (
    equal,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    not_equal,
    where,
)
from .session import (
    eager,
    get_session,
    manual_variable_initialization,
    set_session,
    symbolic,
)
from .values import (
    batch_set_value,
    cast_to_floatx,
    clear_session,
    count_params,
    device,
    dtype,
    eval,
    get_uid,
    get_value,
    int_shape,
    is_keras_tensor,
    is_placeholder,
    is_tensor,
    is_variable,
    name_scope,
    ndim,
    reset_uids,
    set_value,
    update_add,
    update_sub,
)


def __getattr__(name: str) -> Any:
    """The settings as the attributes that scripts of Keras 1 read."""
    read = {"_BACKEND": backend, "_EPSILON": epsilon, "_FLOATX": floatx}
    if name in read:
        return read[name]()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
