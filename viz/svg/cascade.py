"""How the elements of our own SVG look: a reader of the style sheets that :mod:`viz.svg.styles` writes."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree import ElementTree

__all__ = ["SVG", "Styled", "styles"]

#: What names of elements begin with.
SVG = "{http://www.w3.org/2000/svg}"
#: Elements, each with its properties.
Styled = list[tuple[ElementTree.Element, dict[str, str]]]


def styles(root: ElementTree.Element) -> Styled:
    """Say of every element, in the order of the document, what the style sheet says of it.

    Examples
    --------
    >>> from viz import draw
    >>> from viz.svg import to_svg
    >>> from autograd import Tensor
    >>> found = styles(ElementTree.fromstring(to_svg(draw(Tensor(3.0)).graph, theme="light")))
    >>> [style["fill"] for element, style in found if element.text == "3.00"]
    ['#00785a']
    """
    rules = _rules("".join(sheet.text or "" for sheet in root.iter(f"{SVG}style")))
    known: dict[_Path, dict[str, str]] = {}
    found: Styled = []
    pending: list[tuple[ElementTree.Element, _Path]] = [(root, ())]
    while pending:
        element, path = pending.pop()
        path = (*path, (element.tag.removeprefix(SVG), frozenset((element.get("class") or "").split())))
        if path not in known:
            inherited = known[path[:-1]] if path[-1][0] == "tspan" else {}
            known[path] = {**inherited, **_declared(rules, path)}
        found.append((element, known[path]))
        pending += [(child, path) for child in reversed(element)]
    return found


def _declared(rules: list[_Rule], path: _Path) -> dict[str, str]:
    style: dict[str, str] = {}
    for rule in rules:
        if rule.applies(path):
            style |= rule.declarations
    return style


#: An element and those around it, from the outermost: the name and the classes of each.
_Path = tuple[tuple[str, frozenset[str]], ...]


#: In a selector: unless it lies in an element of this class.
_OUTSIDE = re.compile(r":not\(\.(\w+) \*\)")


class _Rule(NamedTuple):
    weight: tuple[int, int]
    steps: tuple[tuple[str, frozenset[str]], ...]
    outside: str
    declarations: dict[str, str]

    def applies(self, path: _Path) -> bool:
        """Whether the last step is the element, and the others come in this order around it."""
        if self.outside and any(self.outside in classes for _, classes in path[:-1]):
            return False
        *around, last = self.steps
        if not _fits(last, path[-1]):
            return False
        outer = iter(path[:-1])
        return all(any(_fits(step, element) for element in outer) for step in around)


def _fits(step: tuple[str, frozenset[str]], element: tuple[str, frozenset[str]]) -> bool:
    return (not step[0] or step[0] == element[0]) and step[1] <= element[1]


def _rules(sheet: str) -> list[_Rule]:
    """Read a style sheet, the rules that win last."""
    found = []
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        declarations = dict(declaration.split(":", 1) for declaration in body.split(";"))
        for selector in selectors.split(","):
            outside = _OUTSIDE.search(selector)
            words = [word.split(".") for word in _OUTSIDE.sub("", selector).split()]
            steps = tuple((name, frozenset(classes)) for name, *classes in words)
            weight = selector.count("."), sum(bool(name) for name, _ in steps)
            found.append(_Rule(weight, steps, outside[1] if outside else "", declarations))
    return sorted(found, key=lambda rule: rule.weight)
