"""Registration, walking, modes, state and errors of modules."""

from __future__ import annotations

import copy
import gc
import weakref
from typing import Any

import numpy as np
import pytest

import nn
import optim
from autograd import Tensor


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
        self.scale = nn.Parameter([1.0, 2.0, 3.0], dtype=np.float32)
        self.register_buffer("mean", np.zeros(3, np.float32))
        self.register_buffer("scratch", np.zeros(2), persistent=False)
        self.head = nn.Linear(3, 2, bias=False)

    def forward(self, x: Any) -> Any:
        return self.head(self.body(x) * self.scale - self.mean)


PARAMETERS = ["scale", "body.0.weight", "body.0.bias", "head.weight"]


def test_names_come_in_pytorchs_order() -> None:
    net = Net()
    assert [name for name, _ in net.named_parameters()] == PARAMETERS
    assert list(net.state_dict()) == ["scale", "mean", *PARAMETERS[1:]]
    assert [name for name, _ in net.named_buffers()] == ["mean", "scratch"]
    assert [name for name, _ in net.named_modules()] == ["", "body", "body.0", "body.1", "head"]
    assert [name for name, _ in net.named_children()] == ["body", "head"]
    assert [type(m).__name__ for m in net.modules()] == ["Net", "Sequential", "Linear", "ReLU", "Linear"]
    assert [name for name, _ in net.named_parameters("net", recurse=False)] == ["net.scale"]
    assert len(list(net.parameters())) == 4
    assert len(list(net.buffers())) == 2


def test_a_plain_variable_is_a_parameter_and_a_constant_is_not() -> None:
    class Scale(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.factor = Tensor(2.0)
            self.offset = Tensor(1.0, requires_grad=False)
            self.frozen = nn.Parameter(3.0, requires_grad=False)

    scale = Scale()
    assert [name for name, _ in scale.named_parameters()] == ["factor", "frozen"]
    assert [p.requires_grad for p in scale.parameters()] == [True, False]


def test_frozen_parameters_stay_registered() -> None:
    net = Net().requires_grad_(False)
    assert [name for name, _ in net.named_parameters()] == PARAMETERS
    assert not net(np.ones((1, 4))).requires_grad
    assert all(p.requires_grad for p in net.requires_grad_().parameters())


def test_parameters_are_named_after_their_attribute_unless_named_already() -> None:
    layer = nn.Linear(2, 1)
    assert layer.weight.name == "weight"
    layer.weight = Tensor(np.ones((1, 2)), name="mine")
    assert layer.weight.name == "mine"


def test_scopes_say_where_an_operation_was_recorded() -> None:
    net = Net()
    out = net(np.ones((5, 4)))
    assert out.scope == ("Net", "head: Linear")
    centred = out.inputs[0]
    scaled = centred.inputs[0]
    assert centred.scope == scaled.scope == ("Net",)
    assert scaled.inputs[0].scope == ("Net", "body: Sequential", "1: ReLU")
    assert net.head(np.ones(3)).scope == ("head: Linear",)
    assert nn.Linear(3, 1)(np.ones(3)).scope == ("Linear",)


def test_a_module_is_called_by_the_first_name_it_got() -> None:
    layer = nn.Linear(2, 2)
    first = nn.Sequential(nn.Identity(), layer)
    second = nn.Sequential(layer)
    assert first(np.ones(2)).scope == ("Sequential", "1: Linear")
    assert second(np.ones(2)).scope == ("Sequential", "1: Linear")


def test_the_scope_is_left_when_forward_fails() -> None:
    with pytest.raises(ValueError, match=r"\[in scope Sequential/0: Linear\]"):
        nn.Sequential(nn.Linear(2, 1))(np.ones(3))
    assert nn.Linear(2, 1)(np.ones(2)).scope == ("Linear",)


def test_shared_parts_count_once_but_are_saved_under_each_name() -> None:
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    net[1].weight = net[0].weight
    shared = nn.Sequential(net, net)
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "0.bias", "1.bias"]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert [name for name, _ in shared.named_modules()] == ["", "0", "0.0", "0.1"]
    assert len(list(shared.named_modules(remove_duplicate=False))) == 7
    assert len(list(shared)) == 2
    assert len(list(shared.children())) == 1


def test_replacing_and_deleting() -> None:
    net = Net()
    net.head = nn.Linear(3, 5)
    assert net(np.ones(4)).shape == (5,)
    net.scale = nn.Parameter(np.ones(3))
    net.mean = np.ones(3)
    assert isinstance(net.mean, Tensor)
    del net.scale, net.mean, net.body
    assert [name for name, _ in net.named_parameters()] == ["head.weight", "head.bias"]
    assert list(net.state_dict()) == ["head.weight", "head.bias"]
    net.head.bias = None
    assert list(net.state_dict()) == ["head.weight"]
    assert net.head(np.ones(3)).shape == (5,)


