"""The graphs that the tests draw."""

import numpy as np

from autograd import Tensor, absolute, concatenate, exp, fft, real, scope, sigmoid, where

INPUTS = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}


def sigmoid_example(one_gate=False):
    w0, x0, w1, x1, w2 = (Tensor(value, name=name) for name, value in INPUTS.items())
    s = w0 * x0 + w1 * x1 + w2
    return sigmoid(s) if one_gate else 1 / (1 + exp(-s))


def fork():
    x = Tensor(3.0, name="x")
    y = (x * x + x) * 2
    y.name = "y"
    return y


def network():
    x = Tensor(np.linspace(-1, 1, 12).reshape(4, 3), requires_grad=False, name="x")
    w1 = Tensor(np.linspace(-1, 1, 6).reshape(3, 2), name="w1")
    w2 = Tensor(np.array([[1.0], [-2.0]]), name="w2")
    with scope("Net"):
        with scope("0: Linear"):
            h = x @ w1 + Tensor(np.array([0.5, -0.5]), name="b")
        with scope("1: Tanh"):
            h = h.tanh()
        with scope("2: Linear"):
            out = h @ w2
    with scope("MSE"):
        loss = ((out - np.ones((4, 1))) ** 2).mean()
    loss.name = "loss"
    return loss


def arrays():
    """Arrays with both signs, broadcasting, many inputs, a detached input, a variable that no gradient reaches."""
    W = Tensor(np.linspace(-1, 1, 24).reshape(4, 6), name="W")
    b = Tensor(np.linspace(0, 1, 6), name="b")
    c = Tensor(np.tile([1.0, 0.0], 3), name="c")
    h = where(c, W * b, W.detach() + b)
    return concatenate([h, h, W, W * 0.5]).sum()


def complex_numbers():
    """A real number turns complex ones, which end in a real loss."""
    angle = Tensor(0.75, name="angle")
    z = Tensor(1 + 2j, name="z")
    w = Tensor(np.array([0.5 - 1j, 2.0 + 0.25j]), name="w")
    turned = z * w * exp(angle * 1j)
    turned.name = "turned"
    loss = (absolute(fft(turned)) * np.array([1.0, 3.0]) + real(turned)).sum()
    loss.name = "loss"
    return loss


def blocks(count):
    y = Tensor(np.ones((2, 3)), name="x")
    for i in range(count):
        w = Tensor(np.full((3, 3), 0.1 * (i + 1)), name=f"layers.{i}.w")
        with scope(f"layers.{i}: Block"):
            y = (y @ w).tanh() + y
    return y.sum()
