"""`acc` and `accuracy` are one name."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from keras.callbacks.spelling import EitherSpelling, look_up, other_spelling


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("acc", "accuracy"),
        ("val_acc", "val_accuracy"),
        ("val_out_acc", "val_out_accuracy"),
        ("acc_1", "accuracy_1"),
        ("binary_accuracy", "binary_acc"),
    ],
)
def test_both_ways(one: str, other: str) -> None:
    assert other_spelling(one) == other
    assert other_spelling(other) == one


@pytest.mark.parametrize("name", ["loss", "accumulated", "vacc", "accuracy_of", "acc_x"])
def test_other_names_stay(name: str) -> None:
    assert other_spelling(name) == name


def test_a_dict_in_either_spelling_shows_what_was_written() -> None:
    history = EitherSpelling(acc=1, val_accuracy=2)
    assert (history["acc"], history["accuracy"], history["val_acc"]) == (1, 1, 2)
    assert "accuracy" in history
    assert "val_accuracy_1" not in history
    assert history.get("nothing", 7) == 7
    assert list(history) == ["acc", "val_accuracy"]
    with pytest.raises(KeyError, match="los"):
        history["los"]


def test_what_was_written_wins() -> None:
    both = EitherSpelling(acc=1, accuracy=2)
    assert (both["acc"], both["accuracy"], look_up(both, "acc")) == (1, 2, 1)


def test_it_leaves_as_a_plain_dict() -> None:
    history = EitherSpelling(acc=[1.0])
    for left in (pickle.loads(pickle.dumps(history)), copy.deepcopy(history)):
        assert type(left) is dict
        assert left == {"acc": [1.0]}
    assert json.dumps(history) == '{"acc": [1.0]}'


def test_plain_dicts_are_looked_up_too() -> None:
    assert look_up({"accuracy": 3}, "acc") == 3
    assert look_up({"accuracy": 3}, "val_acc") is None
