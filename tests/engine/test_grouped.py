"""One finding for an agent and what it may do unasked, whatever the number of its tools."""

from __future__ import annotations

from pathlib import Path

from conftest import scan_directory

HEAD = "import os\nimport smtplib\n\nfrom agents import Agent, function_tool\n\n"
TOOL = '''
@function_tool
def {name}(to: str) -> str:
    """A tool."""
    {body}
    return "done"

'''
MAIL = 'smtplib.SMTP("mail.acme-tools.dev").sendmail("desk@acme-tools.dev", to, "hello")'


def _scan(folder: Path, *names: str):
    folder.mkdir()
    tools = "".join(TOOL.format(name=name, body=MAIL) for name in names)
    text = f'{HEAD}{tools}agent = Agent(name="desk", tools=[{", ".join(names)}])\n'
    (folder / "desk.py").write_text(text, encoding="utf-8")
    return [finding for finding in scan_directory(folder).findings if finding.rule == "AL301"]


def test_the_tools_of_an_agent_are_one_finding_with_each_of_them_related(tmp_path: Path) -> None:
    [finding] = _scan(tmp_path / "a", "send_offer", "send_bill", "send_order")
    assert "agent `desk` can call 3 tools" in finding.message
    assert all(f"`{name}`" in finding.message for name in ("send_offer", "send_bill", "send_order"))
    assert [place.message for place in finding.related if place.message.startswith("tool ")] == [
        "tool `send_bill` sends messages to people",
        "tool `send_order` sends messages to people",
    ]
    assert len(finding.related) == 5  # and the call of each


def test_a_tool_more_is_the_same_finding(tmp_path: Path) -> None:
    [alone] = _scan(tmp_path / "a", "send_offer")
    [more] = _scan(tmp_path / "b", "send_offer", "send_bill")
    assert alone.fingerprint == more.fingerprint
    assert alone.message != more.message


def test_tools_of_two_agents_are_two_findings(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    tools = "".join(TOOL.format(name=name, body=MAIL) for name in ("send_offer", "send_bill"))
    agents = 'Agent(name="sales", tools=[send_offer])\nAgent(name="bills", tools=[send_bill])\n'
    (folder / "desk.py").write_text(HEAD + tools + agents, encoding="utf-8")
    found = [finding for finding in scan_directory(folder).findings if finding.rule == "AL301"]
    assert sorted(finding.message.partition("agent `")[2].partition("`")[0] for finding in found) == ["bills", "sales"]
