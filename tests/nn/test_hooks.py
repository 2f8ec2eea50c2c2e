"""Hooks: called when and with what PyTorch calls them, and gone when removed."""

from __future__ import annotations

import copy
import gc
import weakref
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, enable_grad, grad, no_grad
from autograd.ops import intercept
from nn import functional as F


class Cross(nn.Module):
    """Two inputs, a keyword and two outputs."""

    def forward(self, a: Any, b: Any, scale: float = 1.0) -> Any:
        return a * b * scale, a + b


def test_hooks_are_called_in_order_around_forward() -> None:
    calls: list[str] = []

    def note(text: str) -> Any:
        return lambda *_: calls.append(text)

    net = nn.Sequential(nn.Tanh())
    net.register_forward_hook(note("after 2"))
    net.register_forward_hook(note("after 1"), prepend=True)
    net.register_forward_pre_hook(note("before 2"))
    net.register_forward_pre_hook(note("before 1"), prepend=True)
    net[0].register_forward_hook(note("inside"))
    net(1.0)
    assert calls == ["before 1", "before 2", "inside", "after 1", "after 2"]


def test_hooks_see_and_change_arguments_and_results() -> None:
    cross = Cross()
    seen: list[Any] = []
    cross.register_forward_pre_hook(lambda module, args: (args[0] + 1, args[1]))
    cross.register_forward_pre_hook(lambda m, args, kwargs: (args, {"scale": 10.0}), with_kwargs=True)
    cross.register_forward_hook(lambda module, args, output: seen.append((module, args, output)))
    cross.register_forward_hook(lambda m, args, kwargs, output: (*output, kwargs["scale"]), with_kwargs=True)
    cross.register_forward_hook(lambda m, args, output: output[::-1])
    assert cross(1.0, 3.0, scale=2.0) == (10.0, 5.0, 60.0)
    assert seen == [(cross, (2.0, 3.0), (60.0, 5.0))]
    single = nn.Identity()
    single.register_forward_pre_hook(lambda module, args: args[0] * 2)
    assert single(4.0) == 8.0
    single.register_forward_pre_hook(lambda module, args, kwargs: args, with_kwargs=True)
    with pytest.raises(TypeError, match=r"pre-hook of Identity registered with_kwargs must return None or a pair"):
        single(4.0)


def test_a_removed_hook_is_not_called() -> None:
    calls: list[int] = []
    layer = nn.ReLU()
    first = layer.register_forward_hook(lambda *_: calls.append(1))
    with layer.register_forward_hook(lambda *_: calls.append(2)):
        layer(1.0)
    layer(1.0)
    first.remove()
    first.remove()
    layer(1.0)
    assert calls == [1, 2, 1]

    def once(*_: Any) -> None:
        calls.append(3)
        handle.remove()

    handle = layer.register_forward_hook(once)
    layer(1.0)
    layer(1.0)
    assert calls == [1, 2, 1, 3]


def test_only_functions_are_hooks() -> None:
    with pytest.raises(TypeError, match="a hook must be a function, got int"):
        nn.ReLU().register_forward_hook(3)  # type: ignore[arg-type]


def test_a_copy_has_hooks_of_its_own() -> None:
    calls: list[Any] = []
    layer = nn.ReLU()
    layer.register_forward_hook(lambda module, *_: calls.append(module))
    twin = copy.deepcopy(layer)
    twin.register_forward_hook(lambda module, *_: calls.append(module))
    layer(1.0)
    twin(1.0)
    assert calls == [layer, twin, twin]


def test_what_hooks_compute_belongs_to_the_module() -> None:
    net = nn.Sequential(nn.Tanh())
    net[0].register_forward_hook(lambda module, args, output: output * 2)
    assert net(Tensor(1.0)).scope == ("Sequential", "0: Tanh")


# ---------------------------------------------------------------------------------------------------------------------
# Backward
# ---------------------------------------------------------------------------------------------------------------------


