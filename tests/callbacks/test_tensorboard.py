"""TensorBoard: what its own reader finds in the files, against numpy and the model itself."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf import text_format
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import graph_pb2
from tensorboard.plugins.projector import projector_config_pb2

from keras import backend as K
from keras.callbacks import TensorBoard
from keras.callbacks.tensorboard import events, images
from keras.layers import Conv2D, Dense, Embedding, Flatten, GlobalMaxPooling2D, Input
from keras.models import Model, Sequential

ALL = {"scalars": 0, "histograms": 0, "images": 0, "graph": 0}


def read(folder: Path) -> EventAccumulator:
    return EventAccumulator(str(folder), size_guidance=ALL).Reload()


def data(rows: int = 24) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 6)).astype("float32")
    return x, (x.sum(axis=1, keepdims=True) > 0).astype("float32")


def mlp() -> Sequential:
    np.random.seed(1)
    model = Sequential(
        [
            Dense(5, activation="relu", input_shape=(6,), name="hidden"),
            Dense(1, activation="sigmoid", name="out"),
        ]
    )
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    return model


def test_the_numbers_of_each_epoch(tmp_path: Path) -> None:
    x, y = data()
    history = mlp().fit(
        x, y, epochs=3, verbose=0, validation_split=0.25, callbacks=[TensorBoard(tmp_path)]
    )
    found = read(tmp_path)
    assert set(found.Tags()["scalars"]) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for name, values in history.history.items():
        scalars = found.Scalars(name)
        assert [s.step for s in scalars] == [0, 1, 2]
        np.testing.assert_allclose([s.value for s in scalars], values, rtol=1e-6)


@pytest.mark.parametrize(
    ("frequency", "steps"), [("batch", [8, 16, 20]), (10, [16]), (16, [16]), (8.5, [8, 16])]
)
def test_numbers_between_epochs(tmp_path: Path, frequency: Any, steps: list[int]) -> None:
    x, y = data(20)
    callback = TensorBoard(tmp_path, update_freq=frequency)
    model = mlp()
    model.fit(x, y, batch_size=8, epochs=1, verbose=0, shuffle=False, callbacks=[callback])
    scalars = read(tmp_path).Scalars("loss")
    assert [s.step for s in scalars] == [*steps, 20]  # the last one is the mean of the epoch


def test_batches_are_listened_to_only_if_asked(tmp_path: Path) -> None:
    from keras.callbacks import CallbackList

    assert not CallbackList([TensorBoard(tmp_path)]).listens("train")
    assert CallbackList([TensorBoard(tmp_path, update_freq="batch")]).listens("train")


def test_the_graph_names_every_layer_and_is_complete(tmp_path: Path) -> None:
    x, y = data()
    mlp().fit(x, y, verbose=0, callbacks=[TensorBoard(tmp_path)])
    graph = graph_pb2.GraphDef.FromString(read(tmp_path).Graph().SerializeToString())
    names = [node.name for node in graph.node]
    assert len(names) == len(set(names))
    for node in graph.node:
        for source in node.input:
            assert source.split(":")[0] in names[: names.index(node.name)]
    scopes = {name.split("/")[0] for name in names}
    assert {"hidden", "out", "loss", "accuracy", "SGD", "hidden_input"} <= scopes
    kernel = next(node for node in graph.node if node.name == "hidden/kernel")
    shape = kernel.attr["_output_shapes"].list.shape[0]
    assert [d.size for d in shape.dim] == [6, 5]
    assert kernel.op == "VariableV2"


def test_no_graph_if_nobody_wants_it(tmp_path: Path) -> None:
    x, y = data()
    mlp().fit(x, y, verbose=0, callbacks=[TensorBoard(tmp_path, write_graph=False)])
    assert not read(tmp_path).Tags()["graph"]


def test_distributions_of_weights_outputs_and_gradients(tmp_path: Path) -> None:
    x, y = data()
    callback = TensorBoard(tmp_path, histogram_freq=2, write_grads=True, batch_size=7)
    model = mlp()
    model.fit(
        x, y, epochs=3, verbose=0, batch_size=24, validation_data=(x, y), callbacks=[callback]
    )
    found = read(tmp_path)
    weights = ["hidden/kernel_0", "hidden/bias_0", "out/kernel_0", "out/bias_0"]
    assert set(found.Tags()["histograms"]) == {
        *weights,
        *(f"{name}_grad" for name in weights),
        "hidden_out",
        "out_out",
        "hidden_input_out",
    }
    for name in found.Tags()["histograms"]:
        assert [h.step for h in found.Histograms(name)] == [0, 2]
    # after the last epoch the model is as the last histograms saw it
    kernel = K.get_value(model.layers[0].weights[0])
    check(found.Histograms("hidden/kernel_0")[-1], kernel)
    check(found.Histograms("out_out")[-1], model.predict(x))
    batches = [slice(start, start + 7) for start in range(0, 24, 7)]
    slopes = []
    for rows in batches:
        p = model.predict(x[rows])
        hidden = K.function([model.inputs[0]], [model.layers[0].output])([x[rows]])[0]
        slopes.append(hidden.T @ (p - y[rows]) / len(p))  # of the crossentropy of a sigmoid
    check(found.Histograms("out/kernel_0_grad")[-1], np.concatenate(slopes), rtol=1e-3)


def check(histogram: Any, values: np.ndarray, rtol: float = 1e-5) -> None:
    value = histogram.histogram_value
    values = values.astype("float64").ravel()
    assert value.num == values.size
    np.testing.assert_allclose([value.min, value.max], [values.min(), values.max()], rtol=rtol)
    np.testing.assert_allclose(value.sum, values.sum(), rtol=rtol, atol=1e-5)
    np.testing.assert_allclose(value.sum_squares, (values**2).sum(), rtol=rtol, atol=1e-7)
    edges = [-np.inf, *value.bucket_limit]
    moved = np.nextafter(edges, np.inf)  # a bucket holds its upper limit
    counts = np.histogram(values, moved)[0]
    assert abs(counts - np.asarray(value.bucket)).sum() <= (0 if rtol <= 1e-5 else 2)


def test_a_histogram_is_the_same_in_parts() -> None:
    values = np.random.default_rng(3).normal(size=(50, 3)) * 10.0 ** np.arange(-5, 4, 4)
    whole, parts = events.Histogram(values), events.Histogram()
    for part in np.split(values, 5):
        parts.add(part)
    left, right = whole.as_fields(), parts.as_fields()
    np.testing.assert_array_equal(left["bucket"], right["bucket"])
    np.testing.assert_allclose(left["sum_squares"], right["sum_squares"])
    assert left["bucket"].sum() == 150
    assert events.Histogram([np.nan, np.inf]).count == 0


def test_without_validation_data_there_are_the_weights_and_a_word(tmp_path: Path) -> None:
    x, y = data()
    with pytest.warns(RuntimeWarning, match="validation data in arrays"):
        mlp().fit(x, y, epochs=2, verbose=0, callbacks=[TensorBoard(tmp_path, histogram_freq=1)])
    assert "hidden/kernel_0" in read(tmp_path).Tags()["histograms"]


def test_layers_that_are_shared_are_seen_at_each_place(tmp_path: Path) -> None:
    x, y = data()
    a, b = Input((6,), name="a"), Input((6,), name="b")
    shared = Dense(3, name="shared")
    model = Model([a, b], [Dense(1, name="left")(shared(a)), Dense(1, name="right")(shared(b))])
    model.compile("sgd", "mse")
    both = {"a": x, "b": -x}, {"left": y, "right": y}
    callback = TensorBoard(tmp_path, histogram_freq=1, write_grads=True)
    model.fit(*both, verbose=0, validation_data=both, callbacks=[callback])
    found = read(tmp_path)
    function = K.function([a, b], [shared.get_output_at(0), shared.get_output_at(1)])
    for tag, values in zip(["shared_out", "shared_out_at_1"], function([x, -x]), strict=True):
        check(found.Histograms(tag)[0], values)


def test_weights_as_pictures(tmp_path: Path) -> None:
    model = Sequential(
        [
            Conv2D(4, 3, input_shape=(8, 8, 3), name="colours"),
            Conv2D(2, 3, name="grey"),
            GlobalMaxPooling2D(),
            Dense(5, name="dense"),
        ]
    )
    model.compile("sgd", "mse")
    x, y = np.ones((4, 8, 8, 3)), np.ones((4, 5))
    callback = TensorBoard(tmp_path, histogram_freq=1, write_images=True)
    model.fit(x, y, verbose=0, validation_data=(x, y), callbacks=[callback])
    found = read(tmp_path)
    names = {weight.name.replace(":", "_") for weight in model.weights}
    assert set(found.Tags()["images"]) == {f"{name}/image" for name in names}
    assert names <= set(found.Tags()["histograms"])  # a tag is shown in one way only
    image = found.Images("dense/kernel_0/image")[0]
    pixels = np.asarray(Image.open(io.BytesIO(image.encoded_image_string)))
    assert pixels.shape == (image.height, image.width)
    kernel = K.get_value(model.get_layer("dense").kernel)
    cell = image.width // 5
    np.testing.assert_allclose(
        pixels[cell // 2 :: cell, cell // 2 :: cell].astype("float64"),
        127.5 + 127.5 * kernel / abs(kernel).max(),
        atol=0.5 + 1e-6,
    )
    colours = found.Images("colours/kernel_0/image")[0]
    assert np.asarray(Image.open(io.BytesIO(colours.encoded_image_string))).ndim == 3


@pytest.mark.parametrize(
    ("shape", "cells"),
    [
        ((), (1, 1)),
        ((7,), (1, 7)),
        ((2, 9), (2, 9)),
        ((9, 2), (2, 9)),
        ((3, 4, 5), (4, 25)),  # five outputs: tiles of 3 x 4, framed
        ((2, 2, 3, 5), (6, 9)),  # three colours: 2 x 3 tiles, the last one empty
        ((2, 3, 3, 4, 2), (28, 8)),  # planes lie below each other
    ],
)
def test_the_sizes_of_pictures(shape: tuple[int, ...], cells: tuple[int, int]) -> None:
    pixels = images.picture(np.ones(shape))
    assert pixels is not None
    factor = -(-images.SMALLEST // max(cells))
    assert pixels.shape[:2] == (cells[0] * factor, cells[1] * factor)


def test_what_can_not_be_seen() -> None:
    assert images.picture(np.full((2, 2), np.nan)) is None
    assert images.picture(np.zeros((0, 3))) is None


def test_where_the_pixels_of_a_kernel_are() -> None:
    kernel = np.zeros((2, 2, 2, 3))
    kernel[1, 0, 1, 2] = 1.0  # row 1, column 0 of the tile of input 1 and output 2
    pixels = images.picture(kernel)
    assert pixels is not None
    factor = pixels.shape[1] // 9
    small = pixels[::factor, ::factor]
    assert small.shape == (6, 9)
    assert np.argwhere(small == 255).tolist() == [[3 + 1, 6 + 0]]


# ---- the projector


def words() -> Model:
    x = Input((4,), name="words")
    h = Embedding(9, 3, name="meaning")(x)
    model = Model(x, Dense(1, name="out")(Flatten(name="flat")(h)))
    model.compile("sgd", "mse")
    return model


def config_of(folder: Path) -> Any:
    text = (folder / "projector_config.pbtxt").read_text()
    return text_format.Parse(text, projector_config_pb2.ProjectorConfig())


SENTENCES = np.arange(20).reshape(5, 4) % 9


def train(model: Model, callback: TensorBoard) -> None:
    model.fit(SENTENCES, np.ones((5, 1)), verbose=0, callbacks=[callback])


def test_each_sample_is_a_point(tmp_path: Path) -> None:
    model, folder = words(), tmp_path / "logs"
    names = ["meaning", "out"]
    train(
        model,
        TensorBoard(
            folder,
            embeddings_freq=1,
            embeddings_data=SENTENCES,
            embeddings_layer_names=names,
            batch_size=2,
        ),
    )
    config = config_of(folder)
    assert [e.tensor_name for e in config.embeddings] == names
    table = K.get_value(model.get_layer("meaning").embeddings)
    points = np.loadtxt(folder / config.embeddings[0].tensor_path, delimiter="\t")
    np.testing.assert_allclose(points, table[SENTENCES].reshape(5, 12), rtol=1e-6)
    outputs = np.loadtxt(folder / config.embeddings[1].tensor_path, delimiter="\t", ndmin=2)
    np.testing.assert_allclose(outputs.reshape(5, 1), model.predict(SENTENCES), rtol=1e-5)


def test_without_data_each_word_is_a_point(tmp_path: Path) -> None:
    model, labels = words(), tmp_path / "words.tsv"
    labels.write_text("".join(f"word {i}\n" for i in range(9)))
    folder = tmp_path / "logs"
    train(model, TensorBoard(folder, embeddings_freq=1, embeddings_metadata=str(labels)))
    (entry,) = config_of(folder).embeddings
    np.testing.assert_allclose(
        np.loadtxt(folder / entry.tensor_path, delimiter="\t"),
        K.get_value(model.get_layer("meaning").embeddings),
        rtol=1e-6,
    )
    # the projector reads nothing outside of the folder, so the labels are copied
    assert (folder / entry.metadata_path).read_text() == labels.read_text()
    assert not Path(entry.metadata_path).is_absolute()


def test_the_projector_itself_serves_points_and_labels(tmp_path: Path) -> None:
    from tensorboard.plugins.projector import projector_plugin

    (tmp_path / "labels.tsv").write_text("".join(f"word {i}\n" for i in range(9)))
    train(
        words(),
        TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"meaning": "labels.tsv"}),
    )
    (entry,) = config_of(tmp_path).embeddings
    place = str(tmp_path / "projector_config.pbtxt")
    path = projector_plugin._rel_to_abs_asset_path(entry.tensor_path, place)
    assert projector_plugin._read_tensor_tsv_file(path).shape == (9, 3)
    assert Path(projector_plugin._rel_to_abs_asset_path(entry.metadata_path, place)).is_file()


@pytest.mark.parametrize(("lines", "says"), [(None, "no labels"), (8, "8 lines; it should have 9")])
def test_labels_that_do_not_fit(tmp_path: Path, lines: int | None, says: str) -> None:
    if lines is not None:
        (tmp_path / "labels.tsv").write_text("word\n" * lines)
    callback = TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata="labels.tsv")
    with pytest.warns(RuntimeWarning, match=says):
        train(words(), callback)


def test_labels_of_several_columns_have_a_head(tmp_path: Path) -> None:
    (tmp_path / "labels.tsv").write_text("word\tkind\n" + "a\tb\n" * 9)
    train(words(), TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata="labels.tsv"))


# ---- arguments


def test_what_was_meant_otherwise() -> None:
    with pytest.raises(ValueError, match="update_freq"):
        TensorBoard(update_freq="never")
    with pytest.raises(TypeError, match="unknown argument `histogram_frequency`"):
        TensorBoard(histogram_frequency=1)
    with pytest.warns(UserWarning, match="profile_batch"):
        TensorBoard(profile_batch=2)


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ImportError, match=r"pip install 'evergreen-keras\[tensorboard\]'"):
        TensorBoard()


def test_a_training_that_goes_on_voids_what_came_after_its_place(tmp_path: Path) -> None:
    x, y = data()
    first = TensorBoard(tmp_path)
    model = mlp()
    model.fit(x, y, epochs=2, verbose=0, callbacks=[first])
    state = first.get_state()
    model.fit(x, y, epochs=3, initial_epoch=2, verbose=0, callbacks=[first])  # is lost
    second = TensorBoard(tmp_path)
    second.set_model(model)
    second.on_train_begin()
    second.set_state(state)
    second.on_epoch_end(2, {"loss": 7.0})
    second.on_train_end()
    scalars = read(tmp_path).Scalars("loss")
    assert [s.step for s in scalars] == [0, 1, 2]
    assert scalars[-1].value == 7.0
