"""Symbolic tensors: what a `K` function returns while a model is being described.

Four words carry the whole graph. A `Tensor` is one value that will exist when the graph runs; its
`node` says which op makes it from which inputs. Placeholders, variables and constants have no node:
they are where values come from.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ...caller import user_line

if TYPE_CHECKING:
    from .op import Op

Array = Any  # an array of the running engine, or a numpy array

OPS: dict[str, Callable[..., Any]] = {}  # the public functions by name; operators look here
FOREIGN: dict[Any, Callable[..., Any]] = {}  # numpy's functions, and what they are on tensors
SYMBOLS: dict[type, Callable[[Any], Tensor]] = {}  # an engine's own symbols, and how they get here
numbers = itertools.count(1)
_unknowns = itertools.count(1)


def fresh_dim() -> int:
    """A name for an unknown size: a negative number of its own."""
    return -next(_unknowns)


class Shape(tuple[int | None, ...]):
    """A tuple of dimensions, `None` where unknown, with the few methods that old scripts call."""

    __slots__ = ()

    @property
    def ndims(self) -> int:
        return len(self)

    rank = ndims

    def as_list(self) -> list[int | None]:
        """The dimensions as a list."""
        return list(self)

    def is_fully_defined(self) -> bool:
        return None not in self

    def num_elements(self) -> int | None:
        """How many elements, or `None` while a dimension is unknown."""
        total = 1
        for size in self:
            if size is None:
                return None
            total *= size
        return total


class Spec:
    """What an op's rule says of one output: its shape, its dtype, and the op's settled
    arguments."""

    __slots__ = ("attributes", "dtype", "shape")

    def __init__(self, shape: tuple[int | None, ...], dtype: str, /, **attributes: Any) -> None:
        self.shape = shape if type(shape) is Shape else Shape(shape)
        self.dtype = dtype
        self.attributes = attributes

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __repr__(self) -> str:
        return f"Spec({tuple(self.shape)}, {self.dtype!r})"


class Scope(threading.local):
    """Where we are while a graph is described: the name scope, whose line asked for it, and which
    updates come first."""

    def __init__(self) -> None:
        self.name = ""
        self.after: tuple[Tensor, ...] = ()
        self.origin: tuple[str, int] | None = None


scope = Scope()


class Node:
    """One use of an op: its inputs, its settled arguments, the tensors that it makes."""

    __slots__ = (
        "__weakref__",
        "after",
        "attributes",
        "expansion",
        "inputs",
        "many",
        "number",
        "op",
        "origin",
        "outputs",
        "scope",
    )

    def __init__(self, op: Op, inputs: tuple[Any, ...], attributes: dict[str, Any]) -> None:
        self.op = op
        self.inputs = inputs  # Tensors, Python numbers, or None for an optional input left out
        self.attributes = attributes
        self.number = next(numbers)
        self.origin = scope.origin or user_line()
        self.scope = scope.name
        self.after = scope.after  # updates that are carried out where this is computed
        self.outputs: tuple[Tensor, ...] = ()
        self.many = False  # its row returns a tuple, be it of one
        self.expansion: tuple[Tensor, ...] | None = None  # composites: the same in simpler ops

    def tensors(self) -> Iterator[Tensor]:
        """The inputs that are symbolic."""
        return (x for x in self.inputs if isinstance(x, Tensor))

    @property
    def name(self) -> str:
        return f"{self.scope}/{self.op.name}" if self.scope else self.op.name

    type = property(lambda self: self.op.name)  # `tensor.op.type`, as TensorFlow scripts ask it

    def __repr__(self) -> str:
        shapes = ", ".join(str(x.shape) if isinstance(x, Tensor) else repr(x) for x in self.inputs)
        return f"<{self.name}({shapes})>"


def lifted(value: Any) -> Any:
    """The tensor for a symbol of the engine's own graphs; anything else as it is."""
    for kind, make in SYMBOLS.items():
        if isinstance(value, kind):
            return make(value)
    return value


def _operator(name: str, swapped: bool = False) -> Callable[[Tensor, Any], Any]:
    if swapped:
        return lambda self, other: OPS[name](other, self)
    return lambda self, other: OPS[name](self, other)


def _unknown(name: str) -> TypeError:
    return TypeError(
        f"`{name}` can't be applied to a symbolic tensor; use a function of K, or `K.eval` to "
        "compute the tensor now."
    )


