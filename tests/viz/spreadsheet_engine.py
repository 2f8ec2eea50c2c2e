"""A spreadsheet engine for the formulas that viz.spreadsheet writes: small, and with a spreadsheet's own rules.

It reads text and cells alone. A minus sign before a number binds tighter than a power, as in spreadsheets; their errors
are NaN.
"""

import math
import re

import numpy as np

_TOKEN = re.compile(
    r"(?P<number>\d+\.?\d*(?:E[+-]?\d+)?)|(?P<function>[A-Z][A-Z0-9]*)\(|(?P<cell>\$?[A-Z]+\$?\d+(?::[A-Z]+\d+)?)"
    r"|(?P<sign><>|<=|>=|[-+*/^(),<>=])"
)
_POWERS = {"=": 1, "<>": 1, "<": 1, ">": 1, "+": 2, "-": 2, "*": 3, "/": 3, "^": 4}
_BINARY = {
    "=": lambda a, b: (a == b) * 1.0,
    "<>": lambda a, b: (a != b) * 1.0,
    "<": lambda a, b: (a < b) * 1.0,
    ">": lambda a, b: (a > b) * 1.0,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: np.divide(a, b),
    "^": lambda a, b: np.float64(np.nan) if a == b == 0 else np.power(a, b),
}


def _flat(values):
    return np.concatenate([np.ravel(v) for v in values])


def _exp(x):
    return np.where(np.asarray(x) > 709.78, np.nan, np.exp(np.minimum(x, 709.78)))[()]


_FUNCTIONS = {
    "SUM": lambda *v: _flat(v).sum(),
    "PRODUCT": lambda *v: _flat(v).prod(),
    "SUMPRODUCT": lambda *v: np.prod([np.broadcast_to(x, np.shape(v[0])) for x in v], axis=0).sum(),
    "SUMSQ": lambda *v: (_flat(v) ** 2).sum(),
    "MMULT": lambda a, b: np.matmul(a, b),
    "MAX": lambda *v: _flat(v).max(),
    "MIN": lambda *v: _flat(v).min(),
    "AND": lambda *v: float(all(v)),
    "ABS": np.abs,
    "SIGN": np.sign,
    "INT": np.floor,
    "TRUNC": np.trunc,
    "MOD": lambda a, b: a - b * np.floor(a / b),
    "EXP": _exp,
    "LN": np.log,
    "LOG10": np.log10,
    "SQRT": np.sqrt,
    "PI": lambda: math.pi,
    "SIN": np.sin,
    "COS": np.cos,
    "TAN": np.tan,
    "ASIN": np.arcsin,
    "ACOS": np.arccos,
    "ATAN": np.arctan,
    "ATAN2": lambda x, y: np.arctan2(y, x),
    "SINH": np.sinh,
    "COSH": np.cosh,
    "TANH": np.tanh,
    "ASINH": np.arcsinh,
    "ACOSH": np.arccosh,
    "ATANH": np.arctanh,
    "ERF": math.erf,
}


class Book:
    """A workbook: reads ``book["B3"]``, ``book["B3:D4"]``, and writes ``book["B3"] = 2.0``."""

    def __init__(self, contents):
        self.contents, self.known = contents, {}

    @classmethod
    def of_page(cls, page):
        """What is in a file, opened by openpyxl."""
        return cls({cell.coordinate: cell.value for row in page.rows for cell in row if cell.value is not None})

    @classmethod
    def of_blocks(cls, blocks):
        """What will be in it."""
        contents = {}
        for block in blocks:
            parts = [(block.column, block.contents), (block.gradient_column, block.gradients or ())]
            for column, cells in [*parts, *((c.column, c.formulas) for c in block.contributions)]:
                for i, content in enumerate(cells):
                    row, place = block.at(i, column)
                    contents[f"{_letters(place)}{row}"] = content
        return cls(contents)

    def __setitem__(self, cells, values):
        for name, value in zip(np.ravel(_names(cells)), np.ravel(values), strict=True):
            assert not isinstance(self.contents[name], str), f"{name} holds a formula"
            self.contents[name] = float(value)
        self.known = {}

    def __getitem__(self, cells):
        with np.errstate(all="ignore"):
            if ":" not in cells:
                return self.cell(cells)
            return np.array([[self.cell(name) for name in row] for row in _names(cells)])

    def cell(self, name):
        name = name.replace("$", "")
        if name not in self.known:
            content = self.contents[name]
            if isinstance(content, str):
                assert content.startswith("=")
                assert len(content) < 8192
                self.known[name] = np.float64(_Formula(self, content[1:]).value())
            else:
                self.known[name] = np.float64(content)
        return self.known[name]


def _names(cells):
    """The cells of an area, row by row."""
    parts = [re.fullmatch(r"([A-Z]+)(\d+)", part) for part in cells.replace("$", "").split(":")]
    (left, top), (right, bottom) = [(_number(p[1]), int(p[2])) for p in (parts[0], parts[-1])]
    return [[f"{_letters(column)}{row}" for column in range(left, right + 1)] for row in range(top, bottom + 1)]


def _number(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(number):
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Formula:
    def __init__(self, book, text):
        self.book, self.tokens, end = book, [], 0
        while end < len(text):
            found = _TOKEN.match(text, end)
            assert found, f"cannot read {text[end:]!r}"
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            end = found.end()
        self.tokens.append(("end", ""))

    def value(self):
        found = self.expression(0)
        assert self.tokens == [("end", "")], f"more follows: {self.tokens}"
        return np.ravel(found)[0] if np.size(found) == 1 else found

    def expression(self, least):
        left = self.operand()
        while _POWERS.get(self.tokens[0][1], 0) > least:
            sign = self.tokens.pop(0)[1]
            left = _BINARY[sign](left, self.expression(_POWERS[sign]))  # a power, too, from the left
        return left

    def operand(self):
        kind, text = self.tokens.pop(0)
        if text == "-":
            return -self.operand()  # before any power
        if text == "(":
            found = self.expression(0)
            assert self.tokens.pop(0)[1] == ")"
            return found
        if kind == "number":
            return np.float64(text)
        if kind == "cell":
            return self.book[text]
        assert kind == "function", f"unexpected {text!r}"
        arguments = []
        while self.tokens[0][1] != ")":
            arguments.append(self.expression(0))
            if self.tokens[0][1] == ",":
                self.tokens.pop(0)
        self.tokens.pop(0)
        return _FUNCTIONS[text](*arguments) if text != "IF" else arguments[1] if arguments[0] else arguments[2]
