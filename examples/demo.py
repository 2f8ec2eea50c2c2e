"""Draw a computation step by step, then train a small network on real data and draw that too.

python examples/demo.py [--out DIR] [--seed N] [--epochs N]
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from string import ascii_lowercase

import numpy as np
from numpy import ndarray
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits
from tqdm import tqdm

import autograd
import nn
import optim
import viz
from autograd import Tensor
from autograd.forward import nodes_of
from autograd.primitives import ONE
from autograd.reverse import trace

#: What the trained network must reach on the images it has not seen.
GOAL = 0.97

Array = ndarray[tuple[int, ...], np.dtype[np.float32]]
Labels = ndarray[tuple[int, ...], np.dtype[np.int64]]


# ---------------------------------------------------------------------------------------------------------------------
# One neuron, gate by gate
# ---------------------------------------------------------------------------------------------------------------------


def sigmoid_neuron() -> Tensor:
    """Compute f = 1 / (1 + exp(-(w0 x0 + w1 x1 + w2))) from its smallest gates, at the values of CS231n's notes."""
    w0, x0 = Tensor(2.0, name="w0"), Tensor(-1.0, name="x0")
    w1, x1 = Tensor(-3.0, name="w1"), Tensor(-2.0, name="x1")
    w2 = Tensor(-3.0, name="w2")
    f: Tensor = 1.0 / (1.0 + autograd.exp(-(w0 * x0 + w1 * x1 + w2)))
    return f


def show_forward(f: Tensor) -> None:
    """Print what every gate computes, inputs before results."""
    names = names_of(f)
    print("Forward: each gate computes one value from its inputs.\n")
    for node in nodes_of(f):
        numbers = [f"{number(x):.4f}" for x in node.inputs]
        rule = gate(node, [text(x, names) for x in node.inputs])
        print(f"  {names[node]} = {rule:<13} = {gate(node, numbers):<18} = {node.item():8.4f}")


def show_backward(f: Tensor) -> None:
    """Print what every gate sends back to each input, and the gradients these add up to."""
    names = names_of(f)
    backward = trace(f)
    print(
        "\nBackward: starting from df/df = 1, each gate sends every input (gradient from above) × (local derivative).\n"
    )
    for node in reversed(nodes_of(f)):
        assert node.primitive is not None
        rule = gate(node, [text(x, names) for x in node.inputs])
        values = [number(x) for x in node.inputs]
        upstream = backward.cotangents[node]
        for i, (x, partial) in enumerate(zip(node.inputs, node.primitive.partials, strict=True)):
            if (node, i) in backward.wires:
                local = 1.0 if partial is ONE else partial(*values, node.item())
                sent = backward.wires[node, i]
                print(
                    f"  {names[node]} = {rule:<13} to {text(x, names):>2}: {upstream:8.4f} × {local:8.4f} = {sent:8.4f}"
                )
    print("\nSo the gradients of the inputs are")
    leaves = {x.name: g for x, g in backward.cotangents.items() if x.is_leaf}
    print("  " + ",  ".join(f"df/d{name} = {leaves[name]:.4f}" for name in sorted(leaves, key=str)))


def names_of(f: Tensor) -> dict[Tensor, str]:
    """Letters for the intermediate results, f for the last."""
    nodes = nodes_of(f)
    letters = (letter for letter in ascii_lowercase if letter not in "f")
    return {**dict(zip(nodes, letters, strict=False)), f: "f"}


def text(x: object, names: dict[Tensor, str]) -> str:
    """An input of a gate as it is called: by its name, its letter, or its constant value."""
    return x.name or names[x] if isinstance(x, Tensor) else f"{x:g}"


def number(x: object) -> float:
    """The value of an input of a scalar gate."""
    return float(x.item()) if isinstance(x, Tensor) else float(str(x))


def gate(node: Tensor, inputs: list[str]) -> str:
    """A gate applied to its inputs, the way it is written by hand."""
    assert node.primitive is not None
    if len(inputs) == 2:
        return f"{inputs[0]} {node.primitive.symbol} {inputs[1]}"
    return f"{node.primitive.name}({', '.join(inputs)})"


# ---------------------------------------------------------------------------------------------------------------------
# A network for handwritten digits
# ---------------------------------------------------------------------------------------------------------------------


@dataclass
class Digits:
    """Images of handwritten digits, 8 by 8 pixels, flattened and scaled to 0..1, with the digit that each shows."""

    train_images: Array
    test_images: Array
    train_labels: Labels
    test_labels: Labels

    @classmethod
    def load(cls) -> Digits:
        """Keep a fifth apart for testing, the same in every run, with every digit as frequent there as elsewhere."""
        images, labels = load_digits(return_X_y=True)
        images = (images / 16).astype(np.float32)  # pixels count to 16
        return cls(*train_test_split(images, labels, test_size=0.2, stratify=labels, random_state=0))


