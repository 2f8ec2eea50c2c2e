"""What first made NaN or an infinity is named: forward, backward, in tangents, nested, or that it came in."""

from __future__ import annotations

import inspect
import pickle
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd.numpy as anp
import nn
import optim
import viz
from autograd import AnomalyError, Tensor, _state, checkpoint, detect_anomaly, grad, jacobian, make_jvp, no_grad, scope
from autograd.extend import defjvp, defvjp, primitive
from autograd.ops import exp, log, multiply, power, relu, sqrt, where
from autograd.primitives import REGISTRY, UFUNCS, custom
from autograd.reverse import trace
from autograd.samples import Sample


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with np.errstate(all="ignore"):
        yield
    assert _state.unusual == 0


def found(compute: Callable[[], Any], *options: Any) -> AnomalyError:
    with pytest.raises(AnomalyError) as caught, detect_anomaly(*options):
        compute()
    return caught.value


def line_of(text: str) -> int:
    lines, start = inspect.getsourcelines(inspect.getmodule(line_of))  # type: ignore[arg-type]
    return next(start + i for i, line in enumerate(lines) if text in line and "line_of" not in line) + (start == 0)


# -- forward -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "operation", "low", "high"),
    [
        (lambda: log(Tensor(-1.0)), "log", -1.0, -1.0),
        (lambda: log(Tensor([1.0, -2.0])), "log", -2.0, 1.0),
        (lambda: log(Tensor([1.0, -2.0], requires_grad=False)), "log", -2.0, 1.0),
        (lambda: np.sqrt(Tensor([4.0, -1.0])), "sqrt", -1.0, 4.0),
        (lambda: Tensor([0.0, 1.0]) / np.zeros(2), "divide", 0.0, 1.0),
        (lambda: Tensor([-8.0]) ** (1 / 3), "power", -8.0, -8.0),
        (lambda: anp.log(Tensor([-1.0 + 0j])) and log(Tensor(-1.0)), "log", -1.0, -1.0),
    ],
)
def test_the_operation_that_makes_nan_is_named(compute: Any, operation: str, low: float, high: float) -> None:
    error = found(compute)
    assert (error.operation, error.kind, error.phase) == (operation, "nan", "forward")
    given = error.operands[0].range
    assert (given.low, given.high, given.nans, given.infinities) == (low, high, 0, 0)
    assert error.made.range.nans >= 1
    assert error.source.file.endswith("test_anomaly.py")


def test_everything_is_said() -> None:
    x = Tensor(np.array([[1.0, 2.0], [3.0, -4.0]], np.float32), name="x")

    def compute() -> None:
        with scope("outer"), scope("inner"):
            log(x)  # the line

    error = found(compute)
    assert (error.scope, error.at, error.attributes) == (("outer", "inner"), (1, 1), {})
    assert error.source.line == line_of("# the line")
    assert error.operands[0].there == -4.0
    assert str(error).splitlines()[0] == "log made nan in 1 of 4 elements, first at (1, 1) [in scope outer/inner]"
    assert "test_anomaly.py" in str(error)
    assert "log(x)  # the line" in str(error)
    assert "input 0, variable 'x': float32 (2, 2), -4.0 to 3.0; there -4.0" in str(error)
    assert "output: float32 (2, 2), 0.0 to 1.09861, 1 nan" in str(error)
    assert str(error).endswith("To do: " + error.advice)
    assert isinstance(error, RuntimeError)
    again = pickle.loads(pickle.dumps(error))
    assert (again.anomaly, str(again)) == (error.anomaly, str(error))
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = error.colour


@pytest.mark.parametrize("text", ["\x1b[2J\n\n", "<script>", "a\u202eb", "{0}%s"])
def test_names_are_quoted(text: str) -> None:
    x = Tensor([1.0, -1.0], name=text)
    assert f"input 0, variable {text!r}: float64" in str(found(lambda: log(x)))
    x.data = np.array([np.nan, 1.0])
    assert str(found(lambda: log(x))).startswith(f"the variable {text!r} holds nan")


