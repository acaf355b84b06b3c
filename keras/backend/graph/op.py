"""How an op is declared: one function whose body is the rule for shape, dtype and arguments.

Parameters annotated `Tensor` (or `Tensors`, a list of them) are arrays; all others are static. The
body sees symbolic tensors, Python numbers, or, when arrays are computed at once, their
descriptions, and returns a `Spec` for each output; the keywords given to `Spec` are the op's
settled arguments, which is all that an engine's row gets to see: `row(*arrays, **settled)`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from . import runtime
from .dims import settle_dims
from .tensor import OPS as OPS, SYMBOLS, Constant, Node, Spec, Tensor, lifted, scope

Function = TypeVar("Function", bound=Callable[..., Any])
Rule = Callable[..., Any]

NUMBERS = (bool, int, float)
DECLARED: dict[str, Op] = {}  # every declared op by name
_REQUIRED = object()


class Op:
    """A declared operation: its name, its rule, which of its parameters are arrays."""

    __slots__ = (
        "arrays",
        "body",
        "defaults",
        "gradient",
        "host",
        "keeps_lists",
        "lists",
        "name",
        "parameters",
        "pull",
        "pure",
        "rule",
        "shortcut",
    )

    def __init__(
        self, name: str, rule: Rule, pure: bool = True, body: Rule | None = None, host: bool = False
    ) -> None:
        self.name = name
        self.rule = rule
        self.pure = pure  # the same inputs always give the same outputs
        self.host = host  # takes sizes that were computed outside of the engine as they are
        self.body = body  # composites: the definition in simpler ops
        self.keeps_lists = False  # composites: on lists of tensors one node as well
        self.gradient: Rule | None = None
        self.pull: Rule | None = None  # ops with bodies: (node, inputs, arrived, on_path, lowering)
        self.shortcut: Rule | None = (
            None  # a simpler answer for special arguments, or NotImplemented
        )
        self.parameters, self.arrays, self.lists = array_parameters(rule)
        given = rule.__defaults__ or ()
        self.defaults = (_REQUIRED,) * (len(self.parameters) - len(given)) + given

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        """The arguments in the order of the parameters, defaults filled in."""
        values = list(args) + list(self.defaults[len(args) :])
        for key, value in kwargs.items():
            if key not in self.parameters or self.parameters.index(key) < len(args):
                raise TypeError(
                    f"`K.{self.name}` got {'a second' if key in self.parameters else 'an unknown'} "
                    f"argument `{key}`; its arguments are {', '.join(self.parameters)}."
                )
            values[self.parameters.index(key)] = value
        if len(args) > len(self.parameters) or any(v is _REQUIRED for v in values):
            raise TypeError(
                f"`K.{self.name}` takes {', '.join(self.parameters)}; got {len(args)} positional "
                f"argument(s) and {', '.join(kwargs) or 'no keywords'}."
            )
        return values

    def operands(self, values: list[Any]) -> list[Any]:
        """The array arguments, lists flattened."""
        found: list[Any] = []
        for i in self.arrays:
            if i in self.lists:
                found.extend(values[i])
            else:
                found.append(values[i])
        return found


def named(tensor: Any, name: str | None) -> Any:
    """A tensor that was just made, under the name that it was given, if any."""
    if name and isinstance(tensor, Tensor):
        label = name if ":" in name else f"{name}:0"
        tensor._name = f"{scope.name}/{label}" if scope.name else label
    return tensor


def is_symbolic(value: Any) -> bool:
    return isinstance(value, Tensor)


def constant(value: Any, dtype: str | None = None) -> Constant:
    """A leaf that holds an array; Python floats take the default float type."""
    array, shape, name = runtime.describe_value(value, dtype)
    return Constant(array, shape, name)


def operand(value: Any) -> Any:
    """What a node may hold: tensors and Python numbers as they are, anything else as a constant."""
    if value is None or isinstance(value, Tensor) or type(value) in NUMBERS:
        return value
    return constant(value)


def make_node(op: Op, inputs: Sequence[Any], specs: Any) -> Any:
    """Add a node to the graph; returns its output tensor, or a tuple of them."""
    if scope.after:
        inputs = _updated(inputs)
    single = type(specs) is Spec
    first = specs if single else specs[0]
    node = Node(op, tuple(inputs), first.attributes)
    phase = any(isinstance(x, Tensor) and x.uses_phase for x in inputs)
    outputs = []
    for index, spec in enumerate((specs,) if single else specs):
        tensor = Tensor(spec.shape, spec.dtype, node, index)
        tensor.uses_phase = phase
        outputs.append(tensor)
    if single:
        settle_dims(op.name, inputs, node.attributes, outputs[0])
    node.outputs = tuple(outputs)
    node.many = not single
    return outputs[0] if single else node.outputs


def _updated(inputs: Sequence[Any]) -> list[Any]:
    """Inputs read after updates: a variable is its new value."""
    new = {
        update.node.attributes["variable"]: update
        for update in scope.after
        if update.node is not None and "variable" in update.node.attributes
    }
    return [new.get(x, x) if isinstance(x, Tensor) else x for x in inputs]


def _prepare(op: Op, values: list[Any], convert: Callable[[Any], Any]) -> list[Any]:
    for i in op.arrays:
        values[i] = [convert(v) for v in values[i]] if i in op.lists else convert(values[i])
    return values


def apply(op: Op, values: list[Any]) -> Any:
    """Use an op: a new node if anything is symbolic, the engine's row at once if nothing is."""
    if SYMBOLS:
        _prepare(op, values, lifted)
    operands = op.operands(values)
    if any(isinstance(x, Tensor) for x in operands):
        if op.shortcut is not None:
            result = op.shortcut(*values)
            if result is not NotImplemented:
                return result
        if any(isinstance(x, TensorList) for x in operands) and not op.keeps_lists:
            return foreach(op, operands, values)
        _prepare(op, values, operand)
        if op.body is not None:
            return _composite(op, values)
        return make_node(op, op.operands(values), op.rule(*values))
    return runtime.run_now(op, values)


