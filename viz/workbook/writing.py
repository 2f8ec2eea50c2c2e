"""A sheet as an ``.xlsx`` file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from viz.legible import legible, width_of
from viz.themes import LIGHT
from viz.workbook.cells import Cell, address, name_of_column
from viz.workbook.sheet import LEFT, RATE, TOP, Block, Content, Sheet, step_formula

__all__ = ["to_bytes"]

#: What makes a program take a text for a formula.
_FORMULA = ("=", "+", "-", "@")
#: Behind what the reader may change, and behind constants.
_INPUT, _CONSTANT = "eaf5f0", "f2f2f2"


def to_bytes(sheet: Sheet) -> bytes:
    """The file.

    Raises
    ------
    ImportError
        If the package openpyxl is not installed.
    """
    try:
        import openpyxl
    except ImportError as error:
        raise ImportError(
            "saving a spreadsheet needs the Python package openpyxl: pip install glassgrad[spreadsheet] "
            "(or pip install openpyxl)"
        ) from error
    book = openpyxl.Workbook()
    _Writer(book, sheet).write()
    file = BytesIO()
    book.save(file)
    return file.getvalue()


class _Writer:
    def __init__(self, book: Any, sheet: Sheet) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        self.book, self.sheet = book, sheet
        self.page = book.active
        self.page.title = "Graph"
        self.alignment, self.border = Alignment, Border
        self.fonts = {
            "value": Font(color=LIGHT.value[1:]),
            "gradient": Font(color=LIGHT.gradient[1:]),
            "step": Font(color=LIGHT.local[1:]),
            "name": Font(bold=True),
            "title": Font(bold=True, size=14),
            "muted": Font(color=LIGHT.muted[1:]),
            "head value": Font(color=LIGHT.value[1:], bold=True),
            "head gradient": Font(color=LIGHT.gradient[1:], bold=True),
            "head step": Font(color=LIGHT.local[1:], bold=True),
            "link": Font(color=LIGHT.negative[1:], underline="single"),
        }
        self.fills = {
            "variable": PatternFill("solid", fgColor=_INPUT),
            "seed": PatternFill("solid", fgColor=_INPUT),
            "constant": PatternFill("solid", fgColor=_CONSTANT),
        }
        self.line = Side(style="thin", color="bbbbbb")

    def write(self) -> None:
        """Fill both pages."""
        sheet, page = self.sheet, self.page
        self._text(page, (1, 1), f"{sheet.title}: values and gradients", "title")
        if sheet.rate is not None:
            self._text(page, (RATE[0], 1), "learning rate", "name")
            self._number(RATE, sheet.rate, "value", "variable", "General")
        for block in sheet.blocks:
            self._block(block)
        self._heads()
        page.freeze_panes = address((TOP, LEFT))
        page.sheet_view.zoomScale = 110
        last = max([sheet.blocks[0].gradient_column + sheet.width, *self._ends()])
        for column in range(LEFT, last + 1):
            page.column_dimensions[name_of_column(column)].width = {1: 18, 2: 13}.get(sheet.width, 10)
        names = [width_of(block.name) for block in sheet.blocks]
        page.column_dimensions["A"].width = min(30, max(14, *names) + 2)
        for column in self._gaps():
            page.column_dimensions[name_of_column(column)].width = 3
        self._legend()
        for each in self.book:  # printed, on sheets as wide as the page
            each.page_setup.orientation = "landscape"
            each.sheet_properties.pageSetUpPr.fitToPage = True
            each.page_setup.fitToHeight = 0
        self.book.calculation.fullCalcOnLoad = True

    # -- single cells -------------------------------------------------------------------------------------------------

    def _text(self, page: Any, cell: Cell, text: str, style: str) -> Any:
        """Write what must never be taken for anything but text."""
        found = page.cell(*cell)
        found.value = legible(text, 500)
        found.data_type = "s"
        found.font = self.fonts[style]
        if text.startswith(_FORMULA):
            found.quotePrefix = True
        return found

    def _number(self, cell: Cell, content: Content, style: str, fill: str, pattern: str) -> None:
        found = self.page.cell(*cell)
        found.value = content
        found.font = self.fonts[style]
        found.number_format = pattern
        if fill in self.fills:
            found.fill = self.fills[fill]

    # -- blocks -------------------------------------------------------------------------------------------------------

    def _heads(self) -> None:
        """What stands above the columns, and stays there."""
        sheet, row = self.sheet, TOP - 1
        first = sheet.blocks[0]
        self._text(self.page, (row, LEFT), "values", "head value")
        if sheet.has_gradients:
            self._text(self.page, (row, first.gradient_column), f"gradients of {sheet.title}", "head gradient")
        step = next((b.step_column for b in sheet.blocks if b.step_column is not None), None)
        if step is not None:
            self._text(self.page, (row, step), "after a step", "head step")
        starts = [c.column for b in sheet.blocks for c in b.contributions]
        if starts:
            self._text(self.page, (row, min(starts)), "what comes back along each branch", "head gradient")

    def _block(self, block: Block) -> None:
        page, head = self.page, block.row - 1
        self._text(page, (head, 1), block.name, "name")
        shape = f"   {block.shape}" if block.shape else ""
        self._text(page, (head, block.column), f"{block.made}{shape}", "muted")
        self._area(block, block.column, block.contents, "value", block.kind)
        for row, caption in enumerate(_captions(block.shape) if len(block.shape) > 1 else ()):
            found = self._text(page, (block.row + row, 1), caption, "muted")
            found.alignment = self.alignment(horizontal="right")
        if block.gradients is not None:
            self._text(page, (head, block.gradient_column), f"∂{self.sheet.title}/∂{block.name}", "head gradient")
            seed = "seed" if block is self.sheet.blocks[-1] else ""
            self._area(block, block.gradient_column, block.gradients, "gradient", seed)
        if block.step_column is not None:
            self._text(page, (head, block.step_column), f"{block.name} − rate × ∂", "head step")
            steps = [step_formula(block, i) for i in range(len(block.contents))]
            self._area(block, block.step_column, steps, "step", "")
        for each in block.contributions:
            self._text(page, (head, each.column), f"from {each.gate}", "muted")
            self._area(block, each.column, each.formulas, "gradient", "")
        self._name(block)

    def _area(self, block: Block, column: int, contents: Sequence[Content], style: str, fill: str) -> None:
        fill = "constant" if fill == "detached" else fill
        pattern = _pattern(contents)
        for i, content in enumerate(contents):
            self._number(block.at(i, column), content, style, fill, pattern)
        if len(block.shape) > 2:  # a line above each of the matrices that stand one below the other
            for row in range(0, block.height, max(1, block.shape[-2])):
                for place in range(block.width):
                    self.page.cell(block.row + row, column + place).border = self.border(top=self.line)

    def _name(self, block: Block) -> None:
        """Names by which formulas of the reader's own can call a block."""
        from openpyxl.workbook.defined_name import DefinedName

        for prefix, cells in (("value", block.value), ("gradient", block.gradient)):
            name = f"{prefix}_{re.sub('[^A-Za-z0-9]+', '_', block.name).strip('_') or block.id}"
            if cells and name.lower() not in {known.lower() for known in self.book.defined_names}:
                self.book.defined_names[name] = DefinedName(name, attr_text=f"Graph!{_fixed(cells)}")

    def _ends(self) -> Iterator[int]:
        for block in self.sheet.blocks:
            for column in [*(c.column for c in block.contributions), *filter(None, [block.step_column])]:
                yield column + self.sheet.width

    def _gaps(self) -> list[int]:
        """The columns between values, gradients and what follows."""
        starts = {block.gradient_column for block in self.sheet.blocks}
        starts |= {block.step_column for block in self.sheet.blocks if block.step_column is not None}
        return sorted(start - 1 for start in starts)

    # -- the other page -----------------------------------------------------------------------------------------------

    def _legend(self) -> None:
        page = self.book.create_sheet("Legend")
        page.column_dimensions["A"].width = 24
        for letter, width in zip("BCDE", (16, 18, 18, 60), strict=True):
            page.column_dimensions[letter].width = width
        self._text(page, (1, 1), "How to read this workbook", "title")
        row = 2
        for style, fill, what, meaning in _LEGEND:
            if what == "rate" and self.sheet.rate is None:
                continue
            found = self._text(page, (row, 1), what, style)
            if fill:
                found.fill = self.fills[fill]
            self._text(page, (row, 2), meaning, "muted")
            row += 1
        row += 1
        for column, text in enumerate(("array", "shape", "values", "gradient", "made of"), start=1):
            self._text(page, (row, column), text, "name")
        for block in self.sheet.blocks:
            row += 1
            self._text(page, (row, 1), block.name, "name")
            self._text(page, (row, 2), str(block.shape), "muted")
            self._link(page, (row, 3), block.value)
            self._link(page, (row, 4), block.gradient)
            self._text(page, (row, 5), block.made, "muted")

    def _link(self, page: Any, cell: Cell, cells: str) -> None:
        from openpyxl.worksheet.hyperlink import Hyperlink

        if cells:
            found = self._text(page, cell, cells, "link")
            found.hyperlink = Hyperlink(ref=address(cell), location=f"Graph!{cells}", display=cells)
            found.font = self.fonts["link"]