def test_scopes_are_those_of_modules() -> None:
    class Root(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return sqrt(x)

    net = nn.Sequential(nn.Linear(2, 2), Root())
    net[0].weight.data = -np.ones((2, 2))
    error = found(lambda: net(np.ones((1, 2), np.float32) * 5))
    assert error.operation == "sqrt"
    assert error.scope == ("Sequential", "1: Root")


def test_static_parameters_are_told() -> None:
    x = Tensor([[1.0, 2.0]]) + np.array([[-np.inf, -np.inf]])
    error = found(lambda: nn.functional.softmax(x, dim=1))
    assert (error.operation, error.attributes) == ("softmax", {"axis": 1})
    assert "axis=1" in str(error)


# -- infinities --------------------------------------------------------------------------------------------------------


def test_infinities_on_the_way_forward_are_let_pass_until_nan_comes_of_them() -> None:
    x = Tensor([1.0, -1.0], name="x")
    with detect_anomaly():
        assert log(Tensor([0.0])).item() == -np.inf
        y = exp(where(np.array([True, False]), x, -np.inf)).sum()
        y.backward()
    assert x.grad.tolist() == [np.e, 0.0]

    def overflow() -> None:
        big = exp(x * 1000.0)
        moved = big + 1.0
        moved - big

    error = found(overflow)
    assert (error.operation, error.kind, error.source.text) == ("exp", "inf", "big = exp(x * 1000.0)")
    assert (error.noticed.operation, error.noticed.kind) == ("subtract", "nan")
    assert "then subtract made nan in 1 of 2 elements, first at (0,), at" in str(error)
    assert error.advice.startswith("use sigmoid or logsumexp")


def test_through_constants_detached_and_copied() -> None:
    def compute() -> None:
        with no_grad():
            big = exp(Tensor(1000.0))
        again = Tensor(big.detach())
        multiply(again, 0.0)

    error = found(compute)
    assert (error.operation, error.noticed.operation, error.source.text) == (
        "exp", "multiply", "big = exp(Tensor(1000.0))",
    )  # fmt: skip


def test_check_inf() -> None:
    x = Tensor(1000.0)
    assert found(lambda: exp(x), True, True).operation == "exp"
    assert found(lambda: exp(x).backward()).operation == "exp"  # an infinite loss
    with detect_anomaly(check_inf=True):
        where(np.array([True, False]), Tensor([1.0, 2.0]), -np.inf)  # constants are masks
    assert found(lambda: Tensor([np.inf], name="v") * 2.0, True, True).phase == "variable"
    with detect_anomaly(check_inf=False):
        exp(x).backward()
        sqrt(Tensor(0.0)).backward()


def test_check_nan_is_the_first_parameter() -> None:
    with detect_anomaly(False):
        log(Tensor(-1.0))
    assert found(lambda: sqrt(Tensor(0.0)).backward(), False).kind == "inf"
    with detect_anomaly(check_nan=False, check_inf=False):
        (sqrt(Tensor(0.0)) * 0.0).backward()


# -- what came in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compute", "phase", "role"),
    [
        (lambda: Tensor([np.nan, 1.0], name="data") * 2.0, "variable", "variable 'data'"),
        (lambda: Tensor(1.0) + Tensor(np.nan, requires_grad=False), "constant", "constant"),
        (lambda: Tensor([1.0, 1.0]) * np.array([1.0, np.nan]), "constant", "plain array"),
        (lambda: Tensor(1.0) * float("nan"), "constant", "number"),
        (lambda: grad(lambda x: x * 2.0)(np.nan), "variable", "variable"),
    ],
)
def test_inputs_that_are_not_finite_are_named_as_such(compute: Any, phase: str, role: str) -> None:
    error = found(compute)
    assert (error.phase, error.made.role, error.operation) == (phase, role, "")
    assert error.noticed.operation in ("multiply", "add")
    assert "no operation made it" in str(error)
    assert f"taken in by {error.noticed.operation}, at" in str(error)


