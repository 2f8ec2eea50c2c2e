"""What can be written on the command line, and the help that explains it."""

from __future__ import annotations

import argparse
import difflib
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import viz
from viz.formulas import functions
from viz.themes import THEMES

__all__ = ["COMMANDS", "SETTINGS", "Command", "View", "parse"]


@dataclass(frozen=True, slots=True)
class View:
    """One of the commands.

    Attributes
    ----------
    name
        Of the command, and of the function of :mod:`viz` that makes the view.
    summary, purpose
        One line of help, and what it is for.
    formats
        What it can be written as: the names of formats, each with the suffix of its files. The first is the usual one.
    printed
        Those that go to the terminal if no file is named.
    settings
        Keyword arguments that have options of their names (:data:`SETTINGS`).
    """

    name: str
    summary: str
    purpose: str
    formats: Mapping[str, str]
    printed: frozenset[str]
    settings: tuple[str, ...]

    @property
    def function(self) -> Callable[..., Any]:
        """What makes the view."""
        found: Callable[..., Any] = getattr(viz, self.name)
        return found


_DRAW = View(
    "draw",
    "a picture: each value above its wire, each gradient below",
    "For seeing the whole. Values stand in green above the wires; in red below them stands how much the result changes "
    "with them, the gradient. Where a value goes several ways, the gradients that come back add up.",
    {"svg": ".svg", "png": ".png", "pdf": ".pdf", "dot": ".dot", "mermaid": ".mmd", "json": ".json", "text": ".txt"},
    frozenset({"dot", "mermaid", "json", "text"}),
    ("gradients", "expand", "locals", "inputs", "collapse", "depth", "repeats", "pictures", "theme", "limit"),
)
_STEP = View(
    "step",
    "a page that goes through the graph gate by gate, forward and back",
    "For understanding each step, and for practising. The page is one file, which needs no network; "
    "in it each gate shows its rule and the arithmetic with its numbers, first forward, then backward.",
    {"html": ".html"},
    frozenset(),
    ("expand", "check", "collapse", "depth", "title"),
)
_EXPLAIN = View(
    "explain",
    "the same steps as text: each gate's rule with its numbers",
    "For reading in a terminal, and for notes and homework.",
    {"text": ".txt", "markdown": ".md", "latex": ".tex"},
    frozenset({"text", "markdown", "latex"}),
    ("gradients", "expand", "check", "limit"),
)
_SPREADSHEET = View(
    "spreadsheet",
    "a workbook whose formulas compute the graph, forward and back",
    "For trying out other inputs in a spreadsheet, and for seeing what a gradient is made of: each value and each "
    "gradient is a formula of others.",
    {"xlsx": ".xlsx"},
    frozenset(),
    ("gradients", "rate", "expand", "limit"),
)
#: The commands by their names.
COMMANDS = {view.name: view for view in (_DRAW, _STEP, _EXPLAIN, _SPREADSHEET)}


@dataclass(frozen=True, slots=True)
class Command:
    """A command line that was understood.

    Attributes
    ----------
    view
        Which command.
    what, values
        The formula or the place of a function, and ``name=value`` each.
    output
        The file to write, ``-`` for the standard output, or None where none was named.
    format
        One of the view's formats.
    open
        Whether to open the file.
    lines
        Whether to remember the lines of the user's program.
    settings
        Keyword arguments of the view's function.
    """

    view: View
    what: str
    values: tuple[str, ...]
    output: str | None
    format: str
    open: bool
    lines: bool
    settings: Mapping[str, Any]


#: Keyword arguments of the functions as options: what argparse is to know about them.
SETTINGS: dict[str, dict[str, Any]] = {
    "gradients": {
        "action": argparse.BooleanOptionalAction,
        "help": "show gradients (the default), or values alone",
    },
    "expand": {
        "action": "append",
        "metavar": "NAME",
        "help": "redraw this operation, such as sigmoid, by the simpler gates it stands for; all for every such one",
    },
    "locals": {
        "action": argparse.BooleanOptionalAction,
        "help": "write local derivatives beside the gates' inputs",
    },
    "check": {
        "action": argparse.BooleanOptionalAction,
        "help": "put finite differences beside the gradients of the inputs",
    },
    "collapse": {
        "action": "append",
        "metavar": "SCOPE",
        "help": "fold this scope, such as a layer, into one gate; all for the innermost ones, none for none",
    },
    "depth": {"type": int, "metavar": "N", "help": "fold the scopes that lie this deep, 1 for the outermost"},
    "repeats": {
        "action": argparse.BooleanOptionalAction,
        "help": "fold repeated blocks into one that says how many there are",
    },
    "inputs": {
        "action": "append",
        "metavar": "NAME",
        "help": "draw only what lies between the values of these names and the result",
    },
    "pictures": {
        "action": argparse.BooleanOptionalAction,
        "help": "show larger arrays as heat maps",
    },
    "rate": {"type": float, "metavar": "X", "help": "show a step of gradient descent with this learning rate, too"},
    "limit": {"type": int, "metavar": "N", "help": "show at most so many gates (spreadsheet: numbers)"},
    "theme": {"choices": list(THEMES), "help": "colours for light or dark surroundings, or for paper"},
    "title": {"metavar": "TEXT", "help": "what the page is called"},
}

