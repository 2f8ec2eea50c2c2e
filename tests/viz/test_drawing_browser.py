"""Drawings inside a page, in a real browser."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import hostile
import pytest
import viz_graphs as graphs

import viz
from viz.svg import to_svg
from viz.svg.cascade import styles
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


@pytest.mark.parametrize("theme", THEMES)
def test_style_sheets_are_read_for_print_as_a_browser_reads_them(visit, theme):
    f = graphs.arrays()
    f.backward()
    marked = hostile.everywhere("x")
    detached = replace(marked, nodes=(*marked.nodes[:1], replace(marked.nodes[1], kind="detached"), *marked.nodes[2:]))
    for graph in (marked, detached, viz.draw(f, locals=True, overlay="gradients").graph):
        svg = to_svg(graph, theme=theme)
        page = visit(f'<!doctype html><html data-ready><meta charset="utf-8"><body>{svg}')
        seen = page.evaluate(
            """() => [...document.querySelectorAll('svg, svg *')].map(e => {
                const style = getComputedStyle(e)
                return [e.tagName, style.fill, style.stroke, style.strokeWidth, style.strokeDasharray, style.fontStyle]
            })"""
        )
        read = styles(ElementTree.fromstring(svg))
        assert [e.tag.split("}")[1] for e, _ in read] == [name for name, *_ in seen]
        for (element, style), (name, fill, stroke, width, dashes, slant) in zip(read, seen, strict=True):
            if name in ("rect", "circle", "path"):
                assert colour(stroke) == style.get("stroke", "none"), ElementTree.tostring(element)
                assert colour(fill) == style.get("fill", "#000000")
                if stroke != "none":
                    assert float(width.removesuffix("px")) == float(style.get("stroke-width", 1))
                    assert re.findall(r"[\d.]+", dashes) == style.get("stroke-dasharray", "").split()
            elif name in ("text", "tspan"):
                assert colour(fill) == style["fill"]
                assert slant == style.get("font-style", "normal")


def colour(computed):
    """What a browser calls ``rgb(1, 2, 3)``, as it stands in a style sheet."""
    return "#" + "".join(f"{int(x):02x}" for x in re.findall(r"\d+", computed)) if "rgb" in computed else computed
