"""Pictures of models: what they show, in which formats, with and without pydot and Graphviz."""

from __future__ import annotations

import io
import sys
import types
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pydot
import pytest

from keras import backend as K
from keras.layers import LSTM, Bidirectional, Dense, Input, TimeDistributed, add
from keras.models import Model, Sequential
from keras.utils import vis_utils
from keras.utils.diagrams import Graph, Show, diagram_of, dot_text
from keras.utils.vis_utils import add_edge, is_model, is_wrapped_model, model_to_dot, plot_model

# pydot reads Graphviz's language by old names of pyparsing's functions.
pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated - use:DeprecationWarning")


def stack() -> Sequential:
    return Sequential([Dense(3, input_shape=(4,), name="first"), Dense(2, name="second")], name="s")


def branches() -> Model:
    """Two inputs, a shared layer, an addition, two outputs."""
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(3, name="shared")
    left, right = shared(a), shared(b)
    total = add([left, right], name="total")
    return Model([a, b], [total, Dense(1, name="side")(left)], name="branches")


def nested() -> Model:
    x, z = Input((4,), name="x"), Input((4,), name="z")
    outputs = branches()([z, x])
    return Model([x, z], Dense(5, name="top")(outputs[0]), name="outer")


def texts(model: Any, **how: Any) -> list[str]:
    """The texts in the SVG of a model."""
    tree = ET.fromstring(model_to_dot(model, **how).create(prog="dot", format="svg"))
    return [node.text or "" for node in tree.iter("{http://www.w3.org/2000/svg}text")]


def edges(text: str) -> set[tuple[str, str]]:
    """The edges of a graph in Graphviz's language, read by pydot, with the labels of their ends."""
    (graph,) = pydot.graph_from_dot_data(text)

    def all_of(part: Any) -> Iterator[Any]:
        yield part
        for inner in part.get_subgraphs():
            yield from all_of(inner)

    names = {
        node.get_name(): node.get_label().strip('"').split(":")[0]
        for part in all_of(graph)
        for node in part.get_nodes()
        if node.get_label()
    }
    return {
        (names[edge.get_source()], names[edge.get_destination()])
        for part in all_of(graph)
        for edge in part.get_edges()
    }


@pytest.fixture
def no_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Graphviz isn't installed, wherever this runs."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def no_pydot(monkeypatch: pytest.MonkeyPatch, no_program: None) -> None:
    monkeypatch.setattr(vis_utils, "find_spec", lambda name: None)


def test_edges_are_those_of_the_model() -> None:
    assert edges(dot_text(diagram_of(stack()))) == {
        ("first_input", "first"),
        ("first", "second"),
    }
    shared = {("a", "shared"), ("b", "shared"), ("shared", "total"), ("shared", "side")}
    assert edges(dot_text(diagram_of(branches()))) == shared


def test_edges_reach_into_models_that_are_shown_inside() -> None:
    flat = {("x", "branches"), ("z", "branches"), ("branches", "top")}
    assert edges(dot_text(diagram_of(nested()))) == flat
    inside = edges(dot_text(diagram_of(nested(), Show(expand_nested=True))))
    # The first input of the model inside is `a`, and it got `z`.
    assert {("z", "a"), ("x", "b"), ("total", "top"), ("a", "shared")} <= inside
    assert not any("branches" in edge for edge in inside)


def test_pydots_graph_has_the_same_edges() -> None:
    graph = model_to_dot(nested(), expand_nested=True)
    assert isinstance(graph, pydot.Dot)
    assert edges(graph.to_string()) == edges(
        dot_text(diagram_of(nested(), Show(expand_nested=True)))
    )


@pytest.mark.usefixtures("no_program")
def test_names_and_shapes_are_shown_if_asked_for() -> None:
    plain = texts(stack())
    assert plain == ["InputLayer", "first_input", "Dense", "first", "Dense", "second"]
    assert texts(stack(), show_layer_names=False) == ["InputLayer", "Dense", "Dense"]
    shown = texts(stack(), show_shapes=True)
    assert shown[-5:] == ["second", "input", "(None, 3)", "output", "(None, 2)"]
    assert "(None, 3), (None, 3)" in texts(branches(), show_shapes=True)
    x = Input((4,))
    three = Model(x, add([Dense(2)(x), Dense(2)(x), Dense(2)(x)]))
    assert "3 × (None, 2)" in texts(three, show_shapes=True)


@pytest.mark.usefixtures("no_program")
def test_a_layer_called_on_several_shapes_says_so() -> None:
    a, b = Input((4, 2)), Input((6, 2))
    lstm = LSTM(3, return_sequences=True)
    assert texts(Model([a, b], [lstm(a), lstm(b)]), show_shapes=True).count("multiple") == 2


