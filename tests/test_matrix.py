"""Frameworks and rules: what `fixtures/matrix` says of each pair is true, nothing is left unsaid, and the page shows it."""

from __future__ import annotations

import sys

import pytest

from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import build_matrix  # noqa: E402
import matrix_cells  # noqa: E402

FRAMEWORKS = matrix_cells.frameworks()


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_rules_say_what_the_cells_say_and_no_cell_is_empty(name: str):
    problems = build_matrix.check(FRAMEWORKS[name])
    assert not problems, "\n" + "\n".join(problems)


def test_the_page_is_up_to_date():
    assert build_matrix.PAGE.read_text(encoding="utf-8") == build_matrix.page(FRAMEWORKS), "run scripts/build_matrix.py"


def test_a_cell_that_is_wrong_is_told():
    cells = [matrix_cells.Cell("x", ("AL301",), kind, "nothing", "print(1)\n") for kind in ("bad", "good")]
    assert build_matrix.judge(cells, {"print(1)\n": []}) == ["x: bad nothing: AL301 is not found"]
    assert "AL302: nothing is said of it" in build_matrix.holes(cells)
    assert "AL301: no good program" in build_matrix.holes(cells[:1])


def test_an_unknown_header_is_an_error(tmp_path):
    path = tmp_path / "x.py"
    path.write_text("# X\n# %% frame\n#: tools\n# %% AL301 maybe it is\nprint(1)\n")
    frame = matrix_cells.read(path)
    with pytest.raises(ValueError, match="no such cell"):
        matrix_cells.cells_of(frame, matrix_cells.read(matrix_cells.CELLS / "every.py"))
