"""The table is complete, and its checks can fail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.backend.graph import runtime
from keras.backend.graph.op import DECLARED
from keras.backend.graph.tensor import Node, Tensor
from tests.backend.ops.samples import SAMPLES
from tests.backend.ops.table import Sample, call, compare, real, rows, slopes

# Ops with tests of their own, and where.
ELSEWHERE = {
    "branch scan while_loop in_train_phase": "test_control.py",
    "random_uniform random_normal truncated_normal random_binomial dropout_mask": "test_random.py",
    "native": "test_foreign.py",
    "print_tensor": "tests/backend/test_function.py",
    "adam_step momentum_step rmsprop_step": "tests/optimizers",
    "extent": "a number beside the engine, in every gradient of a mean",
}
# Functions of K that are no computation, or are tested with their ops above.
SETTINGS = [
    "backend",
    "epsilon",
    "set_epsilon",
    "floatx",
    "set_floatx",
    "image_data_format",
    "set_image_data_format",
    "image_dim_ordering",
    "set_image_dim_ordering",
    "image_ordering",
    "set_image_ordering",
    "normalize_data_format",
    "legacy_weight_ordering",
    "set_legacy_weight_ordering",
    "learning_phase",
    "set_learning_phase",
    "manual_variable_initialization",
    "get_session",
    "set_session",
    "clear_session",
    "device",
    "name_scope",
    "control_dependencies",
    "symbolic",
    "eager",
    "reset_uids",
    "get_uid",
    "variable",
    "placeholder",
    "eval",
    "evaluate",
    "function",
    "gradients",
    "update",
    "update_add",
    "update_sub",
    "moving_average_update",
    "get_value",
    "set_value",
    "batch_get_value",
    "batch_set_value",
    "count_params",
    "dtype",
    "ndim",
    "int_shape",
    "get_variable_shape",
    "is_keras_tensor",
    "is_placeholder",
    "is_sparse",
    "is_tensor",
    "is_variable",
    "cast_to_floatx",
    "to_dense",
    "print_tensor",
    "switch",
    "in_train_phase",
    "in_test_phase",
    "rnn",
    "scan",
    "while_loop",
    "map_fn",
    "foldl",
    "foldr",
    "dropout",
    "random_uniform",
    "random_normal",
    "truncated_normal",
    "random_binomial",
    "random_normal_variable",
    "random_uniform_variable",
    "ctc_decode",
    "ctc_label_dense_to_sparse",
    "adam_step",
    "momentum_step",
    "rmsprop_step",
    "asymmetric_spatial_2d_padding",
    "asymmetric_temporal_padding",
    "atrous_conv2d",
    "deconv2d",
]


def nodes(tensors: Iterable[Any]) -> Iterable[Node]:
    """All nodes below some tensors, those of definitions of composites included."""
    seen: set[Node] = set()
    stack = [t for t in tensors if isinstance(t, Tensor)]
    while stack:
        node = stack.pop().node
        if node is None or node in seen:
            continue
        seen.add(node)
        stack.extend(node.tensors())
        stack.extend(node.expansion or ())
    return seen


def test_every_op_has_a_sample() -> None:
    used = set()
    for sample in SAMPLES:
        for unknown in ("none", "all" if sample.call.open in ("all", "first") else "none"):
            made = sample.with_arrays(sample.function, sample.placeholders(unknown))
            used.update(node.op.name for node in nodes(made))
    elsewhere = {name for names in ELSEWHERE for name in names.split()}
    assert set(DECLARED) - used - elsewhere == set(), "these ops have no sample"
    assert elsewhere <= set(DECLARED), "these ops don't exist any more"


def test_every_function_of_k_has_a_sample() -> None:
    functions = {
        name
        for name, thing in vars(K).items()
        if callable(thing) and not isinstance(thing, type) and not name.startswith("_")
    }
    sampled = {sample.name for sample in SAMPLES}
    assert functions - sampled - set(SETTINGS) == set(), "these functions have no sample"
    assert set(SETTINGS) <= functions, "these functions don't exist any more"


def test_every_primitive_has_a_row() -> None:
    table = runtime.engine().table
    beside = {"shape", "extent", "in_train_phase"}  # settled before an engine is asked
    missing = {name for name, op in DECLARED.items() if op.body is None} - set(table) - beside
    assert missing == set(), f"the {runtime.engine().name} engine has no row for these"


def test_every_row_belongs_to_an_op() -> None:
    strangers = set(runtime.engine().table) - set(DECLARED)
    assert {name for name in strangers if not name.startswith("steps")} == set()


@pytest.mark.parametrize(
    "wrong",
    [
        np.array([1.0, 2.1]),
        np.array([[1.0, 2.0]]),
        np.array([1.0, np.nan]),
        np.array([1, 2]),
    ],
)
def test_a_wrong_value_is_found(wrong: np.ndarray) -> None:
    compare(np.array([1.0, 2.0]), np.array([1.0, 2.0]), 1e-9)
    with pytest.raises(AssertionError):
        compare(wrong, np.array([1.0, 2.0]), 1e-9)


def test_differences_are_a_gradient() -> None:
    x = real(2, 3)
    (found,) = slopes(lambda arrays: float(np.sum(arrays[0] ** 3)), [x])
    np.testing.assert_allclose(found, 3 * x**2, rtol=1e-6)


def test_arrays_of_a_sample_are_replaced() -> None:
    (sample,) = rows(K.concatenate, np.concatenate, call([real(2), real(3)], axis=0))
    assert [a.shape for a in sample.arrays()] == [(2,), (3,)]
    (made,) = sample.with_arrays(np.concatenate, [np.zeros(2), np.ones(3)])
    np.testing.assert_array_equal(made, [0, 0, 1, 1, 1])
    assert isinstance(sample, Sample)