def _composite(op: Op, values: list[Any]) -> Any:
    assert op.body is not None
    result = op.body(*values)
    results = result if isinstance(result, tuple) else (result,)
    specs = [Spec(r.shape, r.dtype) for r in results]
    statics = {p: values[i] for i, p in enumerate(op.parameters) if i not in op.arrays}
    specs[0].attributes = statics
    made = make_node(op, op.operands(values), specs[0] if len(results) == 1 else specs)
    made_all = made if isinstance(made, tuple) else (made,)
    node = made_all[0].node
    node.expansion = results
    if any(isinstance(r, TensorList) for r in results):
        made_all = tuple(_as_list(t, r) for t, r in zip(made_all, results, strict=True))
        node.outputs = made_all
        made = made_all if isinstance(made, tuple) else made_all[0]
    for tensor, inner in zip(made_all, results, strict=True):
        tensor.uses_phase = inner.uses_phase
        tensor.dims = inner.dims
    return made


def _wrap(declared: Op, function: Callable[..., Any]) -> Any:
    count = len(declared.parameters)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        values = list(args) if len(args) == count and not kwargs else declared.bind(args, kwargs)
        return apply(declared, values)

    call.op = declared  # type: ignore[attr-defined]  # the way from the public function to its declaration
    if declared.name in DECLARED:
        raise ValueError(f"The op `{declared.name}` is declared twice.")
    DECLARED[declared.name] = declared
    OPS.setdefault(declared.name, call)
    return call


def op(
    function: Function | None = None,
    *,
    pure: bool = True,
    host: bool = False,
    name: str | None = None,
) -> Any:
    """Declare a primitive: the body is its rule and returns a `Spec` for each output."""
    if function is None:
        return functools.partial(op, pure=pure, host=host, name=name)
    return _wrap(Op(name or function.__name__, function, pure, host=host), function)


def composite(
    function: Function | None = None, *, name: str | None = None, lists: bool = False
) -> Any:
    """Declare an op by simpler ones. An engine may have a faster row; the body is its definition.

    `lists`: also on lists of tensors it stays one node.
    """
    if function is None:
        return functools.partial(composite, name=name, lists=lists)
    declared = Op(name or function.__name__, function, body=function)
    declared.keeps_lists = lists
    return _wrap(declared, function)


def composed(function: Function) -> Function:
    """Declare a function made of ops that leaves no node of its own.

    Its parameters annotated `Tensor` are made arrays of the engine where nothing is symbolic, so
    that the body may calculate with them.
    """
    parameters, arrays, lists = array_parameters(function)
    named = {parameters[i]: i for i in arrays}

    def ready(place: int | None, value: Any) -> Any:
        if place not in arrays or value is None:
            return value
        return [runtime.ready(v) for v in value] if place in lists else runtime.ready(value)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if SYMBOLS:
            args = tuple(map(_lifted, args))
            kwargs = {key: _lifted(value) for key, value in kwargs.items()}
        if not any(map(_holds_symbol, (*args, *kwargs.values()))):
            args = tuple(ready(i, v) for i, v in enumerate(args))
            kwargs = {key: ready(named.get(key), v) for key, v in kwargs.items()}
        return function(*args, **kwargs)

    return call  # type: ignore[return-value]  # it takes and returns the same


def _lifted(value: Any) -> Any:
    return [*map(lifted, value)] if isinstance(value, list) else lifted(value)


