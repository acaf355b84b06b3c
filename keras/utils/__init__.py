"""Helpers by their classic names. The table of contents."""

from . import (
    conv_utils as conv_utils,
    data_utils as data_utils,
    generic_utils as generic_utils,
    io_utils as io_utils,
    layer_utils as layer_utils,
    losses_utils as losses_utils,
    metrics_utils as metrics_utils,
    multi_gpu_utils as multi_gpu_utils,
    np_utils as np_utils,
)
from .data_utils import (
    GeneratorEnqueuer as GeneratorEnqueuer,
    OrderedEnqueuer as OrderedEnqueuer,
    Sequence as Sequence,
    get_file as get_file,
)
from .generic_utils import (
    CustomObjectScope as CustomObjectScope,
    Progbar as Progbar,
    custom_object_scope as custom_object_scope,
    deserialize_keras_object as deserialize_keras_object,
    get_custom_objects as get_custom_objects,
    serialize_keras_object as serialize_keras_object,
)
from .io_utils import (
    H5Dict as H5Dict,
    HDF5Matrix as HDF5Matrix,
)
from .layer_utils import (
    convert_all_kernels_in_model as convert_all_kernels_in_model,
    get_source_inputs as get_source_inputs,
    print_summary as print_summary,
)
from .multi_gpu_utils import (
    multi_gpu_model as multi_gpu_model,
)
from .np_utils import (
    normalize as normalize,
    to_categorical as to_categorical,
)
from .vis_utils import (
    model_to_dot as model_to_dot,
    plot_model as plot_model,
)
