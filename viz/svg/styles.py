"""The style sheet of a drawing."""

from __future__ import annotations

from viz.themes import DARK, LIGHT, Theme, heat, theme_named, tint

__all__ = ["LEVELS", "style_sheet"]

#: How many shades a heat map has on either side of zero.
LEVELS = 8


def style_sheet(theme: str, pictures: bool = True, shades: bool = False) -> str:
    """Write the rules of one theme; ``"auto"`` is the light one, or the dark one for readers who prefer that.

    Parameters
    ----------
    theme
        Its name.
    pictures
        Whether there are heat maps.
    shades
        Whether nodes are shaded.

    Notes
    -----
    All rules are for what lies inside an element of class ``glassgrad`` and the theme's name, so that drawings in one
    page leave each other and the page alone.

    Examples
    --------
    >>> "prefers-color-scheme" in style_sheet("auto"), "prefers-color-scheme" in style_sheet("dark")
    (True, False)
    """
    scope = f".glassgrad.{theme} "
    if theme == "auto":
        dark = f"@media (prefers-color-scheme:dark){{{_colours(scope, DARK, pictures, shades)}}}"
        return _shapes(scope) + _colours(scope, LIGHT, pictures, shades) + dark
    return _shapes(scope) + _colours(scope, theme_named(theme), pictures, shades)


def _shapes(scope: str) -> str:
    return _rules(
        scope,
        {
            ".line": "fill:none;stroke-width:1.1",
            ".still .line,.box .outline": "stroke-dasharray:5 3",
            ".detached .line": "stroke-dasharray:1.5 3",
            ".node .outline": "stroke-width:1.3",
            ".box .outline": "fill:none",
            ".failed .outline": "stroke-width:1.6",
            ".local": "font-style:italic",
        },
    )


def _colours(scope: str, theme: Theme, pictures: bool, shades: bool) -> str:
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
    if pictures:
        rules[".none"] = f"fill:{heat(None, 1.0, theme)}"
        for level in range(-LEVELS, LEVELS + 1):  # of the root of a number, which is what heat() goes by
            rules[f".heat{level}"] = f"fill:{heat(level * abs(level), LEVELS**2, theme)}"
    if shades:
        rules[".shaded .muted,.shaded .warning"] = f"fill:{theme.ink}"  # which has contrast enough
        for level in range(-LEVELS, LEVELS + 1):
            rules[f".shade{level} .outline,.shade{level}.outline"] = f"fill:{tint(level / LEVELS, theme)}"
    rules[".alarm .outline"] = f"stroke:{theme.warning};stroke-width:2.6"
    rules[".plate:not(.alarm *)"] = "stroke:none"
    return _rules(scope, rules)


def _rules(scope: str, rules: dict[str, str]) -> str:
    return "".join(
        f"{','.join(scope + part for part in selector.split(','))}{{{rule}}}" for selector, rule in rules.items()
    )
