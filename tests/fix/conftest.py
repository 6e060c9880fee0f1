"""``agentlint fix`` as its users call it, in this process."""

from __future__ import annotations

import json

import pytest

from agentlint.cli import main


@pytest.fixture
def run(capsys):
    """Run a command: ``run("fix", path)`` gives its exit code, standard output and standard error."""

    def call(command, *arguments):
        with pytest.raises(SystemExit) as left:
            main([command, *map(str, arguments), "--no-cache", "--isolated"])
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return call


@pytest.fixture
def rules_of(run):
    """The rules that a scan of a path reports, in the order of the report."""

    def call(path, *arguments):
        _, out, _ = run("scan", path, "-f", "json", "--exit-zero", "--include-tests", *arguments)
        return [finding["rule"] for finding in json.loads(out)["findings"]]

    return call


@pytest.fixture
def mended(tmp_path, run, rules_of):
    """Write files, apply all fixes, and return the text of the first afterwards.

    What was found must be gone, and a second run must change nothing.
    """

    def call(files, rule, *, gone=True):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        assert rule in rules_of(tmp_path, "--persona", "auditor"), "nothing to mend"
        run("fix", tmp_path, "--apply", "--unsafe", "--include-tests", "--persona", "auditor", "--select", rule)
        if gone:
            assert rule not in rules_of(tmp_path, "--persona", "auditor")
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        _, out, _ = run("fix", tmp_path, "--apply", "--unsafe", "--include-tests", "--persona", "auditor", "--select", rule)
        assert out == ""
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
        return (tmp_path / next(iter(files))).read_bytes().decode()

    return call