def test_nan_that_does_not_spread_is_no_fault() -> None:
    with detect_anomaly():
        x = Tensor([np.nan, 1.0])
        y = where(np.isnan(x.data), 0.0, x).sum()
        y.backward()
    assert x.grad.tolist() == [0.0, 1.0]


def test_an_infinite_input_is_named_beside_what_makes_nan_of_it() -> None:
    x = Tensor([1.0, 2.0]) + Tensor([-np.inf, -np.inf], requires_grad=False, name="mask")
    error = found(lambda: nn.functional.softmax(x, dim=0))
    assert (error.operation, error.origin.made.role) == ("softmax", "constant 'mask'")
    assert "the infinity came in: the constant 'mask' holds inf" in str(error)


def test_the_cotangent_and_tangent_given() -> None:
    error = found(lambda: (Tensor([1.0, 2.0]) * 2.0).backward(np.array([1.0, np.nan])))
    assert (error.phase, error.made.role) == ("given", "cotangent given for the result of multiply")
    error = found(lambda: make_jvp(lambda x: x * x)(1.0)(np.nan))
    assert (error.phase, error.made.role) == ("given", "tangent given for the variable")


# -- backward ----------------------------------------------------------------------------------------------------------


def behind_where(x: Tensor) -> Any:
    safe = sqrt(x)  # its slope
    return where(np.array([False, True]), safe, 0.0).sum()


@pytest.mark.parametrize("options", [{}, {"retain": True}, {"create_graph": True}])
def test_the_gradient_that_is_not_finite_is_named(options: dict[str, bool]) -> None:
    x = Tensor([0.0, 4.0], name="x")
    error = found(lambda: behind_where(x).backward(**options))
    assert (error.operation, error.kind, error.phase, error.index, error.at) == ("sqrt", "nan", "backward", 0, (0,))
    assert error.source.line == line_of("# its slope")
    roles = {operand.role: operand.there for operand in error.operands}
    assert roles == {"cotangent": 0.0, "input 0, variable 'x'": 0.0, "output": 0.0}
    assert (error.made.range.nans, error.made.range.low) == (1, 0.25)
    assert "recorded at" in str(error)
    assert "sqrt(x + 1e-12)" in error.advice
    assert x.grad is None


def test_the_right_one_of_many_is_named() -> None:
    def compute() -> None:
        x, y = Tensor(0.0, name="x"), Tensor(0.0, name="y")
        a = relu(x) + sqrt(x + 1.0)
        b = power(y, 0.5)  # this one
        (exp(a) + b * 2.0 + relu(b)).backward()

    error = found(compute)
    assert (error.operation, error.index, error.source.line) == ("power", 0, line_of("# this one"))


def test_a_graph_recorded_before_names_operations_without_lines() -> None:
    x = Tensor(0.0, name="x")
    loss = sqrt(x) + 1.0
    error = found(loss.backward)
    assert (error.operation, error.source) == ("sqrt", None)
    assert "put the forward pass into its block, too" in str(error)


@pytest.mark.parametrize(
    ("loss", "operation", "kind"),
    [
        (lambda x: log(x * 1.0) * 2.0 + 1.0, "log", "inf"),
        (lambda x: log(x * 1.0) - log(x), "log", "inf"),
        (lambda x: log(x - 1.0) * 2.0 + 1.0, "log", "nan"),
        (lambda x: relu(log(x - 1.0)) + exp(x), "log", "nan"),
    ],
)
def test_a_loss_that_is_not_finite_is_no_silence(loss: Any, operation: str, kind: str) -> None:
    result = loss(Tensor(0.0))
    error = found(result.backward)
    assert (error.operation, error.kind, error.phase) == (operation, kind, "forward")
    result = loss(Tensor(0.0, name="x") * Tensor(np.nan, name="bad"))
    error = found(result.backward)
    assert (error.phase, error.made.role) == ("variable", "variable 'bad'")


