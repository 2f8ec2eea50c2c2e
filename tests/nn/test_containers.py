"""Lists and dictionaries of modules and parameters."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Tensor
from nn.models import MLP


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(2)])
        self.heads = nn.ModuleDict({"a": nn.Linear(3, 1), "b": nn.Linear(3, 2)})
        self.scales = nn.ParameterList([np.ones(3, np.float32), nn.Parameter(2.0)])
        self.named = nn.ParameterDict({"shift": nn.Parameter([1.0, 2.0])})

    def forward(self, x: Any, head: str) -> Any:
        for layer, scale in zip(self.layers, self.scales, strict=True):
            x = layer(x) * scale
        return self.heads[head](x)


def test_what_containers_hold_is_found_under_pytorchs_keys(torch: Any) -> None:
    class Theirs(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layers = torch.nn.ModuleList([torch.nn.Linear(3, 3) for _ in range(2)])
            self.heads = torch.nn.ModuleDict({"a": torch.nn.Linear(3, 1), "b": torch.nn.Linear(3, 2)})
            self.scales = torch.nn.ParameterList([torch.ones(3), torch.tensor(2.0)])
            self.named = torch.nn.ParameterDict({"shift": torch.tensor([1.0, 2.0])})

    theirs, ours = Theirs(), Net()
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in theirs.named_modules()]
    theirs.layers.append(torch.nn.ReLU())
    ours.layers.append(nn.ReLU())
    for name in ("layers", "heads"):
        assert repr(getattr(ours, name)) == repr(getattr(theirs, name))
    assert repr(nn.ModuleList()) == repr(torch.nn.ModuleList())


def test_gradients_reach_what_containers_hold() -> None:
    net = Net()
    net(np.ones((2, 3)), "b").sum().backward()
    without = [name for name, p in net.named_parameters() if p.grad is None]
    assert without == ["heads.a.weight", "heads.a.bias", "named.shift"]


def test_scopes_say_which_list_a_module_is_in() -> None:
    net = Net()
    assert net(np.ones(3), "a").scope == ("Net", "heads.a: Linear")
    assert net.layers[1](np.ones(3)).scope == ("layers.1: Linear",)
    net.layers.insert(0, nn.Linear(3, 3))
    assert [layer(np.ones(3)).scope[0] for layer in net.layers] == [f"layers.{i}: Linear" for i in range(3)]
    del net.layers[0]
    assert [layer(np.ones(3)).scope[0] for layer in net.layers] == [f"layers.{i}: Linear" for i in range(2)]

    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.grid = nn.ModuleList([nn.ModuleList([nn.Linear(1, 1)]), nn.ModuleDict({"x": nn.ReLU()})])
            self.mine = nn.ModuleList([first])

    first = nn.Tanh()
    nn.Sequential(nn.ReLU(), first)
    deep = Deep()
    assert deep.grid[0][0](np.ones(1)).scope == ("grid.0.0: Linear",)
    assert deep.grid[1]["x"](Tensor(1.0)).scope == ("grid.1.x: ReLU",)
    assert deep.mine[0](Tensor(1.0)).scope == ("1: Tanh",)  # the first name it got


@pytest.mark.parametrize("kind", [nn.Sequential, nn.ModuleList, nn.ParameterList])
@given(data=st.data())
def test_lists_change_like_lists(kind: Any, data: st.DataObject) -> None:
    def item() -> Any:
        return nn.Parameter(1.0) if kind is nn.ParameterList else nn.Identity()

    expected = [item() for _ in range(data.draw(st.integers(0, 4)))]
    container = kind(*expected) if kind is nn.Sequential else kind(expected)
    for _ in range(4):
        n = len(expected)
        index = data.draw(st.integers(-n - 1, n))
        part = slice(*sorted(data.draw(st.tuples(st.integers(0, n), st.integers(0, n)))))
        new = [item() for _ in range(data.draw(st.integers(0, 2)))]
        given = item()
        change = data.draw(st.sampled_from(["insert", "pop", "extend", "append", "set", "set part", "del", "del part"]))
        for held in (expected, container):
            try:
                if change == "insert":
                    held.insert(index, given)
                elif change == "pop":
                    held.pop(index)
                elif change == "extend":
                    held += new
                elif change == "append":
                    for x in new:
                        held.append(x)
                elif change == "set":
                    held[index] = given
                elif change == "set part":
                    held[part] = new
                elif change == "del":
                    del held[index]
                else:
                    del held[part]
            except IndexError:
                pass
        assert [id(x) for x in container] == [id(x) for x in expected]
        names = container.named_parameters() if kind is nn.ParameterList else container.named_children()
        assert len(container) == len(expected)
        assert [name for name, _ in names] == [str(i) for i in range(len(expected))]
        assert container[part] is not container
        assert [id(x) for x in container[part]] == [id(x) for x in expected[part]]


def test_sequences_add_up() -> None:
    a, b = nn.Sequential(nn.Linear(2, 3)), nn.Sequential(nn.ReLU(), nn.Linear(3, 1))
    both = a + b
    assert type(both) is nn.Sequential
    assert list(both) == [*a, *b]
    assert len(a) == 1
    a += b
    assert list(a) == list(both)
    assert a(np.ones(2)).shape == (1,)
    assert list(nn.ModuleList([nn.ReLU()]) + nn.ModuleList([nn.ReLU()]))[1] is not None


def test_names_that_are_no_numbers_stay() -> None:
    net = nn.Sequential({"in": nn.Linear(2, 2), "act": nn.ReLU(), "out": nn.Linear(2, 1)})
    net.insert(1, nn.Tanh())
    assert [name for name, _ in net.named_children()] == ["in", "1", "act", "out"]
    del net[0]
    net[0] = nn.Sigmoid()
    net.append(nn.Identity())
    assert [name for name, _ in net.named_children()] == ["0", "act", "out", "3"]
    assert type(net.pop(1)) is nn.ReLU
    assert [name for name, _ in net.named_children()] == ["0", "out", "2"]
    tail = nn.Sequential(nn.ReLU(), nn.ReLU(), nn.Tanh())[1:]
    tail.append(nn.Tanh())
    assert [name for name, _ in tail.named_children()] == ["1", "2", "3"]


def test_a_part_of_a_network_with_a_constructor_of_its_own_is_a_sequential() -> None:
    class Named(nn.Sequential):
        """Made as its base is."""

    net = MLP(2, 8, 2, 1, activation=nn.Tanh)
    hidden = net[:4]
    assert type(hidden) is nn.Sequential
    assert list(hidden) == list(net)[:4]
    x = np.ones((3, 2), np.float32)
    np.testing.assert_array_equal(net[4](hidden(x)).data, net(x).data)
    longer = net + nn.Sequential(nn.Sigmoid())
    assert [type(module) for module in longer][-2:] == [nn.Linear, nn.Sigmoid]
    assert len(net) == 5
    assert type(Named(nn.ReLU(), nn.Tanh())[1:]) is Named


def test_a_failed_change_changes_nothing() -> None:
    net = nn.Sequential(nn.ReLU(), nn.Tanh())
    before = list(net)
    for change in (
        lambda: net.insert(0, 3),
        lambda: net.extend([nn.ReLU(), abs]),
        lambda: net.__setitem__(0, None),
        lambda: net.__setitem__(slice(0, 2), [nn.ReLU(), 1]),
    ):
        with pytest.raises(TypeError, match="must be a Module"):
            change()
        assert list(net) == before
    with pytest.raises(TypeError, match="'str' object cannot be interpreted as an integer"):
        net["0"]
    with pytest.raises(IndexError, match="Sequential: index 2 is out of range for 2 modules"):
        net.pop(2)
    with pytest.raises(IndexError, match="ParameterList: index -1 is out of range for 0 parameters"):
        nn.ParameterList()[-1]


def test_dictionaries_are_dictionaries() -> None:
    for empty, item in ((nn.ModuleDict, nn.ReLU), (nn.ParameterDict, lambda: nn.Parameter(1.0))):
        a, b, c = item(), item(), item()
        held = empty([("a", a)])
        held["b"] = b
        held.update({"c": c})
        assert list(held) == list(held.keys()) == ["a", "b", "c"]
        assert [v is w for v, w in zip(held.values(), (a, b, c), strict=True)] == [True] * 3
        assert held["b"] is b
        assert "b" in held
        assert "training" not in held
        assert held.pop("b") is b
        held["a"] = c
        assert held["a"] is c
        assert len(held) == 2
        assert held.get("b") is None
        with pytest.raises(KeyError, match="has no key 'b'; there are 'a', 'c'"):
            held["b"]
        with pytest.raises(KeyError, match="has no key 'forward'"):
            del held["forward"]
        for wrong in ("a.b", "", "keys", "training"):
            with pytest.raises(ValueError, match=r"a name must be|already has an attribute"):
                held[wrong] = item()
        held.clear()
        assert list(held) == []
        assert held != empty()
        assert hash(held) == hash(held)


def test_containers_hold_only_what_they_should() -> None:
    with pytest.raises(TypeError, match="ModuleList: '1' must be a Module, got the class ReLU; did you mean ReLU"):
        nn.ModuleList([nn.ReLU(), nn.ReLU])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="ModuleDict: 'x' must be a Module, got int"):
        nn.ModuleDict({"x": 3})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match=r"ParameterList: '0' must be a Parameter, got a constant tensor \(1.0\); make"):
        nn.ParameterList([Tensor(1.0, requires_grad=False)])
    with pytest.raises(TypeError, match="ParameterDict: 'x' must be a Parameter, got a result tensor"):
        nn.ParameterDict({"x": Tensor(1.0) * 2})
    with pytest.raises(TypeError, match="ParameterDict: 'x' must be a Parameter or numbers, got str"):
        nn.ParameterDict({"x": "text"})
    frozen = nn.ParameterList([nn.Parameter(1.0, requires_grad=False)])
    assert list(frozen.state_dict()) == ["0"]
    for container in (nn.ModuleList(), nn.ModuleDict()):
        with pytest.raises(NotImplementedError, match="only holds modules and cannot be called"):
            container(1.0)


def test_a_dictionary_of_modules_is_one_module_to_a_sequence() -> None:
    held = nn.ModuleDict({"a": nn.ReLU()})
    assert [name for name, _ in nn.Sequential(held).named_modules()] == ["", "0", "0.a"]


def test_copies_are_independent() -> None:
    net = Net()
    twin = copy.deepcopy(net)
    assert repr(twin) == repr(net)
    twin.layers.append(nn.ReLU())
    twin.heads["a"].weight.assign_raw(np.zeros((1, 3), np.float32))
    assert len(net.layers) == 2
    assert net.heads["a"].weight.data.any()