@pytest.mark.usefixtures("no_program")
def test_models_inside_are_shown_if_asked_for() -> None:
    assert "shared" not in texts(nested())
    inside = texts(nested(), expand_nested=True)
    assert {"branches", "shared", "side", "top"} <= set(inside)
    wrapped = Sequential([TimeDistributed(stack(), input_shape=(5, 4), name="each")])
    assert texts(wrapped) == ["InputLayer", "each_input", "TimeDistributed(Sequential)", "each"]
    assert "second" in texts(wrapped, expand_nested=True)
    both = Sequential([Bidirectional(LSTM(2), input_shape=(5, 4))])
    assert "Bidirectional(LSTM)" in texts(both, expand_nested=True)


@pytest.mark.usefixtures("no_program")
def test_a_model_within_a_model_within_a_model() -> None:
    x = Input((4,), name="deep_x")
    y = Input((4,), name="deep_y")
    deep = Model([x, y], nested()([y, x]), name="deep")
    found = edges(dot_text(diagram_of(deep, Show(expand_nested=True))))
    assert {("deep_y", "x"), ("deep_x", "z"), ("z", "a"), ("x", "b")} <= found
    assert {"deep_x", "outer", "branches", "side"} <= set(texts(deep, expand_nested=True))


@pytest.mark.usefixtures("no_program")
def test_circles_of_shared_layers_are_drawn() -> None:
    x = Input((4,), name="in")
    again = Dense(4, name="again")
    model = Model(x, again(Dense(4, name="between")(again(again(x)))))
    found = edges(dot_text(diagram_of(model)))
    assert found == {
        ("in", "again"),
        ("again", "again"),
        ("again", "between"),
        ("between", "again"),
    }
    assert len(texts(model)) == 6


def test_a_model_without_a_graph_is_one_box() -> None:
    class Own(Model):
        def call(self, inputs: Any) -> Any:
            return K.square(inputs)

    diagram = diagram_of(Own(name="own"))
    assert [(box.title, box.name) for box in diagram.boxes] == [("Own", "own")]


def test_what_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"`late` isn't built yet.*`input_shape`"):
        plot_model(Sequential([Dense(2)], name="late"), tmp_path / "x.svg")
    with pytest.raises(TypeError, match="Only models are drawn, got Dense"):
        plot_model(Dense(2), tmp_path / "x.svg")
    with pytest.raises(ValueError, match="`rankdir` is one of TB, BT, LR, RL, got 'up'"):
        plot_model(stack(), tmp_path / "x.svg", rankdir="up")
    with pytest.raises(ValueError, match=r"can't be drawn as `docx`; the formats are dot.*png"):
        plot_model(stack(), tmp_path / "x.docx")
    assert list(tmp_path.iterdir()) == []


def pixels(file: Path) -> np.ndarray:
    return matplotlib.image.imread(file)


def test_a_png_has_colours_and_a_size_by_its_dpi(tmp_path: Path) -> None:
    plot_model(stack(), str(tmp_path / "m.png"), show_shapes=True)
    plot_model(stack(), tmp_path / "large.png", show_shapes=True, dpi=192)
    small, large = pixels(tmp_path / "m.png"), pixels(tmp_path / "large.png")
    np.testing.assert_allclose(large.shape[:2], 2 * np.array(small.shape[:2]), atol=2)
    assert len(np.unique(small.reshape(-1, small.shape[2]), axis=0)) > 20
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_ranks_run_where_they_should(tmp_path: Path) -> None:
    shapes = {}
    for rankdir in ("TB", "BT", "LR", "RL"):
        plot_model(stack(), tmp_path / "m.png", rankdir=rankdir)
        shapes[rankdir] = pixels(tmp_path / "m.png").shape[:2]
    assert shapes["TB"] == shapes["BT"]
    assert shapes["LR"] == shapes["RL"]
    assert shapes["TB"][0] > 2 * shapes["LR"][0]
    assert shapes["LR"][1] > 2 * shapes["TB"][1]


@pytest.mark.usefixtures("no_program")
@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
def test_the_direction_turns_models_inside_too(rankdir: str) -> None:
    """The inputs come before the outputs, everywhere."""
    svg = model_to_dot(nested(), rankdir=rankdir, expand_nested=True).create(format="svg")
    place = {
        node.text: (float(node.get("x", 0)), float(node.get("y", 0)))
        for node in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    }
    axis, sign = {"TB": (1, 1), "BT": (1, -1), "LR": (0, 1), "RL": (0, -1)}[rankdir]
    way = [sign * place[name][axis] for name in ("z", "a", "shared", "total", "top")]
    assert way == sorted(way)


@pytest.mark.parametrize(
    ("ending", "start"),
    [
        ("pdf", b"%PDF"),
        ("svg", b"<?xml"),
        ("jpg", b"\xff\xd8"),
        ("dot", b"digraph G"),
        ("", b"\x89PNG"),
    ],
)
def test_the_ending_says_the_format(tmp_path: Path, ending: str, start: bytes) -> None:
    file = tmp_path / f"model.{ending}".rstrip(".")
    assert plot_model(branches(), file) is None
    assert file.read_bytes().startswith(start)