def _holds_symbol(value: Any) -> bool:
    return isinstance(value, Tensor) or (
        isinstance(value, (list, tuple)) and any(isinstance(v, Tensor) for v in value)
    )


def array_parameters(function: Rule) -> tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]:
    """A function's parameters, which of them are arrays, and which of those are lists of arrays."""
    code = function.__code__
    parameters = code.co_varnames[: code.co_argcount]
    kinds = [str(function.__annotations__.get(p, "")).split(" ")[0] for p in parameters]
    arrays = tuple(i for i, kind in enumerate(kinds) if kind in ("Tensor", "Tensors"))
    return parameters, arrays, tuple(i for i in arrays if kinds[i] == "Tensors")


def exposed(function: Function) -> Function:
    """Mark a public function that prepares the arguments of a primitive of its own name.

    The operators of a tensor (`x[key]`, `x @ y`) and `OPS` find the public one.
    """
    OPS[function.__name__] = function
    return function


def gradient(declared: Any) -> Callable[[Function], Function]:
    """Give an op its gradient: `rule(g, y, *inputs, **settled)` returns one gradient an input.

    `y` is the op's output (a tuple if it has several, and `g` as well, with `None` for outputs that
    nothing used); a gradient of `None` says that nothing flows to that input.
    """

    def attach(rule: Function) -> Function:
        declared.op.gradient = rule
        return rule

    return attach


def blocked(*declared: Any) -> None:
    """Say that no gradient flows through these ops, as for comparisons and roundings."""
    for each in declared:
        each.op.gradient = no_gradient


def no_gradient(g: Any, y: Any, *inputs: Any, **settled: Any) -> tuple[None, ...]:
    """The gradient of an op that has none."""
    return (None,) * len(inputs)


def shortcut(declared: Any) -> Callable[[Function], Function]:
    """Give an op a simpler answer for special arguments; the rule returns `NotImplemented` else."""

    def attach(rule: Function) -> Function:
        declared.op.shortcut = rule
        return rule

    return attach


# ---- lists of tensors: one op over all parameters of a model


class TensorList(Tensor):
    """Several tensors as one value: arithmetic on it works on each of them.

    Optimizers compute with it, so that an engine can update a whole model with a handful of calls.
    """

    __slots__ = ("_members", "specs")

    def __init__(self, members: Sequence[Tensor]) -> None:
        super().__init__((len(members),), members[0].dtype if members else "float32")
        self._members: tuple[Tensor, ...] | None = tuple(members)
        self.specs: list[Any] = list(members)
        self.node = Node(PACK, self._members, {})
        self.node.outputs = (self,)
        self.uses_phase = any(m.uses_phase for m in members)

    @property
    def members(self) -> tuple[Tensor, ...]:
        """The tensors one by one."""
        if self._members is None:
            self._members = tuple(
                make_node(ITEM, (self,), Spec(spec.shape, spec.dtype, index=i))
                for i, spec in enumerate(self.specs)
            )
        return self._members

    def __len__(self) -> int:
        return len(self.specs)

    def __iter__(self) -> Any:
        return iter(self.members)


def _as_list(made: Tensor, like: Tensor) -> Tensor:
    """An output of a node as a list of tensors, if that is what it is."""
    if not isinstance(like, TensorList):
        return made
    found = TensorList.__new__(TensorList)
    Tensor.__init__(found, like.shape, like.dtype, made.node, made.index)
    found._members, found.specs = None, like.specs
    found.uses_phase = made.uses_phase
    return found


def _list_rule(*members: Any) -> Spec:
    return Spec((len(members),), "float32")


PACK = Op("pack", _list_rule)
FOREACH = Op("foreach", _list_rule)
ITEM = Op("item", _list_rule)


def foreach(op: Op, operands: list[Any], values: list[Any]) -> TensorList:
    """`op` on each member of the lists among its operands; other operands are the same for each."""
    if op.body is not None:
        result: TensorList = op.body(*values)
        return result
    lists = [x for x in operands if isinstance(x, TensorList)]
    if len({len(x) for x in lists}) > 1:
        raise ValueError(f"`K.{op.name}` got lists of {[len(x) for x in lists]} tensors.")
    specs = [
        op.rule(*[x.specs[i] if isinstance(x, TensorList) else x for x in values])
        for i in range(len(lists[0]))
    ]
    made = TensorList.__new__(TensorList)
    Tensor.__init__(made, lists[0].shape, specs[0].dtype if specs else "float32")
    made._members, made.specs = None, specs
    settled = specs[0].attributes if specs else {}
    made.node = Node(FOREACH, tuple(operand(x) for x in operands), {"of": op, "settled": settled})
    made.node.outputs = (made,)
    made.uses_phase = any(isinstance(x, Tensor) and x.uses_phase for x in operands)
    return made
