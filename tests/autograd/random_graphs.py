"""Random programs over arrays, to be run by several engines: 3 to 40 operations of many kinds on broadcastable shapes.

A program is made while its values are computed, so that each step can be chosen to be defined where it is: nothing
leaves a safe range, and no step is taken near a kink or a tie, where engines may differ by choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

import autograd.numpy as anp

__all__ = ["OPERATIONS", "Program", "programs"]

Array = np.ndarray[Any, Any]

#: Values stay below the first; distances from kinks, of ties and from singular points above the second.
LARGEST, APART = 30.0, 1e-3
#: Arrays have at most so many elements and axes.
SIZE, AXES = 60, 3


class Pick:
    """What a step is, chosen by one number: so a program shrinks to fewer steps, each by itself.

    Parameters
    ----------
    seed
        The number.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def one(self, choices: Sequence[Any]) -> Any:
        """One of several things."""
        return choices[int(self.rng.integers(len(choices)))]

    def number(self, low: int, high: int) -> int:
        """A whole number, both bounds included."""
        return int(self.rng.integers(low, high + 1))

    def truth(self) -> bool:
        """Yes or no."""
        return bool(self.rng.random() < 0.5)

    def order(self, count: int) -> tuple[int, ...]:
        """A permutation."""
        return tuple(self.rng.permutation(count).tolist())

    def some(self, count: int) -> tuple[int, ...]:
        """Any selection of the numbers up to another, in any order."""
        return self.order(count)[: self.number(0, count)]


@dataclass(frozen=True)
class Operation:
    """Something a program can do.

    Attributes
    ----------
    choose
        From the values of its operands, what else it needs (``None`` for nothing), or :data:`IMPOSSIBLE`.
    ours, theirs
        ``(setting, *operands)`` in NumPy's functions, and in PyTorch's, of which it gets the module first.
    operands
        How many.
    """

    choose: Callable[..., Any]
    ours: Callable[..., Any]
    theirs: Callable[..., Any]
    operands: int


IMPOSSIBLE = object()
OPERATIONS: dict[str, Operation] = {}


def _add(name: str, ours: Any, theirs: Any, choose: Any = lambda pick, *x: None, operands: int = 1) -> None:
    OPERATIONS[name] = Operation(choose, ours, theirs, operands)


def _numpy(name: str) -> Callable[..., Any]:
    function = getattr(anp, name)
    return lambda setting, *x: function(*x)


def _torch(name: str) -> Callable[..., Any]:
    return lambda t, setting, *x: getattr(t, name)(*x)


# ---------------------------------------------------------------------------------------------------------------------
# Where operations are defined, and smooth
# ---------------------------------------------------------------------------------------------------------------------


def _distinct(x: Array, axis: int | None = None) -> bool:
    """Whether no two elements (along an axis) are close."""
    values = np.sort(x, axis=axis)
    return values.size > 0 and bool(
        (np.diff(values) > APART).all() if axis is None else (np.diff(values, axis=axis) > APART).all()
    )


def _broadcast(*x: Array) -> bool:
    try:
        return bool(np.prod(np.broadcast_shapes(*(np.shape(a) for a in x))) <= SIZE)
    except ValueError:
        return False


def _if(condition: Callable[..., bool]) -> Callable[..., Any]:
    return lambda pick, *x: None if condition(*x) else IMPOSSIBLE


# ---------------------------------------------------------------------------------------------------------------------
# Elementwise
# ---------------------------------------------------------------------------------------------------------------------

for name in ("sin", "cos", "tanh", "arctan", "arcsinh", "square", "negative", "positive"):
    torch_name = {"arctan": "atan", "arcsinh": "asinh"}.get(name, name)
    _add(name, _numpy(name), _torch(torch_name))
_add("sinc", lambda _, x: anp.sinc(x), lambda t, _, x: t.sinc(x), _if(lambda x: bool((abs(x) > APART).all())))
for name in ("exp", "exp2", "expm1", "sinh", "cosh"):
    _add(
        name,
        _numpy(name),
        _torch(name),
        _if(lambda x: bool((x < 3).all())),
    )
for name in ("log", "sqrt", "log2", "log10", "log1p", "reciprocal"):  # of something positive
    _add(
        name,
        lambda _, x, f=name: getattr(anp, f)(x * x + 0.4),
        lambda t, _, x, f=name: getattr(t, f)(x * x + 0.4),
    )
