"""Files of weights: by order, by name, with other flags, of other shapes, from before Keras 1.0."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from keras.layers import BatchNormalization, Dense, Input
from keras.models import Model, Sequential, load_model
from keras.saving import FileError


def stack(*units: int, names: str = "abcd") -> Any:
    model = Sequential()
    for i, (n, name) in enumerate(zip(units, names, strict=False)):
        model.add(Dense(n, name=name, **({"input_shape": (4,)} if i == 0 else {})))
    return model


def test_by_name(tmp_path: Path) -> None:
    path = tmp_path / "w.h5"
    model, other = stack(3, 2), stack(3, 5, 2, names="axb")
    model.save_weights(path)
    before = other.layers[1].get_weights()
    with pytest.raises(FileError, match=r"has 2 layers .* has 3.*`by_name=True`"):
        other.load_weights(path)
    with pytest.raises(FileError, match=r"`b/kernel:0` has shape \(5, 2\), in the file \(3, 2\)"):
        other.load_weights(path, by_name=True)
    with pytest.warns(UserWarning, match="left as they are"):
        other.load_weights(path, by_name=True, skip_mismatch=True)
    np.testing.assert_array_equal(other.layers[0].get_weights()[0], model.get_weights()[0])
    np.testing.assert_array_equal(other.layers[1].get_weights()[0], before[0])
    with pytest.raises(ValueError, match="needs `by_name=True`"):
        other.load_weights(path, skip_mismatch=True)
    with pytest.warns(UserWarning, match="nothing was loaded"):
        stack(3, names="z").load_weights(path, by_name=True)


def test_nothing_is_set_where_something_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "w.h5"
    stack(3, 2).save_weights(path)
    other = stack(3, 3)
    before = other.get_weights()
    with pytest.raises(FileError, match="don't fit"):
        other.load_weights(path)
    for a, b in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_reshape(tmp_path: Path) -> None:
    path = tmp_path / "w.h5"
    model = stack(3)
    model.save_weights(path)
    with h5py.File(path, "r+") as file:
        kernel = file["a/a/kernel:0"][()]
        del file["a/a/kernel:0"]
        file["a/a/kernel:0"] = kernel.reshape(2, 6)
    other = stack(3)
    with pytest.raises(FileError, match="in the file"):
        other.load_weights(path)
    other.load_weights(path, reshape=True)
    np.testing.assert_array_equal(other.get_weights()[0], kernel)


@pytest.mark.parametrize("saved", [(), (0,), (1,), (0, 1), (2,)])
@pytest.mark.parametrize("own", [(), (1,), (2, 0)])
@pytest.mark.parametrize("whole", [True, False])
def test_flags_change_the_order_in_a_file(
    saved: tuple[int, ...], own: tuple[int, ...], whole: bool, tmp_path: Path
) -> None:
    """A nested model's group: what was trained when it was saved, then the rest."""

    def nested(frozen: tuple[int, ...]) -> Any:
        parts = [Dense(4, input_shape=(4,)), BatchNormalization(), Dense(4)]
        for i in frozen:
            parts[i].trainable = False
        return Sequential([Sequential(parts, name="inner"), Dense(2)])

    model, other = nested(saved), nested(own)
    rng = np.random.RandomState(0)
    model.set_weights([rng.uniform(1, 2, w.shape) for w in model.get_weights()])
    (model.save if whole else model.save_weights)(tmp_path / "m.h5")
    other.load_weights(tmp_path / "m.h5")
    x = np.ones((2, 4))
    np.testing.assert_allclose(other.predict(x), model.predict(x), rtol=1e-6)
    if whole:
        again = load_model(tmp_path / "m.h5")
        np.testing.assert_allclose(again.predict(x), model.predict(x), rtol=1e-6)


