"""Text that would do harm if it were taken for anything but text, and a graph that has it wherever text can be.

For the tests of all that viz writes. ``SHOWN`` can be shown as it is; the rest of ``HOSTILE`` cannot.
"""

from viz.graph import Box, Graph, Mark, Node, Value, Wire
from viz.numbers import Numbers

#: Every character is one that a reader can see, and the text is short enough not to be cut.
SHOWN = [
    # markup and scripts
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "<IMG SRC='/etc/passwd'/>",
    "<B>bold</B>",
    "</text></g></svg><script>",
    "</TABLE>",
    "</TD></TR></TABLE>>]",
    "</title></style><script>",
    "<!-- -->",
    "-->",
    "<!--",
    "]]>",
    "<![CDATA[x]]>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE x [<!ENTITY y 'z'>]>&y;",
    '" onload="alert(1)',
    "' onclick='alert(1)",
    "javascript:alert(1)",
    "'\"`",
    # entities
    "&",
    "&amp;",
    "&lt;b&gt;",
    "&#60;",
    "&#x3c;",
    "&copy;",
    "#60;script#62;",
    "#quot;",
    # styles
    "x{fill:red}*{display:none}",
    "url(http://127.0.0.1/)",
    "}@import 'x';",
    # Graphviz
    '"];node[label="x',
    r"\N",
    r"\G\L\T\E\H",
    "\\",
    '\\"',
    "\\\\N",
    r"\n\l\r",
    "{a|b}",
    "digraph",
    "// comment",
    "# include",
    "x:n",
    "%%{init: {}}%%",
    # Mermaid
    "end",
    "click n0 callback",
    'x"] --> y["',
    "subgraph x",
    "n0:::gate",
    "a & b",
    "style n0 fill:red",
    # Python, JSON, LaTeX, Markdown, shells
    "%s %n",
    "{0} {x!r}",
    "${x}",
    '"}, {"a": "',
    "__proto__",
    r"\input{x} $\write18{x}$",
    "[x](javascript:alert(1))",
    "| a | b |",
    "`x` **y** _z_",
    "$(touch x)",
    "../../x",
    # other scripts
    "重み α",
    "שלום",
    "مرحبا",
    "🙂👩‍👩‍👧",
    "e\u0301\u0301\u0301",
]
#: Control characters, halves of characters, marks of direction, line ends of all kinds, and what is far too long.
HOSTILE = [
    *SHOWN,
    "two\nlines",
    "a\r\nb\tc\x0b\x0cd",
    "x\x00y",
    "\x00",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\x9b31m\x85",
    "\x7f\x08",
    "a\u2028b\u2029c",
    "\u202egnp.exe",
    "\u2066a\u2069\u200f\u061c",
    "zero\u200bwidth\ufeff",
    "\u00ad",
    "\U000e0041\U000e0042",
    "\ud800",
    "x\udfffy",
    "\ufffe\uffff\U0001ffff",
    "\ufdd0",
    " " * 50,
    " x ",
    "n" * 100_000,
    "<" * 100_000,
    "\u0301" * 100,
    "&amp" + ";" * 60,
]

ONE = Numbers.of(1.25)


def everywhere(text):
    """A graph that has a text in all places that may have one."""
    mark = Mark(text, 0.5, True)
    nodes = (
        Node("n0", "variable", text, "", (), None, mark=mark),
        Node("n1", "constant", text, "", (), None),
        Node("n2", "gate", text, text, (text, text), "b0", (text, text), 1, text, mark),
        Node("n3", "fold", text, "", (text,), "b1", (), 3, text),
        Node("n4", "failed", text, text, (text,), None),
    )
    values = (
        Value("v0", "n0", "", ONE, None, True, False, 0, text),
        Value("v1", "n1", "", ONE, None, False, False, 0),
        Value("v2", "n2", text, ONE, ONE, True, False, 0, text),
        Value("v3", "n3", text, ONE, ONE, True, True, 0),
        Value("v4", "n4", text, None, None, False, False, 0, text),
    )
    wires = (
        Wire("w0", "v0", "n2", 0, ONE, ONE, text, text),
        Wire("w1", "v1", "n2", 1, None),
        Wire("w2", "v2", "n3", 0, ONE, None, text, text),
        Wire("w3", "v3", "n4", 0, None, None, text, text),
    )
    return Graph(
        nodes,
        values,
        wires,
        (Box("b0", text, None), Box("b1", text, "b0")),
        "v4",
        text,
        False,
        (mark, Mark(text, -1.0)),
    )