def test_a_sum_that_overflows() -> None:
    x = Tensor(1e-300, name="x")
    error = found(lambda: (x * 1.5e308 + x * 1.5e308).backward())
    assert (error.phase, error.kind, error.operation) == ("sum", "inf", "variable 'x'")
    assert [operand.range.low for operand in error.operands] == [1.5e308, 1.5e308]


def test_what_is_finite_is_the_same_inside() -> None:
    def compute() -> list[Any]:
        rng = np.random.default_rng(0)
        net = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.LSTM(4, 2))
        for p in net.parameters():
            p.data = rng.normal(size=p.shape).astype(p.dtype)
        y, _ = net(rng.normal(size=(5, 2, 3)).astype(np.float32))
        (y * y).sum().backward()
        second = grad(grad(lambda t: exp(t) * t**3))(1.5)
        return [*(p.grad for p in net.parameters()), second, jacobian(lambda t: t * anp.sum(t))(np.arange(3.0))]

    plain = compute()
    with detect_anomaly(check_inf=True):
        inside = compute()
    for p, q in zip(plain, inside, strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-6)
        assert np.asarray(p).dtype == np.asarray(q).dtype


# -- transforms --------------------------------------------------------------------------------------------------------


def test_nested_derivatives_name_the_operation_of_the_program() -> None:
    error = found(lambda: grad(grad(lambda t: t**1.5))(0.0))
    assert (error.operation, error.phase, error.within) == ("power", "backward", "the derivative of power")
    assert "t**1.5" in error.source.text
    error = found(lambda: grad(grad(grad(lambda t: t**2.5)))(0.0))
    assert error.within == "the 2nd derivative of power"
    error = found(lambda: jacobian(lambda t: sqrt(t))(np.array([0.0, 1.0])))
    assert (error.operation, error.phase) == ("sqrt", "backward")


def test_tangents() -> None:
    error = found(lambda: make_jvp(lambda t: sqrt(t * 1.0))(0.0)(1.0))
    assert (error.operation, error.phase, error.kind) == ("sqrt", "tangent", "inf")
    assert [operand.role for operand in error.operands] == ["tangent 0", "input 0, variable", "output"]
    assert "sqrt(t * 1.0)" in error.source.text
    for nested in (
        lambda: make_jvp(lambda t: make_jvp(lambda s: s**1.5)(t)(1.0)[1])(0.0)(1.0),
        lambda: make_jvp(grad(lambda s: s**1.5))(0.0)(1.0),
    ):
        error = found(nested)
        assert (error.operation, error.phase, error.within) == ("power", "tangent", "the derivative of power")
    error = found(lambda: grad(lambda t: make_jvp(lambda s: s**1.5)(t)(1.0)[1])(0.0))
    assert (error.operation, error.phase, error.within) == ("power", "backward", "the derivative of power")


def test_operations_of_ones_own() -> None:
    @primitive
    def root(x: Any) -> Any:
        return np.sqrt(x)

    defvjp(root, lambda ans, x: lambda g: g * 0.5 / ans)
    defjvp(root, lambda g, ans, x: g * 0.5 / ans)
    assert found(lambda: root(Tensor(-1.0))).operation == "root"
    error = found(lambda: grad(root)(0.0))
    assert (error.operation, error.phase, error.index) == ("root", "backward", 0)
    error = found(lambda: make_jvp(root)(0.0)(1.0))
    assert (error.operation, error.phase) == ("root", "tangent")
    inside = checkpoint(lambda x: sqrt(x) * 2.0)
    error = found(lambda: grad(inside)(0.0))
    assert (error.operation, error.phase) == ("sqrt", "backward")
    assert "sqrt(x) * 2.0" in error.source.text


