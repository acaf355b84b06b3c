"""Batches of arrays: what they hold, and that they come again the same."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from keras import utils
from keras.layers import Dense, Flatten
from keras.models import Sequential
from keras.preprocessing.image import ImageDataGenerator, Iterator, NumpyArrayIterator, load_img

X = np.random.RandomState(0).uniform(0, 255, (10, 6, 5, 3)).astype("float32")
Y = np.arange(10)
CHANGES = {"rotation_range": 40, "zoom_range": 0.2, "horizontal_flip": True}


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, (list, tuple)):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    else:
        np.testing.assert_array_equal(one, other)


def epochs(flow: Any, n: int = 2) -> list[Any]:
    made = []
    for _ in range(n):
        made += [flow[i] for i in range(len(flow))]
        flow.on_epoch_end()
    return made


def test_all_samples_once_an_epoch() -> None:
    flow = ImageDataGenerator().flow(X, Y, batch_size=4)
    assert isinstance(flow, utils.Sequence)
    batches = [next(flow) for _ in range(6)]
    assert [len(y) for _, y in batches] == [4, 4, 2] * 2
    for epoch in (batches[:3], batches[3:]):
        assert sorted(np.concatenate([y for _, y in epoch])) == list(range(10))
        for x, y in epoch:
            np.testing.assert_array_equal(x, X[y])
    assert flow.total_batches_seen == 6


@given(
    n=st.integers(1, 12),
    batch_size=st.integers(1, 14),
    shuffle=st.booleans(),
    seed=st.one_of(st.none(), st.integers(0, 2**31)),
    by_number=st.booleans(),
)
def test_every_epoch_has_every_sample_once(
    n: int, batch_size: int, shuffle: bool, seed: int | None, by_number: bool
) -> None:
    class Rows(Iterator):
        def _get_batches_of_transformed_samples(self, index_array: Any) -> Any:
            return list(index_array)

    rows = Rows(n, batch_size, shuffle, seed)
    size = -(-n // batch_size)
    made = epochs(rows, 3) if by_number else [next(rows) for _ in range(3 * size)]
    assert len(rows) == size
    for epoch in (made[:size], made[size : 2 * size], made[2 * size :]):
        assert [len(batch) for batch in epoch[:-1]] == [batch_size] * (size - 1)
        flat = [row for batch in epoch for row in batch]
        assert sorted(flat) == list(range(n))
        assert shuffle or flat == list(range(n))


def test_by_number_and_one_after_the_other_are_the_same_with_a_seed() -> None:
    generator = ImageDataGenerator(**CHANGES)
    for shuffle in (True, False):
        arguments = {"batch_size": 4, "seed": 3, "shuffle": shuffle}
        flow = generator.flow(X, Y, **arguments)
        assert_same([next(flow) for _ in range(6)], epochs(generator.flow(X, Y, **arguments)))


@pytest.mark.parametrize("seed", [None, 5])
@pytest.mark.parametrize(("workers", "processes"), [(1, False), (4, False), (2, True)])
def test_workers_make_the_same_batches(seed: int | None, workers: int, processes: bool) -> None:
    def flow() -> Any:
        np.random.seed(8)
        return ImageDataGenerator(**CHANGES).flow(X, Y, batch_size=3, seed=seed)

    enqueuer = utils.OrderedEnqueuer(flow(), use_multiprocessing=processes)
    enqueuer.start(workers=workers, max_queue_size=4)
    made = enqueuer.get()
    got = [next(made) for _ in range(8)]
    enqueuer.stop()
    assert_same(got, epochs(flow()))


def test_numpy_seeds_what_has_no_seed() -> None:
    def drawn(seed: int) -> Any:
        np.random.seed(seed)
        flow = ImageDataGenerator(**CHANGES).flow(X, batch_size=4)
        return [next(flow) for _ in range(4)]

    assert_same(drawn(1), drawn(1))
    assert not np.array_equal(drawn(1)[0], drawn(2)[0])


def test_images_and_masks_are_changed_alike() -> None:
    def noise(x: Any) -> Any:
        return x + np.random.uniform(-1, 1)

    pairs = zip(
        *(
            ImageDataGenerator(**CHANGES, preprocessing_function=noise).flow(
                X, batch_size=4, seed=1
            )
            for _ in range(2)
        ),
        strict=True,
    )
    for _ in range(5):
        one, other = next(pairs)
        np.testing.assert_array_equal(one, other)


def test_more_inputs_and_weights() -> None:
    generator = ImageDataGenerator(validation_split=0.4)
    more = [Y * 10, np.eye(10)]
    flow = generator.flow(
        [X, more], [0, 1] * 5, sample_weight=Y / 2, shuffle=False, subset="training"
    )
    (x, tens, rows), y, weights = next(flow)
    np.testing.assert_array_equal(x, X[4:])
    assert tens.tolist() == [40, 50, 60, 70, 80, 90]
    assert rows.shape == (6, 10)
    assert weights.tolist() == [2, 2.5, 3, 3.5, 4, 4.5]
    assert len(next(generator.flow(X, subset="validation"))) == 4
    assert len(y) == 6


def test_what_is_refused() -> None:
    generator = ImageDataGenerator(validation_split=0.4)
    for arguments, message in (
        ({"x": X[0]}, r"needs images of shape .* got \(6, 5, 3\)"),
        ({"x": X, "y": Y[1:]}, "`y` has 9 samples, but there are 10"),
        ({"x": X, "sample_weight": Y[1:]}, "`sample_weight` has 9"),
        ({"x": [X, Y[1:]]}, r"`x\[1\]` has 9"),
        ({"x": X, "subset": "test"}, "'training' or 'validation', got 'test'"),
        ({"x": X, "y": Y > 4, "subset": "training"}, "same classes"),
        ({"x": X, "batch_size": 0}, "at least 1"),
    ):
        with pytest.raises(ValueError, match=message):
            generator.flow(**arguments)
    with pytest.raises(ValueError, match="no batch 1: an epoch has 1"):
        generator.flow(X)[1]
    with pytest.warns(UserWarning, match="5 channels"):
        generator.flow(np.zeros((2, 4, 4, 5)))


def test_written_to_a_folder(tmp_path: Path) -> None:
    flow = ImageDataGenerator().flow(
        X,
        batch_size=4,
        shuffle=False,
        save_to_dir=tmp_path / "new",
        save_prefix="p",
        save_format="bmp",
    )
    made = next(flow)
    files = sorted((tmp_path / "new").iterdir())
    assert [path.name.split("_")[:2] for path in files] == [["p", str(i)] for i in range(4)]
    assert load_img(files[0]).size == made.shape[2:0:-1]


def test_pickled() -> None:
    flow = ImageDataGenerator(**CHANGES).flow(X, Y, batch_size=4, seed=2)
    again = pickle.loads(pickle.dumps(flow))
    assert_same(epochs(again), epochs(flow))
    assert_same(next(again)[1].shape, (4,))


def test_own_iterators_of_either_kind() -> None:
    class Squares(Iterator):
        def _get_batches_of_transformed_samples(self, index_array: Any) -> Any:
            return index_array**2

    class Doubled(NumpyArrayIterator):
        def next(self) -> Any:
            with self.lock:
                index_array = next(self.index_generator)
            return 2 * self._get_batches_of_transformed_samples(index_array)

    squares = Squares(5, 2, shuffle=False, seed=None)
    assert [next(squares).tolist() for _ in range(4)] == [[0, 1], [4, 9], [16], [0, 1]]
    squares.reset()
    assert next(squares).tolist() == [0, 1]
    doubled = Doubled(X, None, ImageDataGenerator(), batch_size=10)
    np.testing.assert_array_equal(next(doubled), 2 * X)
    with pytest.raises(NotImplementedError, match="`Iterator` needs"):
        next(Iterator(3, 1, False, None))


def test_own_transforms_are_used() -> None:
    class Turned(ImageDataGenerator):
        def get_random_transform(self, img_shape: Any, seed: int | None = None) -> Any:
            return super().get_random_transform(img_shape, seed) | {"flip_vertical": True}

    flow = Turned(rotation_range=0).flow(X, shuffle=False)
    np.testing.assert_array_equal(next(flow), X[:, ::-1])


def test_a_model_trains_and_predicts_from_it() -> None:
    model = Sequential([Flatten(input_shape=(6, 5, 3)), Dense(1)])
    model.compile("sgd", "mse")
    generator = ImageDataGenerator(rescale=1 / 255)
    history = model.fit_generator(generator.flow(X, Y, batch_size=4), epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
    expected = model.predict(X / 255)
    got = model.predict_generator(generator.flow(X, batch_size=4, shuffle=False), workers=2)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
