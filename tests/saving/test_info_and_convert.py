"""What files are said to be, and what becomes of them: every file of the originals is tried."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keras import backend as K
from keras.__main__ import main
from keras.layers import Dense, Lambda
from keras.models import Model, Sequential, load_model, model_from_json
from keras.saving import FileError
from keras.saving.convert import convert
from keras.saving.info import describe
from tests.golden import functions
from tests.golden.loader import HERE
from tests.saving.damage import h5_bytes

OWN = {
    name: getattr(functions, name)
    for name in ("my_loss", "my_metric", "my_scalar_metric")
}  # fmt: skip
ENDINGS = (".h5", ".keras", ".weights.h5", ".safetensors", ".json", ".yaml")


def originals() -> Iterator[Path]:
    for folder in ("files", "files_later"):
        for path in sorted((HERE / folder).iterdir()):
            if path.suffix not in (".npz", ".py") and path.name != "index.json":
                yield path


ALL = pytest.mark.parametrize("path", list(originals()), ids=lambda path: path.name)


@ALL
def test_each_file_is_described(path: Path) -> None:
    info = describe(path)
    text = str(info)
    assert text.startswith(f"{path}: ")
    assert info.layers
    if "weights" in path.name or path.suffix not in (".h5", ".keras"):
        assert not info.training
    else:
        assert "optimizer" in info.training
        assert info.model
    generation = {"k1": "1.2.2", "tf-": "2.3.1", "th-": "2.3.1", "k3-": "3.15.1"}
    for start, version in generation.items():
        if path.name.startswith(start) and info.model and path.suffix not in (".json", ".yaml"):
            assert info.keras_version == version


def architecture_of(path: Path) -> Path | None:
    """The JSON beside a file of weights."""
    stem = path.name.replace("_weights.h5", "").replace(".weights.h5", "")
    return None if stem == path.name else path.with_name(f"{stem}.json")


def convertible() -> list[Path]:
    """All whole models; of other kinds of files one each."""
    found = list(originals())
    whole = [p for p in found if p.suffix in (".h5", ".keras") and "weights" not in p.name]
    more = ("tf-mlp.yaml", "th-convs.json", "k1th-cnn_th_weights.h5", "k3-graph.weights.h5")
    return [*whole, *(p for p in found if p.name in more)]


@pytest.mark.parametrize("path", convertible(), ids=lambda path: path.name)
def test_each_file_is_converted(path: Path, tmp_path: Path) -> None:
    """Through every layout a model stays the same; what Keras 3 can't say is refused in words."""
    arguments: dict[str, Any] = {"custom_objects": OWN, "architecture": architecture_of(path)}
    if path.name.startswith("k1th"):
        arguments["original_backend"] = "theano"
    first = tmp_path / "first.h5"
    convert(path, first, **arguments)
    K.clear_session()
    model = load_model(first, OWN, compile=False)
    for ending in ENDINGS[1:]:
        target = tmp_path / f"next{ending}"
        K.clear_session()  # names given automatically are the same each time
        try:
            convert(path, target, **arguments)
        except FileError as error:
            assert ending == ".keras"
            assert "Save as `.h5`" in str(error) or "save as `.h5`" in str(error)
            continue
        if ending in (".json", ".yaml"):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is said of optimizers has tests of its own
            again = load_again(model, target)
        if path.suffix not in (".json", ".yaml"):
            for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
                np.testing.assert_array_equal(a, b)


def load_again(model: Any, path: Path) -> Any:
    """A model from a converted file, or its like with the weights there."""
    if path.suffix == ".keras":
        return load_model(path, OWN)
    K.clear_session()
    again = model_from_json(model.to_json(), OWN)
    again.load_weights(path)
    return again


def test_what_loading_would_convert() -> None:
    said = str(describe(HERE / "files_later" / "k3-rnn.keras"))
    assert "return zeros for masked steps" in said
    said = str(describe(HERE / "files" / "k1th-cnn_th.h5"))
    assert "c1: Convolution2D -> Conv2D; nb_filter, nb_row, nb_col" in said
    assert "axes of the kernel" in said
    assert "`original_backend` says" in said
    said = str(describe(HERE / "files" / "th-convs.h5"))
    assert "turned by 180 degrees" in said
    said = str(describe(HERE / "files" / "k1tf-bidir_tf.h5"))
    assert "written by   Keras 1.2.2" in said


