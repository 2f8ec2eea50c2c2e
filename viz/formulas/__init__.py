"""Formulas as text: ``"1/(1+exp(-(w*x+b)))"`` becomes the graph that the same line of Python would record.

The text is read in three steps, one module each: characters to words (:mod:`~viz.formulas.tokens`), words to steps in
the order of their execution (:mod:`~viz.formulas.parser`), steps to gates (:mod:`~viz.formulas.evaluate`). At no
point is it given to Python: what a formula can do is what these three files and the table of functions
(:mod:`~viz.formulas.functions`) let it do.
"""

from __future__ import annotations

from typing import Any

from autograd import Tensor
from viz.formulas.errors import ExpressionError
from viz.formulas.evaluate import evaluate
from viz.formulas.parser import parse

__all__ = ["ExpressionError", "expression"]


def expression(formula: str, /, **values: Any) -> Tensor:
    """Compute a formula given as text, recording its graph.

    Parameters
    ----------
    formula
        Numbers (``2``, ``0.5``, ``1e-3``), names, ``+ - * / @``, powers (``**``, or ``^``, which means the same), round
        brackets, functions (``exp(x)``, ``max(a, b)``), arrays (``[1, 2, 3]``), elements of arrays (``x[0]``) and the
        constants ``pi`` and ``e``. Operators bind as in Python: ``-x**2`` is ``-(x**2)`` and ``a**b**c`` is
        ``a**(b**c)``. ``2 x`` is not a product; write ``2*x``. What mathematicians type is understood: ``−`` and ``–``
        for minus, ``×``, ``·``, ``⋅``, ``∙`` and ``∗`` for times, ``÷`` and ``∕`` for division, ``π``, ``√(x)``,
        ``σ(x)`` for ``sigmoid(x)``, and all these signs in full width.

        Several statements are separated by semicolons or line ends. ``s = w*x + b; 1/(1+exp(-s))`` gives the
        intermediate result the name that it has in drawings. Each name is given one value only. The last statement is
        the result.
    **values
        A value for each name: a number, an array (or nested lists), or a :class:`~autograd.Tensor`, which is used as it
        is, and given the name if it has none.

    Returns
    -------
    Tensor
        The result, scalar or of the shape that NumPy's rules give it. Its leaves are variables that bear the names of
        the formula, one tensor for each, however often it occurs. Numbers in the formula are constants, as they are in
        Python code.

    Raises
    ------
    ExpressionError
        (a ``ValueError``) If the formula cannot be read, a name has no value or a value no name, shapes do not fit
        together, or a step gives infinity or no number: division by zero, overflow, the logarithm of a negative number.
        The message marks the place.

    Notes
    -----
    Functions are the engine's elementwise operations of one and two inputs, under their names, with those declared
    outside the engine; and besides, ``abs``, ``ln``, ``log_softmax``, ``logsumexp``, ``max``, ``mean``, ``min``,
    ``pow``, ``softmax``, ``sum`` and ``transpose``. ``max`` and ``min`` take the elements of one array, or compare two
    or more values elementwise.

    A name that is given a value hides the function or constant of that name, as in Python. Names are compared as Python
    compares them (in Unicode's form NFKC), with subscripts besides, so that ``w₀`` and ``w0`` are the same.

    Examples
    --------
    >>> f = expression("1/(1+exp(-(w0*x0+w1*x1+w2)))", w0=2, x0=-1, w1=-3, x1=-2, w2=-3)
    >>> round(f.item(), 2)
    0.73
    >>> f.backward()

    >>> from autograd import Tensor
    >>> w = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> loss = expression("error = W @ x - y; sum(error**2)", W=w, x=[1, -1], y=[0, 0])
    >>> loss.backward()
    >>> w.grad
    array([[-2.,  2.],
           [-2.,  2.]])

    >>> expression("1/(x - 3)", x=3)
    Traceback (most recent call last):
    ...
    viz.formulas.errors.ExpressionError: division by zero: x - 3 is 0
      1/(x - 3)
       ^
    """
    return evaluate(parse(formula), values)
