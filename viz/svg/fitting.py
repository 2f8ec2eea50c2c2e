"""The size that a drawing has on the page of a notebook."""

from __future__ import annotations

import re

__all__ = ["for_page"]

#: Width of a page, in pixels: what notebooks leave for outputs on a small screen, and what documentation leaves.
PAGE = 720.0
#: What a unit of a drawing is at least, in pixels: ordinary text, of 12 units, can be read.
LEAST = 0.75

_SIZE = re.compile(
    r'(<svg\b[^>]*?) width="[\d.]+(pt)?" height="[\d.]+(?:pt)?"(\s+)viewBox="0(?:\.0+)? 0(?:\.0+)? ([\d.]+) ([\d.]+)"'
)


def for_page(svg: str) -> str:
    """The drawing so small that it fits on a page, as far as it can be read then.

    Notebooks show SVG as pictures of their nominal size, and do not make them smaller where there is less room.

    Parameters
    ----------
    svg
        An ``<svg>`` element with a size and a ``viewBox`` from 0, 0.

    Examples
    --------
    >>> for_page('<svg width="600pt" height="300pt" viewBox="0 0 600 300">')
    '<svg width="720" height="360" viewBox="0 0 600 300">'
    >>> for_page('<svg width="2000" height="100" viewBox="0 0 2000 100">')
    '<svg width="1500" height="75" viewBox="0 0 2000 100">'
    >>> for_page('<svg width="300pt" height="150pt" viewBox="0 0 300 150">')
    '<svg width="300pt" height="150pt" viewBox="0 0 300 150">'
    """
    found = _SIZE.match(svg)
    if found is None:
        return svg
    width, height = float(found[4]), float(found[5])
    nominal = 4 / 3 if found[2] else 1.0
    unit = max(PAGE / width, LEAST)
    if unit >= nominal:
        return svg
    size = f' width="{unit * width:.4g}" height="{unit * height:.4g}"'
    return f'{found[1]}{size}{found[3]}viewBox="0 0 {found[4]} {found[5]}"{svg[found.end() :]}'
