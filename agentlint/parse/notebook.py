"""Notebooks: the code cells as one Python source, and the stored outputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.parse.json import parse_json, unescape
from agentlint.parse.problem import ParseProblem
from agentlint.parse.python import parse_python
from agentlint.parse.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentlint.core.place import Span
    from agentlint.parse.document import Document, Node

Mark = tuple[int, int, int, int]

_MAGIC = lazy.pattern(r"([ \t]*)(?:%[\w%]|!(?!=)|\?|[\w.]{1,100}\?{1,2}[ \t]*$)")
_ASSIGNED = lazy.pattern(r"([ \t]*[A-Za-z_][\w, .\[\]'\"]{0,100}?[ \t]?=[ \t]*)[!%]")
_CELL_MAGIC = lazy.pattern(r"\s*%%(\w+)")
# Cell magics whose body is Python of this notebook; all others hold another language or go to a file.
_PYTHON_CELLS = frozenset(
    {"time", "timeit", "capture", "prun", "memit", "python", "python3", "pypy", "debug", "snakeviz", "mprun"}
)
_NEWLINE = lazy.pattern(r"\\(?:(n)|.)")
_MAX_OUTPUTS = 2_000
_TEXT_TYPES = ("text/plain", "text/html", "text/markdown", "application/json")


@dataclass(slots=True)
class Notebook:
    """``source`` is Python; line ``i`` of it (from 1) stands where ``markers[i - 1]`` says.

    A marker is (line, column, cell, cell_line): the place in the file, the number of the code cell and the line in
    that cell, all from 1. Magics and shell lines are replaced by statements that do nothing. ``outputs`` are the
    stored texts with their places. ``problems`` are cells that are no Python; they are blank in ``source``.
    ``python`` is false for other languages.
    """

    source: Text
    markers: list[Mark]
    outputs: list[tuple[str, Span]]
    problems: list[ParseProblem] = field(default_factory=list)
    python: bool = True


def parse_notebook(text: Text) -> tuple[Notebook, Document] | ParseProblem:
    """Read an ``.ipynb`` file."""
    document = parse_json(text)
    if isinstance(document, ParseProblem):
        return document
    root = document.root
    cells = root.get("cells")
    if cells is None:  # format 3 kept the cells in worksheets
        sheets = root.get("worksheets")
        cells = sheets.items[0].get("cells") if sheets is not None and sheets.items else None
    if root.kind != "map" or cells is None or cells.kind != "seq":
        return ParseProblem("no notebook: it has no list of cells", 1)
    code = [cell for cell in cells.items if cell.kind == "map" and _text_of(cell, "cell_type") == "code"]
    outputs = list(_outputs(code))
    if not _is_python(root):
        return Notebook(Text(""), [], outputs, python=False), document
    return _joined(text, code, outputs), document


def _joined(text: Text, code: list[Node], outputs: list[tuple[str, Span]]) -> Notebook:
    cells: list[list[str]] = []
    markers: list[Mark] = []
    for number, cell in enumerate(code, 1):
        lines: list[str] = []
        for line, place in _source_lines(text, cell):
            lines.append(line)
            markers.append((*place, number, len(lines)))
        cells.append(_without_magics(lines))
    source = "\n".join(line for lines in cells for line in lines)
    problems: list[ParseProblem] = []
    if isinstance(parse_python(Text(source)), ParseProblem):
        first = 0
        for index, lines in enumerate(cells):
            problem = parse_python(Text("\n".join(lines)))
            if isinstance(problem, ParseProblem):
                at = markers[min(first + max(problem.line, 1), len(markers)) - 1][0] if markers else 0
                problems.append(ParseProblem(f"cell {index + 1}: {problem.message}", at, problem.kind))
                cells[index] = [""] * len(lines)
            first += len(lines)
        source = "\n".join(line for lines in cells for line in lines)
    return Notebook(Text(source), markers, outputs, problems)


def _source_lines(text: Text, cell: Node) -> list[tuple[str, tuple[int, int]]]:
    """Return the lines of a cell, each with its line and column in the file."""
    node = cell.get("source") or cell.get("input")
    if node is None:
        return []
    found: list[tuple[str, tuple[int, int]]] = []
    fresh = True
    for part in node.items if node.kind == "seq" else [node]:
        if part.kind != "str":
            continue
        for piece, offset, ended in _pieces(text, part):
            if fresh:
                found.append((piece, text.position(offset)))
            else:
                found[-1] = (found[-1][0] + piece, found[-1][1])
            fresh = ended
    return found


def _pieces(text: Text, node: Node) -> Iterator[tuple[str, int, bool]]:
    """Yield the lines of a JSON string: text, offset in the file, and whether a newline ends it."""
    start = text.offset(node.span.line, node.span.column) + 1
    end = text.offset(node.span.end_line, node.span.end_column) - 1
    raw = text.data[start:end]
    last = 0
    for match in _NEWLINE.finditer(raw):
        if match[1]:
            yield _one_line(raw[last : match.start()]), start + last, True
            last = match.end()
    if last < len(raw):
        yield _one_line(raw[last:]), start + last, False


def _one_line(raw: str) -> str:
    # Other line ends would shift all later lines of the joined source against the markers.
    return unescape(raw).replace("\r", " ").replace("\n", " ").replace("\0", " ")


def _without_magics(lines: list[str]) -> list[str]:
    first = next((line for line in lines if line.strip()), "")
    magic = _CELL_MAGIC.match(first)
    if magic is not None and magic[1] not in _PYTHON_CELLS:
        return [""] * len(lines)
    if not any(_MAGIC.match(line) or _ASSIGNED.match(line) for line in lines):
        return lines
    if magic is None and not isinstance(parse_python(Text("\n".join(lines))), ParseProblem):
        return lines  # an expression that goes on with % or a string that holds such a line
    return [_plain(line) for line in lines]


def _plain(line: str) -> str:
    assigned = _ASSIGNED.match(line)
    if assigned is not None:
        return f"{assigned[1]}None"
    magic = _MAGIC.match(line)
    if magic is None:
        return line
    return f"{magic[1]}pass"


def _is_python(root: Node) -> bool:
    for path in (("metadata", "kernelspec", "language"), ("metadata", "language_info", "name")):
        node = root.at(*path)
        if node is not None and node.text:
            return node.text.lower() in ("python", "ipython", "python3")
    return True


def _outputs(code: list[Node]) -> Iterator[tuple[str, Span]]:
    count = 0
    for cell in code:
        listed = cell.get("outputs")
        for output in listed.items if listed is not None else ():
            data = output.get("data")
            fields = [output.get("text"), output.get("traceback"), output.get("evalue")]
            fields += [data.get(name) for name in _TEXT_TYPES] if data is not None else []
            for node in fields:
                for part in () if node is None else node.items if node.kind == "seq" else (node,):
                    if part.kind == "str":
                        count += 1
                        if count > _MAX_OUTPUTS:
                            return
                        yield part.text, part.span


def _text_of(node: Node, key: str) -> str:
    found = node.get(key)
    return found.text if found is not None else ""
