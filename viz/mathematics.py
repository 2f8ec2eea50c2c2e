r"""Formulas: the subset of LaTeX that gates are declared with, as plain text, as LaTeX and as MathML.

A formula is a small tree. It is parsed from what a primitive declares (``\frac{x_1}{x_2}``), names and numbers of a
graph take the places of its variables (:meth:`Row.substitute`), and it is written in one of the three languages. What
users chose, such as names, stays text in each of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import Literal

from viz.legible import legible

__all__ = [
    "Atom",
    "Derivative",
    "Fraction",
    "Name",
    "Node",
    "Number",
    "Root",
    "Row",
    "Script",
    "bracketed",
    "escape_latex",
    "join",
    "operator",
    "parse",
    "printable",
    "words",
]

#: What a formula may nest, and how long it may be: far more than any that a reader takes in.
DEEPEST, LONGEST = 30, 2000

Kind = Literal["letter", "number", "function", "operator", "open", "close", "comma", "space", "text"]

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
_LETTERS = _GREEK | {"dots": "…", "ldots": "…", "cdots": "⋯", "infty": "∞", "partial": "∂", "top": "ᵀ", "ell": "ℓ"}
_FUNCTIONS = {
    "sum": "Σ", "prod": "∏", "int": "∫", "lnot": "¬", "ln": "ln", "log": "log", "exp": "exp", "sin": "sin",
    "cos": "cos", "tan": "tan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh", "arcsin": "arcsin", "arccos": "arccos",
    "arctan": "arctan", "max": "max", "min": "min", "det": "det",
}  # fmt: skip
_OPERATORS = {
    "cdot": "·",
    "times": "×",
    "odot": "⊙",
    "leq": "≤",
    "le": "≤",
    "geq": "≥",
    "ge": "≥",
    "neq": "≠",
    "ne": "≠",
    "approx": "≈",
    "mapsto": "↦",
    "to": "→",
    "in": "∈",
    "pm": "±",
}
_SPACES = {",": " ", ";": " ", ":": " ", " ": " ", "quad": "  ", "qquad": "    "}
_IGNORED = frozenset({"textstyle", "displaystyle", "left", "right", "!"})

_HIGH = dict(zip("0123456789+-=()nijktabcdexyzᵀ", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱʲᵏᵗᵃᵇᶜᵈᵉˣʸᶻᵀ", strict=True))
_LOW = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))

_LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
    "-": "-{}",  # two in a row would be a dash
}
_LATEX_SIGNS = {text: rf"\{name}" for name, text in (_GREEK | _OPERATORS).items()} | {
    "−": "-",
    "√": r"\surd",
    "∂": r"\partial",
    "ᵀ": r"^\top",
    "…": r"\dots",
    "±": r"\pm",
    **{high: f"^{{{low}}}" for low, high in _HIGH.items() if low in "0123456789-n"},
}


def printable(text: str, longest: int = 60) -> str:
    r"""Make a text fit to stand in one line: control characters show as pictures, those that reorder text as �.

    Examples
    --------
    >>> printable("two\nlines"), printable("a\u202eb"), printable("long", longest=3)
    ('two␊lines', 'a�b', 'lo…')
    """
    return legible(text, longest)


def escape_latex(text: str) -> str:
    r"""Write a text so that LaTeX shows it as it is.

    Examples
    --------
    >>> print(escape_latex("a_b $x$ \\end{document}"))
    a\_b \$x\$ \textbackslash{}end\{document\}
    """
    return "".join(map(_latex_character, printable(text, LONGEST)))


def _latex_character(character: str) -> str:
    if character in _LATEX_SPECIAL:
        return _LATEX_SPECIAL[character]
    if character in _LATEX_SIGNS:
        return rf"\ensuremath{{{_LATEX_SIGNS[character]}}}"
    # Letters of any script are the document's affair; what few fonts have is not.
    return character if character.isascii() or character.isalpha() else "?"


# ---------------------------------------------------------------------------------------------------------------------
# The tree
# ---------------------------------------------------------------------------------------------------------------------


class Node:
    """A part of a formula."""

    __slots__ = ()

    @property
    def plain(self) -> str:
        """As text: ``-1/x²``."""
        return self._plain()

    @property
    def latex(self) -> str:
        """As LaTeX, for mathematics mode."""
        return self._latex()

    @property
    def mathml(self) -> str:
        """As a ``<math>`` element."""
        return f"<math>{self.markup}</math>"

    @property
    def markup(self) -> str:
        """As MathML without the ``<math>`` around it."""
        return self._markup()

    @property
    def single(self) -> bool:
        """Whether its plain text needs no brackets as an operand."""
        return self._single()

    def _plain(self) -> str:
        raise NotImplementedError

    def _latex(self) -> str:
        raise NotImplementedError

    def _markup(self) -> str:
        raise NotImplementedError

    def _single(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Atom(Node):
    """A letter, number, sign or function's name.

    Attributes
    ----------
    kind
        What it is; a function applies to what follows it.
    text, tex
        As plain text and in LaTeX.
    """

    kind: Kind
    text: str
    tex: str

    def _plain(self) -> str:
        return self.text

    def _latex(self) -> str:
        return self.tex

    def _markup(self) -> str:
        text = escape(self.text)
        if self.kind == "space":
            return "" if not self.text else _space(0.17 if len(self.text) < 2 else 1)
        if self.kind == "number":
            return f"<mn>{text}</mn>"
        if self.kind == "text":
            return f"<mtext>{text.replace(' ', chr(0xA0))}</mtext>"
        if self.text == "ᵀ":
            return '<mi mathvariant="normal">T</mi>'
        if self.kind in ("letter", "function") and self.text not in "Σ∏∫¬":
            upright = ' mathvariant="normal"' if self.kind == "function" and self.tex.endswith("}") else ""
            return f"<mi{upright}>{text}</mi>"
        if self.kind in ("open", "close"):
            form = "prefix" if self.kind == "open" else "postfix"
            return f'<mo form="{form}" stretchy="false">{text}</mo>'
        close = ' lspace="0" rspace="0"' if self.text == "/" else ""
        return f"<mo{close}>{'−' if text == '-' else text}</mo>"


@dataclass(frozen=True, slots=True)
class Name(Node):
    """What the user calls a value, or what it is called for lack of a name.

    Attributes
    ----------
    text
        Any text.
    """

    text: str

    def _plain(self) -> str:
        return printable(self.text)

    def _latex(self) -> str:
        if found := re.fullmatch(r"([A-Za-z])_?(\d*)", self.text, re.ASCII):
            return found[1] + (f"_{{{found[2]}}}" if found[2] else "")
        return rf"\text{{{escape_latex(printable(self.text))}}}"

    def _markup(self) -> str:
        if found := re.fullmatch(r"([A-Za-z])_?(\d+)", self.text, re.ASCII):
            return f"<msub><mi>{found[1]}</mi><mn>{found[2]}</mn></msub>"
        return f"<mi>{escape(self.plain)}</mi>"


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number, or a small array, as it is written for a reader.

    Attributes
    ----------
    text
        What :mod:`viz.format` made of it.
    """

    text: str

    def _plain(self) -> str:
        return printable(self.text, LONGEST)

    def _latex(self) -> str:
        if not re.fullmatch(r"(?:[-+\d.ej, \[\]()…]|nan|inf)+", self.text, re.ASCII):
            return rf"\text{{{escape_latex(self.text)}}}"
        text = re.sub(r"(\d)e(-?\d+)", r"\1 \\cdot 10^{\2}", self.text)
        text = re.sub(r"(nan|inf)", r"\\mathrm{\1}", text).replace("…", r"\dots ")
        return f"{{{text}}}" if text.startswith("-") else text

    def _markup(self) -> str:
        return f"<mn>{escape(self.plain.replace('-', '−'))}</mn>"

    @property
    def negative(self) -> bool:
        """Whether a minus sign stands before it."""
        return self.text.startswith("-")

    def _single(self) -> bool:
        return not self.negative


