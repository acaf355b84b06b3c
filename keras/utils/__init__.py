"""Helpers by their classic names. The table of contents."""

from . import (
    conv_utils,
    data_utils,
    generic_utils,
    io_utils,
    layer_utils,
    losses_utils,
    metrics_utils,
    multi_gpu_utils,
    np_utils,
)
from .data_utils import GeneratorEnqueuer, OrderedEnqueuer, Sequence, get_file
from .generic_utils import (
    CustomObjectScope,
    Progbar,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    serialize_keras_object,
)
from .io_utils import H5Dict, HDF5Matrix
from .layer_utils import convert_all_kernels_in_model, get_source_inputs, print_summary
from .multi_gpu_utils import multi_gpu_model
from .np_utils import normalize, to_categorical
from .vis_utils import model_to_dot, plot_model
