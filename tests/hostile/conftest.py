"""A small repository with two known flaws; whatever is put beside it, these must still be found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
from hostile.cases import put

from agentlint.cli import main
from agentlint.core.escape import for_terminal
from agentlint.engine import pool

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "report.schema.json").read_text(encoding="utf-8"))
KNOWN = {
    "known/app.py": (
        b'import os\n\nimport flask\n\napp = flask.Flask(__name__)\n\n\n@app.get("/list")\ndef listing():\n'
        b'    return str(os.system("ls " + flask.request.args["q"]))\n'
    ),
    "known/.mcp.json": b'{\n  "mcpServers": {\n    "files": {"command": "npx", "args": ["-y", "@acme/files-mcp"]}\n  }\n}\n',
}
KNOWN_FINDINGS = {("AL411", "known/app.py", 10), ("AL902", "known/.mcp.json", 3)}


@dataclass(frozen=True)
class Outcome:
    """What a user and a program see of one scan."""

    code: int
    out: str
    err: str
    report: dict
    sarif: dict
    bytes: tuple[bytes, bytes]

    @property
    def findings(self) -> set[tuple[str, str, int]]:
        return {(f["rule"], f["path"], f["line"]) for f in self.report["findings"]}

    def notes(self, *levels: str) -> list[tuple[str, str, int]]:
        wanted = levels or ("error",)
        return [(n["path"], n["kind"], n["line"]) for n in self.report["notifications"] if n["level"] in wanted]

    def message(self, path: str) -> str:
        return " / ".join(n["message"] for n in self.report["notifications"] if n["path"] == path)


def sound(outcome: Outcome) -> None:
    """Assert what holds for every scan, however hostile the tree."""
    assert "Traceback" not in outcome.out + outcome.err
    assert "failed unexpectedly" not in outcome.err
    assert KNOWN_FINDINGS <= outcome.findings, "what is beside the hostile file must still be found"
    jsonschema.Draft202012Validator(SCHEMA).validate(outcome.report)
    (run,) = outcome.sarif["runs"]
    assert {r["ruleId"] for r in run["results"]} == {rule for rule, _, _ in outcome.findings}
    invocation = run["invocations"][0]
    told = [(n["level"], n["message"]["text"]) for n in invocation.get("toolExecutionNotifications", [])]
    assert len(told) == len(outcome.report["notifications"])
    errors = outcome.notes("error")
    assert invocation["executionSuccessful"] == (not errors)
    assert outcome.code == (2 if errors else 1)
    for path, _, line in errors[:10]:
        place = for_terminal(f"{path}:{line}" if line and path else path)
        assert place in outcome.err, "standard error names the place"
        assert any(step in outcome.message(path) for step in ("exclude", "report it", "scan again", "limit")), "and the next step"
    assert "\x1b" not in outcome.out + outcome.err


@pytest.fixture
def root(tmp_path):
    """A repository with the known flaws, and next to it a directory that no scan may touch."""
    base = tmp_path / "repo"
    put(base, KNOWN)
    (tmp_path / "outside").mkdir()
    return base


@pytest.fixture
def scan(root, tmp_path, capfd, monkeypatch):
    """Scan the repository by the command line: ``scan("--jobs", 2)``. Several processes are used for any two files."""
    monkeypatch.setattr(pool, "POOL_FILES", 2)

    def run(*options, path: Path = root, check: bool = True) -> Outcome:
        json_file, sarif_file = tmp_path / "out.json", tmp_path / "out.sarif"
        for file in (json_file, sarif_file):
            file.unlink(missing_ok=True)
        if "--jobs" not in options:
            options = (*options, "--jobs", 1)
        if "--cache" in options:
            options = tuple(o for o in options if o != "--cache")
        else:
            options = (*options, "--no-cache")
        formats = ("-f", "text", "-f", f"json={json_file}", "-f", f"sarif={sarif_file}")
        capfd.readouterr()
        with pytest.raises(SystemExit) as exit:
            main(["scan", str(path), *formats, *map(str, options)])
        captured = capfd.readouterr()
        data = tuple(file.read_bytes() if file.exists() else b"{}" for file in (json_file, sarif_file))
        outcome = Outcome(exit.value.code, captured.out, captured.err, *map(json.loads, data), data)
        if check:
            sound(outcome)
        return outcome

    return run


@pytest.fixture
def secrets_of():
    """``secrets_of(3)``: credentials in a published format, different ones, made here."""
    import secretgen

    return lambda count: [secretgen.secret("groq-key", f"hostile{number}") for number in range(count)]
