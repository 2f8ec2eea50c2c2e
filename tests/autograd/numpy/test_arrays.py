"""Making, shaping, indexing and joining arrays: what the table of calls does not say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.lib import NumpyVersion

import autograd.numpy as anp
from autograd import Tensor, grad, ops
from autograd.primitives import REGISTRY
from autograd.protocols import FUNCTIONS
from autograd.samples import array as sample
from autograd.test_util import check_grads
from tests.autograd.numpy.cases import all_cases

TOPIC = {"shapes", "rearranging", "joining", "diagonals", "padding", "differences", "indexing", "creation"}
WRITING = (np.put, np.place, np.putmask, np.copyto, np.put_along_axis, np.fill_diagonal)


def test_every_function_has_a_case() -> None:
    tried = {case.function() for case in all_cases()}
    ours = {f for f, implementation in FUNCTIONS.items() if implementation.__module__.rpartition(".")[2] in TOPIC}
    assert len(ours) > 60
    assert ours - tried == set(WRITING)


@pytest.mark.parametrize("function", WRITING, ids=lambda f: f.__name__)
def test_writing_into_an_array_is_refused(function: Any) -> None:
    x, array = Tensor(np.ones((2, 2))), np.ones((2, 2))
    args = {"fill_diagonal": (1.0,), "copyto": (array,), "put": (0, 1.0), "put_along_axis": ([[0]], 1.0, 0)}
    with pytest.raises(
        TypeError, match=rf"np\.{function.__name__} of or with a tensor would lose gradients.*np\.where"
    ):
        function(x, *args.get(function.__name__, (array > 0, [1.0])))


def test_values_copied_into_a_plain_array_are_refused() -> None:
    with pytest.raises(TypeError, match=r"np\.copyto of or with a tensor"):
        np.copyto(np.ones(2), Tensor([1.0, 2.0]))


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (2, 0, 1)])
def test_elements_are_read_in_the_order_asked_for(order: Any, axes: tuple[int, ...]) -> None:
    array = sample(2, 3, 4).transpose(axes)
    x = Tensor(array)
    np.testing.assert_array_equal(np.ravel(x, order).data, np.ravel(array, order))
    np.testing.assert_array_equal(x.ravel(order).data, array.ravel(order))
    np.testing.assert_array_equal(x.flatten(order).data, array.flatten(order))
    if order == "K":
        with pytest.raises(ValueError, match="order 'K'"):
            np.reshape(x, (4, 6), order=order)
    else:
        np.testing.assert_array_equal(np.reshape(x, (4, 6), order=order).data, np.reshape(array, (4, 6), order=order))
    cotangent = sample(24, seed=1)
    np.ravel(x, order).backward(cotangent)
    position = np.empty(24, int)
    position[np.ravel(np.arange(24).reshape(2, 3, 4).transpose(axes), order)] = np.arange(24)
    np.testing.assert_array_equal(x.grad, cotangent[position].reshape(2, 3, 4).transpose(axes))


# ---------------------------------------------------------------------------------------------------------------------
# Making arrays
# ---------------------------------------------------------------------------------------------------------------------


def _nested(x: Any) -> Any:
    return [[x[0], 2.0, 3], [x[1] * x[2], np.float64(4.0), x[0]]]


ARRAYS: dict[str, Any] = {
    "flat": lambda np, x: np.array([x[0], 2.0, x[1]]),
    "tuple": lambda np, x: np.array((x[0], x[0])),
    "nested": lambda np, x: np.array(_nested(x)),
    "rows": lambda np, x: np.array([x, x * x]),
    "rows and lists": lambda np, x: np.array([x, [1.0, x[0], 2.0]]),
    "rows and plain lists": lambda np, x: np.array([[1.0, 2.0, 3.0], x]),
    "lists of rows": lambda np, x: np.array([[x], [x + 1.0]]),
    "three deep": lambda np, x: np.array([[[x[0], 1.0], [2.0, x[1]]], [[x[2], 3.0], [x[0], 0.0]]]),
    "plain rows": lambda np, x: np.array([x, X[0]]),
    "dtype": lambda np, x: np.array([x[0], 2.0], dtype=complex),
    "ndmin": lambda np, x: np.array([x[0], 2.0], ndmin=3),
    "of an array": lambda np, x: np.array(x),
    "of a number": lambda np, x: np.array(x[0]),
    "asarray": lambda np, x: np.asarray([x[0], x[1]]),
    "asanyarray": lambda np, x: np.asanyarray(x),
    "ascontiguousarray": lambda np, x: np.ascontiguousarray([x[0], x[1]]),
    "asfortranarray": lambda np, x: np.asfortranarray([x, x]),
    "require": lambda np, x: np.require([x[0], 1.0], complex),
    "r_": lambda np, x: np.r_[x, 0.5, 1:3, x[0]],
    "r_ axis": lambda np, x: np.r_["0,2", x, [1.0, 2.0, 3.0]],
    "c_": lambda np, x: np.c_[x, [1.0, 2.0, 3.0], x * x],
    "full": lambda np, x: np.full((2, 3), x[0]),
    "full of rows": lambda np, x: np.full((2, 3), x),
    "full of a list": lambda np, x: np.full(2, [x[0], 1.0], dtype=complex),
    "full_like": lambda np, x: np.full_like(X, x[0]),
    "full_like itself": lambda np, x: np.full_like(x, x[1]),
    "full_like shape": lambda np, x: np.full_like(X, x[1], shape=(2, 1)),
    "fromfunction": lambda np, x: np.fromfunction(lambda i, j: x[0] * i + j * x[1], (2, 3)),
    "select": lambda np, x: np.select([X[0] > 0], [X[0]], x[0]),
    "sum of a list": lambda np, x: np.sum([x[0], x[1] * x[2]]),
    "exp of a list": lambda np, x: np.exp([x[0], x[1] * x[2]]),
    "add of lists": lambda np, x: np.add([x[0], 1.0], [x[1], x[2]]),
    "append of lists": lambda np, x: np.append([[x[0], 1.0]], [[x[1], x[2]]], axis=0),
    "append to a list": lambda np, x: np.append([[1.0, 2.0]], [[x[1], x[2]]], axis=0),
    "choose": lambda np, x: np.choose([1, 0, 1], [x, [x[0], 1.0, 2.0]]),
    "choose scalars": lambda np, x: np.choose([[1], [0], [1]], [x, x[0]]),
    "append a list": lambda np, x: np.append(x, [x[1], 2.0]),
    "concatenate lists": lambda np, x: np.concatenate([[x[0], 1.0], [x[1]]]),
    "vstack": lambda np, x: np.vstack([x, x]),
}
X = sample(2, 3)


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_can_be_made_of_tensors(name: str) -> None:
    make, x = ARRAYS[name], np.array([0.5, -1.5, 2.0])
    expected = make(np, x)
    found = make(anp, Tensor(x))
    assert isinstance(found, Tensor)
    assert found.requires_grad
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found.data, expected)
    np.testing.assert_array_equal(make(anp, x), expected)
    check_grads(lambda x: make(anp, x))(x)


def test_many_scalars_make_one_node() -> None:
    scalars = [Tensor(float(i)) for i in range(12)]
    flat = anp.array(scalars)
    assert flat.primitive.name == "stack"
    assert flat.inputs == tuple(scalars)
    nested = anp.array([scalars[:4], scalars[4:8], scalars[8:]])
    assert nested.primitive.name == "reshape"
    assert nested.inputs[0].inputs == tuple(scalars)


def test_plain_values_stay_plain() -> None:
    assert isinstance(anp.array([1.0, [2.0][0]]), np.ndarray)
    assert anp.array([[1, 2], [3, 4]], dtype=np.float32, ndmin=3).dtype == np.float32
    assert anp.asarray(X) is X
    assert isinstance(anp.full(3, 2.0), np.ndarray)
    assert isinstance(anp.linspace(0, 1, 3), np.ndarray)
    assert isinstance(anp.zeros_like(Tensor(X)), np.ndarray)
    assert anp.r_[1:3].tolist() == [1, 2]
    assert anp.row_stack([[1.0], [2.0]]).shape == (2, 1)


def test_integers_made_of_a_tensor_are_plain() -> None:
    whole = anp.int64(Tensor([1.7, -2.0]))
    assert type(whole) is np.ndarray
    assert whole.dtype == np.int64
    assert whole.tolist() == [1, -2]
    assert anp.int32([Tensor(3.5), 2.0]).tolist() == [3, 2]
    assert type(anp.int8(5)) is np.int8
    assert isinstance(np.int64(3), anp.int64)
    assert issubclass(anp.int64, np.integer)
    assert np.dtype(anp.int16) == np.int16
    assert np.zeros(2, anp.int64).dtype == np.int64
    assert np.zeros(2, int).dtype == anp.int_


def test_lists_that_make_no_array_are_refused() -> None:
    x = Tensor(1.0)
    with pytest.raises(ValueError, match="nested lists are not of one length"):
        anp.array([[x, 1.0], [x]])
    with pytest.raises(ValueError, match=r"stack\(1\.0, float64 \(2,\), axis=0\): all input arrays must have the same"):
        anp.array([x, [1.0, 2.0]])


def test_conversion_of_a_tensor_is_that_tensor_or_another_with_its_gradient() -> None:
    x = Tensor(X)
    assert anp.asarray(x) is x
    copy = anp.array(x)
    assert copy is not x
    assert copy.inputs == (x,)


# ---------------------------------------------------------------------------------------------------------------------
# Indices
# ---------------------------------------------------------------------------------------------------------------------

A = sample(3, 4, 5)
INDICES: dict[str, Any] = {
    "number": 1,
    "negative": -1,
    "numpy number": np.int8(2),
    "all numbers": (1, 2, 3),
    "slice": slice(None, None, 2),
    "backwards": slice(None, None, -1),
    "empty slice": slice(2, 2),
    "axes": (slice(None), 1),
    "new axis": None,
    "new axes": (None, Ellipsis, None),
    "ellipsis": Ellipsis,
    "ellipsis and number": (Ellipsis, 1),
    "empty tuple": (),
    "list": [0, 2, 0],
    "empty list": [],
    "array": np.array([[0, 1], [2, 2]]),
    "two arrays": (np.array([0, 1, 0]), np.array([1, 1, 1])),
    "arrays broadcast": np.ix_([0, 2], [1, 1, 3]),
    "array and slice": (np.array([0, 0]), slice(1, 3)),
    "slice and array": (slice(1, 3), np.array([0, 0, -1])),
    "array, slice, array": (np.array([0, 1]), slice(None), np.array([2, 2])),
    "slice, arrays": (slice(None), np.array([0, 0]), np.array([2, 2])),
    "number, slice, array": (0, slice(None), [1, 1]),
    "new axis and array": (None, np.array([0, 0])),
    "mask": A > 0,
    "mask of rows": np.array([True, False, True]),
    "mask of two axes": A[:, :, 0] > 0,
    "mask and number": (np.array([True, False, True]), 1),
    "mask and array": (np.array([True, False, True]), np.array([1, 1])),
    "slice and mask of two axes": (slice(None), A[0] > 0),
    "nothing": np.zeros(3, bool),
    "true": True,
    "false": False,
    "unsigned": np.array([0, 2], np.uint8),
    "constant tensor": Tensor([0, 2, 2], requires_grad=False, dtype=int),
    "constant tensors": (slice(None), Tensor([0, 2], False, dtype=int), Tensor(1, False, dtype=int)),
}


def _plain_index(index: Any) -> Any:
    if isinstance(index, tuple):
        return tuple(map(_plain_index, index))
    return index.data if isinstance(index, Tensor) else index


@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize("of_result", [False, True])
def test_every_kind_of_index(name: str, of_result: bool) -> None:
    index = INDICES[name]
    expected = A[_plain_index(index)]
    x = Tensor(A)
    found = (x * 1.0 if of_result else x)[index]
    assert found.requires_grad
    np.testing.assert_array_equal(found.data, expected)
    cotangent = sample(*expected.shape, seed=3) if expected.shape else np.float64(1.5)
    # Twice, so that the second is added to what the first sent back.
    (np.sum(found * cotangent) + np.sum((x * 2.0)[index] * cotangent)).backward()
    places = np.zeros_like(A)
    np.add.at(places, _plain_index(index), cotangent)
    np.testing.assert_allclose(x.grad, 3 * places, atol=1e-15)
    check_grads(lambda a: np.sin(a)[index] * a[index])(A)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize("how", ["plain", "retain", "create_graph"])
@pytest.mark.parametrize("shape", [(4,), (4, 3), (4, 1, 2)])
def test_rows_one_by_one(dtype: Any, how: str, shape: tuple[int, ...]) -> None:
    array = sample(*shape).astype(dtype)
    x = Tensor(array)
    y = x * 1.0
    first, second, *rest = y
    assert len(rest) == 2
    total = np.sum(first * second) + np.sum(rest[0] * x[1]) + np.sum(y * x) + np.sum(y[1:3] * x[-1])
    loss = ops.real(total) if dtype is np.complex128 else total
    loss.backward(**({} if how == "plain" else {how: True}))
    gradient = x.grad.data if isinstance(x.grad, Tensor) else x.grad
    expected = 2 * array
    for i, j in ((0, 1), (2, 1), (1, 3), (2, 3)):
        expected[i] += array[j]
        expected[j] += array[i]
    assert gradient.dtype == dtype
    np.testing.assert_allclose(gradient, expected, rtol=1e-6)


def test_reading_row_by_row_sends_back_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    getitem = REGISTRY["getitem"]
    added: list[tuple[int, ...]] = []

    def accumulate(total: Any, ct: Any, *, index: Any) -> None:
        added.append(np.shape(ct))
        total[index] += ct

    monkeypatch.setattr(getitem, "accumulate", accumulate)
    monkeypatch.setattr(
        getitem, "vjp", lambda *args, vjp=getitem.vjp, **kwargs: added.append(()) or vjp(*args, **kwargs)
    )
    x = Tensor(np.ones((20, 3)))
    sum(np.sum(row * row) for row in x).backward()
    assert added == [(), *[(3,)] * 19]  # an array of the whole size is made for the first alone
    np.testing.assert_array_equal(x.grad, np.full((20, 3), 2.0))


def test_rows_are_gathered_into_one_node_when_the_pass_is_recorded() -> None:
    x = Tensor(sample(50))
    total = x[0] * x[0]
    for number in x:
        total = total + number**3
    total.backward(create_graph=True)
    assert x.grad.primitive.name == "assemble"
    np.testing.assert_allclose(x.grad.data, 3 * x.data**2 + np.eye(50)[0] * 2 * x.data[0])
    x.grad.sum().backward()


def test_parts_do_not_meet_in_arrays_that_others_hold() -> None:
    x = Tensor(np.array([1.0, 2.0, 3.0]))
    y = x + 0.0
    z = y + 0.0  # passes the cotangent on as it is
    result = np.concatenate([z, np.reshape(y[0] * 1.0, 1), np.reshape(y[0], 1)])
    seed = np.array([1.0, 1.0, 1.0, 5.0, 7.0])
    result.backward(seed)
    np.testing.assert_array_equal(x.grad, [13.0, 1.0, 1.0])
    np.testing.assert_array_equal(seed, [1.0, 1.0, 1.0, 5.0, 7.0])


def test_unpacking_in_a_function() -> None:
    def rosenbrock(v: Any) -> Any:
        x, y = v
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    np.testing.assert_allclose(grad(rosenbrock)(np.array([0.5, 2.0])), [-351.0, 350.0])
    check_grads(rosenbrock)(np.array([0.5, 2.0]))


def test_choosing_says_what_is_wrong() -> None:
    x = Tensor(X)
    with pytest.raises(IndexError, match=r"getitem\(float64 \(2, 3\), index=5\)"):
        _ = x[5]
    with pytest.raises(IndexError, match=r"getitem\(float64 \(2, 3\), index=\(0, 7\)\)"):
        _ = x[0, 7]
    with pytest.raises(TypeError, match="indices must be integers, got float64"):
        np.take(x, [0.5])
    with pytest.raises(ValueError, match="mode must be one of"):
        np.take(x, [0], mode="fold")
    with pytest.raises(ValueError, match="between 0 and 1"):
        np.choose(np.array([2, 0, 1]), [x[0], x[1]])
    with pytest.raises(ValueError, match="either both x and y"):
        np.where(X > 0, x)
    assert [part.tolist() for part in np.where(x)] == [part.tolist() for part in np.nonzero(X)]
    with pytest.raises(ValueError, match="select: give as many choices"):
        np.select([X > 0], [x, x])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: np.squeeze(x, 0), r"squeeze: only axes of length 1.*\(2, 3\)"),
        (lambda x: np.split(x, 2, axis=1), "length 3 does not result in 2 equal parts"),
        (lambda x: np.array_split(x, 0), "sections must be larger than 0"),
        (lambda x: np.dsplit(x, 1), "dsplit needs an array of at least 3 axes"),
        (lambda x: np.fliplr(x[0]), "fliplr: the array must have at least 2 axes"),
        (lambda x: np.rot90(x, axes=(0,)), "axes must be two"),
        (lambda x: np.moveaxis(x, (0, 1), 0), "as many axes"),
        (lambda x: np.diagonal(x[0]), "diagonal needs an array of at least two axes"),
        (lambda x: np.diagonal(x, 0, 1, 1), "must differ"),
        (lambda x: np.diag(np.ones((1, 1, 1)) * x), "one or two axes"),
        (lambda x: np.gradient(x, edge_order=3), "edge_order must be 1 or 2"),
        (lambda x: np.gradient(x[:1]), "axis 0 of length 1 is too short"),
        (lambda x: np.gradient(x, np.ones(4), axis=1), "axis 1 has length 3, but its coordinates have shape"),
        (lambda x: np.diff(x, -1), "order must not be negative"),
        (lambda x: np.repeat(x, -1), r"repeat\(float64 \(6,\), .*repeats=-1\): negative"),
        (lambda x: np.pad(x, -1), "widths must not be negative"),
        (lambda x: np.pad(x, 1, "mean", end_values=1), "mode 'mean' does not take end_values"),
        (lambda x: np.meshgrid(x, indexing="yx"), "indexing must be"),
        (lambda x: np.vander(x), "one axis"),
        (lambda x: np.geomspace(x * 0.0, x), "neither end may be 0"),
        (lambda x: np.block([[x], x]), "nested equally deep"),
        (lambda x: np.resize(x, (-1, 2)), "must not be negative"),
        *([(lambda x: np.unstack(x[0, 0]), "at least one axis")] if hasattr(np, "unstack") else []),
        (lambda x: np.ravel(x, "X"), "order must be one of"),
        (lambda x: np.trim_zeros(x, "g"), "trim must be"),
        (
            lambda x: np.lib.stride_tricks.sliding_window_view(x, 3, axis=0),
            "window of 3 elements does not fit into axis 0",
        ),
        (lambda x: np.lib.stride_tricks.sliding_window_view(x, 3), "a window length for each axis"),
        (lambda x: anp.asarray_chkfinite(np.where(X > 0, np.inf, x)), "infs or NaNs"),
    ],
)
def test_shapes_that_do_not_do_are_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(Tensor(X))


def test_results_are_not_written_into_arrays() -> None:
    x = Tensor(X)
    for call in (
        lambda: np.concatenate([x, x], out=np.empty((4, 3))),
        lambda: np.take(x, [0], out=np.empty(1)),
        lambda: np.trace(x, out=np.empty(())),
    ):
        with pytest.raises(TypeError, match="does not take out"):
            call()


@pytest.mark.parametrize("trim", ["fb", "f", "B"])
@pytest.mark.parametrize("values", [[0.0, 0.0, 1.5, 0.0, 2.5, 0.0], [0.0, 0.0], [[0.0, 0.0], [0.0, 1.0]]])
def test_zeros_cut_off_get_no_gradient(trim: Any, values: Any) -> None:
    x = Tensor(values)
    if x.ndim > 1 and NumpyVersion(np.__version__) < "2.2.0":
        pytest.skip("NumPy trims vectors only")
    trimmed = np.trim_zeros(x, trim)
    np.testing.assert_array_equal(trimmed.data, np.trim_zeros(np.array(values), trim))
    trimmed.backward(np.ones(trimmed.shape))
    assert x.grad.sum() == trimmed.size


def test_infinities_outside_of_a_triangle_leave_no_trace() -> None:
    x = Tensor(np.array([[1.0, np.inf], [2.0, 3.0]]))
    lower = np.tril(x)
    np.testing.assert_array_equal(lower.data, [[1.0, 0.0], [2.0, 3.0]])
    lower.backward(np.ones((2, 2)))
    np.testing.assert_array_equal(x.grad, [[1.0, 0.0], [1.0, 1.0]])


@pytest.mark.parametrize("axes", [(0, 1), (-1, -2), (1, 2), (2, 0)])
@pytest.mark.parametrize("offset", [0, 1, -2])
def test_a_diagonal_made_is_the_one_read(axes: tuple[int, int], offset: int) -> None:
    D = sample(2, 3)
    made = anp.make_diagonal(Tensor(D), offset, *axes)
    np.testing.assert_array_equal(np.diagonal(made.data, offset, *axes), D)
    assert np.count_nonzero(made.data) == np.count_nonzero(D)
    check_grads(lambda D: anp.make_diagonal(D, offset, *axes))(D)


# ---------------------------------------------------------------------------------------------------------------------
# Methods
# ---------------------------------------------------------------------------------------------------------------------

METHODS: dict[str, Any] = {
    "reshape": lambda x: x.reshape(3, 2),
    "reshape tuple": lambda x: x.reshape((3, -1)),
    "reshape order": lambda x: x.reshape(3, 2, order="F"),
    "ravel": lambda x: x.ravel(),
    "flatten": lambda x: x.flatten(),
    "flatten F": lambda x: x.flatten("F"),
    "transpose": lambda x: x.transpose(),
    "transpose axes": lambda x: x.transpose(1, 0),
    "T": lambda x: x.T,
    "mT": lambda x: x.mT,
    "squeeze": lambda x: x[:1].squeeze(),
    "squeeze axis": lambda x: x[:1].squeeze(axis=0),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "repeat": lambda x: x.repeat(2, axis=1),
    "take": lambda x: x.take([0, 4]),
    "compress": lambda x: x.compress([True, False], axis=0),
    "diagonal": lambda x: x.diagonal(1),
    "trace": lambda x: x.trace(),
    "copy": lambda x: x.copy(),
    "dot": lambda x: x.dot(np.ones(3)),
    "astype": lambda x: x.astype(complex),
    "astype casting": lambda x: x.astype(np.complex128, casting="safe"),
    "flat": lambda x: x.flat[2],
    "flat iteration": lambda x: sum(list(x.flat)),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods_are_those_of_an_array(name: str) -> None:
    method = METHODS[name]
    found, expected = method(Tensor(X)), method(X)
    assert found.requires_grad
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found.data, expected)
    check_grads(method)(X)


def test_properties_are_those_of_an_array() -> None:
    for array in (X, np.float32(1.0), np.zeros((0, 3), np.complex64)):
        x = Tensor(array)
        for name in ("shape", "ndim", "size", "dtype", "itemsize", "nbytes"):
            assert getattr(x, name) == getattr(array, name)
    assert Tensor(X).__array_namespace__() is anp
    assert [part.tolist() for part in Tensor(X).nonzero()] == [part.tolist() for part in X.nonzero()]


def test_a_constant_tensor_chooses() -> None:
    x = Tensor(X)
    chosen = Tensor([0, 1, 1], False, dtype=int).choose([x[0], x[1]])
    np.testing.assert_array_equal(chosen.data, [X[0, 0], X[1, 1], X[1, 2]])
    assert chosen.requires_grad


def test_whole_numbers_are_indices_and_lengths() -> None:
    two = Tensor(2, requires_grad=False, dtype=int)
    assert [10, 20, 30][two] == 30
    assert np.zeros(two).shape == (2,)
    assert list(range(two)) == [0, 1]
    for x in (Tensor(2.0), Tensor([1, 2], requires_grad=False, dtype=int)):
        with pytest.raises(TypeError, match="only a tensor of one whole number"):
            range(x)  # type: ignore[call-overload]


def test_membership_is_that_of_the_values() -> None:
    x = Tensor([1.0, 2.0])
    assert 2.0 in x
    assert x[1] in x
    assert 3.0 not in x


def test_methods_that_write_or_reinterpret_are_refused() -> None:
    x = Tensor(X)
    for name, args in {"fill": (0.0,), "view": (np.int64,), "put": (0, 1.0), "resize": (6,)}.items():
        with pytest.raises(TypeError, match=r"a tensor has no \w+\(\), which would lose gradients; use"):
            getattr(x, name)(*args)
    with pytest.raises(TypeError, match=r"astype: float64 cannot be cast to float32 by the rule 'safe'"):
        x.astype(np.float32, casting="safe")