def test_what_loading_needs(tmp_path: Path) -> None:
    def mine(x: Any) -> Any:
        return x * x

    def own_loss(y: Any, p: Any) -> Any:
        return p - y

    class Gate(Dense):
        pass

    model = Sequential(
        [
            Gate(3, input_shape=(4,), name="gate"),
            Dense(3, activation=mine),
            Lambda(lambda x: x, name="code"),
            Lambda(mine, name="named"),
        ]
    )
    model.compile("adam", own_loss)
    (tmp_path / "m.h5").write_bytes(h5_bytes(model))
    info = describe(tmp_path / "m.h5")
    assert set(info.custom_objects) == {"Gate", "mine", "own_loss"}
    assert info.lambdas == ["code: function"]
    assert info.parameters == model.count_params()


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = HERE / "files" / "k1tf-mlp_tf.h5"
    assert main(["info", str(source)]) == 0
    assert "a model in HDF5" in capsys.readouterr().out
    assert main(["convert", str(source), str(tmp_path / "m.keras")]) == 0
    assert load_model(tmp_path / "m.keras").layers
    weights = HERE / "files" / "k1tf-mlp_tf_weights.h5"
    assert main(["convert", str(weights), str(tmp_path / "n.h5")]) == 1
    assert "Build the model" in capsys.readouterr().err
    given = ["--architecture", str(HERE / "files" / "k1tf-mlp_tf.json")]
    assert main(["convert", str(weights), str(tmp_path / "n.h5"), *given]) == 0
    assert main(["convert", str(source), str(tmp_path / "m.txt")]) == 1
    assert "the ending says" in capsys.readouterr().err
    assert main(["info", str(tmp_path / "none")]) == 1
    assert "There is no file" in capsys.readouterr().err


def test_custom_objects_of_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_parts.py").write_text(
        "from keras.layers import Dense\n\nclass Gate(Dense):\n    pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import my_parts  # type: ignore[import-not-found]  # made a line ago

    Sequential([my_parts.Gate(2, input_shape=(3,))]).save(tmp_path / "m.h5")
    target = tmp_path / "m.json"
    assert main(["convert", str(tmp_path / "m.h5"), str(target)]) == 1
    assert main(["convert", str(tmp_path / "m.h5"), str(target), "--custom", "my_parts"]) == 0
    assert json.loads(target.read_text())["config"]["layers"][0]["class_name"] == "Gate"


def test_what_keras_3_cannot_say(tmp_path: Path) -> None:
    """Each with the reason; a file that was there stays."""
    from keras import optimizers
    from keras.layers import LSTM, ThresholdedReLU, UpSampling2D

    path = tmp_path / "m.keras"
    path.write_text("old")
    for layer, words in (
        (LSTM(2, recurrent_activation="hard_sigmoid", input_shape=(3, 2)), "slope 1/6"),
        (ThresholdedReLU(input_shape=(3,)), "no such layer"),
        (UpSampling2D(interpolation="bilinear", input_shape=(2, 2, 1)), "choice of points"),
        (Lambda(lambda x: x, input_shape=(3,)), "Give its function a name"),
    ):
        with pytest.raises(FileError, match=words):
            Sequential([layer]).save(path)
        assert path.read_text() == "old"
    model = Sequential([Dense(2, input_shape=(3,))])
    for optimizer, words in (
        (optimizers.SGD(decay=0.1), "with `decay`"),
        (optimizers.Nadam(), "schedule_decay=0.004"),
        (optimizers.RMSprop(), "under the root"),
    ):
        model.compile(optimizer, "mse")
        with pytest.warns(UserWarning, match=words):
            model.save(path)


def test_training_goes_on_from_a_keras_file(tmp_path: Path) -> None:
    """Weights, slots and the next step, in the order of Keras 3 and back."""
    from keras.layers import Input

    x = Input((4,))
    model = Model(x, [Dense(2)(Dense(3)(x)), Dense(1)(x)])
    data, targets = np.ones((2, 4)), [np.ones((2, 2)), np.zeros((2, 1))]
    for optimizer in ("sgd", "adam", "adamax", "adadelta"):
        model.compile(optimizer, ["mse", "mae"], metrics=["mse"], loss_weights=[1.0, 2.0])
        model.fit(data, targets, epochs=3, verbose=0)
        model.save(tmp_path / "m.keras")
        again = load_model(tmp_path / "m.keras")
        model.reset_metrics()
        assert again.train_on_batch(data, targets) == model.train_on_batch(data, targets)
        for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
