"""What is written, and above all what is not."""

from __future__ import annotations

import codecs
import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from agentlint.engine import fixing
from agentlint.engine.run import scan
from agentlint.engine.settings import Settings
from agentlint.fix.write import NotWrittenError, add_variables, replace
from secretgen import secret

KEY = secret("openai-key", "safety")
CODE = f'import os\nkey = "{KEY}"\n'
MENDED = 'import os\nkey = os.environ["OPENAI_API_KEY"]\n'
NO_CACHE = Settings(use_cache=False, isolated=True)
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "report.schema.json").read_text(encoding="utf-8"))


def planned(root):
    seen = fixing.Seen([root], NO_CACHE)
    return fixing.plan(scan([root], NO_CACHE), seen, unsafe=True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CODE.replace("\n", "\r\n").encode(), MENDED.replace("\n", "\r\n").encode()),
        (codecs.BOM_UTF8 + CODE.encode(), codecs.BOM_UTF8 + MENDED.encode()),
        (b"# coding: latin-1\n# \xe9\n" + CODE.encode(), b"# coding: latin-1\n# \xe9\n" + MENDED.encode()),
        (CODE.encode().rstrip(b"\n"), MENDED.encode().rstrip(b"\n")),
        (b"\x0c\n" + CODE.encode(), b"\x0c\n" + MENDED.encode()),
        (f'key = "{KEY}"\r\n'.encode(), b'import os\r\n\r\nkey = os.environ["OPENAI_API_KEY"]\r\n'),
    ],
)
def test_line_ends_marks_and_encodings_stay(run, tmp_path, before, after):
    path = tmp_path / "a.py"
    path.write_bytes(before)
    run("fix", tmp_path, "--apply")
    assert path.read_bytes() == after


def test_configuration_in_other_encodings_stays_so(run, tmp_path):
    text = '{"mcpServers": {"gh": {"command": "é", "env": {"OPENAI_API_KEY": "%s"}}}}\r\n'
    for name, encode in (
        (".cursor/mcp.json", lambda t: codecs.BOM_UTF16_LE + t.encode("utf-16-le")),
        (".mcp.json", lambda t: t.encode("latin-1")),
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encode(text % KEY))
        run("fix", tmp_path, "--apply")
        assert path.read_bytes() == encode(text % ("${env:OPENAI_API_KEY}" if "cursor" in name else "${OPENAI_API_KEY}"))


def test_the_mode_stays(run, tmp_path):
    path = tmp_path / "a.py"
    path.write_text(CODE)
    path.chmod(0o754)
    run("fix", tmp_path, "--apply")
    assert path.read_text() == MENDED and path.stat().st_mode & 0o777 == 0o754
    assert sorted(os.listdir(tmp_path)) == [".env.example", "a.py"]


def test_a_read_only_file_is_left_and_said(run, tmp_path):
    path = tmp_path / "a.py"
    path.write_text(CODE)
    path.chmod(0o444)
    code, out, err = run("fix", tmp_path, "--apply")
    assert (code, out) == (2, "") and "read-only" in err and path.read_text() == CODE
    assert not (tmp_path / ".env.example").exists()


def test_a_link_is_not_followed(tmp_path):
    outside, root = tmp_path / "outside.py", tmp_path / "root"
    root.mkdir()
    outside.write_text(CODE)
    (root / "a.py").symlink_to(outside)
    with pytest.raises(NotWrittenError, match="regular"):
        replace(root / "a.py", CODE.encode(), b"x = 1\n", [root])
    (root / "folder").symlink_to(tmp_path)
    with pytest.raises(NotWrittenError, match="outside"):
        replace(root / "folder" / "outside.py", CODE.encode(), b"x = 1\n", [root])
    assert outside.read_text() == CODE