for name in ("arcsin", "arccos", "arctanh"):  # of something between -1 and 1
    _add(
        name,
        lambda _, x, f=name: getattr(anp, f)(0.9 * anp.sin(x)),
        lambda t, _, x, f=name: getattr(t, f)(0.9 * t.sin(x)),
    )
_add("sigmoid", lambda _, x: 1 / (1 + anp.exp(-x)), lambda t, _, x: t.sigmoid(x))
_add("relu", lambda _, x: anp.maximum(x, 0), lambda t, _, x: t.relu(x), _if(lambda x: bool((abs(x) > APART).all())))
_add("absolute", lambda _, x: abs(x), lambda t, _, x: t.abs(x), _if(lambda x: bool((abs(x) > APART).all())))
_add(
    "clip",
    lambda _, x: anp.clip(x, -0.7, 0.9),
    lambda t, _, x: t.clamp(x, -0.7, 0.9),
    _if(lambda x: bool((np.minimum(abs(x + 0.7), abs(x - 0.9)) > APART).all())),
)
_add(
    "power",
    lambda n, x: x**n,
    lambda t, n, x: x**n,
    lambda pick, x: pick.one([0, 1, 2, 3, 4]),
)
_add("scale", lambda c, x: c * x, lambda t, c, x: c * x, lambda pick, x: pick.one([-1.5, 0.5, 0, 2]))

for name in ("add", "subtract", "multiply"):
    _add(
        name,
        _numpy(name),
        _torch(name),
        _if(_broadcast),
        2,
    )
_add("divide", lambda _, x, y: x / (y * y + 0.5), lambda t, _, x, y: x / (y * y + 0.5), _if(_broadcast), 2)
_add(
    "float_power",
    lambda _, x, y: (x * x + 0.5) ** y,
    lambda t, _, x, y: (x * x + 0.5) ** y,
    _if(lambda x, y: _broadcast(x, y) and bool((abs(y) < 3).all())),
    2,
)
for name in ("maximum", "minimum", "fmax", "fmin"):
    _add(
        name,
        _numpy(name),
        _torch(name),
        _if(lambda x, y: _broadcast(x, y) and bool((abs(x - y) > APART).all())),
        2,
    )
_add(
    "hypot",
    _numpy("hypot"),
    _torch("hypot"),
    _if(lambda x, y: _broadcast(x, y) and bool((x * x + y * y > 0.01).all())),
    2,
)
_add(
    "arctan2",
    _numpy("arctan2"),
    _torch("arctan2"),
    _if(lambda y, x: _broadcast(x, y) and bool((abs(y) > 0.1).all())),  # away from the cut, too
    2,
)
for name in ("logaddexp", "logaddexp2"):
    _add(
        name,
        _numpy(name),
        _torch(name),
        _if(_broadcast),
        2,
    )


def _mask(pick: Pick, *x: Array) -> Any:
    if not _broadcast(*x):
        return IMPOSSIBLE
    shape = np.broadcast_shapes(*(np.shape(a) for a in x))
    return np.random.default_rng(pick.number(0, 9)).random(shape) < 0.5


_add("where", lambda m, x, y: anp.where(m, x, y), lambda t, m, x, y: t.where(t.tensor(m), x, y), _mask, 2)

# ---------------------------------------------------------------------------------------------------------------------
# Reductions
# ---------------------------------------------------------------------------------------------------------------------


def _one_axis(pick: Pick, x: Array) -> Any:
    return pick.number(-np.ndim(x), np.ndim(x) - 1) if np.ndim(x) else IMPOSSIBLE


def _axes(pick: Pick, x: Array) -> Any:
    """Axes to reduce, and whether to keep them."""
    axes = pick.some(np.ndim(x)) if np.ndim(x) else []
    return tuple(axes) or tuple(range(np.ndim(x))), pick.truth()


for name in ("sum", "mean", "var", "std"):

    def _several(pick: Pick, x: Array, name: str = name) -> Any:
        axes, keep = _axes(pick, x)
        if name in ("var", "std") and (not axes or (np.var(x, axis=axes) < 0.01).any()):
            return IMPOSSIBLE
        return axes, keep

    _add(
        name,
        lambda s, x, f=name: getattr(anp, f)(x, axis=s[0], keepdims=s[1]),
        lambda t, s, x, f=name: (
            getattr(t, f)(x, dim=s[0], keepdim=s[1], **({"correction": 0} if f in ("var", "std") else {}))
            if s[0]
            else getattr(t, f)(x)
        ),
        _several,
    )
