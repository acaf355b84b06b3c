"""What `keras.engine` offered to those who looked inside: helpers of training and of files."""

from __future__ import annotations

from ...training.feed.generators import is_sequence
from ...utils.generic_utils import slice_arrays
from .arrays import (
    batch_shuffle as batch_shuffle,
    check_array_length_consistency as check_array_length_consistency,
    check_array_lengths as check_array_lengths,
    check_generator_arguments as check_generator_arguments,
    check_num_samples as check_num_samples,
    get_input_shape_and_dtype as get_input_shape_and_dtype,
    get_static_batch_size as get_static_batch_size,
    is_generator_or_sequence as is_generator_or_sequence,
    iter_sequence_infinite as iter_sequence_infinite,
    make_batches as make_batches,
    should_run_validation as should_run_validation,
    slice_X as slice_X,
    standardize_input_data as standardize_input_data,
    standardize_single_array as standardize_single_array,
)
from .compiling import (
    call_metric_function as call_metric_function,
    check_loss_and_target_compatibility as check_loss_and_target_compatibility,
    collect_metrics as collect_metrics,
    collect_per_output_metric_info as collect_per_output_metric_info,
    get_loss_function as get_loss_function,
    get_metric_function as get_metric_function,
    get_metric_name as get_metric_name,
    get_output_sample_weight_and_mode as get_output_sample_weight_and_mode,
    prepare_loss_functions as prepare_loss_functions,
    prepare_loss_weights as prepare_loss_weights,
    prepare_sample_weights as prepare_sample_weights,
    standardize_class_weights as standardize_class_weights,
    standardize_sample_or_class_weights as standardize_sample_or_class_weights,
    standardize_sample_weights as standardize_sample_weights,
    standardize_weights as standardize_weights,
    weighted_masked_objective as weighted_masked_objective,
    weighted_objective as weighted_objective,
)
from .files import (
    allow_read_from_gcs as allow_read_from_gcs,
    allow_write_to_gcs as allow_write_to_gcs,
    load_attributes_from_hdf5_group as load_attributes_from_hdf5_group,
    load_weights_from_hdf5_group as load_weights_from_hdf5_group,
    load_weights_from_hdf5_group_by_name as load_weights_from_hdf5_group_by_name,
    pickle_model as pickle_model,
    preprocess_weights_for_loading as preprocess_weights_for_loading,
    save_attributes_to_hdf5_group as save_attributes_to_hdf5_group,
    save_weights_to_hdf5_group as save_weights_to_hdf5_group,
    unpickle_model as unpickle_model,
)
from .loops import (
    count_params as count_params,
    evaluate_generator as evaluate_generator,
    fit_generator as fit_generator,
    fit_loop as fit_loop,
    predict_generator as predict_generator,
    predict_loop as predict_loop,
    print_layer_summary as print_layer_summary,
    test_loop as test_loop,
)
