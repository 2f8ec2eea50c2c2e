"""Graphs as spreadsheets: their formulas, computed by engines that know nothing of this one, give its numbers."""

import io
import re
import sys

import numpy as np
import pytest

import autograd as ag
import nn
import viz
from autograd import Tensor
from autograd.primitives import REGISTRY
from tests.viz.hostile import HOSTILE
from tests.viz.spreadsheet_engine import Book
from viz.workbook.cells import address

openpyxl = pytest.importorskip("openpyxl")

#: Gates without formulas: of complex numbers, matrices as wholes, special functions; and those whose simpler gates
#: would not follow changes of inputs.
WITHOUT = {
    "angle", "cholesky", "cofactor", "cofactor_tangent", "conjugate", "ctc", "cumprod", "det", "eig", "eigh",
    "eigvals", "eigvalsh", "fft", "i0", "ifft", "imag", "intercept", "inv", "irfft", "lstsq", "modified_bessel",
    "pinv", "qr", "real", "rfft", "sinc", "sinc_derivative", "slogdet", "solve", "sort", "svd", "svdvals",
    "vector_norm",
}  # fmt: skip


PRIMITIVES = [p for p in REGISTRY.values() if not p.function.__module__.startswith("autograd.scipy")]


def opened(sheet):
    """The file, read back."""
    from viz.workbook.writing import to_bytes

    return openpyxl.load_workbook(io.BytesIO(to_bytes(sheet.sheet)))


def recomputed(function, arrays, changed=None):
    """Export ``function`` of tensors, change the inputs in the file, and compare with what the engine computes."""
    names = [f"x{i}" for i in range(len(arrays))]
    inputs = [Tensor(x, name=name) for x, name in zip(arrays, names, strict=True)]
    sheet = viz.spreadsheet(function(*inputs))
    book = Book.of_blocks(sheet.blocks)
    for values in [arrays, *([] if changed is None else [changed])]:
        again = [Tensor(x, name=name) for x, name in zip(values, names, strict=True)]
        result = function(*again)
        result.backward()
        for name, x in zip(names, again, strict=True):
            if x.size and any(block.name == name for block in sheet.blocks):
                book[sheet[name].value] = x.data
        found = book[sheet.blocks[-1].value]
        np.testing.assert_allclose(found, result.item(), rtol=1e-9, atol=1e-12)
        for name, x in zip(names, again, strict=True):
            if x.size and x.grad is not None and any(block.name == name for block in sheet.blocks):
                found = np.reshape(book[sheet[name].gradient], x.shape)
                np.testing.assert_allclose(found, x.grad, rtol=1e-8, atol=1e-11, err_msg=name)
    return sheet


def calls():
    """Every primitive on what its declaration tries it on, with real numbers."""
    rng = np.random.default_rng(3)
    for primitive in PRIMITIVES:
        if primitive.kind == "elementwise":
            shapes = [((2, 1), (1, 3), ())[: primitive.arity], ((3,), (2, 3), (2, 1))[: primitive.arity]]
            for shape in shapes:
                drawn = [
                    tuple(np.asarray(d.draw(s, rng)) for d, s in zip(primitive.domains, shape, strict=True))
                    for _ in range(2)
                ]
                yield primitive, {}, *drawn
        else:
            for sample in primitive.samples():
                arrays = tuple(map(np.asarray, sample.inputs))
                if (
                    all(x.dtype.kind == "f" and np.isfinite(x).all() for x in arrays)
                    and 0 < sum(x.size for x in arrays) < 150
                ):
                    shaken = tuple(rng.permutation(x.ravel()).reshape(x.shape) * 0.9 for x in arrays)
                    yield primitive, sample.attributes, arrays, shaken


CALLS = [
    pytest.param(*call, id=f"{call[0].name} {[x.shape for x in call[2]]} {call[1]}"[:80].replace("\n", " "))
    for call in calls()
]