def test_svg_and_dot_need_no_other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    plot_model(stack(), tmp_path / "m.svg")
    plot_model(stack(), tmp_path / "m.dot")
    with pytest.raises(ImportError, match=r"install matplotlib: `pip install"):
        plot_model(stack(), tmp_path / "m.png")


@pytest.mark.usefixtures("no_pydot")
def test_without_pydot_the_graph_draws_itself(tmp_path: Path) -> None:
    graph = model_to_dot(stack(), show_shapes=True)
    assert type(graph) is Graph
    assert graph.create(prog="dot", format="svg") == graph.create_svg()
    assert graph.write_png(str(tmp_path / "m.png")) is True
    assert pixels(tmp_path / "m.png").ndim == 3
    graph.write(tmp_path / "m.dot")
    assert (tmp_path / "m.dot").read_text() == graph.to_string()
    assert edges(graph.to_string()) == {("first_input", "first"), ("first", "second")}
    with pytest.raises(AttributeError, match=r"no `get_nodes`.*install pydot"):
        graph.get_nodes()


@pytest.mark.usefixtures("no_program")
def test_pydots_graph_draws_itself_where_there_is_no_program(tmp_path: Path) -> None:
    graph = model_to_dot(stack())
    assert graph.create(prog="dot", format="svg").startswith(b"<?xml")
    graph.write_png(str(tmp_path / "m.png"))
    assert pixels(tmp_path / "m.png").ndim == 3
    graph.add_node(pydot.Node("mine"))
    with pytest.warns(UserWarning, match="changed after it was made"):
        graph.create_svg()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell's script")
def test_graphvizs_program_draws_if_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in that answers with its arguments and what it was given."""
    program = tmp_path / "dot"
    program.write_text(
        '#!/bin/sh\necho "$@"\nfor last; do :; done\n[ -f "$last" ] || last=-\ncat $last\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    answer = model_to_dot(stack()).create(prog="dot", format="svg")
    assert b"-Tsvg" in answer
    assert b"first: Dense" in answer
    graph = Graph(diagram_of(stack()))
    assert graph.create(["dot", "-Gsize=3"], format="png").splitlines()[0] == b"-Gsize=3 -Tpng"
    assert b"first: Dense" in graph.create_pdf()


@pytest.mark.parametrize("installed", [True, False])
def test_a_subgraph_is_for_use_in_another(installed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not installed:
        monkeypatch.setattr(vis_utils, "find_spec", lambda name: None)
    part = model_to_dot(stack(), subgraph=True).to_string()
    assert part.startswith("subgraph ")
    assert edges(f"digraph G {{\n{part}\n}}") == {("first_input", "first"), ("first", "second")}


@pytest.mark.usefixtures("no_program")
def test_labels_with_special_letters() -> None:
    model = Sequential([Dense(2, input_shape=(3,), name='a|b "c" {d}')])
    (graph,) = pydot.graph_from_dot_data(dot_text(diagram_of(model)))
    assert len(graph.get_nodes()) == 4  # two layers, graph and node defaults
    assert r"a\|b \"c\" \{d\}" in dot_text(diagram_of(model))
    assert 'a|b "c" {d}' in texts(model)


def test_a_notebook_gets_the_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    display = types.SimpleNamespace(Image=lambda b: ("image", b), SVG=lambda b: ("svg", b))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    assert plot_model(stack(), tmp_path / "m.svg") is None
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    kind, content = plot_model(stack(), tmp_path / "m.svg")
    assert (kind, content) == ("svg", (tmp_path / "m.svg").read_bytes())
    kind, content = plot_model(stack(), tmp_path / "m.png")
    assert kind == "image"
    assert matplotlib.image.imread(io.BytesIO(content)).ndim == 3
    assert plot_model(stack(), tmp_path / "m.pdf") is None


def test_the_small_helpers() -> None:
    assert is_model(stack())
    assert not is_model(Dense(2))
    assert is_wrapped_model(TimeDistributed(stack()))
    assert not is_wrapped_model(TimeDistributed(Dense(2)))
    graph = pydot.Dot()
    add_edge(graph, "a", "b")
    add_edge(graph, "a", "b")
    assert len(graph.get_edges()) == 1


def test_keras_1_calls_it_plot(tmp_path: Path) -> None:
    from keras.utils.visualize_util import model_to_dot as to_dot, plot

    plot(stack(), to_file=str(tmp_path / "m.svg"), show_shapes=True)
    assert b"(None, 3)" in (tmp_path / "m.svg").read_bytes()
    assert "first" in to_dot(stack()).to_string()
