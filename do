#!/usr/bin/env python3
"""One verb for each task; each sets up .venv by itself where it is missing or out of date.

    ./do setup          make .venv and install the project and its development set
    ./do demo           train on real digits, save, load, draw: see demo/ afterwards
    ./do test [ARGS]    run the tests; ARGS go to pytest, paths start at the root
    ./do test jax       the same on another engine: jax, tensorflow, theano
    ./do check          formatting, lint and types, without changing a file
    ./do fix            format, and mend what lint can mend
    ./do bench [ARGS]   measure the speed against the bare engines
    ./do docs           run the examples in the docs, build the site, check its links
    ./do size           lines for each file and room, and which files are too long

PYTHON chooses the interpreter: PYTHON=python3.12 ./do setup
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "installed"

COMMANDS = {
    "setup": [],
    "demo": ["-m keras demo"],
    "test": ["-m pytest"],
    "check": ["-m ruff format --check", "-m ruff check", "-m mypy"],
    "fix": ["-m ruff format", "-m ruff check --fix"],
    "bench": ["-m benchmarks"],
    "docs": [
        "-m pytest keras tests/house/test_documents.py tests/docs/test_guide.py",
        "-m tools.site",
    ],
    "size": ["tools/size.py"],
}

# What an engine that isn't part of the development set needs: the module to look for, and what pip
# gets to do. TensorFlow comes without its own `keras`, which would take the place of this one.
ENGINES = {
    "torch": ("torch", []),
    "jax": ("jax", []),
    "tensorflow": ("tensorflow", ["--editable .[tensorflow]", "--no-deps tensorflow-cpu"]),
    "theano": ("pytensor", ["--editable .[theano]"]),
}


def version_of(python):
    """Version of an interpreter as (major, minor), or None if it does not run."""
    program = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", program], capture_output=True, text=True)
    except OSError:
        return None
    return tuple(map(int, answer.stdout.split())) if answer.returncode == 0 else None


def interpreter():
    """The interpreter asked for by PYTHON; without it the first that fits."""
    asked = os.environ.get("PYTHON")
    names = [asked] if asked else [sys.executable] + [f"python3.{n}" for n in (13, 12, 11, 10)]
    for name in names:
        version = version_of(name)
        if version and (3, 10) <= version < (3, 14):
            return name, version
    sys.exit(f"Evergreen needs Python 3.10 to 3.13, tried {', '.join(names)}. Set PYTHON to one.")


def state(version):
    """What the content of .venv depends on, as one line."""
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    content = b"".join(path.read_bytes() for path in files)
    return f"{version} {ROOT} {hashlib.sha256(content).hexdigest()}"


def setup():
    """Make .venv what pyproject.toml and constraints.txt say; at once if it is already."""
    asked = os.environ.get("PYTHON")
    version = version_of(asked or VENV_PYTHON)
    if version and STAMP.exists() and STAMP.read_text() == state(version):
        return
    python, version = interpreter()
    print(
        f"Setting up {VENV} with Python {version[0]}.{version[1]} (once, some minutes)", flush=True
    )
    # The stamp is written last, so that an interrupted installation starts again.
    STAMP.unlink(missing_ok=True)
    clear = [] if version_of(VENV_PYTHON) == version else ["--clear"]
    subprocess.run([python, "-m", "venv", *clear, VENV], check=True)
    install("--editable .[dev]")
    STAMP.write_text(state(version))


def install(what):
    """Install something into .venv, in the versions of constraints.txt."""
    command = f"-m pip install {what} --constraint constraints.txt"
    # A person sees the downloads move; a log keeps only what went wrong.
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    subprocess.run([VENV_PYTHON, *command.split(), *quiet], cwd=ROOT, check=True)


def bring(engine):
    """Install an engine, if .venv hasn't got it yet."""
    module, needed = ENGINES[engine]
    look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)"
    if subprocess.run([VENV_PYTHON, "-c", look], cwd=ROOT).returncode:
        print(f"Installing {engine} (once, some minutes)", flush=True)
        for what in needed:
            install(what)


def main():
    verb, arguments = (sys.argv[1:2] or ["help"])[0], sys.argv[2:]
    engine = arguments.pop(0) if verb == "test" and arguments and arguments[0] in ENGINES else None
    if engine:
        os.environ["KERAS_BACKEND"] = engine
    if verb not in COMMANDS:
        print(__doc__)
        return verb not in ("help", "--help", "-h")
    try:
        setup()
        if engine:
            bring(engine)
        # All of them run, even after one has failed: better to see everything at once.
        codes = [
            subprocess.run([VENV_PYTHON, *command.split(), *arguments], cwd=ROOT).returncode
            for command in COMMANDS[verb]
        ]
    except subprocess.CalledProcessError as error:
        return error.returncode
    except KeyboardInterrupt:
        return 130
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main())