@dataclass(frozen=True, slots=True)
class Fraction(Node):
    """A quotient."""

    top: Row
    bottom: Row
    small: bool = False

    def _plain(self) -> str:
        top = self.top.plain
        if len(self.top.items) > 2 or not (self.top.single or top.startswith("-")):
            top = f"({top})"
        bottom = self.bottom.plain if self.bottom.single else f"({self.bottom.plain})"
        return f"{top}/{bottom}"

    def _latex(self) -> str:
        return rf"\{'t' if self.small else ''}frac{{{self.top.latex}}}{{{self.bottom.latex}}}"

    def _markup(self) -> str:
        return f"<mfrac>{self.top.markup}{self.bottom.markup}</mfrac>"


@dataclass(frozen=True, slots=True)
class Root(Node):
    """A square root."""

    body: Row

    def _plain(self) -> str:
        return f"√{self.body.plain}" if self.body.single else f"√({self.body.plain})"

    def _latex(self) -> str:
        return rf"\sqrt{{{self.body.latex}}}"

    def _markup(self) -> str:
        return f"<msqrt>{self.body.markup}</msqrt>"


@dataclass(frozen=True, slots=True)
class Script(Node):
    """Something with an index, an exponent, or both."""

    base: Node
    below: Row | None = None
    above: Row | None = None

    def _plain(self) -> str:
        text = self.base.plain if self.base.single else f"({self.base.plain})"
        if self.below is not None:
            low = self.below.plain
            low = low if any(_kind(item) == "text" for item in self.below.items) else low.replace(" ", "")
            small = _small(low, _LOW)
            text += f"[{low}]" if small is None else small
        if self.above is not None:
            high = self.above.plain
            literal = all(isinstance(item, (Atom, Number)) for item in self.above.items)
            small = _small(high.replace(" ", ""), _HIGH) if literal else None
            text += small if small is not None else f"^{high}" if self.above.single else f"^({high})"
        return text

    def _latex(self) -> str:
        text = self.base.latex if self.base.single else rf"\left({self.base.latex}\right)"
        if self.below is not None and "_" in text:
            text = f"{{{text}}}"  # a name with an index of its own
        if self.below is not None:
            text += f"_{{{self.below.latex}}}"
        if self.above is not None:
            text += f"^{{{self.above.latex}}}"
        return text

    def _markup(self) -> str:
        base = self.base.markup if self.base.single else f"<mrow><mo>(</mo>{self.base.markup}<mo>)</mo></mrow>"
        if self.below is None and self.above is None:
            return base
        if self.below is None or self.above is None:
            name, script = ("msup", self.above) if self.below is None else ("msub", self.below)
            assert script is not None
            return f"<{name}>{base}{script.markup}</{name}>"
        return f"<msubsup>{base}{self.below.markup}{self.above.markup}</msubsup>"


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    """``∂f/∂x``, or ``∂(1/x)/∂x`` where what is differentiated is more than a name."""

    of: Node
    by: Node

    def _plain(self) -> str:
        of = self.of.plain if isinstance(self.of, Name) or _is_call(self.of) else f"({self.of.plain})"
        return f"∂{of}/∂{self.by.plain}"

    def _latex(self) -> str:
        if isinstance(self.of, Name):
            return rf"\frac{{\partial {self.of.latex}}}{{\partial {self.by.latex}}}"
        of = self.of.latex if _is_call(self.of) else rf"\left({self.of.latex}\right)"
        return rf"\frac{{\partial}}{{\partial {self.by.latex}}}{of}"

    def _markup(self) -> str:
        below = f"<mrow><mo>∂</mo>{self.by.markup}</mrow>"
        if isinstance(self.of, Name):
            return f"<mfrac><mrow><mo>∂</mo>{self.of.markup}</mrow>{below}</mfrac>"
        of = self.of.markup if _is_call(self.of) else f"<mo>(</mo>{self.of.markup}<mo>)</mo>"
        return f"<mrow><mfrac><mo>∂</mo>{below}</mfrac>{of}</mrow>"

    def _single(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Row(Node):
    """Parts one after the other."""

    items: tuple[Node, ...]

    def _plain(self) -> str:
        parts: list[str] = []
        before: Node | None = None
        gap = False
        for i, item in enumerate(self.items):
            if _kind(item) == "space":
                gap = True
                continue
            text, kind = item.plain, _kind(item)
            if kind == "operator" and not _is_sign(self.items, i) and text != "/":
                text = f" {text} "
            elif kind == "comma":
                text = f"{text} "
            elif kind == "text":
                text = f" {text} "
            elif before is not None and _kind(before) == "function" and _starts(item) and kind != "open":
                text = f"({text})" if isinstance(item, Fraction) else f" {text}" if before.plain != "¬" else text
            elif before is not None and _ends(before) and _starts(item) and (gap or kind == "function"):
                text = f" {text}"
            parts.append(text)
            before, gap = item, False
        return " ".join("".join(parts).split())

    def _latex(self) -> str:
        text = ""
        for item in self.items:
            part = " " if _kind(item) == "space" and not item.plain else item.latex
            apart = re.search(r"\\[A-Za-z]+$", text) and part[:1].isalpha()
            text += f" {part}" if apart else part
        return text

    def _markup(self) -> str:
        found = ""
        before: Node | None = None
        for i, item in enumerate(self.items):
            # A function's name stands apart from what it applies to, and from what it is multiplied by.
            if before is not None and _starts(item) and _kind(item) != "open" and before.plain != "¬":
                named = _kind(before) == "function" or (_ends(before) and _kind(item) == "function")
                found += _space(0.17) if named else ""
            found += '<mo form="prefix">−</mo>' if _is_sign(self.items, i) else item.markup
            before = item if _kind(item) != "space" else before
        return f"<mrow>{found}</mrow>"

    def _single(self) -> bool:
        return len(self.items) == 1 and self.items[0].single and not isinstance(self.items[0], Fraction)

    def split(self) -> tuple[list[Row], Row | None]:
        """Divide a chain of equations at its signs of equality, and from what is said after it ("where s = ...")."""
        chain: list[list[Node]] = [[]]
        depth = 0
        for i, item in enumerate(self.items):
            depth += (_kind(item) == "open") - (_kind(item) == "close")
            if depth == 0 and _kind(item) == "comma":
                return [_trimmed(part) for part in chain], _trimmed(self.items[i + 1 :])
            if depth == 0 and _is(item, "="):
                chain.append([])
            else:
                chain[-1].append(item)
        return [_trimmed(part) for part in chain], None

    def substitute(self, operands: Mapping[str, Node], times: str = "×") -> Row:
        r"""Put names or numbers in the places of variables.

        Parameters
        ----------
        operands
            For ``"x"`` or ``"x_1"`` what takes its place.
        times
            The sign to write between factors that were just put side by side.

        Examples
        --------
        >>> parse(r"-\frac{x_1}{x_2^2}").substitute({"x_1": Number("-1.00"), "x_2": Number("1.37")}).plain
        '-(-1.00/1.37²)'
        >>> parse("x_1 x_2").substitute({"x_1": Name("w0"), "x_2": Number("-1.00")}).plain
        'w0 × -1.00'
        """
        return Row(tuple(_arranged(self, operands, times)))


def _space(width: float) -> str:
    return f'<mspace width="{width}em"/>'


def _is(item: Node, text: str) -> bool:
    return isinstance(item, Atom) and item.text == text


def _kind(item: Node) -> str:
    if isinstance(item, Script):
        kind = _kind(item.base)
        return kind if kind in ("function", "close") else "operand"
    return item.kind if isinstance(item, Atom) else "operand"


def _ends(item: Node) -> bool:
    """Whether a factor can end with it."""
    return _kind(item) in ("letter", "number", "operand", "close", "text")


def _starts(item: Node) -> bool:
    """Whether a factor can start with it."""
    return _kind(item) in ("letter", "number", "operand", "open", "function", "text")


def _is_sign(items: tuple[Node, ...], i: int) -> bool:
    """Whether a plus or minus belongs to what follows it."""
    before = next((kind for kind in map(_kind, reversed(items[:i])) if kind != "space"), "open")
    return _is(items[i], "-") and before in ("operator", "open", "comma", "text")


def _trimmed(items: Sequence[Node]) -> Row:
    """A row without space at its ends."""
    kept = [i for i, item in enumerate(items) if _kind(item) != "space"]
    return Row(tuple(items[kept[0] : kept[-1] + 1]) if kept else ())


def _is_call(item: Node) -> bool:
    """Whether it is a function with what it applies to in brackets, and nothing else."""
    if not isinstance(item, Row) or len(item.items) < 3 or _kind(item.items[0]) != "function":
        return False
    depth = 0
    for i, part in enumerate(item.items[1:], start=2):
        depth += (_kind(part) == "open") - (_kind(part) == "close")
        if depth == 0:
            return i == len(item.items) and _kind(part) == "close"
    return False


def _small(text: str, letters: Mapping[str, str]) -> str | None:
    if len(text) <= 3 and all(character in letters for character in text):
        return "".join(letters[character] for character in text)
    return None


def _variable(item: Node) -> tuple[str, Node | None]:
    """The name under which a variable may be replaced, and an exponent that stays."""
    if isinstance(item, Script) and isinstance(item.base, Atom) and item.base.kind in ("letter", "function"):
        below = item.below.plain if item.below is not None else ""
        return (f"{item.base.text}_{below}" if below else item.base.text), item
    if isinstance(item, Atom) and item.kind in ("letter", "function"):
        return item.text, None
    return "", None


def _replaced(item: Node, operands: Mapping[str, Node], times: str) -> Node:
    name, script = _variable(item)
    if name in operands:
        found = operands[name]
        if isinstance(script, Script) and script.above is not None:
            return Script(found, None, script.above.substitute(operands, times))
        return found
    if isinstance(item, Script):
        base = item.base
        if isinstance(base, Atom) and isinstance(operands.get(base.text), (Name, Derivative)):
            base = operands[base.text]  # x_i, some element of x
        return Script(base, item.below, None if item.above is None else item.above.substitute(operands, times))
    if isinstance(item, Fraction):
        return replace(item, top=item.top.substitute(operands, times), bottom=item.bottom.substitute(operands, times))
    if isinstance(item, Root):
        return Root(item.body.substitute(operands, times))
    if isinstance(item, Row):
        return item.substitute(operands, times)
    return item


def _put(item: Node) -> bool:
    """Whether it stands in place of a variable."""
    if isinstance(item, Row):
        return len(item.items) == 3 and _put(item.items[1])
    return isinstance(item, (Name, Number, Derivative)) or (isinstance(item, Script) and _put(item.base))


def bracketed(item: Node) -> Row:
    """Something in brackets."""
    inside = item.items if isinstance(item, Row) else (item,)
    return Row((Atom("open", "(", r"\left("), *inside, Atom("close", ")", r"\right)")))


def _needs_brackets(item: Node, before: Node) -> bool:
    """Whether a minus sign at its start would be misread after what stands before it."""
    if not isinstance(item, (Number, Fraction)) or not item.plain.startswith("-"):
        return False
    return _is(before, "+") or _is(before, "-") or (_kind(before) == "function" and isinstance(item, Number))


def _arranged(row: Row, operands: Mapping[str, Node], times: str) -> list[Node]:
    """Put operands in, with signs between factors and brackets around negative numbers where both would be missed."""
    found: list[Node] = []
    applied = False
    for old in row.items:
        item = _replaced(old, operands, times)
        before = next((x for x in reversed(found) if _kind(x) != "space"), None)
        factor = before is not None and _kind(before) != "text" and _ends(before) and not applied
        if before is not None and factor and _starts(item) and _kind(item) != "text" and (_put(before) or _put(item)):
            if _kind(found[-1]) == "space":
                found.pop()
            found.append(operator(times))
        elif before is not None and _needs_brackets(item, before):
            item = bracketed(item)
        applied = _kind(old) == "function" and _kind(item) != "function"
        found.append(item)
    return found


# ---------------------------------------------------------------------------------------------------------------------
# Building
# ---------------------------------------------------------------------------------------------------------------------

_SIGNS = {
    "=": "=",
    "+": "+",
    "-": "-",
    "×": r"\times",
    "·": r"\cdot",
    "⊙": r"\odot",
    "→": r"\to",
    "+=": r"\mathrel{+}=",
    ":": r"\colon",
}


def operator(text: str) -> Atom:
    """A sign between two operands."""
    return Atom("operator", text, _SIGNS[text])


def words(text: str) -> Atom:
    """Words in a formula."""
    text = printable(text, LONGEST)
    return Atom("text", text, rf"\text{{{escape_latex(text)}}}")


def join(sign: str, *parts: Node) -> Row:
    """Write parts with a sign between them.

    Examples
    --------
    >>> join("=", Name("y"), Number("2.00")).plain
    'y = 2.00'
    """
    found: list[Node] = []
    for part in parts:
        if found:
            found.append(operator(sign))
        found += part.items if isinstance(part, Row) else (part,)
    return Row(tuple(found))


# ---------------------------------------------------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)


@lru_cache(maxsize=512)
def parse(latex: str) -> Row:
    r"""Read a formula.

    Parameters
    ----------
    latex
        In the subset of LaTeX that primitives are declared with: letters, numbers, indices and exponents, fractions,
        roots, sums, common functions, Greek letters and signs.

    Raises
    ------
    ValueError
        If something in it is not of that subset; the message says what.

    Examples
    --------
    >>> parse(r"\sigma(x) = \frac{1}{1 + e^{-x}}").plain
    'σ(x) = 1/(1 + e⁻ˣ)'
    >>> parse(r"\sqrt{x_1}").mathml
    '<math><mrow><msqrt><mrow><msub><mi>x</mi><mrow><mn>1</mn></mrow></msub></mrow></msqrt></mrow></math>'
    """
    if len(latex) > LONGEST:
        raise ValueError(f"a formula of {len(latex):,} characters is too long to be read")
    return _Parser(latex).whole()


class _Parser:
    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens = _TOKEN.findall(latex)
        self.at = 0
        self.depth = 0

    def whole(self) -> Row:
        row = self.row()
        if self.at < len(self.tokens):
            raise self.error("a } too many")
        return row

    def error(self, what: str) -> ValueError:
        return ValueError(f"the formula {self.latex!r} cannot be read: {what}")

    def row(self) -> Row:
        """Parts up to the end, or a closing brace."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error("it is nested too deeply")
        items: list[Node] = []
        while self.at < len(self.tokens) and self.tokens[self.at] != "}":
            token = self.tokens[self.at]
            if token.isspace():
                items.append(Atom("space", "", ""))
                self.at += 1
                continue
            if token[0] == "\\" and token[1:] in _IGNORED:
                self.at += 1
                continue
            if token in "_^":
                self.at += 1
                self.script(items, token)
                continue
            items.append(self.part())
            following = self.tokens[self.at] if self.at < len(self.tokens) else ""
            if following in ("(", "[") and isinstance(items[-1], Atom) and items[-1].kind == "letter":
                items[-1] = replace(items[-1], kind="function")  # written without a space between: f(x)
        self.depth -= 1
        while items and items[-1] == Atom("space", "", ""):
            items.pop()
        return Row(tuple(items))

    def script(self, items: list[Node], mark: str) -> None:
        while items and items[-1] == Atom("space", "", ""):
            items.pop()
        base = items.pop() if items else Atom("text", "", "{}")
        row = self.argument()
        script = base if isinstance(base, Script) else Script(base)
        place = "below" if mark == "_" else "above"
        if getattr(script, place) is not None:
            raise self.error(f"two {mark} in a row")
        items.append(replace(script, **{place: row}))

    def argument(self) -> Row:
        """What a command or script applies to: a group in braces, or one part."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        if self.at == len(self.tokens) or self.tokens[self.at] == "}":
            raise self.error("something is missing at the end, or before a }")
        token = self.tokens[self.at]
        if token == "{":
            return self.group()
        if token[0].isdigit() and len(token) > 1:  # \tfrac12
            self.tokens[self.at : self.at + 1] = [token[0], token[1:]]
        part = self.part()
        return Row((part,))

    def group(self) -> Row:
        self.at += 1
        row = self.row()
        if self.at == len(self.tokens):
            raise self.error("a } is missing")
        self.at += 1
        return row

    def part(self) -> Node:
        token = self.tokens[self.at]
        if token == "{":
            return self.group()
        self.at += 1
        if token[0] == "\\":
            return self.command(token[1:])
        if token[0].isdigit():
            return Atom("number", token, token)
        if token.isalpha():
            return Atom("letter", token, token)
        if token in "([":
            return Atom("open", token, token)
        if token in ")]":
            return Atom("close", token, token)
        if token == ",":
            return Atom("comma", token, token)
        if token == "|":
            opened = self.tokens[: self.at].count("|") % 2
            return Atom("open" if opened else "close", token, token)
        if token in "+-=<>:/!*'.":
            return Atom("operator", token, token)
        raise self.error(f"{token!r} has no place in it")

    def command(self, name: str) -> Node:
        tex = f"\\{name}"
        if name in _LETTERS:
            return Atom("letter", _LETTERS[name], tex)
        if name in _FUNCTIONS:
            return Atom("function", _FUNCTIONS[name], tex)
        if name in _OPERATORS:
            return Atom("operator", _OPERATORS[name], tex)
        if name in _SPACES:
            return Atom("space", _SPACES[name], tex)
        if name in ("{", "}"):
            return Atom("open" if name == "{" else "close", name, tex)
        if name in ("frac", "tfrac", "dfrac"):
            top = self.argument()
            return Fraction(top, self.argument(), name == "tfrac")
        if name == "sqrt":
            return Root(self.argument())
        if name in ("operatorname", "mathrm", "text"):
            text = self.words()
            kind: Kind = "text" if name == "text" else "function"
            return Atom(kind, text, rf"\{name}{{{escape_latex(text)}}}")
        raise self.error(f"\\{name} is not among the commands that it may use")

    def words(self) -> str:
        """What stands in braces, as it is."""
        start = self.at + 1
        if self.tokens[self.at : start] != ["{"] or "}" not in self.tokens[start:]:
            raise self.error("a group in braces is missing")
        end = self.tokens.index("}", start)
        self.at = end + 1
        text = "".join(self.tokens[start:end]).replace(r"\_", "_")
        if not re.fullmatch(r"[\w ,.-]*", text):
            raise self.error(f"words of letters are wanted, not {text!r}")
        return text
