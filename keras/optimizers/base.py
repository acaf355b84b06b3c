"""What an optimizer is: a rule for one parameter; the base does everything else."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from .. import backend as K
from ..configured import Configured, plan_of

Tensor = Any
Variable = Any
Tensors = Any  # a K.TensorList: arithmetic on it works on each of its tensors


class Hyperparameter:
    """Marks numbers that become variables: they may change while training (`K.set_value`)."""

    def get(self, value: Any) -> Any:
        """The number; `Optimizer` makes the variable, which has the field's name."""
        return value

    def serialize(self, value: Any) -> float:
        """The number that the variable holds now."""
        return float(K.get_value(value))


Hyper = Annotated[Any, Hyperparameter()]


class Slots:
    """What a rule keeps from step to step: one attribute for each of `slots` and `scalars`.

    A rule reads the old value and assigns the new one.
    """

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self.__dict__.update(variables)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"This rule keeps {', '.join(vars(self)) or 'nothing'}; not `{name}`.")

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__dict__:
            raise AttributeError(f"`{name}` isn't among the `slots`: {', '.join(vars(self))}.")
        self.__dict__[name] = value


class Optimizer(Configured, kw_only=True):
    """The base of optimizers.

    A subclass declares its fields, what it keeps for each parameter (`slots`, in the order in which
    files hold them) and the `rule` that gives the new parameter. `rule` is called once, with lists
    of all parameters, gradients and slots: each operation in it is one pass over the whole model.

    Classic subclasses that write `get_updates(loss, params)` with K functions work as well.

    `clipnorm`: gradients are scaled down so that their common Euclidean norm is at most this.
    `clipvalue`: each number of a gradient is kept within [-clipvalue, clipvalue].
    """

    synonyms: ClassVar[Mapping[str, str]] = {"lr": "learning_rate"}
    slots: ClassVar[Sequence[str]] = ()
    scalars: ClassVar[Mapping[str, float]] = {}

    clipnorm: float = 0.0
    clipvalue: float = 0.0

    def set_options(self, options: dict[str, Any]) -> None:
        """Store `clipnorm` and `clipvalue`, and begin at step 0."""
        for name in ("clipnorm", "clipvalue"):
            setattr(self, name, options.get(name) or 0.0)
        self.iterations = K.variable(0, dtype="int64", name=f"{type(self).__name__}/iterations")
        self.updates: list[Tensor] = []
        self.weights: list[Variable] = []

    def __post_init__(self) -> None:
        values = vars(self)
        self.initial_decay = values.get("decay", 0.0)
        if values.get("epsilon", 0.0) is None:
            values["epsilon"] = K.epsilon()
        with K.name_scope(type(self).__name__):
            for name, field in plan_of(type(self)).fields.items():
                number = isinstance(field.converter, Hyperparameter)
                if number and not K.is_tensor(values[name]):
                    values[name] = K.variable(values[name], dtype=K.floatx(), name=name)

    def option_config(self) -> dict[str, Any]:
        """`clipnorm` and `clipvalue`, where they are used."""
        options = {"clipnorm": self.clipnorm, "clipvalue": self.clipvalue}
        return {name: value for name, value in options.items() if value}

    def __setattr__(self, name: str, value: Any) -> None:
        """A number assigned to a variable (`optimizer.lr = 0.1`) becomes its value."""
        held: Any = self.__dict__.get("learning_rate" if name == "lr" else name)
        if K.is_variable(held) and isinstance(value, (int, float)):
            K.set_value(held, value)
        else:
            super().__setattr__(name, value)

    @property
    def lr(self) -> Any:
        """The variable that holds the learning rate, by its older name."""
        return self.learning_rate

    @lr.setter
    def lr(self, value: Any) -> None:
        self.learning_rate = value

    # ---- for subclasses

    def rule(self, p: Tensors, g: Tensors, s: Any, lr: Tensor, t: Tensor) -> Tensors:
        """The new parameters.

        They follow from the old ones, their gradients, the slots, the learning rate of this step
        and its number, which starts at 1.
        """
        raise NotImplementedError(
            f"`{type(self).__name__}` needs a method `rule(p, g, s, lr, t)`, or "
            "`get_updates(loss, params)`."
        )

    def slot_shape(self, slot: str, param: Variable) -> tuple[int, ...]:
        """The shape of a slot: the parameter's, unless a subclass knows better."""
        return tuple(size or 0 for size in K.int_shape(param))

    # ---- a step

    def get_updates(self, loss: Tensor, params: Sequence[Variable]) -> list[Tensor]:
        """One step of training as updates: of the counter, the slots, the parameters."""
        params = list(params)
        with K.name_scope(type(self).__name__):
            grads = self._gradients(loss, params)
            shared = {name: K.variable(value, name=name) for name, value in self.scalars.items()}
            kept = {slot: self._made(slot, params) for slot in self.slots}
            self.weights = [self.iterations, *shared.values(), *itertools.chain(*kept.values())]
            self.updates = [K.update_add(self.iterations, 1)]
            for group in _by_dtype(params):
                state = {**shared, **{slot: _pick(made, group) for slot, made in kept.items()}}
                self.updates += self._step(_pick(params, group), _pick(grads, group), state)
        return self.updates

    def _made(self, slot: str, params: Sequence[Variable]) -> list[Variable]:
        return [
            K.zeros(self.slot_shape(slot, p), dtype=K.dtype(p), name=f"{slot}_{i}")
            for i, p in enumerate(params)
        ]

    def _step(self, params: Tensors, grads: Tensors, state: dict[str, Any]) -> list[Tensor]:
        """The updates that follow from the rule, for parameters of one dtype."""
        slots = Slots(state)
        number = K.cast(self.iterations, K.floatx()) + 1.0
        new = self.rule(params, grads, slots, self._rate(), number)
        changed = [name for name in state if vars(slots)[name] is not state[name]]
        updates = [_update(state[name], vars(slots)[name]) for name in changed]
        return [*updates, _update(params, _constrained(params, new))]

    def _rate(self) -> Tensor:
        """The learning rate of this step: divided by `1 + decay * steps so far`."""
        rate = vars(self).get("learning_rate")
        if not K.is_tensor(self.initial_decay) and not self.initial_decay:
            return rate
        steps = K.cast(self.iterations, K.floatx())
        return rate / (1.0 + vars(self)["decay"] * steps)

    # ---- gradients

    def get_gradients(self, loss: Tensor, params: Sequence[Variable]) -> list[Tensor]:
        """The gradients of the loss, clipped as `clipnorm` and `clipvalue` ask."""
        return list(self._clipped(_slopes(loss, params)))

    def _gradients(self, loss: Tensor, params: Sequence[Variable]) -> Tensors:
        """As `get_gradients`, which a subclass may have overridden, but as one list."""
        if type(self).get_gradients is Optimizer.get_gradients:
            return self._clipped(_slopes(loss, params))
        return K.TensorList(self.get_gradients(loss, params))

    def _clipped(self, grads: Tensors) -> Tensors:
        if self.clipnorm > 0:
            grads = clip_norm(grads, self.clipnorm, _norm(grads))
        if self.clipvalue > 0:
            grads = K.clip(grads, -self.clipvalue, self.clipvalue)
        return grads

    # ---- state

    def get_weights(self) -> list[Any]:
        """The step counter and the slots, as files hold them."""
        return list(K.batch_get_value(self.weights))

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the step counter and the slots."""
        if len(weights) != len(self.weights):
            raise ValueError(
                f"`{type(self).__name__}` has {len(self.weights)} weights, got {len(weights)} "
                "arrays. It gets its weights when the model's train function is made."
            )
        for i, (weight, value) in enumerate(zip(self.weights, weights, strict=True)):
            if K.int_shape(weight) != tuple(value.shape):
                raise ValueError(
                    f"`{type(self).__name__}`: weight {i} (`{weight.name}`) has shape "
                    f"{K.int_shape(weight)}, got an array of shape {tuple(value.shape)}."
                )
        K.batch_set_value(list(zip(self.weights, weights, strict=True)))


def _slopes(loss: Tensor, params: Sequence[Variable]) -> Tensors:
    grads = K.gradients(loss, list(params))
    lost = [f"`{p.name}`" for p, g in zip(params, grads, strict=True) if g is None]
    if lost:
        raise ValueError(
            f"The loss doesn't depend on {', '.join(lost)} by any path that has a gradient. Check "
            "the operations in between (argmax, round and comparisons have none), or set "
            "`layer.trainable = False`."
        )
    return K.TensorList(grads)


def _norm(grads: Iterable[Tensor]) -> Tensor:
    """The Euclidean norm of all gradients together."""
    squares = [K.sum(K.square(g)) for g in grads]
    total = squares[0]
    for square in squares[1:]:
        total = total + square
    return K.sqrt(total)


def _by_dtype(params: Sequence[Variable]) -> list[list[int]]:
    """The parameters' positions, grouped by dtype: usually one group."""
    groups: dict[str, list[int]] = {}
    for i, param in enumerate(params):
        groups.setdefault(K.dtype(param), []).append(i)
    return list(groups.values())


