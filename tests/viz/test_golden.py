"""The DOT text of a few graphs, compared with files that were looked at.

After a change that is meant, write them anew with ``python tests/viz/test_golden.py``, and look at the difference and
at the drawings themselves.
"""

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
    "sigmoid_one_gate": lambda: viz.draw(passed(graphs.sigmoid_example(one_gate=True))),
    "fork": lambda: viz.draw(passed(graphs.fork())),
    "network": lambda: viz.draw(passed(graphs.network())),
    "network_collapsed": lambda: viz.draw(passed(graphs.network()), collapse=True),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_dot_text_is_the_golden_one(name):
    assert DRAWINGS[name]().source == (GOLDEN / f"{name}.dot").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing_twice_gives_the_same_text(name):
    assert DRAWINGS[name]().source == DRAWINGS[name]().source


if __name__ == "__main__":
    for name, drawing in DRAWINGS.items():
        (GOLDEN / f"{name}.dot").write_text(drawing().source, encoding="utf-8")
