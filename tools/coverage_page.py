"""Write docs/coverage.md: what each name of NumPy's and of autograd.scipy is for tensors, and what of that is tested.

Nothing here says that a function has a derivative: the tables of the engine do, and a mark stands for a call in the
tests. Only names that take no array of numbers are listed by hand.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import autograd.numpy  # these for what they declare
import autograd.scipy.special
from autograd.numpy._namespace import _REPLACED
from autograd.primitives import REGISTRY, UFUNCS, Primitive
from autograd.protocols import (
    ACCUMULATIONS,
    FUNCTIONS,
    PLAIN_FUNCTIONS,
    PLAIN_UFUNCS,
    REDUCTIONS,
    RELATED_UFUNCS,
)
from tests.autograd.numpy.cases import Case, all_cases

PAGE = Path(__file__).resolve().parents[1] / "docs" / "coverage.md"

#: Of NumPy's names, those that no array of numbers with a derivative goes into, by what they are.
OUTSIDE = {
    "makes arrays of shapes, bounds or indices": (
        "arange bartlett blackman broadcast_shapes diag_indices empty eye fft.fftfreq fft.rfftfreq fromfunction full "
        "hamming hanning identity indices ix_ kaiser mask_indices ones tri tril_indices triu_indices zeros"
    ),
    "reads or writes files and buffers": (
        "from_dlpack frombuffer fromfile fromiter fromregex fromstring genfromtxt load loadtxt save savetxt savez "
        "savez_compressed"
    ),
    "concerns settings, the installation or functions": (
        "frompyfunc get_include get_printoptions getbufsize geterr geterrcall info iterable nested_iters printoptions "
        "set_printoptions setbufsize seterr seterrcall show_config show_runtime test"
    ),
    "concerns types, dates or texts": (
        "base_repr binary_repr busday_count busday_offset datetime_as_string datetime_data format_float_positional "
        "format_float_scientific is_busday isdtype isfortran isnat issubdtype mintypecode promote_types typename"
    ),
    "takes whole numbers only": (
        "bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift "
        "bitwise_xor gcd invert lcm left_shift packbits ravel_multi_index right_shift unpackbits unravel_index"
    ),
    "makes NumPy's old matrices": "asmatrix bmat",
}

LEGEND = """\
# Coverage

What each name of NumPy {numpy} is when it is given a tensor, under `numpy` and `autograd.numpy` alike, and each
function of `autograd.scipy` that has a derivative. `make coverage-page` makes this page from the engine's tables and
the tests' own lists of calls, and a test compares it with them.

- **derivative**: recorded and differentiated. A mark ✓ says that a list of calls in the tests has it: its *value* is
  compared with NumPy's, its derivatives in reverse (*VJP*) and forward mode (*JVP*) with finite differences, and so are
  those of its gradient (*2nd order*); *complex*: all that with complex numbers. What has no mark has tests of its own.