@pytest.mark.parametrize(("primitive", "attributes", "arrays", "changed"), CALLS)
def test_primitives(primitive, attributes, arrays, changed):
    constant = {i for i, partial in enumerate(primitive.partials) if partial is None}

    def function(*tensors):
        given = [t.data if i in constant else t for i, t in enumerate(tensors)]
        y = (
            primitive.function(given, **attributes)
            if primitive.arity == 0
            else primitive.function(*given, **attributes)
        )
        return (y * np.linspace(0.5, 1.5, y.size).reshape(y.shape)).sum()

    if primitive.name in WITHOUT:
        with pytest.raises(ValueError, match=r"no formulas for the gate|complex"):
            viz.spreadsheet(function(*map(Tensor, arrays)))
    else:
        if constant:  # they stay as they were
            changed = tuple(x if i in constant else y for i, (x, y) in enumerate(zip(arrays, changed, strict=True)))
        recomputed(function, arrays, changed)


def test_all_primitives_are_tried():
    assert {call.values[0].name for call in CALLS} >= {p.name for p in PRIMITIVES} - {"ctc"}


# ---------------------------------------------------------------------------------------------------------------------
# Graphs
# ---------------------------------------------------------------------------------------------------------------------


def test_sigmoid_example():
    """CS231n's numbers, from the file."""
    values = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}
    w0, x0, w1, x1, w2 = (Tensor(x, name=name) for name, x in values.items())
    sheet = viz.spreadsheet(1 / (1 + ag.exp(-(w0 * x0 + w1 * x1 + w2))), rate=0.5)
    book = Book.of_page(opened(sheet)["Graph"])
    found = {name: round(float(book[sheet[name].gradient]), 2) for name in values}
    assert found == {"w0": -0.20, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.20}
    assert round(float(book[sheet.blocks[-1].value]), 2) == 0.73
    assert book["B2"] == 0.5
    np.testing.assert_allclose(book[sheet["w0"].step], 2.0 - 0.5 * book[sheet["w0"].gradient])
    book["B2"] = 1.0
    np.testing.assert_allclose(book[sheet["w0"].step], 2.0 - book[sheet["w0"].gradient])


def test_power_of_a_negative_number():
    """In a spreadsheet, -3^2 is 9: nothing that is written may depend on that."""
    recomputed(lambda x: -(x**2) + (-x) ** 3 + (x - 3.0) ** 2 / -x - 2.0**x, [np.array(-2.0)], [np.array(-0.5)])


@pytest.mark.parametrize("n", [-2, -1, 0, 0.5, 1, 2, 3])
def test_powers(n):
    recomputed(lambda x: (x**n).sum(), [np.array([0.5, 2.0])], [np.array([3.0, 0.1])])


def test_power_at_zero():
    recomputed(lambda x: (x**2 + x**1).sum(), [np.array([1.0, 2.0])], [np.array([0.0, -2.0])])


def test_saturated_sigmoid():
    recomputed(lambda x: x.sigmoid().sum(), [np.array([1.0, 2.0])], [np.array([-800.0, 900.0])])


def test_ties():
    """Where two are equal, the engine's conventions hold."""
    recomputed(lambda x: ag.max(x * 1, axis=1).sum(), [np.array([[1.0, 2.0, 3.0]])], [np.array([[2.0, 1.0, 2.0]])])
    recomputed(lambda x, y: ag.maximum(x, y).sum(), [np.array([1.0, 2.0])] * 2, [np.array([1.0, 1.0])] * 2)
    pooled = nn.MaxPool2d(2)
    recomputed(lambda x: pooled(x * 1).sum(), [np.ones((1, 1, 4, 4))], [np.tile([1.0, 2.0], 8).reshape(1, 1, 4, 4)])
    recomputed(lambda x: (x.relu() + abs(x)).sum(), [np.array([1.0, -2.0])], [np.array([0.0, -0.0])])


