"""Layers, losses and optimisers are compositions: no gradient rule, and no arithmetic of NumPy's on a graph.

Whatever needs a rule of its own is declared in `autograd/ops`. These tests read the sources; that the compositions are
connected and right is for the tests against PyTorch and finite differences to say.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

#: Modules that see plain data alone: files, batches of data, scores of predictions, initial values, reports.
PLAIN = {
    "nn/_checkpoint.py",
    "nn/_files.py",
    "nn/_weights.py",
    "nn/init.py",
    "nn/_random.py",
}
PLAIN_FOLDERS = ("nn/data/", "nn/metrics/")

#: What the others may use of NumPy: types, new arrays, random numbers, the arithmetic of shapes and indices, and which
#: warnings are given.
STRUCTURAL = {
    *("asarray", "array", "atleast_1d", "ndarray", "generic", "integer", "dtype", "finfo", "can_cast", "result_type"),
    *("bool", "bool_", "int64", "intp", "uint8", "uint16", "uint64", "float16", "float32", "float64", "random"),
    *("number", "floating", "errstate"),
    *("zeros", "ones", "full", "empty", "arange", "indices", "shape", "ndim", "prod", "broadcast_shapes"),
}

#: The rest, each where it is used and for what: never for values with a gradient.
EXCEPTIONS: dict[str, set[str]] = {
    "nn/functional/_embedding.py": {"argwhere", "searchsorted", "unique"},  # indices of rows
    "nn/utils/rnn.py": {"argsort", "diff", "flatnonzero"},  # lengths of sequences
    "nn/_training/_batches.py": {"isfinite"},  # input data
    "nn/_training/_evaluate.py": {"concatenate"},  # predictions, as they are returned
    "optim/_advance.py": {"concatenate"},  # arrays of small parameters, joined to be updated as one
    "optim/_finite_difference.py": {"ndindex", "zeros_like"},  # which number of a parameter to move
    "optim/_lbfgs.py": {"concatenate", "ravel"},  # arrays of all parameters as one
    "optim/_replay.py": {"ufunc", "maximum", "minimum"},  # the calls that a recorded rule consists of
}

#: What compositions may import of the module that declares primitives: to read plain values, and for messages.
READING = {"raw", "scope_note"}

DECLARING = {"elementwise", "linear", "multilinear", "custom", "fused"}


def compositions() -> list[str]:
    files = sorted(file for package in ("nn", "optim") for file in (ROOT / package).rglob("*.py"))
    names = [file.relative_to(ROOT).as_posix() for file in files]
    return [name for name in names if name not in PLAIN and not name.startswith(PLAIN_FOLDERS)]


def tree(name: str) -> ast.Module:
    return ast.parse((ROOT / name).read_text(encoding="utf-8"), name)


def imported(name: str) -> set[tuple[str, str]]:
    """Every (module, name) that a file imports."""
    found = set()
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.ImportFrom):
            found |= {(node.module or "", alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
    return found


def numpy_names(name: str) -> set[str]:
    """Every attribute of NumPy that a file mentions."""
    return {
        node.attr
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy")
    }


def test_there_are_files_to_read() -> None:
    assert {"nn/_linear.py", "nn/functional/_loss_margin.py", "optim/_adam.py"} <= set(compositions())
    missing = {name for name in (*PLAIN, *EXCEPTIONS) if not (ROOT / name).is_file()}
    assert not missing, f"named here, but not there: {missing}"


@pytest.mark.parametrize("name", compositions())
def test_no_gradient_rule(name: str) -> None:
    used = {what for module, what in imported(name) if module == "autograd.primitives"}
    assert used <= READING, (
        f"{name} imports {used - READING} from autograd.primitives; declare primitives in autograd/ops"
    )
    reached = {module for module, _ in imported(name)} & {"autograd.reverse", "autograd.forward"}
    assert not reached, f"{name} reaches into {reached}; compose public functions"
    defined = {node.name for node in ast.walk(tree(name)) if isinstance(node, ast.FunctionDef)}
    assert not defined & {"vjp", "jvp", "pullback", "backward"}, f"{name} defines a rule; declare it in autograd/ops"


@pytest.mark.parametrize("name", compositions())
def test_no_arithmetic_of_numpys(name: str) -> None:
    others = {what for module, what in imported(name) if module.split(".")[0] in ("numpy", "scipy")} - {"", "ndarray"}
    used = numpy_names(name) | others
    strange = used - STRUCTURAL - EXCEPTIONS.get(name, set())
    assert not strange, (
        f"{name} uses NumPy's {sorted(strange)}: on values with a gradient that would cut the graph, so use "
        f"autograd.ops; if it only ever sees shapes, indices or masks, say so in the list of exceptions"
    )


@pytest.mark.parametrize("name", sorted(EXCEPTIONS))
def test_no_exception_is_left_over(name: str) -> None:
    assert EXCEPTIONS[name] <= numpy_names(name)