def gradients_of(library: Any, tensor: Any, needs: tuple[bool, bool], changes: bool) -> tuple[list[Any], list[Any]]:
    """What backward hooks see of two inputs and two outputs, and the gradients that arrive."""

    class Both(library.Module):  # type: ignore[misc, name-defined]
        def forward(self, a: Any, b: Any) -> Any:
            return a * b, a + b

    seen: list[Any] = []

    def plain(gradients: Any) -> Any:
        return [None if g is None else np.asarray(g).tolist() for g in gradients]

    def before(module: Any, grad_output: Any) -> Any:
        seen.append(plain(grad_output))
        return tuple(g * 2 for g in grad_output) if changes else None

    def after(module: Any, grad_input: Any, grad_output: Any) -> Any:
        if library is not nn:  # PyTorch shows zeros for inputs that require no gradients
            grad_input = [g if needed else None for g, needed in zip(grad_input, needs, strict=True)]
        seen.append((plain(grad_input), plain(grad_output)))
        return tuple(None if g is None else g + 1 for g in grad_input) if changes else None

    module = Both()
    module.register_full_backward_pre_hook(before)
    module.register_full_backward_hook(after)
    a, b = tensor([[1.0, 2.0]], needs[0]), tensor([[3.0], [4.0]], needs[1])
    w = tensor([[1.0, 2.0], [3.0, 5.0]], False)
    x, y = module(a, b)
    (x * w + y * y).sum().backward()
    return seen, plain([a.grad, b.grad])


@pytest.mark.parametrize("changes", [False, True])
@pytest.mark.parametrize("needs", [(True, True), (True, False), (False, True)])
def test_backward_hooks_see_and_change_what_pytorchs_do(torch: Any, needs: tuple[bool, bool], changes: bool) -> None:
    expected = gradients_of(
        torch.nn, lambda v, r: torch.tensor(v, requires_grad=r, dtype=torch.float64), needs, changes
    )
    assert gradients_of(nn, lambda v, r: Tensor(v, requires_grad=r), needs, changes) == expected


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
def test_without_gradients_of_inputs_hooks_see_those_of_outputs(torch: Any) -> None:
    for library, array in ((nn, np.asarray), (torch.nn, torch.tensor)):
        seen: list[Any] = []
        layer = library.Linear(2, 1, bias=False)
        layer.register_full_backward_hook(lambda module, *given, seen=seen: seen.append(given))
        layer(array([[1.0, 2.0]], dtype=np.float32 if library is nn else torch.float32)).sum().backward()
        ((grad_input, (grad_output,)),) = seen
        assert grad_input == (None,)
        assert grad_output.tolist() == [[1.0]]


def test_backward_hooks_concern_the_calls_made_while_they_are_registered(torch: Any) -> None:
    for library, variable in ((nn, Tensor(1.0)), (torch.nn, torch.tensor(1.0, requires_grad=True))):
        calls: list[str] = []
        layer = library.Tanh()
        first = layer(variable)
        with layer.register_full_backward_hook(lambda *_, calls=calls: calls.append("hook")):
            second = layer(variable)
        with layer.register_full_backward_pre_hook(lambda *_, calls=calls: calls.append("pre-hook")):
            third = layer(variable)
        for result in (first, second, third):
            result.backward()
            calls.append("next")
        assert calls == ["next", "hook", "next", "pre-hook", "next"]


def test_without_recording_a_module_gets_its_inputs_themselves() -> None:
    class Slope(nn.Module):
        def forward(self, x: Any) -> Any:
            with enable_grad():
                (x * x).backward()
            return {"anything": x.grad}

    module, x = Slope(), Tensor(3.0)
    module.register_full_backward_hook(lambda *_: None)
    with no_grad():
        assert module(x) == {"anything": 6.0}


def test_mixed_precisions_keep_theirs() -> None:
    dtypes: list[Any] = []
    cross = Cross()
    cross.register_full_backward_hook(lambda module, gi, go: dtypes.extend(g.dtype for g in (*gi, *go)))
    a, b = Tensor(np.ones(2, np.float32)), Tensor(np.ones((3, 1)))
    x, y = cross(a, b)
    (x + y).sum().backward()
    assert dtypes == [np.float32, np.float64, np.float64, np.float64]
    assert (a.grad.dtype, b.grad.dtype) == (np.float32, np.float64)
    assert a.grad.tolist() == [6.0, 6.0]


