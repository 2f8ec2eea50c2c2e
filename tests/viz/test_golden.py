"""Drawings of a few graphs as text, compared with files that were looked at.

After a change that is meant, write them anew with ``python tests/viz/test_golden.py``, and look at the difference and
at the drawings themselves.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import viz_graphs as graphs

import viz

GOLDEN = Path(__file__).parent / "golden"


def passed(t):
    t.backward()
    return t


DRAWINGS = {
    "sigmoid_before": lambda: viz.draw(graphs.sigmoid_example()),
    "sigmoid": lambda: viz.draw(passed(graphs.sigmoid_example())),
    "sigmoid_dark_locals": lambda: viz.draw(passed(graphs.sigmoid_example()), theme="dark", locals=True),
    "sigmoid_one_gate": lambda: viz.draw(passed(graphs.sigmoid_example(one_gate=True))),
    "sigmoid_expanded": lambda: viz.draw(passed(graphs.sigmoid_example(one_gate=True)), expand="sigmoid"),
    "fork": lambda: viz.draw(passed(graphs.fork())),
    "arrays": lambda: viz.draw(passed(graphs.arrays()), locals=True),
    "complex": lambda: viz.draw(passed(graphs.complex_numbers()), locals=True),
    "network": lambda: viz.draw(passed(graphs.network())),
    "network_collapsed": lambda: viz.draw(passed(graphs.network()), collapse=True),
    "blocks": lambda: viz.draw(passed(graphs.blocks(12)), repeats=True, theme="print"),
}
FORMATS = {"dot": lambda drawing: drawing.source, "mmd": lambda drawing: drawing.mermaid, "txt": lambda d: f"{d}\n"}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", DRAWINGS)
def test_text_is_the_golden_one(name, kind):
    assert FORMATS[kind](DRAWINGS[name]()) == (GOLDEN / f"{name}.{kind}").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing_twice_gives_the_same_text(name):
    first, second = DRAWINGS[name](), DRAWINGS[name]()
    assert [write(first) for write in FORMATS.values()] == [write(second) for write in FORMATS.values()]


PROGRAM = """
import numpy as np, nn, viz
from autograd import Tensor
model = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0)
for i, p in enumerate(model.parameters()):
    p.data = np.linspace(-1, 1 + i, p.size).reshape(p.shape).astype(p.dtype)
loss = (model(np.linspace(-1, 1, 40).reshape(1, 5, 8).astype(np.float32)) ** 2).mean()
for options in ({}, {"expand": True, "locals": True}, {"depth": 1}, {"overlay": "findings"}):
    drawing = viz.draw(loss, gradients=True, **options)
    print(drawing, drawing.source, drawing.svg, drawing.mermaid, drawing.trace.to_json(), sep="\\n")
"""


def test_another_process_draws_the_same_to_the_last_byte():
    written = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert written[0] == written[1]
    assert len(written[0]) > 100_000


if __name__ == "__main__":
    for name, drawing in DRAWINGS.items():
        for kind, write in FORMATS.items():
            (GOLDEN / f"{name}.{kind}").write_text(write(drawing()), encoding="utf-8")