- **plain value**: its derivative is 0 wherever there is one, or its result is no number; it computes on plain values.
- **refused**: with a tensor that requires a gradient it raises an error that says so, rather than lose the gradient.
- **no tensors**: no array of numbers with a derivative goes in.
"""


@dataclass
class Marks:
    """What the tests do with a function."""

    order: int = 0
    complex: bool = False
    value: bool = False

    def add(self, order: int, is_complex: bool) -> None:
        """Note a call: its derivatives are compared up to this order."""
        self.value = True
        self.order = max(self.order, order)
        self.complex = self.complex or is_complex

    def cells(self) -> list[str]:
        """For the columns value, VJP, JVP, second order and complex."""
        return [_mark(x) for x in (self.value, self.order > 0, self.order > 0, self.order > 1, self.complex)]


@dataclass
class Tested:
    """Which functions the tests call, by identity."""

    marks: dict[int, Marks] = field(default_factory=dict)

    def of(self, function: Any) -> Marks:
        """What they do with one."""
        return self.marks.setdefault(id(function), Marks())

    def case(self, function: Any, case: Case) -> None:
        """Note a call from a list."""
        arrays = case.arrays()
        if all(np.size(x) for x in arrays):
            self.of(function).add(case.order, any(map(np.iscomplexobj, arrays)))

    def primitive(self, function: Any, primitive: Primitive) -> None:
        """Note that every test of all operations takes this one."""
        self.of(function).add(2, False)
        if primitive.kind == "elementwise":
            is_complex = all(domain.complex for domain in primitive.domains)
        else:
            is_complex = any(map(np.iscomplexobj, [x for s in (primitive.samples or tuple)() for x in s.inputs]))
        if is_complex:
            self.of(function).add(2, True)


def _is_method(case: Case) -> bool:
    """Whether it calls a method of a ufunc."""
    return isinstance(getattr(np, case.name.partition(".")[0]), np.ufunc) and "." in case.name


def _mark(x: bool) -> str:
    return "✓" if x else ""


def _tested() -> Tested:
    found = Tested()
    for case in all_cases():
        if not _is_method(case):
            found.case(case.function(), case)
    for ufunc, operation in (UFUNCS | RELATED_UFUNCS).items():
        primitive = getattr(operation, "primitive", None)
        if primitive is not None:
            found.primitive(ufunc, primitive)
    return found


def kind_of(function: Any) -> str:
    """What a function of NumPy's or SciPy's is for tensors."""
    try:
        if function is np.isscalar or function in PLAIN_FUNCTIONS:
            return "plain value"
        if function in FUNCTIONS or id(function) in _REPLACED:
            return "derivative"
    except TypeError:  # not hashable
        return "refused"
    if isinstance(function, np.ufunc):
        if function in UFUNCS or function in RELATED_UFUNCS:
            return "derivative"
        if function in PLAIN_UFUNCS:
            return "plain value"
    return "refused"


def _functions(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The public functions of a module of NumPy's."""
    for name in sorted(module.__all__):
        found = getattr(module, name)
        if callable(found) and not isinstance(found, type) and name not in autograd.numpy._FORMER:
            yield name, found


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


_HEAD = ("name", "kind", "value", "VJP", "JVP", "2nd order", "complex")


def _outside() -> dict[str, str]:
    return {name: reason for reason, names in OUTSIDE.items() for name in names.split()}


def _of_numpy(module: ModuleType, tested: Tested) -> tuple[str, list[str]]:
    """The table of a module, and the names in it that are refused."""
    prefix = module.__name__.removeprefix("numpy").lstrip(".")
    rows, refused, outside = [], [], _outside()
    for name, function in _functions(module):
        full = f"{prefix}.{name}".lstrip(".")
        kind = kind_of(function)
        if kind == "derivative":
            rows.append([f"`{full}`", kind, *tested.of(function).cells()])
        elif kind == "plain value":
            rows.append([f"`{full}`", kind, *[""] * 5])
        elif full in outside:
            rows.append([f"`{full}`", f"no tensors: {outside[full]}", *[""] * 5])
        else:
            refused.append(full)
            rows.append([f"`{full}`", kind, *[""] * 5])
    return _table(_HEAD, rows), refused


def _of_methods() -> str:
    cases: dict[str, Tested] = {}
    for case in all_cases():
        if _is_method(case):
            cases.setdefault(case.name, Tested()).case("", case)
    rows = []
    for method, table in (("reduce", REDUCTIONS), ("accumulate", ACCUMULATIONS)):
        for ufunc in sorted(table, key=lambda u: u.__name__):
            name = f"{ufunc.__name__}.{method}"
            rows.append([f"`{name}`", "derivative", *(cases[name].of("").cells() if name in cases else [""] * 5)])
    rows += [
        [f"`{name}`", "derivative", *found.of("").cells()] for name, found in cases.items() if name.endswith(".outer")
    ]
    rows.append(["`outer` of the other ufuncs of two arrays", "derivative", *[""] * 5])
    rows.append(["`reduce`, `accumulate` of the other ufuncs; `reduceat`, `at`", "refused", *[""] * 5])
    return _table(_HEAD, rows)