_EXAMPLES = {
    "": """
        python -m viz explain "1/(1+exp(-(w0*x0+w1*x1+w2)))" w0=2 x0=-1 w1=-3 x1=-2 w2=-3
        python -m viz draw "s = w*x + b; 1/(1+exp(-s))" w=2 x=-1 b=3 -o neuron.svg
        python -m viz step "(x + y)*max(y, z)" x=1 y=2 z=0 --open
    """,
    "draw": """
        python -m viz draw "1/(1+exp(-(w0*x0+w1*x1+w2)))" w0=2 x0=-1 w1=-3 x1=-2 w2=-3
        python -m viz draw "sigmoid(w*x + b)" w=2 x=-1 b=3 --expand sigmoid -o neuron.png
        python -m viz draw "sum((W @ x)**2)" "W=[[0.1, 0.5], [-0.3, 0.8]]" "x=[0.2, 0.4]" --open
        python -m viz draw model.py:loss --collapse all -o loss.pdf
    """,
    "step": """
        python -m viz step "1/(1+exp(-(w0*x0+w1*x1+w2)))" w0=2 x0=-1 w1=-3 x1=-2 w2=-3 --open
        python -m viz step "(x + y)*max(y, z)" x=1 y=2 z=0 -o lecture.html
        python -m viz step model.py:loss rate=0.1 --open
    """,
    "explain": """
        python -m viz explain "1/(1+exp(-(w0*x0+w1*x1+w2)))" w0=2 x0=-1 w1=-3 x1=-2 w2=-3
        python -m viz explain "q = x + y; q*z" x=-2 y=5 z=-4
        python -m viz explain "(w*x - y)**2" w=2 x=3 y=5 -o homework.tex
        echo "max(a, b)*c" | python -m viz explain - a=1 b=2 c=3
    """,
    "spreadsheet": """
        python -m viz spreadsheet "s = w*x + b; 1/(1+exp(-s))" w=2 x=-1 b=3
        python -m viz spreadsheet "(w*x - y)**2" w=2 x=3 y=5 --rate 0.01 -o descent.xlsx
        python -m viz spreadsheet model.py:loss --open
    """,
}

_WHAT = """
    a formula           in quotation marks, since brackets and * mean something
                        to a shell. It is written as in Python (a power is **
                        or ^), and several statements are separated by
                        semicolons. Each name gets its value by name=value: a
                        number (x=-1.5, x=pi/2) or an array ("x=[1, 2]").
                        A formula is never run as code. Its functions:
{functions}
    FILE.py:FUNCTION    your own Python. The file is run, and the function
                        called with each name=value as an argument; it returns
                        the tensor to show, such as a loss. This runs all that
                        is in the file, as python FILE.py would: name only
                        files that you trust.
    FILE.json           a trace, as draw --format json writes it
    -                   a formula that comes from the standard input
"""

_ENDS = """
    0  all went well
    1  the formula, your function or the file failed; the message says where
    2  the command is not written as it must be
"""


def _block(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n").rstrip(), "  ")


def _epilog(name: str) -> str:
    indent = " " * 24
    listed = textwrap.fill(", ".join(functions.names()), 78, initial_indent=indent, subsequent_indent=indent)
    what = _block(_WHAT.replace("{functions}", listed))
    examples, ends = _block(_EXAMPLES[name]), _block(_ENDS)
    return f"examples, to be pasted:\n{examples}\n\nWHAT is one of\n{what}\n\nexit codes:\n{ends}"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"viz: {message}\n(python -m viz {self.called}--help says what can be written)\n")

    called = ""


