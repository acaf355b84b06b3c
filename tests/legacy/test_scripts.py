"""`python -m keras run` and `doctor`, on scripts in the style of the old examples."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keras.legacy.scripts import doctor, run
from keras.legacy.scripts.reading import FAILS, OLD, findings
from keras.legacy.scripts.rewriting import rewritten
from keras.legacy.scripts.tensorflow import WITHOUT, is_absent

SCRIPTS = Path(__file__).parent / "scripts"
ROOT = Path(__file__).resolve().parents[2]

# What the report of each script says, among other things. Scripts assert what they compute.
SAID = {
    "autoencoder": ["Model: input -> inputs, output -> outputs", "activity_l2 -> ", "numpy.int"],
    "captioning": ["Merge -> add, multiply", "TimeDistributedDense -> ", "dropout_W -> dropout"],
    "cnn": ["subsample -> strides", "nb_row, nb_col -> kernel_size", "border_mode -> padding"],
    "gan": ["init -> kernel_initializer", "Dropout: p -> rate"],
    "lstm_text_generation": ["inner_activation -> recurrent_activation", "forget_bias_init -> "],
    "mlp": ["numpy.float -> float", "b_constraint -> bias_constraint", "nb_epoch -> epochs"],
    "seq2seq": ["nothing of the past"],
    "siamese": ["numpy.float -> float", "nb_epoch -> epochs"],
    "stateful_lstm": ["scipy.linspace -> numpy.linspace", "'orthogonal' -> Orthogonal(gain=1.1)"],
    "transfer_learning": ["nb_val_samples=32 -> validation_steps=2", "Dense: output_dim -> units"],
}


@pytest.fixture(autouse=True)
def imports_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Finders and modules that stand for TensorFlow's are gone after each test."""
    monkeypatch.setattr(sys, "meta_path", sys.meta_path[:])
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name == WITHOUT or name.partition(".")[0] == "tensorflow":
            del sys.modules[name]


def test_each_script_is_expected_to_say_something() -> None:
    assert {path.stem for path in SCRIPTS.glob("*.py")} == SAID.keys()