def test_an_order_that_nothing_tells_is_said(tmp_path: Path) -> None:
    """Names that say nothing, two layers alike: the model's own flags are taken, and it is said."""
    model = Sequential([Sequential([Dense(4, input_shape=(4,)), Dense(4)], name="inner")])
    model.save_weights(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        group = file["inner"]
        names = group.attrs["weight_names"]
        for i, name in enumerate(names):
            group[f"param_{i}"] = group[name]
        group.attrs["weight_names"] = [f"param_{i}".encode() for i in range(len(names))]
    model.layers[0].layers[0].trainable = False
    with pytest.warns(UserWarning, match="`inner`: the file doesn't say"):
        model.load_weights(tmp_path / "w.h5")


def test_names_longer_than_a_header(tmp_path: Path) -> None:
    """More than 64 KB of names are split over several attributes, as Keras 2.3.1 does it."""
    x = Input((1,))
    y = x
    for i in range(300):
        y = Dense(1, name=f"{'long' * 60}_{i}")(y)
    model = Model(x, y)
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as file:
        attributes = file["model_weights"].attrs
        assert "layer_names" not in attributes
        parts = [attributes[f"layer_names{i}"] for i in range(2)]
        assert all(part.nbytes <= 64512 for part in parts)
        assert b"".join(parts[0][1:2]) == b"long" * 60 + b"_0"
    again = load_model(tmp_path / "m.h5")
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    with pytest.raises(ValueError, match="HDF5 can hold names of"):
        Sequential([Dense(1, name="x" * 65_000, input_shape=(1,))]).save(tmp_path / "n.h5")


def test_a_long_list_in_one_attribute(tmp_path: Path) -> None:
    """Files of others may hold it unsplit, in the newer form of HDF5."""
    model = stack(3, 2)
    names = [f"{'n' * 200}_{i}" for i in range(400)]
    with h5py.File(tmp_path / "w.h5", "w", libver="latest") as file:
        file.attrs["layer_names"] = np.array([b"a", b"b", *(n.encode() for n in names)])
        for layer in model.layers:
            group = file.create_group(layer.name)
            group.attrs["weight_names"] = [b"kernel", b"bias"]
            group["kernel"], group["bias"] = layer.get_weights()
        for name in names:
            file.create_group(name).attrs["weight_names"] = np.array([], "S1")
    other = stack(3, 2)
    other.load_weights(tmp_path / "w.h5")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize("text", ["kernel", b"kernel", "k\xe4rnel".encode("latin-1")])
def test_texts_of_all_kinds(text: Any, tmp_path: Path) -> None:
    """h5py 2 and 3 give texts differently; Python 2 wrote Latin-1."""
    model = stack(3)
    name = text.decode("latin-1") if isinstance(text, bytes) else text
    with h5py.File(tmp_path / "w.h5", "w") as file:
        kind = h5py.string_dtype("utf-8") if isinstance(text, str) else None
        file.attrs.create("layer_names", ["a"], dtype=h5py.string_dtype("utf-8"))
        group = file.create_group("a")
        group.attrs.create("weight_names", [text, "bias" if kind else b"bias"], dtype=kind)
        group[name], group["bias"] = model.get_weights()
    stack(3).load_weights(tmp_path / "w.h5")


def test_names_in_latin_1(tmp_path: Path) -> None:
    """Python 2 wrote the names of arrays so, too, not only the lists of them."""
    model, name = stack(3), "k\xe4rnel".encode("latin-1")
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = [b"a"]
        group = file.create_group("a")
        group.attrs["weight_names"] = [name, b"bias"]
        group[name], group["bias"] = model.get_weights()
    other = stack(3)
    other.load_weights(tmp_path / "w.h5")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


def test_a_name_without_its_array(tmp_path: Path) -> None:
    """As a program leaves a file that ended while it wrote."""
    model = stack(3, 2)
    for missing in ("a/a/kernel:0", "a/a", "b"):
        model.save_weights(tmp_path / "w.h5")
        with h5py.File(tmp_path / "w.h5", "r+") as file:
            del file[missing]
        with pytest.raises(FileError, match=r"`/a?` has nothing under the name `.+`"):
            stack(3, 2).load_weights(tmp_path / "w.h5")


def test_weights_from_before_keras_1(tmp_path: Path) -> None:
    """Layers and weights by number; the activations between them have none."""
    model = stack(3, 2)
    arrays = model.get_weights()
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["nb_layers"] = 4
        for i, own in enumerate([arrays[:2], [], arrays[2:], []]):
            group = file.create_group(f"layer_{i}")
            group.attrs["nb_params"] = len(own)
            for j, array in enumerate(own):
                group[f"param_{j}"] = array
    other = stack(3, 2)
    other.load_weights(tmp_path / "w.h5")
    for a, b in zip(arrays, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(FileError, match="don't name layers"):
        other.load_weights(tmp_path / "w.h5", by_name=True)


def test_weights_of_the_model_itself_are_passed_over(tmp_path: Path) -> None:
    """Later versions have a group `top_level_model_weights` that isn't a layer's."""
    model = stack(3)
    model.save_weights(tmp_path / "w.h5")
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        file.create_group("top_level_model_weights").attrs["weight_names"] = np.array([], "S1")
    stack(3).load_weights(tmp_path / "w.h5")


def test_not_built(tmp_path: Path) -> None:
    stack(3).save_weights(tmp_path / "w.h5")
    with pytest.raises(ValueError, match="no weights yet"):
        Sequential([Dense(3)]).load_weights(tmp_path / "w.h5")


def test_what_is_no_file_of_weights(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="There is no file"):
        stack(3).load_weights(tmp_path / "none.h5")
    with pytest.raises(IsADirectoryError, match="SavedModel"):
        stack(3).load_weights(tmp_path)
    (tmp_path / "text.h5").write_text("weights")
    with pytest.raises(FileError, match="can't be read as HDF5"):
        stack(3).load_weights(tmp_path / "text.h5")
    with h5py.File(tmp_path / "empty.h5", "w"):
        pass
    with pytest.raises(FileError, match="no weights of Keras"):
        stack(3).load_weights(tmp_path / "empty.h5")
    with pytest.raises(TypeError, match="binary mode"), (tmp_path / "text.h5").open() as stream:
        stack(3).load_weights(stream)


def test_which_weights_a_place_lacks(tmp_path: Path) -> None:
    """The layout of Keras 3 tells layers by class and number: what doesn't fit is named."""
    from keras.saving.convert import convert

    model = stack(3, 2)
    model.save(tmp_path / "m.h5")
    convert(tmp_path / "m.h5", tmp_path / "m.weights.h5")
    again = stack(3, 2, names="xy")
    again.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(again.get_weights()[2], model.get_weights()[2])
    with pytest.raises(FileError, match="no weights for layer `c`"):
        stack(3, 2, 2).load_weights(tmp_path / "m.weights.h5")
    with pytest.raises(FileError, match=r"no layer of model .* takes: `layers/dense_1/vars/0`"):
        stack(3).load_weights(tmp_path / "m.weights.h5")


def test_safetensors(tmp_path: Path) -> None:
    """Against a reader written out by the format's own words."""
    model = Sequential([stack(3, 2), Dense(2, name="last")], name="outer")
    path = tmp_path / "m.safetensors"
    model.save_weights(path)
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    name = model.layers[0].name
    assert set(header) == {
        "__metadata__", f"{name}/a/kernel", f"{name}/a/bias", f"{name}/b/kernel",
        f"{name}/b/bias", "last/kernel", "last/bias",
    }  # fmt: skip
    said = header["last/kernel"]
    start, end = said["data_offsets"]
    array = np.frombuffer(data[8 + length :][start:end], "<f4").reshape(said["shape"])
    np.testing.assert_array_equal(array, model.layers[1].get_weights()[0])
    before = model.get_weights()
    model.set_weights([w + 1 for w in before])
    model.load_weights(path)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    other = stack(2, names=["last"])  # type: ignore[arg-type]  # any sequence of names
    with pytest.raises(FileError, match="too many"):
        other.load_weights(path)
    with pytest.raises(FileError, match=r"`last/kernel` has shape \(4, 2\), in the file \(2, 2\)"):
        other.load_weights(path, by_name=True)