def test_outputs_keep_their_kind() -> None:
    class Listed(nn.Module):
        def forward(self, x: Any) -> Any:
            return [x * 2, 5, None]

    class Named(nn.Module):
        def forward(self, x: Any) -> Any:
            return {"x": x}

    module = Listed()
    module.register_full_backward_hook(lambda *_: None)
    result = module(Tensor(1.0))
    assert type(result) is list
    assert result[1:] == [5, None]
    with no_grad():
        assert not module(Tensor(1.0))[0].requires_grad
    other = Named()
    other.register_full_backward_hook(lambda *_: None)
    with pytest.raises(TypeError, match=r"Named has backward hooks, which need a tensor as output.*got dict"):
        other(Tensor(1.0))


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        ((1.0,), "a backward hook of Cross returned 1 gradients where there are 2"),
        ((np.ones(3), None), r"returned a gradient of shape \(3,\) for a tensor of shape \(2,\)"),
    ],
)
def test_returned_gradients_are_checked(returned: Any, message: str) -> None:
    cross = Cross()
    cross.register_full_backward_hook(lambda *_: returned)
    x, _ = cross(Tensor([1.0, 2.0]), Tensor([3.0, 4.0]))
    with pytest.raises(ValueError, match=message):
        x.sum().backward()


def test_hooks_can_be_differentiated_through() -> None:
    layer = nn.Tanh()
    layer.register_full_backward_hook(lambda module, grad_input, grad_output: (grad_input[0] * 3,))
    first = grad(lambda x: layer(x))
    np.testing.assert_allclose(first(0.5), 3 * (1 - np.tanh(0.5) ** 2))
    np.testing.assert_allclose(grad(first)(0.5), 9 * -2 * np.tanh(0.5) * (1 - np.tanh(0.5) ** 2))


def test_a_hook_may_keep_its_gradient() -> None:
    kept: list[Any] = []
    layer = nn.Identity()
    layer.register_full_backward_hook(lambda module, grad_input, grad_output: kept.append(grad_input[0]))
    x = Tensor(np.ones(3))
    ((y := layer(x)).sum() + (y * 2).sum() + (x * 5).sum()).backward()
    assert kept[0].tolist() == [3.0, 3.0, 3.0]
    kept[0][:] = 0.0
    assert x.grad.tolist() == [8.0, 8.0, 8.0]


def test_watched_graphs_are_freed_at_once() -> None:
    gc.disable()
    try:
        cross = Cross()
        cross.register_full_backward_hook(lambda *_: None)
        x, y = cross(Tensor(np.ones(2)), Tensor(np.ones(2)))
        (x + y).sum().backward()
        alive = weakref.ref(x), weakref.ref(y)
        del x, y
        assert [a() for a in alive] == [None, None]
    finally:
        gc.enable()


def test_intercept_checks_what_it_is_given() -> None:
    x = Tensor([1.0, 2.0])
    with pytest.raises(
        ValueError, match=r"intercept: the function gave a gradient of shape \(3,\), but the tensor has"
    ):
        intercept(x, function=lambda g: np.ones(3)).sum().backward()
    intercept(x, function=lambda g: g.astype(np.float32) * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    assert x.grad.dtype == np.float64


def test_a_gradient_can_be_clipped_on_its_way(rng: np.random.Generator) -> None:
    net = nn.Sequential(nn.Linear(3, 3, dtype=np.float64), nn.Tanh(), nn.Linear(3, 1, dtype=np.float64))
    net[1].register_full_backward_hook(lambda module, gi, go: (np.clip(gi[0], -0.01, 0.01),))
    x = rng.normal(size=(5, 3))
    F.mse_loss(net(x), np.full((5, 1), 10.0)).backward()
    assert np.abs(net[0].bias.grad).max() <= 0.05