def test_branches():
    """Each contribution has cells of its own, and they are added up."""
    x = Tensor([0.5, 2.0], name="x")
    sheet = recomputed(lambda x: (x * x.exp() + ag.tanh(x)).sum(), [x.data], [np.array([-1.0, 0.3])])
    assert len(sheet["x0"].contributions) == 3
    assert sheet["x0"].gradients[0].count("+") == 2
    assert not viz.spreadsheet(x.exp().sum())["x"].contributions


def test_formulas_are_short():
    x, w = Tensor(np.ones((3, 5)), name="x"), Tensor(np.ones((2, 5)), name="w")
    sheet = viz.spreadsheet((x @ w.T).sum())
    assert sheet["w"].gradients[0].startswith("=")
    linear = viz.spreadsheet(ag.linear(x, w, Tensor(np.zeros(2), name="b")).sum())
    gate = next(block for block in linear.blocks if block.kind == "gate")
    row, weights = linear["x"].row, linear["w"].row
    assert gate.contents[0] == f"=SUMPRODUCT(B{row}:F{row},B{weights}:F{weights})+B{linear['b'].row}"
    assert linear["b"].gradients[0].count(":") == 1


def network(x, labels):
    def loss(w, b, v, c):
        maps = ag.sigmoid(ag.biased_convolution(x, w, b))
        pooled = nn.functional.max_pool2d(maps, 2).reshape(len(x), -1)
        return nn.functional.cross_entropy(ag.linear(pooled, v, c), labels)

    return loss


def test_small_convolutional_network():
    rng = np.random.default_rng(0)

    def weights():
        return [rng.normal(size=shape) for shape in [(2, 1, 3, 3), (2,), (3, 8), (3,)]]

    sheet = recomputed(network(rng.normal(size=(2, 1, 6, 6)), np.array([0, 2])), weights(), weights())
    texts = [text for block in sheet.blocks for text in block.contents if isinstance(text, str)]
    assert any(text.startswith("=SUMPRODUCT(B6:D8,") for text in texts)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of that package's source, when it is compiled for the first time
def test_in_another_spreadsheet_engine(tmp_path):
    """The package formulas, which reads files as spreadsheets do, finds the same, also of other inputs."""
    formulas = pytest.importorskip("formulas")

    def loss(x, w):
        return nn.functional.cross_entropy(ag.sigmoid(ag.maximum(x @ w, -0.5)) ** 2, np.array([1]))

    sheet = viz.spreadsheet(loss(Tensor([[0.5, -1.0]], name="x"), Tensor([[0.3, 0.8], [-0.5, 0.1]], name="w")))
    path = sheet.save(tmp_path / "graph.xlsx")
    model = formulas.ExcelModel().loads(str(path)).finish()
    x, w = Tensor([[-0.25, 2.0]]), Tensor([[0.3, 0.8], [-0.5, 0.1]])
    result = loss(x, w)
    result.backward()
    cells = [f"'[graph.xlsx]GRAPH'!{address(sheet['x'].at(i, sheet['x'].column))}" for i in range(2)]
    solution = model.calculate(inputs=dict(zip(cells, x.data.ravel().tolist(), strict=True)))

    def found(block, column):
        names = [address(block.at(i, column)) for i in range(len(block.contents))]
        values = [solution[f"'[graph.xlsx]GRAPH'!{name}"].value for name in names]
        return np.array([np.ravel(value)[0] for value in values], float).reshape(block.shape)

    np.testing.assert_allclose(found(sheet.blocks[-1], 2), result.item(), rtol=1e-12)
    for name, variable in (("x", x), ("w", w)):
        np.testing.assert_allclose(found(sheet[name], sheet[name].gradient_column), variable.grad, rtol=1e-10)


def test_gradients_left_out():
    x = Tensor([1.0, 2.0], name="x")
    sheet = viz.spreadsheet(x * 2, gradients=False)
    assert sheet["x"].gradient == ""
    assert repr(sheet) == '<Spreadsheet of 1 gate and 1 input, 4 cells; .save("graph.xlsx") writes it>'
    with pytest.raises(ValueError, match="gradient"):
        viz.spreadsheet(x * 2)