class Tensor:
    """A symbolic value with a dtype and a shape whose unknown dimensions are `None`."""

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_dims",
        "_name",
        "dtype",
        "index",
        "node",
        "shape",
        "uses_phase",
    )
    __array_priority__ = 100.0

    def __init__(
        self,
        shape: tuple[int | None, ...],
        dtype: str,
        node: Node | None = None,
        index: int = 0,
        name: str | None = None,
    ) -> None:
        self.shape = shape if type(shape) is Shape else Shape(shape)
        self.dtype = dtype
        self.node = node
        self.index = index
        self._name = name
        self._dims: tuple[int, ...] | None = None
        self.uses_phase = False

    # ---- what it is called and what it looks like

    @property
    def name(self) -> str:
        """`scope/op_number:index` unless a name was given."""
        if self._name is None:
            label = (
                f"{self.node.name}_{self.node.number}" if self.node else type(self).__name__.lower()
            )
            self._name = f"{label}:{self.index}"
        return self._name

    @property
    def op(self) -> Node | Tensor:
        """The node that makes this tensor; a leaf answers with itself (it has a `name` as well)."""
        return self.node or self

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def dims(self) -> tuple[int, ...]:
        """The shape with a negative number for each unknown size; equal numbers are equal sizes."""
        if self._dims is None:
            self._dims = tuple(fresh_dim() if s is None else s for s in self.shape)
        return self._dims

    @dims.setter
    def dims(self, dims: tuple[int, ...]) -> None:
        self._dims = dims

    def get_shape(self) -> Shape:
        """The static shape; `.as_list()` makes it a list."""
        return self.shape

    def set_shape(self, shape: tuple[int | None, ...]) -> None:
        """Fill in dimensions that were unknown."""
        if len(shape) != self.ndim or any(
            a is not None and b is not None and a != b
            for a, b in zip(self.shape, shape, strict=True)
        ):
            raise ValueError(
                f"`{self.name}` has shape {self.shape}, which contradicts {tuple(shape)}."
            )
        before = self.dims
        self.shape = Shape(
            a if a is not None else b for a, b in zip(self.shape, shape, strict=True)
        )
        self.dims = tuple(d if s is None else s for d, s in zip(before, self.shape, strict=True))

    @property
    def _uses_learning_phase(self) -> bool:
        return self.uses_phase

    @_uses_learning_phase.setter
    def _uses_learning_phase(self, value: bool) -> None:
        self.uses_phase = bool(value)

    @property
    def _keras_shape(self) -> tuple[int | None, ...]:
        known: tuple[int | None, ...] | None = self.__dict__.get("keras_shape")
        return tuple(self.shape) if known is None else known

    @_keras_shape.setter
    def _keras_shape(self, value: tuple[int | None, ...]) -> None:
        self.__dict__["keras_shape"] = tuple(value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} shape={tuple(self.shape)} dtype={self.dtype}>"

    # ---- what Python asks of a value that has none yet

    def __bool__(self) -> bool:
        raise TypeError(
            f"`{self.name}` is symbolic: it has no truth value until the graph runs. "
            "Use `K.switch`, or `K.eval` to compute it now."
        )

    def __len__(self) -> int:
        if self.ndim and self.shape[0] is not None:
            return self.shape[0]
        raise TypeError(
            f"`{self.name}` of shape {tuple(self.shape)} has no length yet; "
            "`K.shape(x)[0]` is its symbolic length."
        )

    def __iter__(self) -> Iterator[Tensor]:
        if not self.ndim or self.shape[0] is None:
            raise TypeError(
                f"`{self.name}` of shape {tuple(self.shape)} can't be iterated over: its first "
                "dimension is unknown. Use `K.map_fn`, or slices of it."
            )
        return (self[i] for i in range(self.shape[0]))

    def __float__(self) -> float:
        raise TypeError(f"`{self.name}` is symbolic; `K.eval` computes its value.")

    __int__ = __index__ = __float__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        from .runtime import engine  # which knows this module

        engine()  # TensorFlow asks so before it asks the engine what its function is on tensors
        raise TypeError(
            f"`{self.name}` is symbolic and has no numbers yet; `K.eval` computes them, "
            "and numpy functions such as `np.sqrt` may be applied to it as they are."
        )

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise _unknown(f"np.{ufunc.__name__}.{method}")
        return self.__array_function__(ufunc, (), inputs, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        known = FOREIGN.get(function)
        if known is None:
            raise _unknown(f"np.{function.__name__}")
        return known(*args, **kwargs)

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return OPS["native"](function, args, kwargs or {})

    # ---- arithmetic

    __add__ = _operator("add")
    __radd__ = _operator("add", swapped=True)
    __sub__ = _operator("subtract")
    __rsub__ = _operator("subtract", swapped=True)
    __mul__ = _operator("multiply")
    __rmul__ = _operator("multiply", swapped=True)
    __truediv__ = _operator("divide")
    __rtruediv__ = _operator("divide", swapped=True)
    __floordiv__ = _operator("floor_divide")
    __rfloordiv__ = _operator("floor_divide", swapped=True)
    __mod__ = _operator("mod")
    __rmod__ = _operator("mod", swapped=True)
    __pow__ = _operator("power")
    __rpow__ = _operator("power", swapped=True)
    __matmul__ = _operator("dot")
    __rmatmul__ = _operator("dot", swapped=True)
    __lt__ = _operator("less")
    __le__ = _operator("less_equal")
    __gt__ = _operator("greater")
    __ge__ = _operator("greater_equal")
    __and__ = _operator("logical_and")
    __rand__ = _operator("logical_and", swapped=True)
    __or__ = _operator("logical_or")
    __ror__ = _operator("logical_or", swapped=True)
    __xor__ = _operator("not_equal")
    __rxor__ = _operator("not_equal", swapped=True)

    def __neg__(self) -> Any:
        return OPS["negative"](self)

    def __abs__(self) -> Any:
        return OPS["abs"](self)

    def __invert__(self) -> Any:
        return OPS["logical_not"](self)

    def __getitem__(self, key: Any) -> Any:
        return OPS["getitem"](self, key)


Tensors = list[Tensor]  # marks a parameter of a declared op that takes several tensors


class Placeholder(Tensor):
    """A value that the caller of a function feeds.

    `default` is computed in its place by functions that don't have it among their inputs.
    """

    __slots__ = ("default", "sparse")

    def __init__(
        self, shape: Any, dtype: str, name: str | None = None, sparse: bool = False
    ) -> None:
        super().__init__(shape, dtype, name=name)
        self.sparse = sparse
        self.default: Tensor | None = None


class Constant(Tensor):
    """A value known while the graph is described."""

    __slots__ = ("value",)

    def __init__(self, value: Array, shape: Any, dtype: str, name: str | None = None) -> None:
        super().__init__(shape, dtype, name=name)
        self.value = value
