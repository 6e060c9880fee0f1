"""Configuration: where it is found, what it may say, and how its mistakes are told."""

from __future__ import annotations

import pytest

from agentlint.core.errors import UsageError
from agentlint.core.levels import Persona, Severity
from agentlint.engine.config import load, settings_for


def write(directory, text, name="agentlint.toml"):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_text(text, encoding="utf-8")
    return directory


FULL = """\
select = ["AL4"]
ignore = ["AL402"]
persona = "pedantic"
min-severity = "low"
fail-on = "never"
exclude = ["vendor/"]
baseline = "known.json"
rules = ["own"]
max-file-size = 1000
allow-hosts = ["a.example"]
trusted-mcp-packages = ["@a/b"]
severity = { AL401 = "critical" }
per-file-ignores = { "examples/**" = ["AL8"] }

[attest.R01]
owner = "me"
date = "2026-01-01"
"""


def test_every_key_reaches_the_settings(tmp_path):
    write(tmp_path, FULL)
    (tmp_path / "own").mkdir()
    settings = settings_for(tmp_path, {})
    assert settings.select == ("AL4",)
    assert settings.persona is Persona.PEDANTIC
    assert settings.min_severity is Severity.LOW
    assert settings.fail_on is None
    assert settings.baseline == str(tmp_path / "known.json")
    assert settings.rule_dirs == (str(tmp_path / "own"),)
    assert settings.severity == {"AL401": Severity.CRITICAL}
    assert settings.per_file_ignores == {"examples/**": ("AL8",)}
    assert settings.attest["R01"]["owner"] == "me"
    assert settings.max_file_size == 1000


def test_the_command_line_wins(tmp_path):
    write(tmp_path, 'select = ["AL4"]\npersona = "auditor"\n')
    settings = settings_for(tmp_path, {"select": ("AL6",)})
    assert (settings.select, settings.persona) == (("AL6",), Persona.AUDITOR)


def test_isolated_reads_nothing_but_an_explicit_file_counts(tmp_path):
    write(tmp_path, "nonsense = 1\n")
    assert settings_for(tmp_path, {"isolated": True}).select == ()
    other = write(tmp_path / "mine", 'select = ["AL1"]\n') / "agentlint.toml"
    assert settings_for(tmp_path, {"isolated": True}, other).select == ("AL1",)


def test_pyproject_table(tmp_path):
    write(tmp_path, '[project]\nname = "x"\n[tool.agentlint]\nselect = ["AL2"]\n', "pyproject.toml")
    assert load(tmp_path).values["select"] == ("AL2",)


def test_pyproject_of_others_is_not_ours_to_judge(tmp_path):
    write(tmp_path, "[broken\n", "pyproject.toml")
    assert load(tmp_path).path == ""


def test_agentlint_toml_comes_first(tmp_path):
    write(tmp_path, 'select = ["AL1"]\n')
    write(tmp_path, '[tool.agentlint]\nselect = ["AL2"]\n', "pyproject.toml")
    assert load(tmp_path).values["select"] == ("AL1",)


def test_parents_count_up_to_the_top_of_the_repository_only(tmp_path):
    write(tmp_path, 'select = ["AL1"]\n')
    inner = tmp_path / "repo" / "src"
    inner.mkdir(parents=True)
    assert load(inner).path == ""
    (tmp_path / "repo" / ".git").mkdir()
    assert load(inner).path == ""
    write(tmp_path / "repo", 'select = ["AL3"]\n')
    assert load(inner).values["select"] == ("AL3",)


def test_all_mistakes_at_once_with_lines_and_suggestions(tmp_path):
    write(
        tmp_path,
        'selct = ["AL4"]\npersona = "pedant"\n\nexclude = "vendor"\n[severity]\nAL401 = "hihg"\n[attest.R01]\nower = "x"\n',
    )
    with pytest.raises(UsageError) as error:
        load(tmp_path)
    lines = str(error.value).splitlines()
    file = tmp_path / "agentlint.toml"
    assert f"{file}:1: unknown key 'selct'; did you mean 'select'?" in lines
    assert any(line.startswith(f"{file}:2: persona: 'pedant' is not one of") and "'pedantic'" in line for line in lines)
    assert any(line.startswith(f"{file}:4: exclude:") for line in lines)
    assert any(line.startswith(f"{file}:6: severity.AL401:") and "did you mean 'high'?" in line for line in lines)
    assert any(line.startswith(f"{file}:8: unknown key 'attest.R01.ower'") for line in lines)


def test_syntax_error_names_the_line(tmp_path):
    write(tmp_path, "select = []\nignore = [\n")
    with pytest.raises(UsageError, match=r"agentlint\.toml:[23]: "):
        load(tmp_path)


@pytest.mark.parametrize("key", ["rules", "models"])
@pytest.mark.parametrize("place", ["../outside", "/etc", "gone"])
def test_directories_must_be_inside_and_there(tmp_path, key, place):
    (tmp_path / "outside").mkdir()
    repo = write(tmp_path / "repo", f'{key} = ["{place}"]\n')
    with pytest.raises(UsageError, match=rf"agentlint\.toml:1: {key}: "):
        load(repo)


def test_links_do_not_lead_out(tmp_path):
    write(tmp_path / "outside", "select = []\n")
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "agentlint.toml").symlink_to(tmp_path / "outside" / "agentlint.toml")
    with pytest.raises(UsageError, match="leaves the repository"):
        load(repo)
    (repo / "agentlint.toml").unlink()
    (repo / "own").symlink_to(tmp_path / "outside")
    write(repo, 'rules = ["own"]\n')
    with pytest.raises(UsageError, match="lies outside"):
        load(repo)


def test_baseline_outside_is_refused(tmp_path):
    write(tmp_path, 'baseline = "/dev/zero"\n')
    with pytest.raises(UsageError, match="baseline"):
        load(tmp_path)


def test_explicit_file_that_is_missing(tmp_path):
    with pytest.raises(UsageError, match="cannot read the configuration"):
        load(tmp_path, tmp_path / "none.toml")