_LEGEND = [
    ("value", "", "green", "values, computed forward, from the top downwards"),
    ("gradient", "", "red", "gradients of the result, computed backward, from the bottom upwards: upstream × local"),
    ("value", "variable", "on light green", "variables: change them, and everything follows"),
    ("value", "constant", "on grey", "constants, which may be changed, too"),
    ("muted", "", "not followed", "what the program computed besides the graph: masks, indices, what was detached"),
    ("step", "", "rate", "in violet: each variable after a step, value − rate × gradient; copy, and paste as values"),
    ("gradient", "", "branches", "where a value goes into several gates, its gradient is the sum of what comes back"),
    ("muted", "", "shapes", "the last axis runs to the right, all others downwards; [i, j] says which row it is"),
    ("muted", "", "names", "value_w and gradient_w are names of the blocks of w, for formulas of your own"),
    ("muted", "", "MIN(..., 700)", "keeps EXP within the range of a spreadsheet, which knows no infinity"),
]


def _captions(shape: tuple[int, ...]) -> Iterator[str]:
    """What stands before each row of an array of several axes."""
    rows: list[tuple[int, ...]] = [()]
    for length in shape[:-1]:
        rows = [(*row, i) for row in rows for i in range(length)]
    return (f"[{', '.join(map(str, row))}]" for row in rows)


def _pattern(contents: Sequence[Content]) -> str:
    """How numbers are shown: whole ones as such."""
    numbers = [x for x in contents if not isinstance(x, str)]
    if len(numbers) < len(contents) or not numbers:
        return "0.0000"
    if all(float(x).is_integer() for x in numbers):
        return "0"
    return "0.0000" if max(map(abs, numbers)) >= 0.01 else "0.00E+00"


def _fixed(cells: str) -> str:
    return re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", cells)