def test_modes_reach_every_module() -> None:
    net = Net()
    assert net.training
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert all(m.training for m in net.train().modules())


def test_zero_grad_sets_gradients_to_none() -> None:
    net = Net()
    net(np.ones((2, 4))).sum().backward()
    assert all(p.grad is not None for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_apply_takes_the_innermost_first() -> None:
    seen: list[str] = []
    Net().apply(lambda module: seen.append(type(module).__name__))
    assert seen == ["Linear", "ReLU", "Sequential", "Linear", "Net"]


def test_conversion_between_precisions() -> None:
    net = nn.Sequential(nn.Linear(3, 2))
    net(np.ones(3)).sum().backward()
    net.double()
    assert {p.dtype for p in net.parameters()} == {np.dtype(np.float64)}
    assert {p.grad.dtype for p in net.parameters()} == {np.dtype(np.float64)}
    assert net(np.ones(3, np.float32)).dtype == np.float64
    assert net.float()(np.ones(3)).dtype == np.float32
    for wrong in (np.int64, "cpu"):
        with pytest.raises(
            TypeError, match=r"expected a floating dtype such as 'float32', got .*(int64|cpu).*; devices"
        ):
            net.to(wrong)


def test_repr_is_pytorchs(torch: Any) -> None:
    theirs = torch.nn.Sequential(
        torch.nn.Linear(4, 3), torch.nn.Sequential(torch.nn.Tanh(), torch.nn.Flatten()), torch.nn.Softmax(dim=1)
    )
    ours = nn.Sequential(nn.Linear(4, 3), nn.Sequential(nn.Tanh(), nn.Flatten()), nn.Softmax(dim=1))
    assert repr(ours) == repr(theirs)
    assert repr(nn.Sequential()) == repr(torch.nn.Sequential())


def test_a_copy_is_independent() -> None:
    net = Net()
    twin = copy.deepcopy(net)
    assert list(twin.state_dict()) == list(net.state_dict())
    twin.scale.assign_raw(np.zeros(3))
    assert net.scale.data.tolist() == [1.0, 2.0, 3.0]


def test_a_dropped_network_is_freed_at_once() -> None:
    gc.disable()
    try:
        net = Net()
        net(np.ones((2, 4))).sum().backward()
        alive = weakref.ref(net)
        del net
        assert alive() is None
    finally:
        gc.enable()


# ---------------------------------------------------------------------------------------------------------------------
# State
# ---------------------------------------------------------------------------------------------------------------------


def test_state_is_copied_out_and_in() -> None:
    net, other = Net(), Net()
    state = net.state_dict()
    assert other.load_state_dict(state) == ([], [])
    x = np.random.default_rng(0).normal(size=(3, 4))
    np.testing.assert_array_equal(net(x).data, other(x).data)
    state["scale"][:] = 7.0
    assert net.scale.data.tolist() == other.scale.data.tolist() == [1.0, 2.0, 3.0]
    assert {k: v.dtype for k, v in net.state_dict(prefix="net.").items()}["net.head.weight"] == np.float32


def test_state_of_pytorch_loads_and_gives_its_outputs(torch: Any, rng: np.random.Generator) -> None:
    theirs = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3)).double()
    ours = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)).double()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    x = rng.normal(size=(6, 5))
    np.testing.assert_allclose(ours(x).data, theirs(torch.tensor(x)).detach().numpy(), rtol=1e-12)
    theirs.load_state_dict({name: torch.tensor(value) for name, value in ours.state_dict().items()})


def test_state_survives_a_file(tmp_path: Any) -> None:
    net, other = Net(), Net()
    np.savez(tmp_path / "net.npz", **net.state_dict())  # type: ignore[arg-type]
    with np.load(tmp_path / "net.npz") as saved:
        other.load_state_dict(saved)
    np.testing.assert_array_equal(net.head.weight.data, other.head.weight.data)


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    before = net.state_dict()
    state = {
        "0.weight": np.ones((2, 3)),
        "0.bais": np.ones(2),
        "1.weight": np.ones((2, 2)),
        "1.bias": np.ones(1, complex),
        "2.weight": np.ones(1),
    }
    with pytest.raises(ValueError, match="load_state_dict of Sequential") as caught:
        net.load_state_dict(state)
    message = str(caught.value)
    assert "missing keys: 0.bias" in message
    assert "unexpected keys: 0.bais (did you mean 0.bias?), 2.weight" in message
    assert "shape of 1.weight: expected (1, 2), got (2, 2)" in message
    assert "dtype of 1.bias: complex128 cannot become float32" in message
    assert message.endswith("or leave out of the mapping what does not fit, with strict=False")
    for key, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[key])


