"""Commands for a terminal: `python -m keras VERB`.

A verb is a row in a table. Its function gets the arguments after the verb and returns the exit
status; its module is imported when it is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import NamedTuple


class Verb(NamedTuple):
    """Where a command lives, as `module:function`, and what it does, for the list of them."""

    function: str
    summary: str
    arguments: str = ""


VERBS = {
    "convert": Verb(
        "keras.saving.commands:convert_command",
        "write a file of any version of Keras in a layout of today",
        "IN OUT",
    ),
    "demo": Verb("keras.demo:main", "train a network on real digits, save, load again, draw"),
    "doctor": Verb(
        "keras.legacy.scripts:doctor", "say what is old in a script, and what will fail", "SCRIPT"
    ),
    "info": Verb(
        "keras.saving.commands:info_command",
        "say what a file of models or weights is, without building it",
        "FILE",
    ),
    "run": Verb(
        "keras.legacy.scripts:run", "run a script of long ago, and say what is old in it", "SCRIPT"
    ),
}


def usage() -> str:
    """The list of verbs."""
    calls = {f"{verb} {row.arguments}".strip(): row.summary for verb, row in VERBS.items()}
    width = max(map(len, calls))
    lines = [f"  {call:<{width}}   {summary}" for call, summary in calls.items()]
    return "\n".join(
        [
            "usage: python -m keras VERB [ARGUMENTS]",
            "",
            *lines,
            "",
            "python -m keras VERB --help says more about one of them.",
        ]
    )


def main(given: Sequence[str]) -> int:
    """Run a verb; the exit status."""
    verb, rest = (given[0] if given else "--help"), given[1:]
    if verb in ("--help", "-h", "help"):
        sys.stdout.write(usage() + "\n")
        return 0
    if verb not in VERBS:
        near = get_close_matches(verb, VERBS, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else ""
        sys.stderr.write(f"python -m keras knows no `{verb}`.{hint}\n\n{usage()}\n")
        return 2
    module, _, name = VERBS[verb].function.partition(":")
    function: Callable[[Sequence[str]], int] = getattr(import_module(module), name)
    return function(rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
