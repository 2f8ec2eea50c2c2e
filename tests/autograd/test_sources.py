"""Lines of the user's program."""

from __future__ import annotations

import copy
import pickle

from autograd import Tensor, detect_anomaly
from autograd.sources import Place, Source, _shown, callers_frame, place_of, source_of


def test_cells_of_notebooks_are_known_by_their_number() -> None:
    assert _shown("<ipython-input-12-0a1b2c>") == "In[12]"
    assert _shown("/tmp/ipykernel_4242/123456.py") == "a cell"
    assert _shown("/elsewhere/model.py") == "/elsewhere/model.py"


def test_places_hold_no_frames_and_are_not_copied() -> None:
    def place() -> Place | None:
        return place_of(callers_frame())

    found = place()
    assert isinstance(found, Place)
    assert str(found).startswith("test_sources.py:")
    assert found.source().text == "return place_of(callers_frame())"
    assert pickle.loads(pickle.dumps(found)) is None
    assert copy.deepcopy(found) is None


def test_a_source_reads_as_file_line_and_code() -> None:
    assert str(Source("model.py", 12, "forward", "h = x @ w")) == "model.py:12: h = x @ w"
    assert str(Source("<string>", 2, "", "")) == "<string>:2"


def test_the_line_is_noted_on_results_and_leaves_and_not_copied() -> None:
    with detect_anomaly():
        x = Tensor([1.0], name="x")
        y = x * 2.0
    found = source_of(y)
    assert found is not None
    assert found.text == "y = x * 2.0"
    assert source_of(x).text == 'x = Tensor([1.0], name="x")'
    assert source_of(copy.deepcopy(x)) is None
    assert source_of(x * 2.0) is None