def test_a_partial_state_loads_when_not_strict() -> None:
    net = nn.Linear(3, 2)
    result = net.load_state_dict({"bias": [1, 2], "extra": 0.0}, strict=False)
    assert result.missing_keys == ["weight"]
    assert result.unexpected_keys == ["extra"]
    assert net.state_dict()["bias"].tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match=r"shape of bias: expected \(2,\), got \(3,\);.* leave out of the mapping"):
        net.load_state_dict({"bias": np.ones(3)}, strict=False)
    with pytest.raises(ValueError, match=r"missing keys: weight; .*, or take what matches, with strict=False$"):
        net.load_state_dict({"bias": np.ones(2)})
    with pytest.raises(TypeError, match="expected a mapping of names to arrays, got list"):
        net.load_state_dict([1, 2])  # type: ignore[arg-type]


def test_a_graph_recorded_before_loading_is_refused_rather_than_mixed_with_the_new_values() -> None:
    net, other = (nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1)) for _ in range(2))
    loss = net(np.ones(3)).sum()
    net.load_state_dict(other.state_dict())
    with pytest.raises(RuntimeError, match="was changed after this operation was recorded"):
        loss.backward()
    assert net[0].weight.grad is None


# ---------------------------------------------------------------------------------------------------------------------
# Errors
# ---------------------------------------------------------------------------------------------------------------------


def test_a_typo_is_named_and_corrected() -> None:
    with pytest.raises(AttributeError, match=r"Linear has no attribute 'wieght'; did you mean 'weight'\?"):
        _ = nn.Linear(2, 1).wieght
    with pytest.raises(AttributeError, match=r"^Linear has no attribute 'qqq'$"):
        _ = nn.Linear(2, 1).qqq
    assert not hasattr(nn.ReLU(), "weight")


def test_forgetting_to_initialise_the_base_class() -> None:
    class Forgetful(nn.Module):
        def __init__(self, part: Any) -> None:
            self.part = part

    remedy = r"call super\(\).__init__\(\) first in Forgetful.__init__"
    with pytest.raises(AttributeError, match=rf"Forgetful: assigning Linear 'part' before Module.__init__.*{remedy}"):
        Forgetful(nn.Linear(2, 1))
    with pytest.raises(AttributeError, match=rf"Forgetful: assigning Tensor 'part' before Module.*{remedy}"):
        Forgetful(nn.Parameter(1.0))
    forgetful = Forgetful(3)
    with pytest.raises(AttributeError, match=rf"Forgetful: using '_scope' before.*{remedy}"):
        forgetful(1.0)
    with pytest.raises(AttributeError, match=remedy):
        list(forgetful.parameters())


def test_forward_must_be_defined() -> None:
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty has no forward method; define forward\(self, ...\)"):
        Empty()(1.0)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("scale", 1.0, "Net.scale is a parameter: cannot assign float; assign a Parameter or None"),
        ("scale", Tensor(1.0, requires_grad=False), "Net.scale is a parameter: cannot assign Tensor"),
        ("scale", Tensor(1.0) * 2, "Net.scale is a parameter: cannot assign Tensor"),
        ("head", abs, "Net.head is a module: cannot assign builtin_function_or_method; assign a Module or None"),
        ("mean", Tensor(1.0), r"Net: buffer 'mean' must be a constant, this one requires gradients.*use detach\(\)"),
    ],
)
def test_registered_attributes_keep_their_kind(name: str, value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        setattr(Net(), name, value)


def test_names_are_checked() -> None:
    net = Net()
    with pytest.raises(
        ValueError, match=r"register_parameter: a name must be a non-empty string without dots, got 'a.b'"
    ):
        net.register_parameter("a.b", None)
    with pytest.raises(ValueError, match="register_buffer: a name must be a non-empty string without dots, got ''"):
        net.register_buffer("", 0.0)
    with pytest.raises(ValueError, match="register_module: Net already has an attribute 'head'; choose another name"):
        net.register_module("head", nn.ReLU())
    with pytest.raises(ValueError, match="register_buffer: Net already has an attribute 'forward'"):
        net.register_buffer("forward", 0.0)
    with pytest.raises(TypeError, match="register_parameter 'x': expected a Parameter or None, got float"):
        net.register_parameter("x", 1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"Net: 'act' must be a Module, got the class ReLU; did you mean ReLU\(...\)?"):
        net.add_module("act", nn.ReLU)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="mode must be True or False, got 'no'"):
        net.train("no")  # type: ignore[arg-type]


def test_absent_parts_keep_their_place() -> None:
    net = nn.Module()
    net.register_parameter("late", None)
    net.register_parameter("early", nn.Parameter(1.0))
    net.register_buffer("later", None)
    assert list(net.state_dict()) == ["early"]
    net.late = nn.Parameter(2.0)
    net.later = 3.0
    assert list(net.state_dict()) == ["late", "early", "later"]


