"""The two commands: `run` executes a script of long ago, `doctor` only reads it."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from .. import arguments
from .reading import FAILS, OLD, Finding, findings
from .rewriting import rewritten
from .tensorflow import stand_in

HELP = {
    "run": "usage: python -m keras run SCRIPT [ARGUMENTS]\n\n"
    "Runs a script. `tensorflow.keras` leads here; if TensorFlow isn't installed, `tf.Session`\n"
    "for `K.set_session` does, too. Names of TensorFlow 1, numpy and SciPy that are gone are put\n"
    "into today's. At the end it is said what was old, and how to write it.",
    "doctor": "usage: python -m keras doctor SCRIPT\n\nReads a script without running it, and says "
    "what will fail and what is old, with what to write today.\nThe exit status is 1 if "
    "something will fail.",
}


def doctor(given: Sequence[str]) -> int:
    """Say what is old in a script, and what will fail; the exit status."""
    source = _source("doctor", given)
    if isinstance(source, int):
        return source
    found = findings(source, given[0])
    _report(given[0], found, sys.stdout.write)
    return int(any(each.kind == FAILS for each in found))


def run(given: Sequence[str]) -> int:
    """Run a script, and say at the end what was old in it; the exit status."""
    source = _source("run", given)
    if isinstance(source, int):
        return source
    path = given[0]
    stand_in()
    try:
        tree, changed, needed = rewritten(source, path)
    except SyntaxError:
        _report(path, findings(source, path), sys.stderr.write)
        return 1
    told: list[Finding] = []
    code = compile(tree, path, "exec", dont_inherit=True)
    script = ModuleType("__main__")
    script.__file__ = path
    vars(script).update({name: _package(package) for name, package in needed.items()})
    before = sys.argv, sys.path[:], sys.modules.get("__main__")
    sys.argv = list(given)
    sys.path.insert(0, str(Path(path).resolve().parent))
    sys.modules["__main__"] = script
    try:
        with warnings.catch_warnings(), arguments.telling(told_in(path, told)):
            exec(code, vars(script))
    finally:
        sys.argv, sys.path[:] = before[0], before[1]
        if before[2] is not None:
            sys.modules["__main__"] = before[2]
        read = [each for each in findings(source, path) if each.kind != FAILS]
        _report(path, merged(read, told, changed), sys.stderr.write)
    return 0


def merged(
    read: Sequence[Finding], told: Sequence[Finding], changed: Sequence[Finding]
) -> list[Finding]:
    """What was read in a script, what running it told (which is more exact), what was changed."""
    known = {(each.line, _subject(each)) for each in told}
    kept = [each for each in read if (each.line, _subject(each)) not in known]
    return sorted({*kept, *told, *changed})


def _subject(finding: Finding) -> str:
    """The method or class that a finding is about."""
    return finding.text.partition(":")[0].rpartition(".")[2]


def told_in(path: str, told: list[Finding]) -> arguments.Listener:
    """A listener that notes what was translated in one file."""

    def listen(message: str, filename: str, line: int) -> None:
        if filename == path:
            told.append(Finding(line, OLD, message))

    return listen


def _package(name: str) -> ModuleType:
    import_module(name)
    return import_module(name.partition(".")[0])


def _source(verb: str, given: Sequence[str]) -> str | int:
    """The text of the script; or an exit status, when something else was asked for."""
    if not given or given[0] in ("-h", "--help"):
        (sys.stdout if given else sys.stderr).write(f"{HELP[verb]}\n")
        return 0 if given else 2
    path = Path(given[0])
    if not path.is_file():
        sys.stderr.write(f"python -m keras {verb}: there is no file `{path}`.\n")
        return 2
    return path.read_text("utf-8")


def _report(path: str, found: Sequence[Finding], write: Callable[[str], Any]) -> None:
    if not found:
        write(f"{path}: nothing of the past.\n")
        return
    for kind, title in ((FAILS, "will fail"), (OLD, "still works, and is written so today")):
        rows = [each for each in found if each.kind == kind]
        if rows:
            write(f"{path}: {title}:\n")
            write("".join(f"  line {each.line}: {each.text}\n" for each in rows))
