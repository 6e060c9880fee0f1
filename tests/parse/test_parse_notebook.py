from __future__ import annotations

import ast
import json

import pytest

from agentlint.parse.notebook import parse_notebook
from agentlint.parse.problem import ParseProblem
from agentlint.parse.python import parse_python
from agentlint.parse.text import Text


def notebook(*sources, indent=1, **metadata):
    cells = [{"cell_type": "markdown", "source": ["# title"]}]
    cells += [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
    text = Text(json.dumps({"cells": cells, "metadata": metadata}, indent=indent))
    result = parse_notebook(text)
    assert not isinstance(result, ParseProblem)
    return text, result[0]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("as_list", [True, False])
def test_markers_lead_to_the_file(indent, as_list):
    source = 'x = 1\n\nprint("é")\n'
    text, book = notebook(source.splitlines(keepends=True) if as_list else source, "y = 2", indent=indent)
    assert book.source.data.split("\n") == ["x = 1", "", 'print("é")', "y = 2"]
    assert [marker[2:] for marker in book.markers] == [(1, 1), (1, 2), (1, 3), (2, 1)]
    for line, (row, column, _, _) in zip(book.source.data.split("\n"), book.markers):
        assert text.data[text.offset(row, column) :].startswith(json.dumps(line)[1:-1])


def test_magics_are_blanked_and_lines_kept():
    _, book = notebook(
        "!pip install x\nif a:\n    %time f()\nfiles = !ls\nz = (5\n % 2)\nhelp?\n",
        "%%bash\nrm -rf /\n",
        "%%time\nb = 1\n",
        "await g()",
    )
    assert isinstance(parse_python(book.source), ast.Module)
    assert len(book.source.data.split("\n")) == len(book.markers)
    assert "rm -rf" not in book.source.data
    assert "b = 1" in book.source.data
    assert "% 2)" in book.source.data
    assert book.problems == []


def test_text_that_looks_like_a_magic_stays():
    _, book = notebook('s = """\n%s and\n!x\n"""\n')
    assert "%s and" in book.source.data


def test_a_broken_cell_does_not_hide_the_others():
    text, book = notebook("a = 1", "x = = 2\n", "b = 3")
    assert isinstance(parse_python(book.source), ast.Module)
    assert "b = 3" in book.source.data
    assert [problem.message.startswith("cell 2") for problem in book.problems] == [True]
    assert "= = 2" in text.lines[book.problems[0].line - 1]


def test_other_languages_have_no_source():
    _, book = notebook("println(1)", kernelspec={"language": "julia"})
    assert (book.source.data, book.python) == ("", False)


def test_outputs():
    cell = {
        "cell_type": "code",
        "source": "",
        "outputs": [{"text": ["key=1\n"]}, {"data": {"text/plain": "out", "image/png": "AA"}}],
    }
    text = Text(json.dumps({"cells": [cell]}))
    book, _ = parse_notebook(text)
    assert [output for output, _ in book.outputs] == ["key=1\n", "out"]
    assert book.outputs[1][1].column == text.data.index('"out"') + 1


@pytest.mark.parametrize("source", ["", "[]", '{"cells": 1}', "{", '{"x": 1}'])
def test_what_is_no_notebook_is_a_problem(source):
    assert isinstance(parse_notebook(Text(source)), ParseProblem)