def _main_parser() -> argparse.ArgumentParser:
    commands = "\n".join(f"  {name:<12} {view.summary}" for name, view in COMMANDS.items())
    parser = _Parser(
        prog="python -m viz",
        usage="python -m viz {draw,step,explain,spreadsheet} WHAT [name=value ...] [options]",
        description="See how a formula or a Python function is computed, and how gradients flow back.",
        epilog=f"commands (each has options, and a --help, of its own):\n{commands}\n\n{_epilog('')}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("command", choices=list(COMMANDS), help=argparse.SUPPRESS)
    return parser


def _parser(name: str, view: View) -> argparse.ArgumentParser:
    parser = _Parser(
        prog=f"python -m viz {name}",
        usage=f"python -m viz {name} WHAT [name=value ...] [options]",
        description=textwrap.fill(f"{view.summary[0].upper()}{view.summary[1:]}. {view.purpose}", 78),
        epilog=_epilog(name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.called = f"{name} "
    parser.add_argument("what", metavar="WHAT", help="a formula, FILE.py:FUNCTION, FILE.json or - (see below)")
    parser.add_argument("values", metavar="name=value", nargs="*", help="values of the formula's names, or arguments")
    suffixes = ", ".join(view.formats.values())
    suffix = next(iter(view.formats.values()))
    printed = next(iter(view.formats)) in view.printed
    usual = "printed" if printed else f"graph{suffix} for a formula, FUNCTION{suffix} for a function"
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=f"the file to write ({suffixes}); one that is there is replaced, which is said; - is the standard output; "
        f"by default {usual}",
    )
    if len(view.formats) > 1:
        parser.add_argument(
            "--format", choices=list(view.formats), help="the format, if the file's suffix is not to say it"
        )
    parser.add_argument("--open", action="store_true", help="open the file when it is written")
    parser.add_argument(
        "--lines",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="remember which line of your program computes what (the default); without, a long one runs faster",
    )
    for keyword in view.settings:
        parser.add_argument(f"--{keyword}", dest=f"set_{keyword}", default=None, **SETTINGS[keyword])
    return parser


def parse(arguments: Sequence[str]) -> Command:
    """Understand a command line.

    Raises
    ------
    SystemExit
        With code 2 if it is wrong, after saying so; with code 0 after printing help.

    Examples
    --------
    >>> command = parse(["draw", "-x**2", "x=3", "-o", "square.png", "--no-gradients"])
    >>> command.what, command.values, command.format, dict(command.settings)
    ('-x**2', ('x=3',), 'png', {'gradients': False})
    """
    main = _main_parser()
    if not arguments:
        main.print_help()
        main.exit(2)
    name = arguments[0]
    if name not in COMMANDS:
        if not name.startswith("-"):
            close = difflib.get_close_matches(name, COMMANDS, 1)
            advice = f"did you mean {close[0]}?" if close else f"first comes {' or '.join(COMMANDS)}"
            main.error(f"{name!r} is no command; {advice}")
        main.parse_args(arguments)
    view = COMMANDS[name]
    parser = _parser(name, view)
    found = vars(parser.parse_intermixed_args([_shielded(argument) for argument in arguments[1:]]))
    settings = {key.removeprefix("set_"): value for key, value in found.items() if key.startswith("set_")}
    for keyword in ("expand", "collapse", "inputs"):
        if settings.get(keyword):
            settings[keyword] = _names(settings[keyword])
    return Command(
        view=view,
        what=found["what"].strip(),
        values=tuple(value.strip() for value in found["values"]),
        output=found["output"],
        format=_format(parser, view, found["output"], found.get("format")),
        open=found["open"],
        lines=found["lines"],
        settings={key: value for key, value in settings.items() if value is not None},
    )


def _shielded(argument: str) -> str:
    """A formula that begins with a minus sign, so that it is not taken for an option: those have no spaces."""
    option = argument in ("-", "-h") or argument.startswith(("--", "-o"))
    return argument if option or not argument.startswith("-") else f" {argument}"


def _names(given: Sequence[str]) -> Any:
    """``--collapse all`` is True, ``--collapse none`` False; else names, also several with commas."""
    if list(given) in (["all"], ["none"]):
        return given[0] == "all"
    return [name for text in given for name in text.split(",")]


def _format(parser: argparse.ArgumentParser, view: View, output: str | None, wanted: str | None) -> str:
    suffix = "" if output in (None, "-") else Path(output or "").suffix.lower()
    by_suffix = next((name for name, known in view.formats.items() if known == suffix), None)
    if suffix and by_suffix is None:
        parser.error(f"the suffix of {output!r} says no format; there are {', '.join(view.formats.values())}")
    if by_suffix and wanted and by_suffix != wanted:
        parser.error(f"--format {wanted} and the suffix of {output!r} contradict each other")
    return wanted or by_suffix or next(iter(view.formats))
