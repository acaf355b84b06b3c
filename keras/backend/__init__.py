"""K: tensors, their functions, and the engine that computes them. The classic namespace."""

from typing import Any

from . import (
    common as common,
    config as config,
    engines as engines,
)
from .config import (
    backend as backend,
    epsilon as epsilon,
    floatx as floatx,
    image_data_format as image_data_format,
    image_dim_ordering as image_dim_ordering,
    normalize_data_format as normalize_data_format,
    set_epsilon as set_epsilon,
    set_floatx as set_floatx,
    set_image_data_format as set_image_data_format,
    set_image_dim_ordering as set_image_dim_ordering,
)
from .graph.function import (
    ExecutionError as ExecutionError,
    Function as Function,
    evaluate as evaluate,
    function as function,
    learning_phase as learning_phase,
    set_learning_phase as set_learning_phase,
)
from .graph.gradients import (
    gradients as gradients,
)
from .graph.op import (
    TensorList as TensorList,
)
from .graph.state import (
    Variable as Variable,
    control_dependencies as control_dependencies,
    update as update,
)
from .graph.tensor import (
    Constant as Constant,
    Placeholder as Placeholder,
    Spec as Spec,
    Tensor as Tensor,
)
from .keras1 import (
    asymmetric_spatial_2d_padding as asymmetric_spatial_2d_padding,
    asymmetric_temporal_padding as asymmetric_temporal_padding,
    atrous_conv2d as atrous_conv2d,
    batch_get_value as batch_get_value,
    conv1d as conv1d,
    conv2d as conv2d,
    conv3d as conv3d,
    deconv2d as deconv2d,
    expand_dims as expand_dims,
    get_variable_shape as get_variable_shape,
    image_ordering as image_ordering,
    legacy_weight_ordering as legacy_weight_ordering,
    lesser as lesser,
    lesser_equal as lesser_equal,
    moving_average_update as moving_average_update,
    one_hot as one_hot,
    pool2d as pool2d,
    pool3d as pool3d,
    random_normal as random_normal,
    random_uniform as random_uniform,
    resize_images as resize_images,
    resize_volumes as resize_volumes,
    separable_conv2d as separable_conv2d,
    set_image_ordering as set_image_ordering,
    set_legacy_weight_ordering as set_legacy_weight_ordering,
    spatial_2d_padding as spatial_2d_padding,
    spatial_3d_padding as spatial_3d_padding,
    tf_major_version as tf_major_version,
    tf_minor_version as tf_minor_version,
)
from .ops import (
    native as _native,  # numpy and engines on tensors
    numpy_names as _numpy_names,
)
from .ops.activations import (
    elu as elu,
    hard_sigmoid as hard_sigmoid,
    relu as relu,
    sigmoid as sigmoid,
    softplus as softplus,
    softsign as softsign,
    tanh as tanh,
)
from .ops.arrange import (
    batch_flatten as batch_flatten,
    concatenate as concatenate,
    flatten as flatten,
    permute_dimensions as permute_dimensions,
    repeat as repeat,
    repeat_elements as repeat_elements,
    reshape as reshape,
    reverse as reverse,
    set_static_sizes as _set_static_sizes,
    size as size,
    squeeze as squeeze,
    stack as stack,
    tile as tile,
    transpose as transpose,
)
from .ops.control import (
    foldl as foldl,
    foldr as foldr,
    in_test_phase as in_test_phase,
    in_train_phase as in_train_phase,
    map_fn as map_fn,
    rnn as rnn,
    scan as scan,
    switch as switch,
    while_loop as while_loop,
)
from .ops.conv import (
    conv2d_transpose as conv2d_transpose,
    conv3d_transpose as conv3d_transpose,
    depthwise_conv2d as depthwise_conv2d,
    separable_conv1d as separable_conv1d,
)
from .ops.create import (
    arange as arange,
    constant as constant,
    eye as eye,
    ones as ones,
    ones_like as ones_like,
    placeholder as placeholder,
    variable as variable,
    zeros as zeros,
    zeros_like as zeros_like,
)
from .ops.ctc import (
    ctc_batch_cost as ctc_batch_cost,
    ctc_decode as ctc_decode,
    ctc_label_dense_to_sparse as ctc_label_dense_to_sparse,
)
from .ops.elementwise import (
    abs as abs,
    cast as cast,
    clip as clip,
    cos as cos,
    exp as exp,
    expm1 as expm1,
    identity as identity,
    log as log,
    log1p as log1p,
    maximum as maximum,
    minimum as minimum,
    pow as pow,
    round as round,
    sign as sign,
    sin as sin,
    sqrt as sqrt,
    square as square,
    stop_gradient as stop_gradient,
)
from .ops.image import (
    temporal_padding as temporal_padding,
)
from .ops.index import (
    gather as gather,
    in_top_k as in_top_k,
    slice_ as _slice,
)
from .ops.linalg import (
    batch_dot as batch_dot,
    bias_add as bias_add,
    dense as dense,
    dot as dot,
)
from .ops.local import (
    local_conv1d as local_conv1d,
    local_conv2d as local_conv2d,
)
from .ops.losses import (
    binary_crossentropy as binary_crossentropy,
    categorical_crossentropy as categorical_crossentropy,
    sparse_categorical_crossentropy as sparse_categorical_crossentropy,
)
from .ops.normalise import (
    batch_normalization as batch_normalization,
    normalize_batch_in_training as normalize_batch_in_training,
)
from .ops.outside import (
    print_tensor as print_tensor,
)
from .ops.random import (
    dropout as dropout,
    random_binomial as random_binomial,
    random_normal_variable as random_normal_variable,
    random_uniform_variable as random_uniform_variable,
    truncated_normal as truncated_normal,
)
from .ops.recurrent import (
    gru as gru,
    lstm as lstm,
    simple_rnn as simple_rnn,
)
from .ops.reduce import (
    all as all,
    any as any,
    argmax as argmax,
    argmin as argmin,
    cumprod as cumprod,
    cumsum as cumsum,
    l2_normalize as l2_normalize,
    log_softmax as log_softmax,
    logsumexp as logsumexp,
    max as max,
    mean as mean,
    min as min,
    prod as prod,
    softmax as softmax,
    std as std,
    sum as sum,
    var as var,
)
from .ops.sparse import (
    is_sparse as is_sparse,
    to_dense as to_dense,
)
from .ops.steps import (
    adam_step as adam_step,
    momentum_step as momentum_step,
    rmsprop_step as rmsprop_step,
)
from .ops.truth import (
    equal as equal,
    greater as greater,
    greater_equal as greater_equal,
    less as less,
    less_equal as less_equal,
    logical_and as logical_and,
    logical_not as logical_not,
    logical_or as logical_or,
    not_equal as not_equal,
    where as where,
)
from .session import (
    eager as eager,
    get_session as get_session,
    manual_variable_initialization as manual_variable_initialization,
    set_session as set_session,
    symbolic as symbolic,
)
from .values import (
    batch_set_value as batch_set_value,
    cast_to_floatx as cast_to_floatx,
    clear_session as clear_session,
    count_params as count_params,
    device as device,
    dtype as dtype,
    eval as eval,
    get_uid as get_uid,
    get_value as get_value,
    int_shape as int_shape,
    is_keras_tensor as is_keras_tensor,
    is_placeholder as is_placeholder,
    is_tensor as is_tensor,
    is_variable as is_variable,
    name_scope as name_scope,
    ndim as ndim,
    reset_uids as reset_uids,
    set_value as set_value,
    update_add as update_add,
    update_sub as update_sub,
)

shape, slice = _set_static_sizes, _slice


def __getattr__(name: str) -> Any:
    """The settings as the attributes that scripts of Keras 1 read."""
    read = {"_BACKEND": backend, "_EPSILON": epsilon, "_FLOATX": floatx}
    if name in read:
        return read[name]()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