@pytest.mark.parametrize("name", sorted(SAID.keys() - {"seq2seq"}))
def test_run(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([str(SCRIPTS / f"{name}.py")]) == 0
    said = capsys.readouterr().err
    assert [each for each in SAID[name] if each not in said] == []


def command(path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """`run` in a process of its own, where modules may stand for TensorFlow's."""
    return subprocess.run(
        [sys.executable, "-m", "keras", "run", str(path)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_run_as_a_command(tmp_path: Path) -> None:
    """With `tensorflow.keras` leading to us; no warning is shown."""
    done = command(SCRIPTS / "seq2seq.py", tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.endswith("seq2seq.py: nothing of the past.\n")
    assert "Warning" not in done.stderr


def test_an_error_in_a_script_is_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report comes all the same."""
    path = tmp_path / "broken.py"
    path.write_text("from keras.layers import Dropout\nDropout(p=0.5)\nraise KeyError(3)\n")
    with pytest.raises(KeyError):
        run([str(path)])
    assert "line 2: Dropout: p -> rate" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(SAID))
def test_doctor(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It runs nothing, so it knows less of values; what numpy lost is what fails."""
    path = SCRIPTS / f"{name}.py"
    status = doctor([str(path)])
    said = capsys.readouterr().out
    fails = [each for each in findings(path.read_text("utf-8")) if each.kind == FAILS]
    assert status == int(bool(fails))
    assert all(each.text.startswith(("numpy.", "scipy.")) for each in fails)
    assert ("nothing of the past" in said) == (name == "seq2seq")


LINES = [
    (
        "from keras.layers import Dens",
        FAILS,
        "keras.layers.Dens isn't there; did you mean `Dense`?",
    ),
    ("import keras.layer", FAILS, "module keras.layer isn't there; did you mean `layers`?"),
    ("import cPickle", FAILS, "module cPickle -> pickle"),
    ("import no_such_package", FAILS, "module no_such_package isn't installed"),
    ("print 'x'", FAILS, "`print 'x'`: print is a function since Python 3: print(...)"),
    ("for i in xrange(3): pass", FAILS, "xrange -> `range`"),
    ("import numpy as np; np.float(3)", FAILS, "numpy.float -> float"),
    ("from numpy import product", FAILS, "numpy.product -> numpy.prod"),
    (
        "from scipy.misc import imsave",
        FAILS,
        "scipy.misc.imsave is gone: `keras.preprocessing.image.array_to_img(x).save(path)`",
    ),
    ("from keras.objectives import mse", OLD, "keras.objectives -> keras.losses"),
    ("from keras.engine.topology import Layer", OLD, "Layer -> keras.layers.Layer"),
    ("from keras.layers import Convolution2D", OLD, "Convolution2D -> Conv2D"),
    ("from keras.regularizers import l1l2", OLD, "l1l2 -> keras.regularizers.l1_l2"),
    ("import keras; keras.layers.Dropout(p=0.5)", OLD, "Dropout: p -> rate"),
    ("model.fit(x, y, nb_epoch=3)", OLD, "model.fit: nb_epoch -> epochs"),
    (
        "from keras.layers import Dense; Dense(units=3, output_dim=3)",
        FAILS,
        "`Dense`: `units` and `output_dim` mean the same; both are given. Keep `units`.",
    ),
    (
        "import tensorflow as tf; tf.keras.layers.Dropout(p=x)",
        OLD,
        "Dropout: p -> rate",
    ),
]


@pytest.mark.parametrize(("source", "kind", "text"), LINES)
def test_what_a_line_says(source: str, kind: str, text: str) -> None:
    assert (kind, text) in {(each.kind, each.text) for each in findings(source)}


@pytest.mark.parametrize(
    "source",
    [
        "from keras.layers import Dense\nDense(3, activation='relu', input_shape=(4,))",
        "import numpy as np\nnp.float64(1)\nnp.prod([1])",
        "from keras.models import Sequential\nm = Sequential()\nm.fit(x, y, epochs=3)",
        "import tensorflow as tf\nfrom tensorflow.keras import layers\nlayers.LSTM(4)",
        "from functools import reduce\nreduce(f, x)",
        "def fit(nb_epoch): pass\nfit(nb_epoch=3)",
    ],
)
def test_lines_of_today_say_nothing(source: str) -> None:
    assert findings(source) == []


def test_names_are_rewritten() -> None:
    source = (
        "import numpy as np\n"
        "from numpy import product, prod\n"
        "from scipy import arange\n"
        "made = [np.float(2), np.alltrue([1, 0]), product([2, 3]), prod([2]), list(arange(2))]\n"
        "made += [np.NaN != np.NaN, -np.Inf]\n"
    )
    tree, changed, needed = rewritten(source, "script")
    names = {name: __import__(package) for name, package in needed.items()}
    exec(compile(tree, "script", "exec"), names)
    assert names["made"] == [2.0, False, 6, 2, [0, 1], True, -float("inf")]
    assert {each.line for each in changed} == {2, 3, 4, 5}


def test_a_script_that_isnt_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor(["nowhere.py"]) == 2
    assert "there is no file `nowhere.py`" in capsys.readouterr().err
    assert doctor([]) == 2
    assert doctor(["--help"]) == 0


SESSIONS = """
import numpy as np
import tensorflow as tf
from keras import backend as K

config = tf.ConfigProto(intra_op_parallelism_threads=1, allow_soft_placement=True)
config.gpu_options.allow_growth = True
config.gpu_options.per_process_gpu_memory_fraction = 0.3
tf.set_random_seed(1234)
tf.logging.set_verbosity(tf.logging.ERROR)
session = tf.compat.v1.Session(graph=tf.get_default_graph(), config=config)
K.set_session(session)
assert K.get_session() is session is tf.get_default_session()
session.run(tf.global_variables_initializer())
x = K.placeholder((None, 2))
assert session.run([2 * K.sum(x)], {x: np.ones((3, 2))}) == [12.0]
with tf.Session() as other:
    assert other.run(K.constant(2.0)) == 2.0
"""


@pytest.mark.skipif(not is_absent(), reason="TensorFlow is installed: its own sessions are used")
def test_sessions_where_there_is_no_tensorflow(tmp_path: Path) -> None:
    path = tmp_path / "sessions.py"
    path.write_text(SESSIONS)
    done = command(path, tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert f"{path}:11: UserWarning: The threads of a `tf.ConfigProto`" in done.stderr
    assert done.stderr.endswith("sessions.py: nothing of the past.\n")
    assert findings(SESSIONS) == []


@pytest.mark.skipif(not is_absent(), reason="TensorFlow is installed: TensorBoard takes that")
def test_tensorboard_is_not_misled(tmp_path: Path) -> None:
    """It writes by its own means where `tensorflow` is but a stand-in."""
    pytest.importorskip("tensorboard")
    path = tmp_path / "watched.py"
    path.write_text(
        "import numpy as np, tensorflow as tf\n"
        "from tensorflow.keras import callbacks, layers, models\n"
        "model = models.Sequential([layers.Dense(1, input_shape=(2,))])\n"
        "model.compile('sgd', 'mse')\n"
        "watch = callbacks.TensorBoard('events')\n"
        "model.fit(np.ones((4, 2)), np.ones(4), verbose=0, callbacks=[watch])\n"
    )
    done = command(path, tmp_path)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "events").rglob("*tfevents*"))


@pytest.mark.skipif(is_absent(), reason="TensorFlow isn't installed")
def test_names_of_tensorflow_1_are_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "sessions.py"
    path.write_text("import tensorflow as tf\nprint(tf.ConfigProto(log_device_placement=True))\n")
    done = command(path, tmp_path)
    assert done.stdout == "log_device_placement: true\n\n"
    assert "line 2: tensorflow.ConfigProto -> tensorflow.compat.v1.ConfigProto" in done.stderr