for name in ("max", "min"):

    def _untied(pick: Pick, x: Array) -> Any:
        axis = _one_axis(pick, x)
        return axis if axis is not IMPOSSIBLE and _distinct(x, axis) else IMPOSSIBLE

    _add(
        name,
        lambda axis, x, f=name: getattr(anp, f)(x, axis=axis),
        lambda t, axis, x, f="a" + name: getattr(t, f)(x, dim=axis),
        _untied,
    )
    _add(
        f"sort_{name}",
        lambda axis, x, f=name: anp.sort(x, axis)[0 if f == "min" else -1],
        lambda t, axis, x, f=name: t.sort(x, axis).values[0 if f == "min" else -1],
        _untied,
    )
for name in ("prod", "cumsum", "cumprod"):
    _add(
        name,
        lambda axis, x, f=name: getattr(anp, f)(x, axis=axis),
        lambda t, axis, x, f=name: getattr(t, f)(x, dim=axis),
        _one_axis,
    )
_add(
    "softmax",
    lambda axis, x: (
        anp.exp(x - anp.max(x, axis, keepdims=True))
        / anp.sum(anp.exp(x - anp.max(x, axis, keepdims=True)), axis, keepdims=True)
    ),
    lambda t, axis, x: t.softmax(x, axis),
    _untied,
)
_add(
    "norm",
    lambda axis, x: anp.linalg.norm(x, axis=axis),
    lambda t, axis, x: t.linalg.vector_norm(x, dim=axis),
    lambda pick, x: IMPOSSIBLE if not np.ndim(x) or (np.sum(x * x) < 0.01) else None,
)
_add(
    "diff",
    lambda axis, x: anp.diff(x, axis=axis),
    lambda t, axis, x: t.diff(x, dim=axis),
    lambda pick, x: pick.one([i for i in range(np.ndim(x)) if x.shape[i] > 1] or [IMPOSSIBLE]),
)

# ---------------------------------------------------------------------------------------------------------------------
# Shapes
# ---------------------------------------------------------------------------------------------------------------------


