"""The page: one file around its data, its formulas, its scripts and its style."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from viz import themes
from viz.legible import legible
from viz.stepping.data import data_of
from viz.stepping.formulas import Formulas
from viz.svg.text import escape
from viz.traces import Trace

__all__ = ["escape_json", "to_html"]

#: In the order in which they build on each other. What a script adds is described at the top of ``core.js``.
SCRIPTS = (
    "core.js",
    "steps.js",
    "drawing.js",
    "panel.js",
    "elements.js",
    "inspector.js",
    "engine.js",
    "inputs.js",
    "practice.js",
    "player.js",
)
STYLES = ("page.css", "exercise.css")


def to_html(trace: Trace, *, title: str, folded: Iterable[str] = (), fallback: str = "") -> str:
    """Write the whole page.

    Parameters
    ----------
    trace
        What to step through.
    title
        Any text.
    folded
        Ids of the scopes that are folded at first.
    fallback
        Markup to show where scripts do not run.

    Returns
    -------
    str
        An HTML file that needs nothing else. Its security policy lets nothing run but its own script, and nothing be
        fetched at all.

    Examples
    --------
    >>> from autograd import Tensor
    >>> from viz import trace
    >>> text = to_html(trace(Tensor(3.0, name="<script>").exp()), title="exp")
    >>> text.count("<script"), "default-src 'none'" in text
    (2, True)
    """
    script = "\n".join(_asset(name) for name in SCRIPTS) + "\nglassgrad.start();\n"
    style = _theme_css() + "".join(_asset(name) for name in STYLES)
    formulas = Formulas()
    data = data_of(trace, formulas, title=title, folded=folded)
    styles = " ".join(map(_hash, (style, *re.findall("<style>(.*?)</style>", fallback, re.DOTALL))))
    policy = f"default-src 'none'; script-src {_hash(script)}; style-src {styles}; base-uri 'none'; form-action 'none'"
    parts = {
        "policy": policy,
        "title": escape(legible(title, 120)),
        "style": style,
        "formulas": formulas.templates,
        "fallback": fallback,
        "data": escape_json(data),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _asset("page.html"))


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def escape_json(data: Any) -> str:
    r"""Write data as JSON that cannot end the script element it stands in, nor be taken for markup.

    Examples
    --------
    >>> escape_json({"name": "</script><!--\u2028&"})
    '{"name":"\\u003c/script\\u003e\\u003c!--\\u2028\\u0026"}'
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


#: Levels of a heat map, from the most negative to the most positive.
LEVELS = range(-4, 5)


@cache
def _theme_css() -> str:
    """Colours as variables, those of all other drawings: light, dark by the system or by hand, and for paper."""
    light, dark, paper = (_variables(theme) for theme in (themes.LIGHT, themes.DARK, themes.PRINT))
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        "@media screen and (prefers-color-scheme: dark) "
        f"{{ :root:not([data-theme=light]) {{ color-scheme: dark; {dark} }} }}\n"
        f"@media screen {{ :root[data-theme=dark] {{ color-scheme: dark; {dark} }} }}\n"
        f"@media print {{ :root {{ color-scheme: light; {paper} }} }}\n"
    )


def _variables(theme: themes.Theme) -> str:
    names = ("paper", "ink", "value", "gradient", "line", "faint", "muted", "warning", "gate", "fold", "negative")
    found = {name: getattr(theme, name) for name in names}
    for level in LEVELS:
        found[f"heat-{'n' if level < 0 else ''}{abs(level)}"] = themes.heat(level * abs(level), 16.0, theme)
    return " ".join(f"--{name}: {colour};" for name, colour in found.items())
