"""The command line: ``python -m viz draw|step|explain|spreadsheet``, of a formula or of a function in a Python file.

>>> main(["explain", "--help"])  # doctest: +ELLIPSIS
usage: python -m viz explain ...
0

Where things are: :mod:`~viz.cli.arguments` what can be written, with the text of ``--help``; :mod:`~viz.cli.targets`
from a formula or file to the result it computes; :mod:`~viz.cli.outputs` from a result to a file or the terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from viz.cli.arguments import parse
from viz.cli.outputs import show, show_failure
from viz.cli.targets import CommandError, UsersError, target

__all__ = ["main", "run"]

#: What a command ends with: all went well; the formula, the program or the drawing did not work; the command is not
#: written as it must be; it was stopped from the keyboard.
OK, FAILED, MISUSED, STOPPED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line.

    Parameters
    ----------
    arguments
        What was written after ``python -m viz``; by default what really was.

    Returns
    -------
    int
        0, or 1 if the formula or the drawing failed, or 2 if the command line itself is wrong. What is wrong was
        written to the standard error stream.

    Examples
    --------
    >>> main(["draw", "w*x", "w=2", "x=3", "--output", "product.dot"])
    wrote product.dot
    0
    """
    try:
        command = parse(sys.argv[1:] if arguments is None else arguments)
        try:
            show(command, target(command.what, command.values, lines=command.lines))
        except UsersError as error:
            print(error, file=sys.stderr)
            show_failure(command, error.recording)
            return FAILED
    except SystemExit as end:  # argparse has said what there is to say
        if isinstance(end.code, str):  # but the user's program, too, may end itself
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else FAILED if end.code else OK
    except CommandError as error:
        print(f"viz: {error}", file=sys.stderr)
        return MISUSED if error.misused else FAILED
    except KeyboardInterrupt:
        return STOPPED
    return OK


def run() -> None:
    """The program: carry out the command line, and end."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that cannot show ∂ shows ?
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = FAILED
    sys.exit(code)
