"""Trees of plain values: they come back as they were, and nothing in the file is code."""

from __future__ import annotations

import pickle
import random
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from keras.training import tree

PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary()
)
KEYS = st.one_of(st.text(), st.integers(), st.tuples(st.integers(), st.booleans()))
TREES = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.lists(inner, max_size=4).map(deque),
        st.dictionaries(KEYS, inner, max_size=4),
    ),
    max_leaves=12,
)


def back(value: Any, folder: Path) -> Any:
    tree.write(folder / "tree.npz", value)
    return tree.read(folder / "tree.npz")


@settings(max_examples=60)
@given(TREES)
def test_plain_values(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    found = back(value, tmp_path_factory.mktemp("tree"))
    assert found == value
    assert repr(found) == repr(value)  # types and orders, too


def test_sets(tmp_path: Path) -> None:
    assert back([{3, 1}, frozenset("ab")], tmp_path) == [{1, 3}, {"a", "b"}]


def test_arrays_and_states_of_generators(tmp_path: Path) -> None:
    value = {
        "a": np.arange(6.0).reshape(2, 3),
        "b": [np.float32(0.1), np.array(3), np.zeros((0, 2), "int8")],
        "c": random.getstate(),
        "d": np.random.get_state(legacy=False),
    }
    found = back(value, tmp_path)
    np.testing.assert_array_equal(found["a"], value["a"])
    assert [x.dtype for x in found["b"]] == [x.dtype for x in value["b"]]
    assert type(found["b"][0]) is np.float32
    assert found["c"] == value["c"]
    random.setstate(found["c"])
    np.random.set_state(found["d"])


@pytest.mark.parametrize(
    "value", [print, object(), [lambda: 1], np.array([None]), {"a": {1: open}}]
)
def test_what_can_not_be_kept(value: Any, tmp_path: Path) -> None:
    assert not tree.is_plain(value)
    with pytest.raises(tree.NotPlain, match="can't be kept"):
        tree.write(tmp_path / "tree.npz", value)
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return (Path(tmp_path / "run").touch, ())

    np.savez(tmp_path / "evil.npz", tree=np.array([Evil()], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        tree.read(tmp_path / "evil.npz")
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(ValueError, match="pickle"):
        tree.read(tmp_path / "pickle.npz")
    assert not (tmp_path / "run").exists()


def test_the_old_file_stays_until_the_new_one_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.write(tmp_path / "tree.npz", {"old": 1})

    def broken(*args: Any, **kwargs: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(np, "savez", broken)
    with pytest.raises(OSError, match="disk is full"):
        tree.write(tmp_path / "tree.npz", {"new": 1})
    assert tree.read(tmp_path / "tree.npz") == {"old": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["tree.npz"]
