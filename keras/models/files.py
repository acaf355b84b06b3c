"""The ways to files: methods and functions that lead to `keras.saving` when they are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Filed:
    """The methods of models that write and read files."""

    def save(self, filepath: Any, overwrite: bool = True, include_optimizer: bool = True) -> None:
        """Save architecture, weights and the state of training into one HDF5 file.

        `filepath`: a path, an open binary file, or an HDF5 group. A file that was there is replaced
        when the new one is whole; `overwrite=False` asks first.
        """
        save_model(self, filepath, overwrite, include_optimizer)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Save the weights only."""
        from .. import saving

        saving.save_weights(self, filepath, overwrite)

    def load_weights(
        self,
        filepath: Any,
        by_name: bool = False,
        skip_mismatch: bool = False,
        reshape: bool = False,
        *,
        original_backend: str | None = None,
    ) -> None:
        """Take weights from a file of weights, or of a whole model, of any version of Keras.

        Layers are paired in order, or `by_name`: then those that only one side knows are left
        as they are, and `skip_mismatch` leaves those with other shapes too. `reshape`: arrays with
        as many numbers but another shape are reshaped. `original_backend`: what a file of Keras 1
        doesn't say, 'theano' or 'tensorflow'.
        """
        from .. import saving

        saving.load_weights(
            self,
            filepath,
            by_name,
            skip_mismatch,
            reshape,
            original_backend=original_backend,
        )

    def export(self, folder: Any) -> None:
        """Write a folder with a SavedModel of TensorFlow's, which computes what `predict` does in
        programs that know nothing of this package; its signature has the names of the inputs and
        outputs."""
        from .. import saving

        saving.export(self, folder)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON, for `model_from_json`; `kwargs` go to `json.dumps`."""
        from .. import saving

        return saving.to_json(self, **kwargs)

    def to_yaml(self, **kwargs: Any) -> str:
        """The architecture as YAML, for `model_from_yaml`; `kwargs` go to `yaml.dump`."""
        from .. import saving

        return saving.to_yaml(self, **kwargs)

    def __reduce__(self) -> Any:
        from .. import saving

        return saving.unpickle_model, (saving.pickle_model(self),)

    def __deepcopy__(self, memo: Any) -> Any:
        from .. import saving

        return saving.copied(self)


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, include_optimizer: bool = True
) -> None:
    """Save architecture, weights and the state of training into one HDF5 file: `model.save`."""
    from .. import saving

    saving.save_model(model, filepath, overwrite, include_optimizer)


def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002  the classic name
    *,
    original_backend: str | None = None,
    unsafe_lambdas: bool = False,
) -> Any:
    """The model in a file of any version of Keras.

    `custom_objects`: classes and functions of your own that the file names. `compile`: also compile
    it as it was, and continue with the optimizer's state. `original_backend`: what a file of
    Keras 1 doesn't say, 'theano' or 'tensorflow'. `unsafe_lambdas`: run the code of lambdas in the
    file; only for files of your own.
    """
    from .. import saving

    return saving.load_model(
        filepath,
        custom_objects,
        compile,
        original_backend=original_backend,
        unsafe_lambdas=unsafe_lambdas,
    )


def model_from_config(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model that a dictionary with "class_name" and "config" describes."""
    from .. import saving

    return saving.model_from_config(config, custom_objects)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model that `model.to_json()` described; without its weights."""
    from .. import saving

    return saving.model_from_json(json_string, custom_objects)


def model_from_yaml(yaml_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The model that `model.to_yaml()` described; without its weights."""
    from .. import saving

    return saving.model_from_yaml(yaml_string, custom_objects)
