"""Drawings inside a page, in a real browser."""

import re

import pytest
import viz_graphs as graphs

import viz
from viz.themes import THEMES


def colours(page, selector):
    script = "found => found.map(e => getComputedStyle(e).fill)"
    return {
        "#" + "".join(f"{int(x):02x}" for x in re.findall(r"\d+", c))
        for c in page.eval_on_selector_all(selector, script)
    }


@pytest.mark.parametrize("row", [12, 0])
def test_several_drawings_in_one_page_keep_their_colours(visit, monkeypatch, row):
    monkeypatch.setattr("viz.drawing.ROW", row)  # 0: our own layout, which has style sheets
    f = graphs.sigmoid_example()
    f.backward()
    figures = "".join(f'<div id="{name}">{viz.draw(f, theme=name).svg}</div>' for name in THEMES)
    page = visit(f'<!doctype html><html data-ready><meta charset="utf-8"><body><p class="gradient">x</p>{figures}')
    for name, theme in THEMES.items():
        assert {theme.value, theme.gradient, theme.ink} <= colours(page, f"#{name} text") | colours(
            page, f"#{name} tspan"
        )
        others = {c for other in THEMES.values() if other is not theme for c in (other.value, other.gradient)}
        assert not others & colours(page, f"#{name} text")
    assert colours(page, "p.gradient") == {"#000000"}  # nor is the page touched
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == page.evaluate(
        "document.querySelectorAll('[id]').length"
    )