def test_fused_operations() -> None:
    x = Tensor(np.full((3, 2, 4), 1e30), name="x")
    lstm = nn.LSTM(4, 2)
    lstm.weight_ih_l0.data = np.full(lstm.weight_ih_l0.shape, np.nan)
    error = found(lambda: lstm(x))
    assert (error.phase, error.made.role) == ("variable", "variable 'weight_ih_l0'")
    logits = Tensor([[1.0, -np.inf], [-np.inf, -np.inf]])
    error = found(lambda: nn.functional.softmax(logits, dim=1))
    assert (error.operation, error.at) == ("softmax", (1, 0))


def test_steps_of_optimisers() -> None:
    w = Tensor([1e308, 1.0], name="w")
    w.grad = np.array([-1e308, 0.0])
    error = found(lambda: optim.SGD([w], lr=10.0).step())
    assert (error.phase, error.operation, error.kind) == ("step", "SGD for variable 'w'", "inf")
    assert error.advice == "lower the learning rate"
    w.data = np.ones(2)
    w.grad = np.array([np.nan, 0.0])
    error = found(lambda: optim.Adam([w]).step())
    assert (error.kind, error.operands[1].range.nans) == ("nan", 1)
    assert "run the forward and backward pass inside" in error.advice


@pytest.mark.parametrize("kind", [optim.Adam, optim.SGD, optim.RMSprop])
def test_how_optimisers_step_is_not_looked_at(kind: Any) -> None:
    """They record their rule with NaN in place of values, to be run in place."""
    w = Tensor(np.ones(50_000))
    w.grad = np.ones(50_000)
    with detect_anomaly(check_inf=True), viz.record() as recording:
        kind([w], lr=0.1, weight_decay=0.01).step()
    assert np.isfinite(w.data).all()
    assert repr(recording) == "<Recording of 0 gates>"


def test_masked_attention_is_no_fault() -> None:
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    x = Tensor(np.random.default_rng(0).normal(size=(2, 5, 8)).astype(np.float32))
    mask = np.triu(np.full((5, 5), -np.inf, np.float32), 1)
    with detect_anomaly(check_inf=True):
        y, _ = attention(x, x, x, attn_mask=mask)
        (y * y).sum().backward()
        scores = x[0] @ x[0].T + mask
        (nn.functional.softmax(scores, dim=1) * nn.functional.log_softmax(x[0] @ x[0].T, dim=1)).sum().backward()
    assert np.isfinite(x.grad).all()


# -- blocks ------------------------------------------------------------------------------------------------------------


def test_of_nested_blocks_the_innermost_decides() -> None:
    with detect_anomaly():
        with detect_anomaly(False):
            log(Tensor(-1.0))
        with pytest.raises(AnomalyError):
            log(Tensor(-1.0))


def test_blocks_are_of_one_thread_and_end() -> None:
    def bad() -> None:
        with np.errstate(all="ignore"):  # which is of a thread, too
            log(Tensor(-1.0))

    with detect_anomaly():
        thread = threading.Thread(target=bad)
        thread.start()
        thread.join()
    bad()
    block = detect_anomaly()
    for _ in range(2):
        with block, block, pytest.raises(AnomalyError):
            bad()
    assert (_state.settings.checker, _state.settings.watcher) == (None, None)


def test_as_a_decorator() -> None:
    @detect_anomaly(check_inf=True)
    def power_of(x: float, n: int) -> Any:
        """Recursive."""
        return 1.0 if n == 0 else Tensor(x) * power_of(x, n - 1)

    assert (power_of.__name__, power_of(2.0, 3).item()) == ("power_of", 8.0)
    with pytest.raises(AnomalyError):
        power_of(1e200, 2)
    with pytest.raises(TypeError, match="open the block inside it"):

        @detect_anomaly()
        def later() -> Iterator[int]:
            yield 1


