"""From a formula, or from a function in a Python file, to the result it computes."""

from __future__ import annotations

import ast
import difflib
import importlib.util
import inspect
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from autograd import Tensor
from viz.formulas import ExpressionError, expression
from viz.names import names_in
from viz.traces import Trace

__all__ = ["CommandError", "Target", "UsersError", "place_in_file", "target", "value_of"]

_PLACE = re.compile(r"(?P<file>.+\.pyw?):(?P<name>[^\W\d]\w*)", re.DOTALL | re.IGNORECASE)
_FILE = re.compile(r".+\.pyw?(?::.*)?", re.DOTALL | re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")


class CommandError(Exception):
    """A command that cannot be carried out; ``misused`` if that is because of how it is written."""

    def __init__(self, problem: str, misused: bool = False) -> None:
        super().__init__(problem)
        self.misused = misused


class UsersError(Exception):
    """What the user's own program raised, with the lines of it that led there."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a command is to show.

    Attributes
    ----------
    result
        The tensor, or the trace of one.
    names
        What the function that computed it calls its tensors.
    title
        What to call the view: the formula, or the function.
    stem
        What to call its file, without a suffix.
    """

    result: Tensor | Trace
    names: Mapping[str, Any]
    title: str
    stem: str


def target(what: str, values: Sequence[str]) -> Target:
    """Compute what a command is to show.

    Parameters
    ----------
    what
        A formula, ``-`` for one that comes from the standard input, ``FILE.py:FUNCTION``, or ``FILE.json``.
    values
        ``name=value`` each.

    Raises
    ------
    CommandError
        If that does not work.
    UsersError
        If the function raises an error.

    Examples
    --------
    >>> target("w*x + b", ["w=2", "x=-1", "b=1/2"]).result
    Tensor(-1.5, op=add)
    """
    given = dict(_pairs(values))
    place = place_in_file(what)
    if place is not None:
        return _from_file(*place, given)
    if what.strip().lower().endswith(".json"):
        return _from_trace(Path(what.strip()).expanduser(), given)
    formula = (sys.stdin.read() if what.strip() == "-" else what).strip()
    try:
        return Target(expression(formula, **given), {}, textwrap.shorten(formula, 80, placeholder=" …"), "graph")
    except ExpressionError as error:
        raise CommandError(str(error)) from error


def place_in_file(what: str) -> tuple[Path, str] | None:
    r"""The file and the name in it that are meant, or None where it is a formula.

    Examples
    --------
    >>> path, name = place_in_file(r"C:\my nets\net.py:loss")
    >>> str(path), name
    ('C:\\my nets\\net.py', 'loss')
    >>> place_in_file("w*x + b") is None
    True
    """
    found = _PLACE.fullmatch(what.strip())
    if found:
        return Path(found["file"]).expanduser(), found["name"]
    if _FILE.fullmatch(what.strip()):
        file = what.strip() if what.strip().lower().endswith((".py", ".pyw")) else what.strip().rpartition(":")[0]
        functions = _functions(Path(file).expanduser())
        example = f"{file}:{functions[0] if functions else 'loss'}"
        there = f"; the file has {', '.join(functions[:12])}" if functions else ""
        raise CommandError(f"{what!r} names no function; write it after a colon, such as {example!r}{there}", True)
    return None


def _functions(file: Path) -> list[str]:
    """Names of the functions that a file defines, found without running it."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, ValueError, SyntaxError):
        return []
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


# -- values -----------------------------------------------------------------------------------------------------------


def _pairs(values: Iterable[str]) -> Iterable[tuple[str, Any]]:
    seen = set()
    for pair in values:
        name, sign, text = pair.partition("=")
        name = name.strip()
        if not sign or not name:
            raise CommandError(
                f"{pair!r} is no name=value, such as x=1.5. (A formula with spaces or brackets stands in quotation "
                f"marks.)",
                True,
            )
        if name in seen:
            raise CommandError(f"{name!r} is given two values", True)
        seen.add(name)
        yield name, value_of(name, text)


def value_of(name: str, text: str) -> Any:
    """Read the value in ``name=value``: a number, a list, or a formula without names.

    Raises
    ------
    CommandError
        If it is none of these.

    Examples
    --------
    >>> value_of("x", "-3"), value_of("x", "pi/2"), value_of("x", "[[1, 2], [3, 4]]").tolist()
    (-3, 1.5707963267948966, [[1.0, 2.0], [3.0, 4.0]])
    """
    if _WHOLE.fullmatch(text.strip()):
        return int(text)
    try:
        result = expression(text)
    except ExpressionError as error:
        problem = str(error) if text.strip() else "nothing follows the ="
        raise CommandError(
            f"the value of {name!r}: {problem}\n(a value is a number such as -1.5, or an array such as [1, 2])"
        ) from error
    return result.data if result.shape else result.item()


def _from_trace(file: Path, values: dict[str, Any]) -> Target:
    if values:
        raise CommandError("a trace has its values; name=value is for formulas and functions", True)
    try:
        return Target(Trace.from_json(file.read_text(encoding="utf-8")), {}, file.stem, file.stem)
    except (OSError, ValueError) as error:
        raise CommandError(f"{str(file)!r} cannot be read as a trace: {error}") from error


# -- files ------------------------------------------------------------------------------------------------------------


def _from_file(file: Path, name: str, values: dict[str, Any]) -> Target:
    if not file.is_file():
        raise CommandError(f"there is no file {str(file)!r}")
    with _running(file) as run:
        variables = vars(run())
        result, local = _result(file, name, variables.get(name), values)
    public = [(key, value) for key, value in variables.items() if not key.startswith("_")]
    names = {called: t for t, called in names_in([*local, *public]).items() if isinstance(t, Tensor)}
    return Target(result, names, f"{name} in {file.name}", name)


def _result(file: Path, name: str, found: Any, values: dict[str, Any]) -> tuple[Tensor, list[tuple[str, Any]]]:
    """The tensor that a name of a file stands for, or gives when it is called; and the variables of that call."""
    local: list[tuple[str, Any]] = []
    if found is None:
        functions = _functions(file)
        close = difflib.get_close_matches(name, functions, 1, 0.5)
        advice = f". Did you mean {close[0]!r}?" if close else f"; it has {', '.join(functions[:12]) or 'none'}"
        raise CommandError(f"{str(file)!r} has no function {name!r}{advice}", True)
    if callable(found) and not isinstance(found, Tensor):
        result, local = _call(file, name, found, values)
    elif values:
        raise CommandError(f"{name!r} in {str(file)!r} is no function, and takes no values", True)
    else:
        result = found
    if not isinstance(result, Tensor):
        got = f"{name!r} in {str(file)!r} {'gives' if callable(found) else 'is'} a {type(result).__name__}"
        raise CommandError(f"{got}, not a Tensor; return the Tensor itself, such as the loss before .item()")
    return result, local


@contextmanager
def _running(file: Path) -> Iterator[Callable[[], ModuleType]]:
    """Give what runs a file as a module; what it imports, then or when it is called, may lie beside it."""
    name = file.stem if file.stem not in sys.modules else f"{file.stem} (viz)"
    spec = importlib.util.spec_from_file_location(name, file.resolve())
    if spec is None or spec.loader is None:
        raise CommandError(f"{str(file)!r} is no Python file")
    loader, module = spec.loader, importlib.util.module_from_spec(spec)

    def run() -> ModuleType:
        _guarded(file, lambda: loader.exec_module(module))
        return module

    sys.modules[name] = module
    sys.path.insert(0, str(file.resolve().parent))
    keep, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # nothing is left beside the file
    try:
        yield run
    finally:
        sys.dont_write_bytecode = keep
        with suppress(ValueError):
            sys.path.remove(str(file.resolve().parent))
        sys.modules.pop(name, None)


def _call(
    file: Path, name: str, function: Callable[..., Any], values: dict[str, Any]
) -> tuple[Any, list[tuple[str, Any]]]:
    with suppress(ValueError):  # a function without a signature, such as one written in C
        signature = inspect.signature(function)
        try:
            signature.bind(**values)
        except TypeError as error:
            raise CommandError(
                f"{name}{signature} in {str(file)!r}: {error}; arguments are given like {_example(signature)}", True
            ) from error
    code = getattr(inspect.unwrap(function), "__code__", None)
    local: list[tuple[str, Any]] = []

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is code:
            local[:] = frame.f_locals.items()

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        return _guarded(file, lambda: function(**values)), local
    finally:
        sys.setprofile(before)


def _example(signature: inspect.Signature) -> str:
    needed = [
        p.name for p in signature.parameters.values() if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD
    ]
    return " ".join(f"{name}=1.0" for name in needed[:4] or ["x"])


def _guarded(file: Path, function: Callable[[], Any]) -> Any:
    """Call what is the user's; its errors are shown as Python shows them, from the user's first line on."""
    try:
        return function()
    except Exception as error:
        place = error.__traceback__
        while place is not None and place.tb_frame.f_code.co_filename != str(file.resolve()):
            place = place.tb_next
        raise UsersError("".join(traceback.format_exception(type(error), error, place)).rstrip()) from error
