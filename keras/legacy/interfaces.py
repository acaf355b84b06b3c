"""Decorators for constructors and methods of others' classes, which let them take Keras 1's terms.

>>> class MyDense:
...     @legacy_dense_support
...     def __init__(self, units, kernel_initializer="glorot_uniform"):
...         self.units = units
>>> import warnings
>>> with warnings.catch_warnings():
...     warnings.simplefilter("ignore")
...     MyDense(output_dim=3, init="uniform").units
3
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..saving.upgrade.verbs import Rename, apply
from .arguments import method_call, translated, warn

Function = Callable[..., Any]
Preprocessor = Callable[[Any, Any], tuple[Any, Any, list[tuple[str, str]]]]


def raise_duplicate_arg_error(old_arg: str, new_arg: str) -> None:
    """Refuse both spellings of an argument at once."""
    raise TypeError(f"`{new_arg}` and `{old_arg}` mean the same; both are given. Keep `{new_arg}`.")


def generate_legacy_interface(
    allowed_positional_args: Sequence[str] | None = None,
    conversions: Sequence[tuple[str, str]] | None = None,
    preprocessor: Preprocessor | None = None,
    value_conversions: Mapping[str, Mapping[Any, Any]] | None = None,
    object_type: str = "class",
) -> Function:
    """A decorator that lets a function take arguments by older names.

    `conversions`: pairs of an old and a new name. `value_conversions`: by argument, new values for
    old ones. `preprocessor(args, kwargs)` returns both changed, and the pairs that it has
    converted. Further positional arguments than the allowed ones are passed on with a warning.
    `object_type`: 'class' for a constructor, 'method' for a method.
    """
    renames = Rename(**dict(conversions or ()))

    def support(func: Function) -> Function:
        @functools.wraps(func)
        def call(*args: Any, **kwargs: Any) -> Any:
            method = "" if object_type == "class" else f".{func.__name__}"
            who = f"`{type(args[0]).__name__}{method}`" if args else f"`{func.__name__}`"
            changes = []
            if preprocessor is not None:
                args, kwargs, converted = preprocessor(args, kwargs)
                changes += [f"{old} -> {new}" for old, new in converted]
            for name, values in (value_conversions or {}).items():
                if name in kwargs and kwargs[name] in values:
                    changes.append(f"{kwargs[name]!r} -> {values[kwargs[name]]!r}")
                    kwargs[name] = values[kwargs[name]]
            changes += apply([renames], kwargs)
            if allowed_positional_args is not None and len(args) > 1 + len(allowed_positional_args):
                changes.append(
                    f"names for the arguments after {', '.join(allowed_positional_args)}"
                )
            if changes:
                warn(who, changes)
            return func(*args, **kwargs)

        call._original_function = func  # type: ignore[attr-defined]  # where tools look for it
        return call

    return support


# ---- by the tables


def _like(name: str) -> Function:
    """A decorator of constructors that take what one of our classes takes."""

    def support(func: Function) -> Function:
        names = [p for p in inspect.signature(func).parameters if p not in ("self", "kwargs")]

        @functools.wraps(func)
        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            known = {*names, "name", "trainable", "dtype", "input_shape", "batch_input_shape"}
            made = translated(name, type(self).__name__, names, known, args, kwargs)
            return func(self, *made[0], **made[1])

        call._original_function = func  # type: ignore[attr-defined]  # where tools look for it
        return call

    return support


def _method(table: str) -> Function:
    """A decorator of methods that take what one of our methods takes."""

    def support(func: Function) -> Function:
        names = tuple(inspect.signature(func).parameters)
        row = table if "." in table else f"{table}.{func.__name__}"

        @functools.wraps(func)
        def call(*args: Any, **kwargs: Any) -> Any:
            args, kwargs = method_call(row, names, args, kwargs)
            return func(*args, **kwargs)

        call._original_function = func  # type: ignore[attr-defined]  # where tools look for it
        return call

    return support


legacy_add_weight_support = _method("Layer.add_weight")
legacy_batchnorm_support = _like("BatchNormalization")
legacy_conv1d_support = _like("Conv1D")
legacy_conv2d_support = _like("Conv2D")
legacy_conv3d_support = _like("Conv3D")
legacy_convlstm2d_support = _like("ConvLSTM2D")
legacy_cropping2d_support = _like("Cropping2D")
legacy_cropping3d_support = _like("Cropping3D")
legacy_deconv2d_support = _like("Conv2DTranspose")
legacy_dense_support = _like("Dense")
legacy_dropout_support = _like("Dropout")
legacy_embedding_support = _like("Embedding")
legacy_gaussiandropout_support = _like("GaussianDropout")
legacy_gaussiannoise_support = _like("GaussianNoise")
legacy_generator_methods_support = _method("Model")
legacy_get_updates_support = _method("Optimizer.get_updates")
legacy_global_pooling_support = _like("GlobalMaxPooling2D")
legacy_input_support = _like("InputLayer")
legacy_lambda_support = _like("Lambda")
legacy_model_constructor_support = _method("Network.__init__")
legacy_pooling1d_support = _like("MaxPooling1D")
legacy_pooling2d_support = _like("MaxPooling2D")
legacy_pooling3d_support = _like("MaxPooling3D")
legacy_prelu_support = _like("PReLU")
legacy_recurrent_support = _like("LSTM")
legacy_separable_conv2d_support = _like("SeparableConv2D")
legacy_spatialdropout1d_support = _like("SpatialDropout1D")
legacy_spatialdropoutNd_support = _like("SpatialDropout2D")
legacy_upsampling1d_support = _like("UpSampling1D")
legacy_upsampling2d_support = _like("UpSampling2D")
legacy_upsampling3d_support = _like("UpSampling3D")
legacy_zeropadding2d_support = _like("ZeroPadding2D")
legacy_zeropadding3d_support = _like("ZeroPadding3D")


# ---- the same for arguments alone


def _arguments_like(name: str) -> Preprocessor:
    """From (self, *args) and kwargs to ours, by name, with the pairs (old, new) of changes."""

    def preprocess(args: Any, kwargs: Any) -> tuple[Any, Any, list[tuple[str, str]]]:
        from .. import layers

        cls = getattr(layers, name)
        names = list(inspect.signature(cls).parameters)
        changed: list[str] = []
        positional, made = translated(name, name, names, names, args[1:], kwargs, changed.extend)
        pairs = [change.partition(" -> ")[::2] for change in changed]
        return [*args[:1], *positional], made, pairs

    return preprocess


def _method_arguments(row: str, names: str) -> Preprocessor:
    def preprocess(args: Any, kwargs: Any) -> tuple[Any, Any, list[tuple[str, str]]]:
        changed: list[str] = []
        made = method_call(row, names.split(), tuple(args), kwargs, changed.extend)
        return list(made[0]), made[1], [change.partition(" -> ")[::2] for change in changed]

    return preprocess


add_weight_args_preprocessing = _method_arguments(
    "Layer.add_weight", "self name shape dtype initializer regularizer trainable constraint"
)
batchnorm_args_preprocessor = _arguments_like("BatchNormalization")
conv1d_args_preprocessor = _arguments_like("Conv1D")
conv2d_args_preprocessor = _arguments_like("Conv2D")
conv3d_args_preprocessor = _arguments_like("Conv3D")
convlstm2d_args_preprocessor = _arguments_like("ConvLSTM2D")
deconv2d_args_preprocessor = _arguments_like("Conv2DTranspose")
embedding_kwargs_preprocessor = _arguments_like("Embedding")
generator_methods_args_preprocessor = _method_arguments(
    "Model.fit_generator",
    "self generator steps_per_epoch epochs verbose callbacks validation_data validation_steps "
    "validation_freq class_weight max_queue_size workers use_multiprocessing shuffle initial_epoch",
)
get_updates_arg_preprocessing = _method_arguments("Optimizer.get_updates", "self loss params")
recurrent_args_preprocessor = _arguments_like("LSTM")
separable_conv2d_args_preprocessor = _arguments_like("SeparableConv2D")
zeropadding2d_args_preprocessor = _arguments_like("ZeroPadding2D")
