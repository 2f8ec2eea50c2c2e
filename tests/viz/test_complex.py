"""Complex numbers in every view: values, gradients and slopes as they are, real parts where they are taken."""

import json

import numpy as np
import pytest
import viz_graphs as graphs

import viz
from autograd import Tensor, absolute, angle, fft, imag, real
from autograd import sum as total_of


def test_finite_differences_of_complex_values_agree():
    found = viz.trace(graphs.complex_numbers(), check=True, names=False)
    seen = [entry.check for entry in found.entries if entry.check is not None]
    assert len(seen) == len(found.entries) - 2  # neither the result nor the constant
    assert {check.verdict for check in seen} == {"agrees"}
    assert not found.note
    assert viz.Trace.from_json(found.to_json()) == found


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("function", [real, imag, absolute, angle, lambda z: real(fft(z) * (2 - 1j))])
def test_finite_differences_follow_the_convention(dtype, function):
    z = Tensor(np.array([1 + 2j, -0.5 + 0.25j], dtype), name="z")
    check = viz.trace(total_of(function(z) * np.array([1.0, -3.0])), check=True, names=False).entries[0].check
    assert check.verdict == "agrees"


def test_a_conjugated_gradient_is_caught():
    z = Tensor(1 + 2j, name="z")
    y = real(z * z)
    primitive = y.primitive
    partials = primitive.partials
    try:
        primitive.partials = (lambda x, out: 1j,)
        assert viz.trace(y, check=True, names=False).entries[0].check.verdict == "differs"
    finally:
        primitive.partials = partials


def test_local_derivatives_of_real_functions_are_complex():
    found = viz.trace(absolute(Tensor(3 + 4j, name="z")), locals=True, names=False)
    assert found.entries[1].inputs[0].local.values == pytest.approx((0.6 - 0.8j,))
    assert found.entries[1].inputs[0].local.dtype == "complex128"


def test_the_real_part_is_said_where_real_numbers_met_complex_ones():
    x = Tensor(2.0, name="x")
    text = viz.explain(real(x * (1 + 2j)), names=False).text
    assert "x × (1+2j) = 2.00 × (1+2j)" in text
    assert "= Re((1.00+0.00j) × (1+2j))" in text
    assert "∂f/∂x = 1.00" in text
    assert "Re(Jᵀ" in viz.explain(total_of(absolute(fft(Tensor([1.0, 2.0], name="x")))), names=False).text


def test_slopes_of_the_absolute_value():
    assert "∂(|x|)/∂x = (conj x)/(|x|)" in viz.explain(absolute(Tensor(3 + 4j, name="z")), names=False).text
    assert "∂(|x|)/∂x = sign x" in viz.explain(absolute(Tensor(3.0, name="z")), names=False).text


def test_larger_arrays_are_shown_by_their_absolute_values():
    z = Tensor(1j ** np.arange(20), name="z")
    assert "|·| all 1.00" in str(viz.draw(total_of(real(z))))


def test_a_complex_result_has_no_gradient_of_its_own():
    z = Tensor(1 + 2j, name="z")
    assert "1.00+2.00j" in str(viz.draw(z * z))
    for view in (viz.explain, viz.step):
        with pytest.raises(ValueError, match=r"Take its real part or absolute value first"):
            view(z * z)


def test_comparison_and_diagnosis():
    f = graphs.complex_numbers()
    assert "equal" in str(viz.compare(f, graphs.complex_numbers()))
    other = absolute(Tensor(1 + 3j, name="z") * 2.0)
    assert "1.00+2.00j → 1.00+3.00j" in str(viz.compare(absolute(Tensor(1 + 2j, name="z") * 2.0), other))
    bad = Tensor(np.array([1j, np.nan]), name="z")
    assert "holds 1 nan" in str(viz.diagnose(total_of(real(bad))))


def test_formulas_of_complex_variables():
    assert abs(viz.expression("exp(i*t)", i=1j, t=np.pi / 2).data - 1j) < 1e-15


def test_the_page_says_that_it_does_not_compute_with_complex_numbers(visit):
    page = visit(viz.step(real(Tensor(1 + 2j, name="z") * (-2j)) * 3.0).html)
    said = page.evaluate("glassgrad.refusal(glassgrad.data.trace)")
    assert said == "the page computes with float64 and float32, and there are complex128"
    page.evaluate("glassgrad.goTo(1e9)")
    text = page.evaluate("document.body.textContent")
    assert "1.00+2.00j" in text
    assert json.loads(viz.trace(real(Tensor(1j) * 2.0)).to_json())


def test_a_page_shows_steps_of_complex_numbers(visit):
    x = Tensor(2.0, name="x")
    page = visit(viz.step(real(x * (1 + 2j) * Tensor(-1j, name="z"))).html)
    shown = []
    for step in range(1, 8):
        page.evaluate("(i) => glassgrad.goTo(i)", step)
        shown.append(page.inner_text("#step-panel"))
    text = "\n".join(shown)
    assert "(1+2j)" in text.replace("\n", "")
    assert "real part" in text
