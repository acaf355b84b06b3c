"""Small things that many places need."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras import registry, utils
from keras.callbacks.bar import Progbar
from keras.layers.core import functions
from keras.utils import generic_utils as g


def test_names_are_the_same_things_everywhere() -> None:
    assert utils.Progbar is g.Progbar is utils.data_utils.Progbar is Progbar
    assert utils.CustomObjectScope is g.CustomObjectScope is registry.CustomObjectScope
    assert utils.get_custom_objects is g.get_custom_objects is registry.get_custom_objects
    assert g.has_arg is registry.has_arg


def test_custom_objects_in_a_scope() -> None:
    with utils.custom_object_scope({"twice": len}):
        assert utils.deserialize_keras_object("twice") is len
    assert "twice" not in utils.get_custom_objects()


def test_lists() -> None:
    assert g.to_list((1, 2)) == [(1, 2)]
    assert g.to_list((1, 2), allow_tuple=True) == [1, 2]
    same = [1]
    assert g.to_list(same) is same
    assert g.unpack_singleton([5]) == 5
    assert g.unpack_singleton((5, 6)) == (5, 6)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, True),
        ([None, None], True),
        ((None,), True),
        ([None, 0], False),
        (0, False),
        ([], True),
    ],
)
def test_all_none(value: Any, expected: bool) -> None:
    assert g.is_all_none(value) is expected


def test_uids_tell_objects_apart() -> None:
    a, b = object(), object()
    assert g.object_list_uid([a, b]) == g.object_list_uid((a, b)) != g.object_list_uid([b, a])
    assert g.object_list_uid(a) == g.object_list_uid([a])


@pytest.mark.parametrize("rows", [[2, 0], np.array([2, 0]), (2, 0)])
def test_rows_of_arrays(rows: Any) -> None:
    x = np.arange(8).reshape(4, 2)
    np.testing.assert_array_equal(g.slice_arrays([x, None], rows)[0], x[[2, 0]])
    np.testing.assert_array_equal(g.slice_arrays(x, rows), x[[2, 0]])


def test_slices_of_arrays() -> None:
    x = np.arange(8).reshape(4, 2)
    first, second = g.slice_arrays([x, None], 1, 3)
    np.testing.assert_array_equal(first, x[1:3])
    assert second is None
    np.testing.assert_array_equal(g.slice_arrays(x, 2), x[2:])
    assert g.slice_arrays(None) == [None]
    with pytest.raises(ValueError, match="row numbers have no `stop`; got 3"):
        g.slice_arrays(x, [1], 3)


def test_shapes_in_other_formats() -> None:
    assert g.transpose_shape((16, 128, 64, 3), "channels_first", (1, 2)) == (16, 3, 128, 64)
    assert g.transpose_shape([16, 8, 3], "channels_first", (1,)) == [16, 3, 8]
    assert g.transpose_shape((16, 8, 3), "channels_last", (1,)) == (16, 8, 3)
    with pytest.raises(ValueError, match="got 'first'"):
        g.transpose_shape((1, 2), "first", (1,))


def test_unexpected_keys() -> None:
    g.check_for_unexpected_keys("y", {"a": 1}, ["a", "b"])
    with pytest.raises(
        ValueError, match=r"`y` holds the unknown key 'outptu'; did you mean `output`\?"
    ):
        g.check_for_unexpected_keys("y", {"outptu": 1}, ["output", "other"])


def test_arguments_of_a_function() -> None:
    assert g.getargspec(lambda x, y=1, *, z: 0).args == ["x", "y"]


def test_dumped_functions_are_those_of_the_lambda_layer() -> None:
    assert g.func_dump is functions.func_dump
    assert g.func_load is functions.func_load
    with pytest.raises(ValueError, match="runs no code"):
        g.func_load("4wAAAA==")