def test_upstream_gradient_of_an_array():
    """Where a backward pass was run from an array, what it began with is an input of the sheet."""
    x = Tensor([1.0, 2.0], name="x")
    y = x * x
    y.backward(np.array([1.0, -3.0]), retain=True)
    sheet = viz.spreadsheet(y)
    assert sheet.blocks[-1].gradients == (1.0, -3.0)
    np.testing.assert_allclose(Book.of_blocks(sheet.blocks)[sheet["x"].gradient], [[2.0, -12.0]])


def test_a_variable_alone():
    sheet = viz.spreadsheet(Tensor(2.0, name="x"))
    assert (sheet["x"].contents, sheet["x"].gradients) == ((2.0,), (1.0,))


def test_composite_gates_are_taken_apart():
    x = Tensor([0.3], name="x")
    operations = [block.made.split(" ←")[0] for block in viz.spreadsheet(x.sigmoid().sum()).blocks]
    assert operations == ["variable", "σ", "Σ (axis=None, keepdims=False)"] or "σ" in operations
    assert "exp" in str(viz.spreadsheet(x.sigmoid().sum(), expand="sigmoid"))
    assert "exp" in str(viz.spreadsheet(x.sigmoid().sum(), expand=True))
    assert "erf" in str(viz.spreadsheet(ag.gelu(x).sum()))  # in any case
    with pytest.raises(ValueError, match="no 'relu' to expand here"):
        viz.spreadsheet(x.sigmoid().sum(), expand="relu")


