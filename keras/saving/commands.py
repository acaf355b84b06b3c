"""`python -m keras info` and `python -m keras convert`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..registry import CustomObjectScope
from .convert import WRITERS, convert
from .info import describe


def info_command(given: Sequence[str]) -> int:
    """Say what files are."""
    parser = argparse.ArgumentParser(
        prog="python -m keras info",
        description="Say what a file of models or weights is, without building or running it.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    failed = False
    for file in parser.parse_args(given).files:
        try:
            sys.stdout.write(f"{describe(file)}\n")
        except (OSError, ValueError, ImportError) as error:
            sys.stderr.write(f"{file}: {error}\n")
            failed = True
    return int(failed)


def convert_command(given: Sequence[str]) -> int:
    """Write a file of any version in a layout of today."""
    parser = argparse.ArgumentParser(
        prog="python -m keras convert",
        description="Write a file of any version of Keras in a layout of today.",
        epilog=f"What is written the ending of OUT says: {', '.join(WRITERS)}.",
    )
    parser.add_argument("source", metavar="IN")
    parser.add_argument("target", metavar="OUT")
    parser.add_argument("--architecture", metavar="FILE", help="JSON or YAML, for files of weights")
    parser.add_argument(
        "--backend",
        choices=("theano", "tensorflow", "cntk"),
        help="who computed a model of Keras 1, whose files don't say",
    )
    parser.add_argument(
        "--custom",
        metavar="MODULE",
        help="a module of yours with the classes and functions that the file names",
    )
    parser.add_argument(
        "--unsafe-lambdas",
        action="store_true",
        help="run code of lambdas in the file; only for files that you made yourself",
    )
    said = parser.parse_args(given)
    try:
        with CustomObjectScope(objects_of(said.custom) if said.custom else {}):
            warned = convert(
                said.source,
                said.target,
                said.architecture,
                original_backend=said.backend,
                unsafe_lambdas=said.unsafe_lambdas,
            )
    except (OSError, ValueError, ImportError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for each in warned:
        sys.stderr.write(f"note: {each}\n")
    sys.stdout.write(f"{said.target}\n")
    return 0


def objects_of(module: str) -> dict[str, Any]:
    """The classes and functions of a module that the user names."""
    held = vars(import_module(module))
    return {name: found for name, found in held.items() if callable(found) and name[0] != "_"}