def _own(module: ModuleType) -> list[str]:
    """The functions that a module of autograd.scipy declares, rather than take them over from SciPy."""
    names = set(vars(module)) | set(getattr(module, "__all__", ()))
    return sorted(
        name
        for name in names
        if not name.startswith("_")
        and callable(found := getattr(module, name, None))
        and not isinstance(found, type)
        and str(getattr(found, "__module__", "")).startswith(f"{module.__name__}")
        and _of_scipys(module, name)
    )


def _of_scipys(module: ModuleType, name: str) -> bool:
    """Whether SciPy has a function of this name."""
    theirs = importlib.import_module(module.__name__.removeprefix("autograd."))
    return hasattr(theirs, name)


def _of_scipy() -> str:
    rows = []
    special = importlib.import_module("autograd.scipy.special")
    scipy_special = importlib.import_module("scipy.special")
    lists = {
        name: importlib.import_module(f"tests.autograd.scipy.test_{name}") for name in ("special", "linalg", "stats")
    }
    tested = Tested()
    for name, tests in lists.items():
        for case in tests.CASES:
            tested.case(case.function(importlib.import_module(f"autograd.scipy.{name}")), case)
    primitives = {p.name: p for p in REGISTRY.values() if p.name in vars(scipy_special)}
    names = {name for name in primitives if hasattr(special, name)} | set(_own(special))
    for name in sorted(names):
        function = getattr(special, name)
        if name in primitives:
            tested.primitive(function, primitives[name])
        rows.append([f"`special.{name}`", "derivative", *tested.of(function).cells()])
    for module_name in ("linalg", "signal", "integrate"):
        module = importlib.import_module(f"autograd.scipy.{module_name}")
        rows += [[f"`{module_name}.{n}`", "derivative", *tested.of(getattr(module, n)).cells()] for n in _own(module)]
    stats = importlib.import_module("autograd.scipy.stats")
    for name in sorted(vars(stats)):
        module = getattr(stats, name)
        if isinstance(module, ModuleType) and not name.startswith("_"):
            rows += [
                [f"`stats.{name}.{n}`", "derivative", *tested.of(getattr(module, n)).cells()]
                for n in sorted(getattr(module, "__all__", ()))
            ]
    return _table(_HEAD, rows)


def _number(x: float) -> str:
    return {float("inf"): "∞", float("-inf"): "-∞"}.get(x, f"{x:g}")


def _kinks() -> str:
    rows = []
    for primitive in REGISTRY.values():
        for kink in primitive.kinks:
            at = ", ".join(map(_number, kink.inputs))
            rows.append([f"`{primitive.name}`", f"({at})", ", ".join(map(_number, kink.partials))])
    return _table(("operation", "at", "local derivatives"), sorted(rows))


def page() -> tuple[str, list[str]]:
    """The text of the page, and the names that are refused."""
    tested = _tested()
    version = ".".join(np.__version__.split(".")[:2])
    parts, refused = [LEGEND.format(numpy=version)], []
    for module in (np, np.linalg, np.fft):
        table, names = _of_numpy(module, tested)
        refused += names
        parts += [f"## {module.__name__}\n", table]
    parts += ["## Methods of ufuncs\n", _of_methods()]
    parts += [
        "## autograd.scipy\n",
        "What is not named here is SciPy's own function, which computes on plain values, and refuses tensors that "
        "require gradients.\n",
        _of_scipy(),
    ]
    parts += [
        "## Subgradients\n",
        "Where a derivative jumps, is infinite, or inputs tie, these are the local derivatives chosen; the tests hold "
        "them to it. For operations that are not elementwise the docstrings say it: ties of `max`, `min` and `sort` "
        "share, and `linalg.norm` has gradient 0 at 0.\n",
        _kinks(),
    ]
    return "\n".join(parts), refused


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or with ``--check`` say whether it is the one that would be written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is not up to date")
    options = parser.parse_args(arguments)
    text, _ = page()
    if options.check:
        current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print("docs/coverage.md is up to date" if current else "docs/coverage.md is stale: run make coverage-page")
        return 0 if current else 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