@pytest.mark.parametrize("inside", [True, False])
def test_recordings_are_told_in_any_order(inside: bool) -> None:
    x = Tensor([0.0, -1.0], name="x")
    recording = viz.record()
    blocks = (detect_anomaly(), recording) if inside else (recording, detect_anomaly())
    with pytest.raises(AnomalyError) as caught, blocks[0], blocks[1]:
        log(x + 0.0)
    assert recording.failure is not None
    assert (recording.failure.operation, recording.failure.shapes) == ("log", ("float64 (2,)",))
    assert [entry.kind for entry in recording.trace().entries] == ["variable", "gate", "failed"]
    assert caught.value.recording is recording
    with detect_anomaly(), viz.record() as recording:
        loss = (x * x).sum()
        loss.backward()
    gates = [entry for entry in recording.trace().entries if entry.kind == "gate"]
    assert [entry.source.text for entry in gates] == ["loss = (x * x).sum()"] * 2


def test_looking_at_a_graph_raises_nothing() -> None:
    with detect_anomaly():
        x = Tensor([0.0, 4.0], name="x")
        y = sqrt(x).sum()
        assert np.isinf(trace(y).cotangents[x][0])
        assert not viz.diagnose(y).ok
        viz.trace(y, gradients=True, check=True)


def test_many_steps_leave_nothing_behind() -> None:
    w = Tensor(np.ones(3))
    for _ in range(3):
        with detect_anomaly():
            w.grad = None
            (w * w).sum().backward()
    assert w.grad.tolist() == [2.0, 2.0, 2.0]
    assert getattr(w, "_notes", {}) == {}


# -- where errors of the backward pass come from -----------------------------------------------------------------------


def test_values_changed_name_the_line() -> None:
    def changed() -> Tensor:
        x = Tensor(np.ones(3), name="x")
        y = exp(x) * x  # recorded here
        x.data = np.zeros(3)
        return y.sum()

    with pytest.raises(RuntimeError, match="to learn which line recorded") as caught:
        changed().backward()
    assert not hasattr(caught.value, "__notes__")
    for block in (detect_anomaly(), viz.record()):
        with pytest.raises(RuntimeError, match=r"was changed after .*; recorded at .*y = exp\(x\) \* x"), block:
            changed().backward(create_graph=True)
    with pytest.raises(RuntimeError, match=r"recorded at .*y = exp\(x\) \* x"), detect_anomaly():
        changed().backward()


@pytest.fixture
def broken() -> Iterator[Any]:
    before, ufuncs = dict(REGISTRY), dict(UFUNCS)

    def raises(*_: Any) -> Any:
        raise KeyError("this rule is wrong")

    @custom(
        vjps=(raises,),
        jvp=raises,
        symbol="broken",
        formula="x",
        samples=lambda: [Sample((np.ones(2),))],
    )
    def broken(x: Any) -> Any:
        """Broken."""
        return x * 1.0

    yield broken
    for table, held in ((REGISTRY, before), (UFUNCS, ufuncs)):
        table.clear()
        table.update(held)


def test_rules_that_raise_name_the_line(broken: Any) -> None:
    def compute() -> Tensor:
        with scope("part"):
            y = broken(Tensor(np.ones(2)))
        return (y * 2.0).sum()

    for options in ({}, {"create_graph": True}):
        with pytest.raises(KeyError) as caught:
            compute().backward(**options)
        (note,) = caught.value.__notes__
        assert note.startswith("in the backward pass of broken [in scope part]; run it inside")
        with pytest.raises(KeyError) as caught, detect_anomaly():
            compute().backward(**options)
        assert any("broken [in scope part]; recorded at " in note for note in caught.value.__notes__)
    with pytest.raises(KeyError) as caught:
        make_jvp(broken)(np.ones(2))(np.ones(2))
    assert caught.value.__notes__[0].startswith("in the tangent of broken")