def test_a_file_swapped_for_a_link_after_the_scan_is_left(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside.py"
    root.mkdir()
    (root / "a.py").write_text(CODE)
    outside.write_text(CODE)
    plan = planned(root)
    (root / "a.py").unlink()
    (root / "a.py").symlink_to(outside)
    assert "regular" in fixing.write(plan.changes[0], [root])
    assert outside.read_text() == CODE


def test_a_hard_link_is_left(tmp_path):
    (tmp_path / "a.py").write_text(CODE)
    os.link(tmp_path / "a.py", tmp_path / "b.txt")
    assert "hard links" in fixing.write(planned(tmp_path).changes[0], [tmp_path])


def test_a_file_that_changes_after_planning_is_left(tmp_path):
    path = tmp_path / "a.py"
    path.write_text(CODE)
    plan = planned(tmp_path)
    path.write_text(CODE + "more = 1\n")
    assert "changed since the scan" in fixing.write(plan.changes[0], [tmp_path])
    assert path.read_text() == CODE + "more = 1\n"


def test_a_file_that_changes_during_the_scan_is_left(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("# first\n" + CODE)
    seen = fixing.Seen([tmp_path], NO_CACHE)
    path.write_text(CODE)
    plan = fixing.plan(scan([tmp_path], NO_CACHE), seen, unsafe=True)
    assert not plan.changes
    assert "changed since the scan" in plan.refused[0][1]


def test_the_example_is_no_way_out(tmp_path):
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    (root / ".env.example").symlink_to(outside)
    with pytest.raises(NotWrittenError):
        add_variables(root, ["A"])
    assert not outside.exists()
    outside.write_text("B=1\n")
    with pytest.raises(NotWrittenError):
        add_variables(root, ["A"])
    assert outside.read_text() == "B=1\n"


def test_a_single_file_as_root_gets_no_neighbour(run, tmp_path):
    (tmp_path / "a.py").write_text(CODE)
    _, _, err = run("fix", tmp_path / "a.py", "--apply")
    assert (tmp_path / "a.py").read_text() == MENDED
    assert os.listdir(tmp_path) == ["a.py"] and "OPENAI_API_KEY" in err


def test_several_roots(run, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(CODE)
    assert run("fix", tmp_path / "one", tmp_path / "two", "--apply")[0] == 0
    assert [(tmp_path / name / "a.py").read_text() for name in ("one", "two")] == [MENDED, MENDED]


def test_neither_listing_nor_diff_writes_or_shows_a_secret(run, tmp_path):
    (tmp_path / "a.py").write_text(CODE + f'\n# {KEY}\npassword = "{KEY[::-1]}"\n')
    before = (tmp_path / "a.py").read_bytes()
    for arguments in ((), ("--diff",), ("--diff", "--unsafe")):
        code, out, err = run("fix", tmp_path, *arguments)
        assert code == 1 and KEY not in out + err and KEY[8:-8] not in out + err
        assert "OPENAI_API_KEY" in out
    assert (tmp_path / "a.py").read_bytes() == before and os.listdir(tmp_path) == ["a.py"]


def test_diff_and_apply_exclude_each_other(run, tmp_path):
    code, _, err = run("fix", tmp_path, "--diff", "--apply")
    assert code == 2 and "--diff" in err


@pytest.mark.parametrize(("content", "code"), [("x = 1\n", 0), (CODE, 0), ("import os\n# " + KEY + "\n", 1), ("def (\n", 2)])
def test_exit_codes_after_applying(run, tmp_path, content, code):
    (tmp_path / "a.py").write_text(content)
    assert run("fix", tmp_path, "--apply", "--persona", "auditor", "--select", "AL101")[0] == code


def test_reports_hold_the_edits(run, tmp_path):
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "b.py").write_text("import httpx\nhttpx.get(url, verify=False)\n")
    _, out, _ = run("scan", tmp_path, "-f", "json", "--exit-zero")
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(out))
    fixes = {finding["rule"]: finding["fix"] for finding in json.loads(out)["findings"]}
    assert fixes["AL101"] == {
        "description": "read OPENAI_API_KEY from the environment",
        "unsafe": False,
        "edits": [{"path": "a.py", "line": 2, "column": 7, "end_line": 2, "end_column": 9 + len(KEY), "replacement": 'os.environ["OPENAI_API_KEY"]'}],
    }  # fmt: skip
    assert fixes["AL604"]["unsafe"] and fixes["AL604"]["edits"][0]["replacement"] == ""
    _, out, _ = run("scan", tmp_path, "-f", "sarif", "--exit-zero")
    result = next(r for r in json.loads(out)["runs"][0]["results"] if r["ruleId"] == "AL604")
    [change] = result["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"].endswith("b.py")
    assert change["replacements"] == [
        {"deletedRegion": {"startLine": 2, "startColumn": 14, "endLine": 2, "endColumn": 28}, "insertedContent": {"text": ""}}
    ]


def test_a_scan_without_fixes_to_tell_loads_none_of_it(tmp_path):
    (tmp_path / "a.py").write_text("import httpx\nhttpx.get(url, verify=False)\n")
    code = (
        "import sys\nfrom agentlint.cli import main\n"
        f"try: main(['scan', {str(tmp_path)!r}, '--no-cache', '--isolated', '-f', 'github'])\n"
        "except SystemExit: print([m for m in sys.modules if m.startswith(('libcst', 'agentlint.fix'))])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_file_with_very_many_findings_takes_bounded_time(tmp_path):
    lines = [f'k{number} = "{secret("openai-key", str(number))}"' for number in range(300)]
    (tmp_path / "a.py").write_text("\n".join(lines) + "\n")
    plan = planned(tmp_path)
    assert len(plan.changes[0].fixed) == 200
    assert {reason for _, reason in plan.refused} == {
        "the file has too many findings to work out all fixes at once; apply these, then run it again"
    }


def test_deep_and_odd_code_is_refused_not_crashed_on(run, tmp_path):
    deep = "x = " + "(" * 80 + f'"{KEY}"' + ")" * 80
    (tmp_path / "a.py").write_text(deep + "\n")
    (tmp_path / "b.py").write_text("y = a" + ".b()" * 60 + f'(key="{secret("openai-key", "deep")}")\n')
    code, out, err = run("fix", tmp_path, "--apply", "--unsafe", "--select", "AL101")
    assert code == 0 and KEY not in out + err
    assert (tmp_path / "b.py").read_text().endswith('(key=os.environ["OPENAI_API_KEY_2"])\n')
