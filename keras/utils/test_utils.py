"""The contract that every layer keeps, as checks that anyone can run on layers of their own.

`layer_test(MyLayer, kwargs={"units": 3}, input_shape=(2, 5))` runs all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np

from .. import backend as K
from ..layers import Input, Masking, TimeDistributed
from ..layers.base.calls import mask_of, one_or_list, to_list
from ..models import Model, Sequential, clone_model, load_model
from ..registry import CustomObjectScope

Arrays = list[Any]


@dataclass(frozen=True)
class Sample:
    """A layer to be checked, and what it is called on.

    `input_shape` has the batch, and may be a list of shapes; sizes that are `None` may be any, and
    are drawn. `kwargs` may be a function that makes them (where they hold layers). `skip` names
    checks that can't be made, each with the reason.
    """

    layer: Callable[..., Any]
    kwargs: Mapping[str, Any] | Callable[[], Mapping[str, Any]] = field(default_factory=dict)
    input_shape: Any = None
    input_dtype: str = "float32"
    input_data: Any = None
    skip: Mapping[str, str] = field(default_factory=dict)

    def make(self, **options: Any) -> Any:
        """The layer, anew."""
        kwargs = self.kwargs() if callable(self.kwargs) else self.kwargs
        return self.layer(**{**kwargs, **options})

    @property
    def several(self) -> bool:
        """Whether the layer takes a list."""
        return isinstance(self.input_shape, list)

    @property
    def shapes(self) -> list[tuple[int | None, ...]]:
        """The shape of each input."""
        return [tuple(s) for s in (self.input_shape if self.several else [self.input_shape])]

    def inputs(self, dtype: str | None = None) -> list[Any]:
        """Tensors to call the layer on."""
        return [
            Input(batch_shape=(None, *shape[1:]), dtype=dtype or self.input_dtype)
            for shape in self.shapes
        ]

    def arrays(self) -> Arrays:
        """Numbers for these tensors."""
        if self.input_data is not None:
            return list(self.input_data) if self.several else [self.input_data]
        drawn = int(np.random.randint(3, 6))
        sizes = [(s[0] or 4, *(drawn if n is None else n for n in s[1:])) for s in self.shapes]
        if not self.input_dtype.startswith("float"):
            return [np.random.randint(0, 3, size).astype(self.input_dtype) for size in sizes]
        return [np.random.standard_normal(size).astype(self.input_dtype) for size in sizes]

    def call(self, layer: Any, inputs: Sequence[Any]) -> list[Any]:
        """What the layer returns for tensors, as a list."""
        return to_list(layer(list(inputs) if self.several else inputs[0]))

    def model(self, layer: Any, dtype: str | None = None) -> Any:
        """A model of this layer alone."""
        inputs = self.inputs(dtype)
        return Model(one_or_list(inputs), one_or_list(self.call(layer, inputs)))


def run(model: Any, arrays: Sequence[Any], training: int = 0) -> Arrays:
    """The outputs of a model, in either phase."""
    made = K.function([*model.inputs, K.learning_phase()], model.outputs)([*arrays, training])
    return [np.asarray(y) for y in made]


def assert_equal(
    got: Sequence[Any], expected: Sequence[Any], what: str, rtol: float = 1e-5
) -> None:
    """Raise unless all arrays are equal, up to rounding."""
    assert len(got) == len(expected), f"{what}: {len(got)} outputs, expected {len(expected)}"
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol, err_msg=what)


# ---- the checks


def builds(sample: Sample) -> None:
    """Called on tensors, the layer has its weights, and remembers the call."""
    layer, inputs = sample.make(), sample.inputs()
    outputs = sample.call(layer, inputs)
    assert layer.built, "the layer isn't `built` after a call"
    assert all(K.is_keras_tensor(y) for y in outputs), "the outputs don't come from a layer"
    assert to_list(layer.output)[0] is outputs[0], "`layer.output` isn't what the call returned"
    assert len(layer.get_weights()) == len(layer.weights), "not all weights have values"


def shapes(sample: Sample) -> None:
    """The shapes that are known beforehand are those of the arrays that come out."""
    layer, arrays = sample.make(), sample.arrays()
    model = sample.model(layer)
    said = layer.compute_output_shape(sample.shapes if sample.several else sample.shapes[0])
    said = said if isinstance(said, list) else [said]
    for y, static, declared in zip(run(model, arrays), model.outputs, said, strict=True):
        for known in (K.int_shape(static), tuple(declared)):
            assert len(known) == y.ndim, f"shape {known}, in fact {y.shape}"
            fits = all(n in (None, m) for n, m in zip(known[1:], y.shape[1:], strict=True))
            assert fits, f"shape {known}, in fact {y.shape}"


def configs(sample: Sample) -> None:
    """The config, through JSON, makes an equal layer."""
    from ..layers import deserialize, serialize

    layer, arrays = sample.make(), sample.arrays()
    model = sample.model(layer)
    written = json.loads(json.dumps(serialize(layer)))
    with CustomObjectScope({type(layer).__name__: type(layer)}):
        again = deserialize(written)
    assert type(again) is type(layer), f"made {type(again)} again"
    assert json.loads(json.dumps(serialize(again))) == written, "its config differs"
    other = sample.model(again)
    other.set_weights(model.get_weights())
    assert_equal(run(other, arrays), run(model, arrays), "made from its config")


def weights(sample: Sample) -> None:
    """`get_weights` and `set_weights` belong together; `weights=` starts with given ones."""
    layer, arrays = sample.make(), sample.arrays()
    model = sample.model(layer)
    values = layer.get_weights()
    expected = run(model, arrays)
    layer.set_weights([np.zeros_like(w) for w in values])
    layer.set_weights(values)
    assert_equal(run(model, arrays), expected, "after `set_weights(get_weights())`")
    if not values:
        return
    for wrong in (values[:-1], [np.zeros((*w.shape, 2)) for w in values]):
        try:
            layer.set_weights(wrong)
        except ValueError:
            continue
        raise AssertionError("`set_weights` takes arrays of wrong number or shape")
    started = sample.make(weights=values)
    assert_equal(run(sample.model(started), arrays), expected, "made with `weights=`")


def trains(sample: Sample) -> None:
    """Training changes the trainable weights and no others; those of a frozen layer stay."""
    layer, arrays = sample.make(), sample.arrays()
    model = sample.model(layer)
    targets = one_or_list([np.random.standard_normal(y.shape) for y in run(model, arrays)])
    if not layer.weights:
        _has_gradients(model, arrays)
        return
    for trainable in (True, False):
        layer.trainable = trainable
        before = {id(w): K.get_value(w) for w in layer.weights}
        model.compile("sgd", "mse")
        model.train_on_batch(one_or_list(arrays), targets)
        for w in layer.weights:
            changed = bool(np.any(K.get_value(w) != before[id(w)]))
            if any(w is other for other in layer.trainable_weights):
                assert changed, f"training left `{w.name}` as it was"
            elif not layer.updates:
                assert not changed, f"training changed `{w.name}`, which isn't trainable"


def _has_gradients(model: Any, arrays: Arrays) -> None:
    """The outputs depend on inputs of floats by a gradient."""
    floats = [x for x in model.inputs if x.dtype.startswith("float")]
    loss = sum(K.sum(y * y) for y in model.outputs)
    gradients = K.gradients(loss, floats)
    assert all(g is not None for g in gradients), "no gradient comes through"
    for g in K.function([*model.inputs, K.learning_phase()], gradients)([*arrays, 0]):
        assert np.all(np.isfinite(g)), "a gradient isn't finite"


def masks(sample: Sample) -> None:
    """A mask is refused, ends here, or comes out with the shape of what it belongs to."""
    if sample.several or len(sample.shapes[0]) < 3 or not sample.input_dtype.startswith("float"):
        return
    layer, (array,) = sample.make(), sample.arrays()
    array[:, -1] = 0.0
    (x,) = sample.inputs()
    masked = Masking()(x)
    try:
        outputs = to_list(layer(masked))
    except TypeError as error:
        assert "mask" in str(error), f"refused a mask without saying so: {error}"
        return
    found = [(y, mask_of(y)) for y in outputs if mask_of(y) is not None]
    made = K.function([x, K.learning_phase()], [t for pair in found for t in pair])([array, 0])
    for y, mask in zip(made[::2], made[1::2], strict=True):
        assert mask.dtype == bool, f"the mask is of {mask.dtype}"
        assert mask.shape == y.shape[: mask.ndim], f"a mask {mask.shape} for {y.shape}"


def models(sample: Sample) -> None:
    """In Sequential models and in functional ones, and copied by config, it gives the same."""
    layer, arrays = sample.make(), sample.arrays()
    model = sample.model(layer)
    expected = run(model, arrays)
    with CustomObjectScope({type(layer).__name__: type(layer)}):
        again = Model.from_config(json.loads(json.dumps(model.get_config())))
    again.set_weights(model.get_weights())
    assert_equal(run(again, arrays), expected, "in a model made from its config")
    if sample.several or len(expected) > 1:
        return
    shape = (None, *sample.shapes[0][1:])
    stack = Sequential([sample.make(batch_input_shape=shape, dtype=None)])
    stack.set_weights(model.get_weights())
    assert_equal(run(stack, arrays), expected, "in a Sequential model")


def files(sample: Sample) -> None:
    """A saved model gives the same when it is loaded."""
    layer, arrays = sample.make(), sample.arrays()
    model = sample.model(layer)
    file = BytesIO()
    model.save(file)
    file.seek(0)
    again = load_model(file, custom_objects={type(layer).__name__: type(layer)})
    assert_equal(run(again, arrays), run(model, arrays), "from a file")


def times(sample: Sample) -> None:
    """In `TimeDistributed` it does the same at each step."""
    if sample.several:
        return
    layer = sample.make()
    model = sample.model(layer)
    steps = [sample.arrays()[0] for _ in range(3)]
    if len({step.shape for step in steps}) > 1 or sample.input_data is not None:
        steps = [steps[0]] * 3
    x = Input(batch_shape=(None, 3, *steps[0].shape[1:]), dtype=sample.input_dtype)
    outer = Model(x, TimeDistributed(layer)(x))
    expected = [np.stack(ys, axis=1) for ys in zip(*(run(model, [s]) for s in steps), strict=True)]
    assert_equal(run(outer, [np.stack(steps, axis=1)]), expected, "at each time step", 1e-4)


def clones(sample: Sample) -> None:
    """A clone has weights of its own."""
    layer, arrays = sample.make(), sample.arrays()
    model = sample.model(layer)
    with CustomObjectScope({type(layer).__name__: type(layer)}):
        clone = clone_model(model)
    assert len(clone.weights) == len(model.weights), "the clone has not as many weights"
    expected = run(model, arrays)
    clone.set_weights(model.get_weights())
    assert_equal(run(clone, arrays), expected, "the clone")
    clone.set_weights([w + 1 for w in clone.get_weights()])
    assert_equal(run(model, arrays), expected, "after the clone was changed")


def dtypes(sample: Sample) -> None:
    """With `dtype='float64'` and 'float16' it computes in them."""
    reference, arrays = sample.make(), sample.arrays()
    expected = run(sample.model(reference), arrays)
    floats = sample.input_dtype.startswith("float")
    for dtype, rtol in (("float64", 1e-4), ("float16", 3e-2)):
        layer = sample.make(dtype=dtype)
        model = sample.model(layer, dtype if floats else None)
        layer.set_weights(reference.get_weights())
        assert all(w.dtype == dtype for w in layer.weights), f"weights aren't {dtype}"
        assert all(y.dtype == dtype for y in model.outputs), f"outputs aren't {dtype}"
        given = [a.astype(dtype) if floats else a for a in arrays]
        assert_equal(run(model, given), expected, dtype, rtol)


CHECKS: dict[str, Callable[[Sample], None]] = {
    check.__name__: check
    for check in (
        builds,
        shapes,
        configs,
        weights,
        trains,
        masks,
        models,
        files,
        times,
        clones,
        dtypes,
    )
}


def layer_test(
    layer_cls: Callable[..., Any],
    kwargs: Mapping[str, Any] | Callable[[], Mapping[str, Any]] | None = None,
    input_shape: Any = None,
    input_dtype: str | None = None,
    input_data: Any = None,
    expected_output: Any = None,
    expected_output_dtype: str | None = None,
    fixed_batch_size: bool = False,
    skip: Mapping[str, str] | None = None,
) -> Any:
    """Check that a layer keeps the contract of layers, and return its output for some data.

    `input_shape` has the batch. `skip` leaves checks out, by name, each with its reason;
    `fixed_batch_size` says that the layer needs to know the batch.

    >>> from keras.layers import Dense
    >>> layer_test(Dense, kwargs={"units": 3}, input_shape=(2, 5)).shape
    (2, 3)
    """
    if input_data is not None and input_shape is None:
        input_shape = (
            [a.shape for a in input_data] if isinstance(input_data, list) else input_data.shape
        )
    made = FixedBatch if fixed_batch_size else Sample
    dtype = input_dtype or K.floatx()
    sample = made(layer_cls, kwargs or {}, input_shape, dtype, input_data, skip or {})
    for name, check in CHECKS.items():
        if name not in sample.skip:
            check(sample)
    model = sample.model(sample.make())
    outputs = run(model, sample.arrays())
    if expected_output_dtype is not None:
        assert model.outputs[0].dtype == expected_output_dtype, f"it is {model.outputs[0].dtype}"
    if expected_output is not None:
        assert_equal(outputs, to_list(expected_output), "the expected output", 1e-3)
    return one_or_list(outputs)


class FixedBatch(Sample):
    """A sample whose tensors know the batch."""

    def inputs(self, dtype: str | None = None) -> list[Any]:
        return [Input(batch_shape=s, dtype=dtype or self.input_dtype) for s in self.shapes]


def get_test_data(
    num_train: int = 1000,
    num_test: int = 500,
    input_shape: Sequence[int] = (10,),
    output_shape: Sequence[int] = (2,),
    classification: bool = True,
    num_classes: int = 2,
) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Data that can be learnt, `(x_train, y_train), (x_test, y_test)`.

    Each sample scatters around a number: that of its class, or the one to be predicted everywhere.
    """
    count = num_train + num_test
    if classification:
        y = np.random.randint(0, num_classes, count)
        centre = y.astype("float64")
    else:
        centre = np.random.uniform(-1.0, 1.0, count)
        y = np.broadcast_to(centre.reshape(-1, *(1,) * len(output_shape)), (count, *output_shape))
    x = centre.reshape(-1, *(1,) * len(input_shape)) + np.random.normal(
        0, 0.7, (count, *input_shape)
    )
    x, y = x.astype("float32"), np.array(y, dtype="int64" if classification else "float32")
    return (x[:num_train], y[:num_train]), (x[num_train:], y[num_train:])
