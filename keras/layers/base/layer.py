"""The contract of a layer: fields, `build`, `call`; everything else follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ... import backend as K
from ...backend.graph.tensor import lifted
from .calls import Book, calling, mask_of, one_or_list, record, to_list
from .options import LayerOptions
from .spec import check_inputs
from .weights import make_weight, set_values, unique

Shape = Any  # a tuple, or a list of tuples for several inputs

_PLAIN = frozenset((bool, float, int, list, str, tuple, type(None)))


class Layer(LayerOptions):
    """A step of a model, with weights of its own.

    A layer of your own has `build(input_shape)`, which makes weights with `add_weight`, and
    `call(inputs)`, which says by K functions what it returns. Arguments are declared as fields (see
    `Configured`), or stored by an `__init__` of your own that calls `super().__init__(**kwargs)`.

    The keyword arguments of all layers are those of `LayerOptions`.
    """

    _call_takes: ClassVar[frozenset[str] | None] = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = super().__new__(cls)
        layer._start()
        return layer

    def _start(self) -> None:
        """What is there before any constructor runs: old code uses it before `super().__init__`."""
        self.__dict__.update(
            built=False,
            _inbound_nodes=[],
            _outbound_nodes=[],
            _trainable_weights=[],
            _non_trainable_weights=[],
            _loss_book=Book(),
            _update_book=Book(runs_updates),
            _metrics=[],
        )

    # ---- what subclasses write

    def build(self, input_shape: Shape) -> None:
        """Make the weights; called once, before the first call."""
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """What the layer returns for its inputs. May also take `mask` and `training`."""
        return args[0] if args else kwargs["inputs"]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the output for a shape of the input, found by describing a call."""
        if type(self).call is Layer.call or not self.built:
            return input_shape
        shapes = input_shape if isinstance(input_shape, list) else [input_shape]
        inputs = [K.placeholder(shape=tuple(shape), dtype=self.dtype) for shape in shapes]
        with calling.trial():
            outputs = self.call(inputs if isinstance(input_shape, list) else inputs[0])
        made = [K.int_shape(y) for y in to_list(outputs)]
        return made if isinstance(outputs, (list, tuple)) else made[0]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the output: the input's, if the layer supports masking."""
        if self.supports_masking:
            return mask
        if any(m is not None for m in to_list(mask)):
            raise TypeError(
                f"{type(self).__name__} `{self.name}` doesn't support masking, but its input has a "
                "mask (from an Embedding with mask_zero, or Masking)."
            )
        return None

    # ---- calling

    def __call__(self, inputs: Any, **kwargs: Any) -> Any:
        """The layer's output for symbolic inputs; its weights are made at the first call."""
        if isinstance(inputs, list):
            inputs = inputs[:]
        listed = to_list(inputs)
        with K.name_scope(self.name):
            self.prepare(inputs)
            takes = self._takes()
            masks = [mask_of(x) for x in listed]
            given = dict(kwargs)
            if "mask" in takes and "mask" not in kwargs and any(m is not None for m in masks):
                kwargs["mask"] = masks if isinstance(inputs, list) else masks[0]
            with calling.of(self, inputs):
                outputs = self.call(inputs, **kwargs)
            mask = kwargs.get("mask", masks if isinstance(inputs, list) else masks[0])
            return self._finish(inputs, outputs, self.compute_mask(inputs, mask), given)

    def prepare(self, inputs: Any) -> None:
        """Check the inputs, and make the weights if this is the first call."""
        self.assert_input_compatibility(inputs)
        if not self.built:
            shapes = [K.int_shape(x) for x in to_list(inputs)]
            self.build_once(shapes if isinstance(inputs, list) else shapes[0])
            self.assert_input_compatibility(inputs)

    def build_once(self, input_shape: Shape) -> None:
        """Make the weights, unless they are there, and give them the values of `weights`."""
        if self.built:
            return
        self.build(input_shape)
        self.built = True
        if self._initial_weights is not None:
            self.set_weights(self._initial_weights)
            self._initial_weights = None

    def _takes(self) -> frozenset[str]:
        """The names of `call`'s arguments."""
        cls = type(self)
        takes = cls.__dict__.get("_call_takes")
        if takes is None:
            function = getattr(cls.call, "__wrapped__", cls.call)
            code = function.__code__
            takes = frozenset(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
            cls._call_takes = takes
        return takes

    def _finish(self, inputs: Any, outputs: Any, mask: Any, arguments: dict[str, Any]) -> Any:
        """Note shapes, mask, history and the activity's loss on what a call returned."""
        listed, made = to_list(inputs), list(map(lifted, to_list(outputs)))
        # A tensor that is only passed on gets a name of its own, so that its history is this layer.
        made = [K.identity(y) if any(y is x for x in listed) else y for y in made]
        if not isinstance(mask, (list, tuple)) or len(mask) != len(made):
            mask = [mask] * len(made) if not isinstance(mask, (list, tuple)) else list(mask)
            mask += [None] * (len(made) - len(mask))
        self._declare_shapes(listed, made, isinstance(inputs, list))
        for y, m in zip(made, mask, strict=False):
            if not K.is_tensor(y):
                raise ValueError(
                    f"{type(self).__name__} `{self.name}`: `call` must return symbolic tensors, "
                    f"got {y!r}."
                )
            y._keras_mask = m
        regularizer = getattr(self, "activity_regularizer", None)
        if regularizer is not None:
            with K.name_scope("activity_regularizer"):
                self.add_loss([regularizer(y) for y in made], inputs=listed)
        if not calling.on_trial:
            record(self, listed, made, arguments).listed = isinstance(inputs, (list, tuple))
        return made if isinstance(outputs, (list, tuple)) and len(made) > 1 else made[0]

    def _declare_shapes(self, inputs: list[Any], outputs: list[Any], several: bool) -> None:
        """Fill sizes that the graph can't know from a `compute_output_shape` of the user's own."""
        if not any(None in y.shape[1:] for y in outputs if K.is_tensor(y)):
            return
        if type(self).compute_output_shape is Layer.compute_output_shape:
            return
        shapes = [K.int_shape(x) for x in inputs]
        declared = self.compute_output_shape(shapes if several else shapes[0])
        declared = declared if isinstance(declared, list) else [declared]
        for y, shape in zip(outputs, declared, strict=False):
            if len(shape) == len(y.shape):
                y._keras_shape = tuple(
                    own if own is not None else said
                    for own, said in zip(y.shape, shape, strict=True)
                )

    # ---- weights, losses, updates

    def add_weight(
        self,
        name: str | None = None,
        shape: Sequence[int] | None = None,
        dtype: str | None = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool = True,
        constraint: Any = None,
    ) -> K.Variable:
        """Make a weight; what isn't given comes from arguments such as `<name>_initializer`."""
        if not isinstance(name, (str, type(None))):  # Keras 1 began with the shape
            name, shape = shape, name  # type: ignore[unreachable]  # only old code gets here
        return make_weight(
            self, name, shape or (), dtype, initializer, regularizer, trainable, constraint
        )

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Add terms to the loss that training minimises; `inputs`: what they depend on."""
        losses = [_as_loss(loss) for loss in to_list(losses) if loss is not None]
        calling.note("_loss_book", self, losses, inputs)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Add updates that training carries out at each step; `inputs`: what they depend on."""
        calling.note("_update_book", self, _as_updates(updates), inputs)

    def add_metric(self, value: Any, name: str | None = None) -> None:
        """Report a value of the graph beside the loss, as the mean over batches."""
        self._metrics.append((name or f"metric_{len(self._metrics) + 1}", value))

    def _held(self) -> tuple[list[Layer], list[Any]]:
        """The layers, and the variables that aren't listed as weights, among the attributes."""
        layers: dict[int, Layer] = {}
        variables: dict[int, Any] = {}
        for value in list(self.__dict__.values()):
            if type(value) in _PLAIN:  # most of them
                continue
            if isinstance(value, K.Variable):
                variables[id(value)] = value
            elif isinstance(value, Layer):
                layers[id(value)] = value
        for weight in (*self._trainable_weights, *self._non_trainable_weights):
            variables.pop(id(weight), None)
        return [*layers.values()], [*variables.values()]

    @property
    def trainable_weights(self) -> list[Any]:
        """What training changes: own weights, then those of layers that are attributes."""
        return self._trained()

    @trainable_weights.setter
    def trainable_weights(self, weights: list[Any]) -> None:
        self.__dict__["_trainable_weights"] = list(weights)

    @property
    def non_trainable_weights(self) -> list[Any]:
        """What training leaves alone (updates may change it)."""
        return self._untrained()

    @non_trainable_weights.setter
    def non_trainable_weights(self, weights: list[Any]) -> None:
        self.__dict__["_non_trainable_weights"] = list(weights)

    def _trained(self) -> list[Any]:
        if not self.trainable:
            return []
        layers, variables = self._held()
        inner = [w for layer in layers for w in layer.trainable_weights]
        return unique([*self._trainable_weights, *variables, *inner])

    def _untrained(self) -> list[Any]:
        layers, variables = self._held()
        inner = [w for layer in layers for w in layer.non_trainable_weights]
        if self.trainable:
            return unique([*self._non_trainable_weights, *inner])
        frozen = [w for layer in layers for w in layer.trainable_weights]
        own = [*self._trainable_weights, *variables, *self._non_trainable_weights]
        return unique([*own, *frozen, *inner])

    @property
    def losses(self) -> list[Any]:
        inner = [loss for layer in self._held()[0] for loss in layer.losses]
        return unique([*self._loss_book.everything(), *inner])

    @property
    def updates(self) -> list[Any]:
        if not runs_updates(self):
            return []
        inner = [update for layer in self._held()[0] for update in layer.updates]
        return unique([*self._update_book.everything(), *inner])

    @property
    def metrics(self) -> list[Any]:
        return list(self._metrics)

    def get_losses_for(self, inputs: Any = None) -> list[Any]:
        """The losses that depend on these inputs; for `None` those that depend on none."""
        always = [] if inputs is not None else [x.get_losses_for(None) for x in self._held()[0]]
        return unique([*self._loss_book.of(inputs), *(loss for inner in always for loss in inner)])

    def get_updates_for(self, inputs: Any = None) -> list[Any]:
        """The updates that depend on these inputs; for `None` those that depend on none."""
        if not runs_updates(self):
            return []
        always = [] if inputs is not None else [x.get_updates_for(None) for x in self._held()[0]]
        return unique([*self._update_book.of(inputs), *(u for inner in always for u in inner)])

    def get_state_updates_for(self, inputs: Any) -> list[Any]:
        """Those of the updates for these inputs that hand states on, in testing as well."""
        return self._update_book.of(inputs, lambda layer: layer.stateful)

    def get_weights(self) -> list[Any]:
        """The values of all weights, as numpy arrays."""
        values: list[Any] = K.batch_get_value(self.weights)
        return values

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all weights from arrays in the order of `get_weights`."""
        set_values(self, self.weights, weights)

    def count_params(self) -> int:
        """How many numbers the weights hold."""
        if not self.built:
            raise RuntimeError(
                f"{type(self).__name__} `{self.name}` has no weights yet: they are made when the "
                "shape of its input is known. Call it, or build its model."
            )
        return sum(K.count_params(w) for w in self.weights)

    # ---- calls

    def _at(self, index: int, what: str) -> Any:
        if not self._inbound_nodes:
            raise AttributeError(
                f"{type(self).__name__} `{self.name}` has never been called, so it has no {what}."
            )
        if not -len(self._inbound_nodes) <= index < len(self._inbound_nodes):
            raise ValueError(
                f"{type(self).__name__} `{self.name}` was called {len(self._inbound_nodes)} "
                f"time(s); there is no {what} at {index}."
            )
        return one_or_list(getattr(self._inbound_nodes[index], what))

    def _only(self, what: str) -> Any:
        if len(self._inbound_nodes) > 1:
            method = f"get_{what.removesuffix('s').removesuffix('_tensor')}_at"
            raise AttributeError(
                f"{type(self).__name__} `{self.name}` was called {len(self._inbound_nodes)} times: "
                f"which of its {what} is meant? `{method}(number)` tells one."
            )
        return self._at(0, what)

    def get_input_at(self, node_index: int) -> Any:
        """The input of the call with this number."""
        return self._at(node_index, "input_tensors")

    def get_output_at(self, node_index: int) -> Any:
        """The output of the call with this number."""
        return self._at(node_index, "output_tensors")

    def get_input_mask_at(self, node_index: int) -> Any:
        """The input's mask at the call with this number."""
        return self._at(node_index, "input_masks")

    def get_output_mask_at(self, node_index: int) -> Any:
        """The output's mask at the call with this number."""
        return self._at(node_index, "output_masks")

    def get_input_shape_at(self, node_index: int) -> Any:
        """The input's shape at the call with this number."""
        return self._at(node_index, "input_shapes")

    def get_output_shape_at(self, node_index: int) -> Any:
        """The output's shape at the call with this number."""
        return self._at(node_index, "output_shapes")

    @property  # type: ignore[misc]  # the argument of this name is kept under another
    def weights(self) -> list[Any]:
        """All weights, the trainable ones first."""
        return unique([*self.trainable_weights, *self.non_trainable_weights])

    @property  # type: ignore[misc]  # the argument of this name is kept under another
    def input_shape(self) -> Any:
        """The input's shape, if all calls have the same."""
        return self._same_shape("input_shapes")

    input = property(lambda self: self._only("input_tensors"))
    output = property(lambda self: self._only("output_tensors"))
    input_mask = property(lambda self: self._only("input_masks"))
    output_mask = property(lambda self: self._only("output_masks"))

    @property
    def output_shape(self) -> Any:
        """The output's shape, if all calls have the same."""
        return self._same_shape("output_shapes")

    def _same_shape(self, what: str) -> Any:
        self._at(0, what)
        shapes = {tuple(getattr(node, what)) for node in self._inbound_nodes}
        if len(shapes) > 1:
            raise AttributeError(
                f"{type(self).__name__} `{self.name}` was called with several shapes: "
                f"{sorted(map(str, shapes))}."
            )
        return one_or_list(list(shapes.pop()))

    def assert_input_compatibility(self, inputs: Any) -> None:
        """Raise if the layer can't be called on these inputs."""
        check_inputs(self, to_list(inputs), self.input_spec)


def runs_updates(layer: Layer) -> bool:
    """Whether a layer's updates count: those of a frozen one don't, unless it keeps states."""
    return layer.trainable or layer.stateful


def _as_loss(loss: Any) -> Any:
    return loss if K.is_tensor(loss) or callable(loss) else K.constant(loss)


def _as_updates(updates: Any) -> list[Any]:
    """A list of updates; a single pair (variable, value) is one of them."""
    if isinstance(updates, tuple) and len(updates) == 2 and K.is_variable(updates[0]):
        return [updates]
    return to_list(updates)
