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
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from autograd import Tensor
from autograd.sources import is_ours
from viz.formulas import ExpressionError, expression
from viz.names import names_in
from viz.recording import Recording, record
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
    """What the user's own program raised, with the lines of it that led there.

    Attributes
    ----------
    recording
        What was computed until then.
    """

    def __init__(self, lines: str, recording: Recording) -> None:
        super().__init__(lines)
        self.recording = recording


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


def target(what: str, values: Sequence[str], *, lines: bool = True) -> Target:
    """Compute what a command is to show.

    Parameters
    ----------
    what
        A formula, ``-`` for one that comes from the standard input, ``FILE.py:FUNCTION``, or ``FILE.json``.
    values
        ``name=value`` each.
    lines
        Whether to remember which line of a program computes what.

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
        return _from_file(*place, given, lines)
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


def _from_file(file: Path, name: str, values: dict[str, Any], lines: bool) -> Target:
    if not file.is_file():
        raise CommandError(f"there is no file {str(file)!r}")
    with _Program(file, lines) as program:
        variables = program.run()
        result = program.result(name, values)
    public = [(key, value) for key, value in variables.items() if not key.startswith("_")]
    names = {called: t for t, called in names_in([*program.local, *public]).items() if isinstance(t, Tensor)}
    return Target(result, names, f"{name} in {file.name}", name)


class _Program:
    """A user's file while it is in use: what it imports, at once or later, may lie beside it."""

    def __init__(self, file: Path, lines: bool) -> None:
        self.file, self.path = file, file.resolve()
        self.recording = record()
        self.lines = lines
        #: The variables of the function that was called, when it returned.
        self.local: list[tuple[str, Any]] = []
        self.name = file.stem if file.stem not in sys.modules else f"{file.stem} (viz)"
        self.module = ModuleType(self.name)

    def __enter__(self) -> _Program:
        spec = importlib.util.spec_from_file_location(self.name, self.path)
        if spec is None:
            raise CommandError(f"{str(self.file)!r} is no Python file")
        self.module = sys.modules[self.name] = importlib.util.module_from_spec(spec)
        sys.path.insert(0, str(self.path.parent))
        self.compiles, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # nothing is left beside the file
        return self

    def __exit__(self, *_: object) -> None:
        sys.dont_write_bytecode = self.compiles
        with suppress(ValueError):
            sys.path.remove(str(self.path.parent))
        sys.modules.pop(self.name, None)

    def run(self) -> dict[str, Any]:
        """Run the file as a module; return its variables."""
        spec = self.module.__spec__
        assert spec is not None
        assert spec.loader is not None
        self._guarded(partial(spec.loader.exec_module, self.module))
        return vars(self.module)

    def result(self, name: str, values: dict[str, Any]) -> Tensor:
        """The tensor that a name stands for, or gives when it is called."""
        found = getattr(self.module, name, None)
        what = f"{name!r} in {str(self.file)!r}"
        if found is None:
            functions = _functions(self.file)
            close = difflib.get_close_matches(name, functions, 1, 0.5)
            advice = f". Did you mean {close[0]!r}?" if close else f"; it has {', '.join(functions[:12]) or 'none'}"
            raise CommandError(f"{str(self.file)!r} has no function {name!r}{advice}", True)
        if callable(found) and not isinstance(found, Tensor):
            result, gives = self._call(name, found, values), "gives"
        elif values:
            raise CommandError(f"{what} is no function, and takes no values", True)
        else:
            result, gives = found, "is"
        if not isinstance(result, Tensor):
            kind = type(result).__name__
            raise CommandError(
                f"{what} {gives} {'an' if kind[0] in 'aeiou' else 'a'} {kind}, not a Tensor; return the Tensor itself, "
                f"such as the loss before .item()"
            )
        return result

    def _call(self, name: str, function: Callable[..., Any], values: dict[str, Any]) -> Any:
        with suppress(ValueError):  # a function without a signature, such as one written in C
            signature = inspect.signature(function)
            try:
                signature.bind(**values)
            except TypeError as error:
                raise CommandError(
                    f"{name}{signature} in {str(self.file)!r}: {error}; arguments are given like {_example(signature)}",
                    True,
                ) from error
        code = getattr(inspect.unwrap(function), "__code__", None)

        def watch(frame: FrameType, event: str, _: Any) -> None:
            if event == "return" and frame.f_code is code:
                self.local[:] = frame.f_locals.items()

        before = sys.getprofile()
        sys.setprofile(watch)
        try:
            return self._guarded(lambda: function(**values))
        finally:
            sys.setprofile(before)

    def _guarded(self, function: Callable[[], Any]) -> Any:
        """Call what is the user's; its errors are shown as Python shows them."""
        shown = ""
        try:
            with self.recording if self.lines else nullcontext():
                try:
                    return function()
                except Exception as error:
                    shown = self._shown(error)
                    raise
        except Exception as error:
            raise UsersError(shown, self.recording) from error

    def _shown(self, error: Exception) -> str:
        """Write the error and the lines that led to it: the user's, from the first on, and none of these packages."""
        place = error.__traceback__
        while place is not None and place.tb_frame.f_code.co_filename != str(self.path):
            place = place.tb_next
        report = traceback.TracebackException(type(error), error, place)
        chain: traceback.TracebackException | None = report
        while chain is not None:
            chain.stack = traceback.StackSummary.from_list([f for f in chain.stack if not is_ours(f.filename)])
            if chain.__cause__ is not None and all(is_ours(frame.filename) for frame in chain.__cause__.stack):
                chain.__cause__ = None  # which is how the engine came to know
            chain = chain.__cause__
        return "".join(report.format()).rstrip()


def _example(signature: inspect.Signature) -> str:
    needed = [
        p.name for p in signature.parameters.values() if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD
    ]
    return " ".join(f"{name}=1.0" for name in needed[:4] or ["x"])