def build(seed: int) -> nn.Sequential:
    """Make a network of two hidden layers, from 64 pixels to a score for each of 10 digits."""
    nn.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))


def accuracy(model: nn.Module, images: Array, labels: Labels) -> float:
    """The share of images whose highest score is that of their digit."""
    with autograd.no_grad():
        scores = model(images)
    return float((scores.data.argmax(axis=1) == labels).mean())


def train(model: nn.Module, digits: Digits, *, seed: int, epochs: int) -> list[tuple[int, float, float]]:
    """Train with Adam, and return (epoch, mean loss, test accuracy) for every epoch.

    The learning rate falls in a line from 0.002 towards 0, and a tenth of each target is spread over all digits, so
    that the network does not become too sure of the images it has seen.
    """
    loader = nn.DataLoader(digits.train_images, digits.train_labels, batch_size=32, shuffle=True, seed=seed)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = optim.Adam(model.parameters(), lr=2e-3)
    history = []
    with tqdm(range(epochs), desc="training", unit="epoch") as bar:
        for epoch in bar:
            optimizer.param_groups[0]["lr"] = 2e-3 * (1 - epoch / epochs)
            losses = []
            for images, labels in loader:
                optimizer.zero_grad()
                loss = criterion(model(images), labels)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            reached = accuracy(model, digits.test_images, digits.test_labels)
            history.append((epoch + 1, float(np.mean(losses)), reached))
            bar.set_postfix(loss=f"{history[-1][1]:.4f}", test_accuracy=f"{reached:.1%}", refresh=False)
    return history


# ---------------------------------------------------------------------------------------------------------------------
# The program
# ---------------------------------------------------------------------------------------------------------------------


def positive(argument: str) -> int:
    """Read a command line argument that counts something."""
    value = int(argument)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {value}")
    return value


def not_negative(argument: str) -> int:
    """Read a command line argument that may be 0."""
    value = int(argument)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must not be negative, got {value}")
    return value


def main() -> int:
    """Run the demo; the exit status is 0 if the network reached its goal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--out", type=Path, default=Path("out"), metavar="DIR", help="folder for the files (%(default)s)"
    )
    parser.add_argument("--seed", type=not_negative, default=0, metavar="N", help="of weights and order (%(default)s)")
    parser.add_argument("--epochs", type=positive, default=40, metavar="N", help="passes over the data (%(default)s)")
    options = parser.parse_args()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without × still gets its numbers
    out: Path = options.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        parser.error(f"--out {out} is a file; give a folder")
    files: list[tuple[Path, str]] = []

    print("1. One neuron: f = 1 / (1 + exp(-(w0·x0 + w1·x1 + w2)))\n")
    f = sigmoid_neuron()
    show_forward(f)
    f.backward()
    show_backward(f)
    files.append((viz.draw(f).save(out / "sigmoid.svg"), "the neuron, every value and gradient on its wires"))

    digits = Digits.load()
    print(
        f"\n2. A network for handwritten digits: trained on {len(digits.train_labels)} images, tested on "
        f"{len(digits.test_labels)} others\n"
    )
    model = build(options.seed)
    print(f"{model}\n", flush=True)
    start = time.perf_counter()
    # One core multiplies matrices this small sooner than several share them out, most of all if those are busy.
    with threadpool_limits(limits=1, user_api="blas"):
        history = train(model, digits, seed=options.seed, epochs=options.epochs)
    seconds = time.perf_counter() - start
    reached = history[-1][2]
    print(f"\nTest accuracy {reached:.2%} after {len(history)} epochs in {seconds:.1f} s.")

    weights = out / "mlp.npz"
    np.savez(weights, **model.state_dict())  # type: ignore[arg-type]  # NumPy's stubs think of allow_pickle alone
    files.append((weights, "the trained weights: model.load_state_dict(np.load(...))"))
    table = out / "history.csv"
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["epoch", "loss", "test_accuracy"])
        writer.writerows(history)
    files.append((table, "loss and test accuracy of every epoch"))
    images = Tensor(digits.test_images[:32], requires_grad=False, name="images")
    loss = nn.CrossEntropyLoss()(model(images), digits.test_labels[:32])
    loss.backward()
    drawing = viz.draw(loss, collapse=True)
    files.append((drawing.save(out / "mlp.svg"), "the network's graph for one mini-batch, a gate for each module"))

    print("\n3. The files\n")
    for path, meaning in files:
        print(f"  {path.resolve()}\n      {meaning}")
    if reached < GOAL:
        print(f"\nThe network did not reach {GOAL:.0%}: train longer, see --epochs.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