def _pick(tensors: Any, group: list[int]) -> Tensors:
    """Some of the tensors as one list; the list itself where it is all of them."""
    if isinstance(tensors, K.TensorList) and len(group) == len(tensors):
        return tensors
    members = list(tensors)
    return K.TensorList([members[i] for i in group])


def _update(variable: Any, value: Any) -> Tensor:
    """The assignment, in the variable's dtype: rules compute in at least the default one."""
    dtype = K.dtype(variable)
    if K.dtype(value) != dtype:
        many = isinstance(value, K.TensorList)
        value = K.TensorList([K.cast(v, dtype) for v in value]) if many else K.cast(value, dtype)
    return K.update(variable, value)


def _constrained(params: Tensors, new: Tensors) -> Tensors:
    """The new parameters after their constraints."""
    constraints = [getattr(p, "constraint", None) for p in params]
    if not any(constraints):
        return new
    return K.TensorList([n if c is None else c(n) for n, c in zip(new, constraints, strict=True)])


def clip_norm(g: Tensor, c: float, n: Tensor) -> Tensor:
    """The gradient `g`, scaled so that a norm `n` above `c` becomes `c`; `c <= 0` leaves it."""
    return g if c <= 0 else g * K.where(K.greater_equal(n, c), c / n, 1.0)