def test_numbers_of_the_file():
    """Inputs keep their digits."""
    x = Tensor(np.random.default_rng(0).normal(size=(3, 4)), name="x")
    page = opened(viz.spreadsheet((x * 0.1).sum()))["Graph"]
    found = [page.cell(6 + i // 4, 2 + i % 4).value for i in range(12)]
    np.testing.assert_allclose(found, x.data.ravel(), rtol=1e-15)


def test_looks_of_the_file():
    x, k = Tensor(np.ones((2, 2, 3)), name="x"), np.arange(3.0)
    book = opened(viz.spreadsheet((x * k).tanh().sum(), rate=0.1))
    page = book["Graph"]
    assert book.sheetnames == ["Graph", "Legend"]
    assert page.freeze_panes == "B5"
    assert book.calculation.fullCalcOnLoad
    assert page["B6"].font.color.rgb[2:] == viz.themes.LIGHT.value[1:]
    assert page["F6"].font.color.rgb[2:] == viz.themes.LIGHT.gradient[1:]
    assert [page.cell(row, 1).value for row in range(5, 10)] == ["x", "[0, 0]", "[0, 1]", "[1, 0]", "[1, 1]"]
    assert book.defined_names["gradient_x"].attr_text == "Graph!$F$6:$H$9"
    assert page["B6"].fill.fgColor.rgb != page["B12"].fill.fgColor.rgb  # what may be changed, and a constant
    assert page.column_dimensions["A"].width >= 10
    link = book["Legend"]["C15"].hyperlink
    assert link is not None
    assert link.location.startswith("Graph!")


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://127.0.0.1")', "#REF!"]


def test_names_are_text():
    """No name is ever a formula, nor breaks the file."""
    names = [*HOSTILE, *FORMULAS]
    total = sum(Tensor(float(i), name=name).exp() for i, name in enumerate(names))
    sheet = viz.spreadsheet(total, gradients=False)
    book = opened(sheet)
    for page in book:
        for row in page.rows:
            for cell in row:
                assert cell.data_type in "nsf"
                assert cell.data_type != "f" or re.fullmatch(r"=(EXP\(B\d+\)|0\+B\d+|B\d+\+B\d+)", cell.value)
    seen = [page.cell(block.row - 1, 1) for page in [book["Graph"]] for block in sheet.blocks]
    assert [cell.value for cell in seen] == [block.name for block in sheet.blocks]
    assert [cell.value for cell in seen if cell.quotePrefix] == ["-->", "=1+1", "+1", "-1", "@SUM(A1)", FORMULAS[4]]
    assert len(str(sheet).splitlines()) == len(sheet.blocks) + 1


@pytest.mark.parametrize("name", FORMULAS)
def test_name_of_the_result_is_text(name):
    x = Tensor([1.0, 2.0], name="x")
    y = x.sum()
    y.name = name
    page = opened(viz.spreadsheet(y))["Graph"]
    assert [page[cell].data_type for cell in ("A1", "E4", "E5")] == ["s", "s", "s"]
    assert page["A1"].value == f"{name}: values and gradients"


def test_the_same_name_twice():
    x, y = Tensor(1.0, name="w"), Tensor(2.0, name="w")
    sheet = viz.spreadsheet(x * y)
    assert {block.name for block in sheet.blocks} >= {"w (n0)", "w (n1)"}
    assert sheet["n0"].contents == (1.0,)
    with pytest.raises(KeyError, match="did you mean"):
        sheet["w (n2)"]


# ---------------------------------------------------------------------------------------------------------------------
# What cannot be exported
# ---------------------------------------------------------------------------------------------------------------------


def test_gate_without_formula():
    x = Tensor(np.eye(2), name="x")
    with viz.record():
        d = ag.numpy.linalg.det(x)
    with pytest.raises(ValueError, match=r"no formulas for the gate det \('d' at .*test_spreadsheet"):
        viz.spreadsheet(d * 2)


def test_too_large():
    x = Tensor(np.ones((200, 101)), name="x")
    with pytest.raises(ValueError, match=r"20,201 numbers, more than limit=20,000"):
        viz.spreadsheet(x.sum())
    assert viz.spreadsheet(x.sum(), limit=30_000)["x"].shape == (200, 101)
    with pytest.raises(ValueError, match="at most 1,048,576 rows and 16,384 columns"):
        viz.spreadsheet(Tensor(np.ones(17_000), name="x").sum())


def test_formula_too_long():
    x = Tensor(np.linspace(1.0, 2.0, 900), name="x")
    with pytest.raises(ValueError, match=r"a formula for 's' .* would have .* characters"):
        viz.spreadsheet((1.0 / (x * Tensor(2.0, name="s") ** x)).sum())


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda x: (x + np.array([np.inf, 0.0])).sum(), "infinite numbers or NaN"),
        (lambda x: (x * float("inf")).sum(), "takes the number inf"),
        (lambda x: (x * 1j).real.sum(), "complex"),
    ],
)
def test_numbers_that_cells_cannot_hold(make, what):
    with pytest.raises(ValueError, match=what):
        viz.spreadsheet(make(Tensor([1.0, 2.0], name="x")))


def test_stale_inputs():
    x = Tensor([1.0, 2.0], name="x")
    y = x.exp().sum()
    x.data = [3.0, 4.0]
    with pytest.raises(RuntimeError, match="changed after"):
        viz.spreadsheet(y, gradients=False)
    with pytest.raises(RuntimeError, match="changed"):
        viz.spreadsheet(y)


def test_wrong_arguments(tmp_path):
    x = Tensor(1.0, name="x")
    with pytest.raises(TypeError, match="expected a Tensor, got float"):
        viz.spreadsheet(1.0)
    with pytest.raises(ValueError, match="give the result itself"):
        viz.spreadsheet(viz.trace(x * 2))
    with pytest.raises(ValueError, match="rate must be a number"):
        viz.spreadsheet(x * 2, rate=float("nan"))
    with pytest.raises(ValueError, match="rate must be a number"):
        viz.spreadsheet(x * 2, rate=0.1, gradients=False)
    with pytest.raises(ValueError, match=r"saved as \.xlsx"):
        viz.spreadsheet(x * 2).save(tmp_path / "graph.csv")


def test_without_openpyxl(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    sheet = viz.spreadsheet(Tensor(1.0, name="x") * 2)
    with pytest.raises(ImportError, match=r"pip install glassgrad\[spreadsheet\]"):
        sheet.save(tmp_path / "graph.xlsx")
