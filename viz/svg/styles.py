"""The style sheet of a drawing."""

from __future__ import annotations

from viz.themes import DARK, LIGHT, Theme, theme_named

__all__ = ["style_sheet"]


def style_sheet(theme: str) -> str:
    """Write the rules of one theme; ``"auto"`` is the light one, or the dark one for readers who prefer that.

    All rules are for what lies inside an element of class ``glassgrad`` and the theme's name, so that drawings in one
    page leave each other and the page alone.

    Examples
    --------
    >>> "prefers-color-scheme" in style_sheet("auto"), "prefers-color-scheme" in style_sheet("dark")
    (True, False)
    """
    scope = f".glassgrad.{theme} "
    if theme == "auto":
        return f"{_shapes(scope)}{_colours(scope, LIGHT)}@media (prefers-color-scheme:dark){{{_colours(scope, DARK)}}}"
    return _shapes(scope) + _colours(scope, theme_named(theme))


def _shapes(scope: str) -> str:
    return _rules(
        scope,
        {
            ".line": "fill:none;stroke-width:1.1",
            ".still .line,.box .outline": "stroke-dasharray:5 3",
            ".node .outline": "stroke-width:1.3",
            ".box .outline": "fill:none",
            ".failed .outline": "stroke-width:1.6",
            ".local": "font-style:italic",
        },
    )


def _colours(scope: str, theme: Theme) -> str:
    rules = {
        ".paper": f"fill:{theme.paper}",
        "text": f"fill:{theme.ink}",
        ".line": f"stroke:{theme.line}",
        ".fork,.cut": f"fill:{theme.line}",
        ".still .line,.box .outline": f"stroke:{theme.faint}",
        ".still .fork,.still .cut": f"fill:{theme.faint}",
        ".node .outline": f"stroke:{theme.ink};fill:{theme.gate}",
        ".fold .outline": f"fill:{theme.fold}",
        ".failed .outline": f"stroke:{theme.gradient}",
        ".failed text": f"fill:{theme.gradient}",
        ".forward": f"fill:{theme.value}",
        ".gradient": f"fill:{theme.gradient}" + (";font-style:italic" if theme.italic_gradients else ""),
        ".local": f"fill:{theme.local}",
        ".muted": f"fill:{theme.muted}",
        ".warning": f"fill:{theme.warning}",
    }
    return _rules(scope, rules)


def _rules(scope: str, rules: dict[str, str]) -> str:
    return "".join(
        f"{','.join(scope + part for part in selector.split(','))}{{{rule}}}" for selector, rule in rules.items()
    )