def test_a_parameter_stays_one_when_it_is_frozen_shared_or_copied() -> None:
    tied = nn.Linear(2, 2)
    tied.requires_grad_(False)

    class Tied(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = tied.weight

    assert list(Tied().state_dict()) == ["w"]
    assert isinstance(copy.deepcopy(nn.Parameter([1.0], requires_grad=False)), nn.Parameter)


def test_slices_of_a_sequence_keep_names_and_class() -> None:
    class Stack(nn.Sequential):
        pass

    part = Stack(nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 1))[1:]
    assert type(part) is Stack
    assert list(part.state_dict()) == ["2.weight", "2.bias"]


def test_parts_are_found_by_path() -> None:
    net = Net()
    assert net.get_submodule("") is net
    assert net.get_submodule("body.0") is net.body[0]
    assert net.get_parameter("body.0.weight") is net.body[0].weight
    assert net.get_parameter("scale") is net.scale
    assert net.get_buffer("mean") is net.mean
    with pytest.raises(AttributeError, match=r"Net has no attribute 'bdoy'; did you mean 'body'?"):
        net.get_submodule("bdoy.0")
    with pytest.raises(AttributeError, match="scale: 'scale' of Net is Tensor, not a module"):
        net.get_submodule("scale")
    with pytest.raises(AttributeError, match="mean: 'mean' of Net is Tensor, not a parameter"):
        net.get_parameter("mean")
    with pytest.raises(AttributeError, match=r"body.0.bias: 'bias' of Linear is Tensor, not a buffer"):
        net.get_buffer("body.0.bias")
    with pytest.raises(AttributeError, match="Linear has no attribute 'wieght'"):
        net.get_parameter("body.0.wieght")


def test_a_frozen_part_neither_gets_gradients_nor_moves() -> None:
    net = Net()
    net.body.requires_grad_(False)
    before = net.state_dict()
    net(np.ones((2, 4))).sum().backward()
    assert [name for name, p in net.named_parameters() if p.grad is not None] == ["scale", "head.weight"]
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    optimizer.step()
    moved = [name for name, value in net.state_dict().items() if not np.array_equal(value, before[name])]
    assert moved == ["scale", "head.weight"]


def test_no_module_is_a_part_of_itself() -> None:
    class Child(nn.Module):
        def __init__(self, parent: nn.Module) -> None:
            super().__init__()
            self.hidden = [parent]

    parent = nn.Module()
    parent.child = child = Child(parent)
    parent.layers = nn.ModuleList()
    for insert in (
        lambda: setattr(parent, "itself", parent),
        lambda: setattr(child, "parent", parent),
        lambda: parent.layers.append(parent),
        lambda: child.register_module("parent", parent),
    ):
        with pytest.raises(ValueError, match=r"a module cannot be a part of itself.*hold it in a list"):
            insert()
    assert [name for name, _ in parent.named_modules(remove_duplicate=False)] == ["", "child", "layers"]


def test_properties_are_pythons() -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = nn.Parameter(np.ones(2))

        @property
        def scale(self) -> Any:
            return self.held

        @scale.setter
        def scale(self, value: Any) -> None:
            self.held = value

        @property
        def fixed(self) -> Any:
            return self.missing

    module = Scaled()
    assert [name for name, _ in module.named_parameters()] == ["held"]
    assert module.scale is module.held
    with pytest.raises(AttributeError, match=r"Scaled has no attribute 'missing'"):
        module.fixed  # noqa: B018
    with pytest.raises(AttributeError, match=r"no setter|can't set"):
        module.fixed = nn.Parameter(1.0)  # type: ignore[misc]
    assert list(module.state_dict()) == ["held"]


def test_values_that_are_no_arrays_are_named(torch: Any) -> None:
    net, theirs = nn.Linear(2, 1), torch.nn.Linear(2, 1)
    for wrong in ([[1.0], [2.0, 3.0]], theirs.weight, theirs.weight.detach().bfloat16()):
        with pytest.raises(ValueError, match=r"load_state_dict of Linear: unexpected keys: 3; value of weight: .+"):
            net.load_state_dict({"weight": wrong, "bias": [0.0], 3: 1.0})  # type: ignore[dict-item]


def test_a_shallow_copy_has_the_same_parts_and_new_ones_of_its_own() -> None:
    module = nn.Linear(2, 1)
    twin = copy.copy(module)
    assert twin.weight is module.weight
    twin.extra = nn.Parameter(1.0)
    assert list(module.state_dict()) == ["weight", "bias"]
    assert list(twin.state_dict()) == ["weight", "bias", "extra"]
