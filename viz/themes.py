"""The colours of drawings: for light and dark surroundings, and for paper.

What colours tell, position or lettering tells as well: values stand above their wire and gradients below it, local
derivatives are in italics and marked ∂, negative cells of a heat map are smaller than positive ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from viz.errors import meant, quoted

__all__ = ["DARK", "LIGHT", "PRINT", "THEMES", "Theme", "heat", "theme_named", "tint"]

#: The darkest tint has this part of the heat maps' colours, so that text on it has contrast enough.
TINT = 0.45


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a drawing, as ``#rrggbb``.

    Attributes
    ----------
    name
        What it is called.
    paper, ink
        Behind the drawing; of names and gates.
    value, gradient, local
        Of numbers: forward values, gradients, local derivatives.
    line, faint
        Of wires, and of wires that carry no gradient, and of boxes.
    muted, warning
        Of what is said by the way, and of what the reader must not miss.
    gate, fold
        Inside gates, and inside folded ones.
    negative, zero, positive
        Ends and middle of the heat maps' colours.
    italic_gradients
        Whether gradients are in italics, for paper without colours.

    Notes
    -----
    Green and red of a theme differ in blueness, which people with any of the common kinds of colour blindness see. Blue
    and orange are the pair that all of them tell apart.
    """

    name: str
    paper: str
    ink: str
    value: str
    gradient: str
    local: str
    line: str
    faint: str
    muted: str
    warning: str
    gate: str
    fold: str
    negative: str
    zero: str
    positive: str
    italic_gradients: bool = False


LIGHT = Theme(
    name="light",
    paper="#ffffff",
    ink="#222222",
    value="#00785a",
    gradient="#c62828",
    local="#6a3fa0",
    line="#444444",
    faint="#8f8f8f",
    muted="#6e6e6e",
    warning="#8a5a00",
    gate="#ffffff",
    fold="#eef3fa",
    negative="#0b5aa8",
    zero="#f4f4f4",
    positive="#d95f02",
)
DARK = Theme(
    name="dark",
    paper="#16191d",
    ink="#e6e6e6",
    value="#4fd1a5",
    gradient="#ff8a80",
    local="#c5a3ff",
    line="#b4b4b4",
    faint="#767d86",
    muted="#9aa2ad",
    warning="#f0c05a",
    gate="#20252b",
    fold="#263445",
    negative="#5aa9ff",
    zero="#2b3037",
    positive="#ff9d4d",
)
PRINT = Theme(
    name="print",
    paper="#ffffff",
    ink="#000000",
    value="#00543c",
    gradient="#8e0000",
    local="#4a2080",
    line="#000000",
    faint="#808080",
    muted="#505050",
    warning="#5c3c00",
    gate="#ffffff",
    fold="#f0f0f0",
    negative="#083d77",
    zero="#ffffff",
    positive="#b34700",
    italic_gradients=True,
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, PRINT)}


def theme_named(name: str) -> Theme:
    """Find a theme.

    Raises
    ------
    ValueError
        If there is none of that name.

    Examples
    --------
    >>> theme_named("dark").paper
    '#16191d'
    """
    if not isinstance(name, str) or name not in THEMES:
        hint = meant(name, THEMES) if isinstance(name, str) else ""
        raise ValueError(f"draw: theme must be one of {quoted(THEMES)}; got {quoted([name])}{hint}")
    return THEMES[name]


def heat(number: float | None, largest: float, theme: Theme) -> str:
    """Colour of a number in a heat map: by its square root, so that small ones show.

    Parameters
    ----------
    number
        It; None stands for none, such as NaN.
    largest
        The absolute value that gets a colour of the ends.
    theme
        Whose colours to mix.

    Examples
    --------
    >>> heat(0.0, 1.0, LIGHT), heat(-2.0, 2.0, LIGHT), heat(None, 1.0, LIGHT)
    ('#f4f4f4', '#0b5aa8', '#8a5a00')
    """
    if number is None:
        return theme.warning
    share = min(1.0, abs(number) / largest) ** 0.5 if largest else 0.0
    return _mixed(theme.zero, theme.negative if number < 0 else theme.positive, share)


def tint(shade: float, theme: Theme) -> str:
    """Colour of a shade from -1 to 1 behind text, which stays legible on it.

    Examples
    --------
    >>> tint(0.0, LIGHT), tint(-1.0, LIGHT)
    ('#ffffff', '#91b5d8')
    """
    return _mixed(theme.gate, theme.negative if shade < 0 else theme.positive, min(1.0, abs(shade)) * TINT)


def _mixed(start: str, end: str, share: float) -> str:
    pairs = [(int(start[i : i + 2], 16), int(end[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