def _shapes_of(size: int) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [(size,), (1, size), (size, 1), (-1,)]
    for a in range(2, size):
        if size % a == 0:
            found += [(a, size // a), (a, -1), (a, 1, size // a)]
    return found


def _permutation(pick: Pick, x: Array) -> Any:
    return tuple(pick.order(np.ndim(x)))


def _larger(pick: Pick, x: Array) -> Any:
    shape = tuple(pick.number(1, 3) if n == 1 else n for n in np.shape(x))
    new = pick.number(0, AXES - np.ndim(x))
    return tuple(pick.number(1, 3) for _ in range(new)) + shape


_add(
    "reshape",
    lambda shape, x: anp.reshape(x, shape),
    lambda t, shape, x: x.reshape(shape),
    lambda pick, x: pick.one(_shapes_of(np.size(x))),
)
_add("ravel", lambda _, x: anp.ravel(x), lambda t, _, x: t.ravel(x))
_add("transpose", lambda axes, x: anp.transpose(x, axes), lambda t, axes, x: x.permute(axes), _permutation)
_add("T", lambda _, x: x.T, lambda t, _, x: x.permute(tuple(range(x.ndim))[::-1]))
_add(
    "swapaxes",
    lambda axes, x: anp.swapaxes(x, *axes),
    lambda t, axes, x: x.swapaxes(*axes),
    lambda pick, x: IMPOSSIBLE if not np.ndim(x) else (_one_axis(pick, x), _one_axis(pick, x)),
)
_add(
    "moveaxis",
    lambda axes, x: anp.moveaxis(x, *axes),
    lambda t, axes, x: t.moveaxis(x, *axes),
    lambda pick, x: IMPOSSIBLE if not np.ndim(x) else (_one_axis(pick, x), _one_axis(pick, x)),
)
_add(
    "expand_dims",
    lambda axis, x: anp.expand_dims(x, axis),
    lambda t, axis, x: x.unsqueeze(axis),
    lambda pick, x: pick.number(-np.ndim(x) - 1, np.ndim(x)) if np.ndim(x) < AXES else IMPOSSIBLE,
)
_add("squeeze", lambda _, x: anp.squeeze(x), lambda t, _, x: t.squeeze(x))
_add("broadcast_to", lambda s, x: anp.broadcast_to(x, s), lambda t, s, x: t.broadcast_to(x, s), _larger)
_add("flip", lambda a, x: anp.flip(x, a), lambda t, a, x: t.flip(x, [a]), _one_axis)
_add(
    "roll",
    lambda s, x: anp.roll(x, *s),
    lambda t, s, x: t.roll(x, *s),
    lambda pick, x: (pick.number(-4, 4), _one_axis(pick, x)) if np.ndim(x) else IMPOSSIBLE,
)
_add(
    "tile",
    lambda n, x: anp.tile(x, n),
    lambda t, n, x: t.tile(x, n),
    lambda pick, x: tuple(pick.number(1, 2) for _ in range(pick.number(1, 2))),
)
_add(
    "repeat",
    lambda s, x: anp.repeat(x, *s),
    lambda t, s, x: t.repeat_interleave(x, *s),
    lambda pick, x: (pick.number(1, 3), _one_axis(pick, x)) if np.ndim(x) else IMPOSSIBLE,
)
_add(
    "pad",
    lambda s, x: anp.pad(x, [(0, 0)] * (np.ndim(x) - 1) + [s]),
    lambda t, s, x: t.nn.functional.pad(x, s),
    lambda pick, x: (pick.number(0, 2), pick.number(0, 2)) if np.ndim(x) else IMPOSSIBLE,
)
for name in ("tril", "triu", "diagonal"):
    _add(
        name,
        lambda k, x, f=name: getattr(anp, f)(x, k),
        lambda t, k, x, f=name: getattr(t, f)(x, k),
        lambda pick, x: pick.number(-1, 1) if np.ndim(x) == 2 else IMPOSSIBLE,
    )
_add(
    "diag",
    lambda k, x: anp.diag(x, k),
    lambda t, k, x: t.diag(x, k),
    lambda pick, x: pick.number(-1, 1) if np.ndim(x) in (1, 2) else IMPOSSIBLE,
)
_add("trace", lambda _, x: anp.trace(x), lambda t, _, x: t.diagonal(x).sum(), _if(lambda x: np.ndim(x) == 2))


def _joined(pick: Pick, x: Array, y: Array) -> Any:
    if not np.ndim(x) or np.ndim(x) != np.ndim(y):
        return IMPOSSIBLE
    fitting = [
        i for i in range(np.ndim(x)) if all(np.shape(x)[j] == np.shape(y)[j] for j in range(np.ndim(x)) if j != i)
    ]
    return pick.one(fitting) if fitting else IMPOSSIBLE


def _stacked(pick: Pick, x: Array, y: Array) -> Any:
    if np.shape(x) != np.shape(y) or np.ndim(x) >= AXES:
        return IMPOSSIBLE
    return pick.number(-np.ndim(x) - 1, np.ndim(x))


_add("concatenate", lambda a, x, y: anp.concatenate([x, y, x], a), lambda t, a, x, y: t.cat([x, y, x], a), _joined, 2)
_add("append", lambda a, x, y: anp.append(x, y, a), lambda t, a, x, y: t.cat([x, y], a), _joined, 2)
_add("stack", lambda a, x, y: anp.stack([x, y], a), lambda t, a, x, y: t.stack([x, y], a), _stacked, 2)
_add(
    "array",
    lambda _, x, y: anp.array([x, y]),
    lambda t, _, x, y: t.stack([x, y]),
    _if(lambda x, y: np.shape(x) == np.shape(y) and np.ndim(x) < AXES),
    2,
)
for name in ("hstack", "vstack", "dstack"):
    _add(
        name,
        lambda _, x, y, f=name: getattr(anp, f)([x, y]),
        lambda t, _, x, y, f=name: getattr(t, f)([x, y]),
        _if(lambda x, y: np.shape(x) == np.shape(y)),
        2,
    )
_add(
    "split",
    lambda s, x: anp.split(x, s[1], s[0])[s[2]],
    lambda t, s, x: t.tensor_split(x, s[1], s[0])[s[2]],
    lambda pick, x: (_one_axis(pick, x), [1], pick.number(0, 1)) if np.ndim(x) and min(np.shape(x)) > 1 else IMPOSSIBLE,
)

# ---------------------------------------------------------------------------------------------------------------------
# Indexing
# ---------------------------------------------------------------------------------------------------------------------


def _index(pick: Pick, x: Array) -> Any:
    """Numbers, slices with positive steps (which are PyTorch's), new axes and an ellipsis."""
    index: list[Any] = []
    for n in np.shape(x)[: pick.number(0, np.ndim(x))]:
        kind = pick.one(["number", "slice", "all", "new"])
        if kind == "new" and np.ndim(x) < AXES and None not in index:
            index.append(None)
        if kind == "number":
            index.append(pick.number(-n, n - 1))
        else:
            start = pick.number(0, n - 1)
            index.append(slice(start, None, pick.number(1, 2)) if kind == "slice" else slice(None))
    return tuple(index) + ((Ellipsis,) if pick.truth() else ())


def _integers(pick: Pick, x: Array) -> Any:
    """Arrays of indices for one or two axes, with repetitions."""
    if not np.ndim(x):
        return IMPOSSIBLE
    count = pick.number(1, 4)
    arrays = [np.array([pick.number(-n, n - 1) for _ in range(count)]) for n in np.shape(x)[:2]]
    before = pick.one(["one", "two", "last"])
    if before == "one" or np.ndim(x) == 1:
        return (arrays[0],)
    return (slice(None), arrays[1]) if before == "last" else tuple(arrays)


def _truth(pick: Pick, x: Array) -> Any:
    mask = np.random.default_rng(pick.number(0, 9)).random(np.shape(x)) < 0.6
    return IMPOSSIBLE if not np.ndim(x) or not mask.any() else mask


def _torch_index(t: Any, index: Any) -> Any:
    return tuple(t.tensor(i) if isinstance(i, np.ndarray) else i for i in index)


_add("getitem", lambda i, x: x[i], lambda t, i, x: x[i], _index)
_add("take", lambda i, x: x[i], lambda t, i, x: x[_torch_index(t, i)], _integers)
_add("mask", lambda m, x: x[m], lambda t, m, x: x[t.tensor(m)], _truth)
_add(
    "take_along_axis",
    lambda a, x: anp.take_along_axis(x, anp.argsort(x, a), a),
    lambda t, a, x: t.sort(x, a).values,
    _untied,
)

# ---------------------------------------------------------------------------------------------------------------------
# Products and linear algebra
# ---------------------------------------------------------------------------------------------------------------------


def _fit(x: Array, y: Array) -> bool:
    """Whether two arrays can be multiplied as matrices or vectors."""
    try:
        return np.size(np.matmul(x, y)) <= SIZE
    except ValueError:
        return False


def _square(x: Array) -> bool:
    return np.ndim(x) >= 2 and np.shape(x)[-1] == np.shape(x)[-2]


def _kron(x: Any, y: Any) -> Any:
    """PyTorch's own cannot be differentiated for all layouts."""
    n = max(x.ndim, y.ndim)
    a, b = ((1,) * (n - z.ndim) + tuple(z.shape) for z in (x, y))
    product = x.reshape([k for m in a for k in (m, 1)]) * y.reshape([k for m in b for k in (1, m)])
    return product.reshape([i * j for i, j in zip(a, b, strict=True)])


_add("matmul", lambda _, x, y: x @ y, lambda t, _, x, y: t.matmul(x, y), _if(_fit), 2)
_add(
    "outer",
    lambda _, x, y: anp.outer(x, y),
    lambda t, _, x, y: t.outer(x.ravel(), y.ravel()),
    _if(lambda x, y: np.size(x) * np.size(y) <= SIZE),
    2,
)
_add(
    "inner",
    lambda _, x, y: anp.inner(x, y),
    lambda t, _, x, y: t.inner(x, y),
    _if(lambda x, y: np.ndim(x) > 0 < np.ndim(y) and np.shape(x)[-1] == np.shape(y)[-1]),
    2,
)
_add(
    "kron",
    lambda _, x, y: anp.kron(x, y),
    lambda t, _, x, y: _kron(x, y),
    _if(lambda x, y: np.size(x) * np.size(y) <= SIZE),
    2,
)
_add(
    "tensordot",
    lambda _, x, y: anp.tensordot(x, y, ([-1], [0])),
    lambda t, _, x, y: t.tensordot(x, y, ([x.ndim - 1], [0])),
    _if(lambda x, y: np.ndim(x) > 0 < np.ndim(y) and np.shape(x)[-1] == np.shape(y)[0]),
    2,
)
for subscripts in (
    "ij,jk->ik",
    "ij,ij->i",
    "ij,kj->",
    "i,j->ji",
    "...i,...i->...",
    "ij,jk->k",
    "ijk,jk->i",
    "ij,ij->ji",
):

    def _einsum(pick: Pick, x: Array, y: Array, subscripts: str = subscripts) -> Any:
        try:
            return None if np.einsum(subscripts, x, y).size <= SIZE else IMPOSSIBLE
        except ValueError:
            return IMPOSSIBLE

    _add(
        f"einsum {subscripts}",
        lambda _, x, y, s=subscripts: anp.einsum(s, x, y),
        lambda t, _, x, y, s=subscripts: t.einsum(s, x, y),
        _einsum,
        2,
    )


def _gram_numpy(x: Any) -> Any:
    n = x.shape[-1]
    return x @ anp.swapaxes(x, -1, -2) + np.eye(n) + np.diag(0.37 * np.arange(n))


def _gram_torch(t: Any, x: Any) -> Any:
    n = x.shape[-1]
    return x @ x.swapaxes(-1, -2) + t.eye(n, dtype=x.dtype) + t.diag(0.37 * t.arange(n, dtype=x.dtype))


def _well_apart(x: Array) -> bool:
    return _square(x) and bool((np.diff(np.linalg.eigvalsh(_gram_numpy(x))) > 0.05).all())


def _even(x: Array) -> bool:
    """Whether terms of the pseudoinverse's derivatives, which cancel out, are not too large, in either engine."""
    return _square(x) and bool((np.linalg.cond(_gram_numpy(x)) < 50).all())


for name in ("inv", "det", "cholesky", "eigvalsh", "pinv"):
    _add(
        name,
        lambda _, x, f=name: getattr(anp.linalg, f)(_gram_numpy(x)),
        lambda t, _, x, f=name: getattr(t.linalg, f)(_gram_torch(t, x)),
        _if({"eigvalsh": _well_apart, "pinv": _even}.get(name, _square)),
    )
_add(
    "slogdet",
    lambda _, x: anp.linalg.slogdet(_gram_numpy(x))[1],
    lambda t, _, x: t.linalg.slogdet(_gram_torch(t, x))[1],
    _if(_square),
)
_add(
    "solve",
    lambda _, x, y: anp.linalg.solve(_gram_numpy(x), y),
    lambda t, _, x, y: t.linalg.solve(_gram_torch(t, x), y),
    _if(lambda x, y: np.ndim(x) == np.ndim(y) == 2 and _square(x) and np.shape(x)[0] == np.shape(y)[0]),
    2,
)
_add(
    "svdvals",
    lambda _, x: anp.linalg.svd(x, compute_uv=False),
    lambda t, _, x: t.linalg.svdvals(x),
    _if(
        lambda x: (
            np.ndim(x) == 2 and bool((np.diff(np.linalg.svd(x)[1]) < -0.05).all()) and np.linalg.svd(x)[1][-1] > 0.05
        )
    ),
)
_add("cov", lambda _, x: anp.cov(x), lambda t, _, x: t.cov(x), _if(lambda x: np.ndim(x) == 2 and np.shape(x)[1] > 1))

# Complex numbers inside, real ones at both ends.
_add(
    "fft",
    lambda _, x: anp.real(anp.fft.fft(x) * (0.3 - 0.2j)),
    lambda t, _, x: (t.fft.fft(x) * (0.3 - 0.2j)).real,
    _if(lambda x: np.ndim(x) > 0),
)
_add(
    "rfft",
    lambda _, x: anp.imag(anp.fft.rfft(x) ** 2) / 4,
    lambda t, _, x: (t.fft.rfft(x) ** 2).imag / 4,
    _if(lambda x: np.ndim(x) > 0),
)
_add(
    "abs_fft",
    lambda _, x: abs(anp.fft.fft(x)),
    lambda t, _, x: t.abs(t.fft.fft(x)),
    _if(lambda x: np.ndim(x) > 0 and bool((abs(np.fft.fft(x)) > 0.05).all())),
)
_add(
    "filtered",
    lambda _, x: anp.fft.irfft(anp.fft.rfft(x) * 1j),
    lambda t, _, x: t.fft.irfft(t.fft.rfft(x) * 1j),
    _if(lambda x: np.ndim(x) > 0 and np.shape(x)[-1] > 1),
)


# ---------------------------------------------------------------------------------------------------------------------
# Programs
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    """Inputs, and steps that each add a value: what to do, with which of the values there are, and how.

    Its result is a weighted sum of all elements of the values that nothing else was computed from.
    """

    inputs: tuple[Array, ...]
    steps: tuple[tuple[str, tuple[int, ...], Any], ...]

    def __repr__(self) -> str:
        lines = [f"v{i} = {x.tolist()!r}" for i, x in enumerate(self.inputs)]
        for i, (name, operands, setting) in enumerate(self.steps, len(self.inputs)):
            said = "" if setting is None else f", {setting!r}".replace("\n", "")
            lines.append(f"v{i} = {name}({', '.join(f'v{j}' for j in operands)}{said})")
        return "\n".join(["Program:", *lines])

    @property
    def size(self) -> int:
        """How many numbers go in."""
        return sum(x.size for x in self.inputs)

    def vector(self) -> Array:
        """The inputs, one after the other."""
        return np.concatenate([x.ravel() for x in self.inputs])

    def _run(self, vector: Any, apply: Callable[..., Any], weighted: Callable[[Any, Array], Any]) -> Any:
        values, start = [], 0
        for x in self.inputs:
            values.append(vector[start : start + x.size].reshape(x.shape))
            start += x.size
        used = set()
        for name, operands, setting in self.steps:
            values.append(apply(OPERATIONS[name], setting, *(values[i] for i in operands)))
            used.update(operands)
        total = 0.0
        for i, x in enumerate(values):
            if i not in used:
                weights = np.cos(np.arange(np.prod(x.shape, dtype=int)) + i).reshape(x.shape)
                total = total + weighted(x, weights)
        return total

    def in_numpy(self, vector: Any) -> Any:
        """Its result by NumPy's functions, on arrays or tensors."""
        return self._run(vector, lambda o, s, *x: o.ours(s, *x), lambda x, w: anp.sum(x * w))

    def in_torch(self, torch: Any, vector: Any) -> Any:
        """Its result by PyTorch's functions."""
        return self._run(vector, lambda o, s, *x: o.theirs(torch, s, *x), lambda x, w: (x * torch.tensor(w)).sum())


def _usable(value: Any) -> bool:
    return (
        isinstance(value, (np.ndarray, np.floating))
        and 0 < np.size(value) <= SIZE
        and np.ndim(value) <= AXES
        and bool((abs(value) < LARGEST).all())  # of NaN, too
    )


_STEPS = st.integers(0, 2**24)


@st.composite
def programs(draw: Any) -> Program:
    """A program of 3 to 40 steps."""
    lengths = st.sampled_from([1, 2, 3, 3, 4])
    shapes = draw(st.lists(st.lists(lengths, max_size=AXES).map(tuple), min_size=1, max_size=3))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    inputs = tuple(np.asarray(rng.uniform(0.2, 1.7, shape) * rng.choice([-1, 1], shape)) for shape in shapes)
    values: list[Any] = list(inputs)
    steps: list[tuple[str, tuple[int, ...], Any]] = []
    few, many = st.lists(_STEPS, min_size=3, max_size=12), st.lists(_STEPS, min_size=12, max_size=40)
    for seed in draw(st.one_of(few, many)):
        pick = Pick(seed)
        step, value = None, None
        while step is None or not _usable(value):
            step = _step(pick, values)
            name, operands, setting = step
            if setting is not IMPOSSIBLE:
                with np.errstate(all="ignore"):
                    value = OPERATIONS[name].ours(setting, *(values[i] for i in operands))
        values.append(np.asarray(value))
        steps.append(step)
    return Program(inputs, tuple(steps))


def _step(pick: Pick, values: Sequence[Any]) -> tuple[str, tuple[int, ...], Any]:
    """An operation, on values of which recent ones are more likely, so that graphs are deep."""
    name = pick.one(_NAMES)
    operation = OPERATIONS[name]
    operands: tuple[int, ...] = ()
    setting = IMPOSSIBLE
    for _ in range(10):  # so that what few operands fit is not rare
        if setting is IMPOSSIBLE:
            operands = tuple(
                pick.number(max(0, len(values) - 3), len(values) - 1)
                if pick.truth()
                else pick.number(0, len(values) - 1)
                for _ in range(operation.operands)
            )
            setting = operation.choose(pick, *(values[i] for i in operands))
    return name, operands, setting


_NAMES = sorted(OPERATIONS)
