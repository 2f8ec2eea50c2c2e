"""Pictures of Jacobian matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.ticker import FixedLocator, MaxNLocator

from autograd import make_vjp, no_grad
from viz.format import number
from viz.plots.arrays import Array, as_numbers, bounded
from viz.plots.canvas import axes_for
from viz.plots.colours import diverging, is_dark, luminance, not_finite
from viz.plots.lettering import LITERAL, clean, counted, percent

__all__ = ["jacobian"]

#: Up to so many rows and columns the values are written into their cells.
_WRITTEN = 12
#: A matrix with more rows or columns shows the largest value of each block.
_CELLS = 200
#: Of outputs times inputs.
LIMIT = 25_000_000


def jacobian(
    f: Callable[[Any], Any] | Any,
    x: Any = None,
    *,
    values: bool | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a Jacobian matrix: how each output (a row) depends on each input (a column).

    Parameters
    ----------
    f : callable or array_like
        A function of one array, differentiated at ``x``; or the matrix itself.
    x : array_like, optional
        Where to differentiate. Inputs and outputs with several axes are counted through in the order of their elements.
    values
        Whether the values are written into the cells, by default where there are at most 12 rows and columns.
    title
        Above the picture; by default what kind of matrix it is.
    ax
        Axes to draw into.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError
        If ``f`` is a function and ``x`` is missing, or the other way round.
    ValueError
        If the matrix is empty, has other than two axes, or would be too large.

    Notes
    -----
    Cells that are exactly 0 are grey, so that they differ from small values, which have the background's shade: what
    depends on what is seen at once, and a function that works elementwise has a diagonal matrix. The matrix is computed
    by one vector-Jacobian product for each output. A large one is drawn in blocks, each of which shows the value with
    the largest magnitude in it, so that nothing is lost between pixels.

    Examples
    --------
    >>> import numpy as np
    >>> from autograd import tanh
    >>> ax = jacobian(tanh, np.array([-1.0, 0.0, 1.0]))
    >>> ax.get_title()
    'Jacobian (3 × 3), diagonal'
    """
    matrix = _computed(f, x) if callable(f) else _given(f, x)
    rows, columns = matrix.shape
    block = -(-max(rows, columns) // _CELLS)
    shown = _extremes(matrix, block) if block > 1 else matrix
    reach = float(np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0)) or 1.0
    written = values if values is not None else max(rows, columns) <= _WRITTEN

    cell = 0.6 if written else 5.5 / max(rows, columns)
    ax = axes_for(ax, max(3.8, cell * columns + 2.0), max(2.4, cell * rows + 1.4))
    cmap, grey = diverging(ax), "#5A5A5A" if is_dark(ax) else "#C8C8C8"
    extent = (-0.5, shown.shape[1] * block - 0.5, shown.shape[0] * block - 0.5, -0.5)
    place: dict[str, Any] = {"extent": extent, "interpolation": "nearest", "aspect": "equal"}
    image = ax.imshow(np.where(np.isfinite(shown), shown, np.nan), cmap=cmap, norm=Normalize(-reach, reach), **place)
    zeros = np.zeros((*shown.shape, 4))
    zeros[shown == 0] = [*(int(grey[i : i + 2], 16) / 255 for i in (1, 3, 5)), 1.0]
    ax.imshow(zeros, **place)
    ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), ylabel="output")
    for axis, count in ((ax.xaxis, columns), (ax.yaxis, rows)):
        axis.set_major_locator(FixedLocator(range(count)) if count <= _WRITTEN else MaxNLocator(integer=True))
    if max(rows, columns) <= 40:
        ax.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
        ax.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
        ax.grid(which="minor", color=ax.get_facecolor(), linewidth=1.0)
        ax.tick_params(which="minor", length=0)
    if written:
        _write(ax, matrix, image.to_rgba, grey)
    bar = ax.figure.colorbar(image, ax=ax)
    bar.set_label("∂ output / ∂ input" + (f", the largest in {block} × {block} cells" if block > 1 else ""))
    said = ["input"]
    if (matrix == 0).any():
        said.append(f"grey: exactly 0 ({percent(float((matrix == 0).mean()))})")
    if odd := int((~np.isfinite(matrix)).sum()):
        said.append(f"yellow: not finite ({counted(odd, 'value')})")
    ax.set_xlabel("\n".join(said))
    ax.set_title(clean(title, longest=100) if title is not None else _kind(matrix), **LITERAL)
    return ax


def _computed(f: Callable[[Any], Any], x: Any) -> Array:
    if x is None:
        raise TypeError("jacobian: to differentiate a function, say where: jacobian(f, x)")
    point = as_numbers(x, "jacobian: x")
    with no_grad():  # parameters of f, if it has any, are not of interest
        pull, value = make_vjp(f)(point)
        shape = np.shape(value)
        count = math.prod(shape)
        if not count:
            raise ValueError(f"jacobian: f has no outputs, its value has the shape {shape}")
        if count * point.size > LIMIT:
            raise ValueError(
                f"jacobian: {count:,} outputs of {point.size:,} inputs have {count * point.size:,} derivatives, too "
                f"many to compute (at most {LIMIT:,}); choose some of them"
            )
        matrix = np.zeros((count, point.size))
        for row in range(count):
            unit = np.zeros(count)
            unit[row] = 1.0
            matrix[row] = np.ravel(pull(unit.reshape(shape)))
    return bounded(matrix)


def _given(matrix: Any, x: Any) -> Array:
    if x is not None:
        raise TypeError("jacobian: x is where to differentiate a function; a matrix was given")
    array = as_numbers(matrix, "jacobian")
    if array.ndim != 2:
        raise ValueError(f"jacobian: a matrix (outputs, inputs) has two axes, got shape {array.shape}")
    return array


def _extremes(matrix: Array, block: int) -> Array:
    """Of each block the value furthest from 0; nan where one is not finite."""
    rows, columns = (-(-n // block) for n in matrix.shape)
    padded = np.zeros((rows * block, columns * block))
    padded[: matrix.shape[0], : matrix.shape[1]] = np.where(np.isfinite(matrix), matrix, np.nan)
    blocks = padded.reshape(rows, block, columns, block).transpose(0, 2, 1, 3).reshape(rows, columns, -1)
    low, high = blocks.min(axis=-1), blocks.max(axis=-1)
    furthest: Array = np.where(-low > high, low, high)
    return furthest


def _write(ax: Axes, matrix: Array, shade: Callable[[Any], Any], grey: str) -> None:
    size = 10.0 if matrix.shape[1] <= 6 else 8.0 if matrix.shape[1] <= 9 else 6.5
    for (i, j), value in np.ndenumerate(matrix):
        colour = grey if value == 0 else not_finite(ax) if not np.isfinite(value) else shade(value)
        text = "0" if value == 0 else number(float(value))
        on = "#FFFFFF" if luminance(colour) < 0.25 else "#1A1A1A"
        ax.text(j, i, text, ha="center", va="center", fontsize=size, color=on)


def _kind(matrix: Array) -> str:
    rows, columns = matrix.shape
    name = f"Jacobian ({rows:,} × {columns:,})"
    if rows != columns or rows == 1 or not matrix.any():
        return name
    if not matrix[~np.eye(rows, dtype=bool)].any():
        return f"{name}, diagonal"
    if not np.triu(matrix, 1).any():
        return f"{name}, lower triangular"
    if not np.tril(matrix, -1).any():
        return f"{name}, upper triangular"
    return f"{name}, symmetric" if np.array_equal(matrix, matrix.T) else name
