"""One step of a workflow that runs an agent: what it may use, what it is told, who may start it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from agentlint.core import lazy
from agentlint.core.limits import MAX_LINE_FOR_REGEX
from agentlint.core.place import Span
from agentlint.facts.resources import environment, scalar_text
from agentlint.facts.resources_command import Launch, launches, split, split_tools, tool_list
from agentlint.facts.resources_data import AgentAction, action_table
from agentlint.parse.document import Document, Node
from agentlint.parse.json import parse_json
from agentlint.parse.text import Text

Reach = Literal["none", "narrow", "code", "all"]
_EXPRESSION = lazy.pattern(r"\$\{\{([^}]{1,500})\}\}")
_SHA = lazy.pattern(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_VERSION = lazy.pattern(r"v?\d+(?:\.\d+){0,3}(?:[-+.][\w.-]{1,40})?")


@dataclass(slots=True)
class AgentStep:
    """What one step says: ``tools`` by allow-list entry, ``told`` by untrusted expression in the prompt."""

    name: str
    span: Span
    program: str
    action: AgentAction | None = None
    ref: str = ""
    condition: str = ""
    tools: dict[str, Span] = field(default_factory=dict)
    listed: bool = False
    told: dict[str, Span] = field(default_factory=dict)
    off: dict[str, Span] = field(default_factory=dict)
    secrets: dict[str, Span] = field(default_factory=dict)
    printed: dict[str, Span] = field(default_factory=dict)
    opened: Span | None = None
    fixed: bool = False
    capped: bool = False
    token: str = ""
    tokenless: bool = False

    @property
    def reach(self) -> Reach:
        """``all`` (a wildcard, or nothing listed), ``code`` (a program that runs anything), ``narrow``, ``none``."""
        table = action_table()
        if not self.listed:
            return "all"
        names = [re.sub(r"[ :]\*\)$", ":*)", name) for name in self.tools]
        if any(name in table.wildcard_tools for name in names):
            return "all"
        if any(name in table.code_tools for name in names):
            return "code"
        return "none" if all(name.split("(", 1)[0] in table.read_tools for name in names) else "narrow"

    @property
    def ref_kind(self) -> str:
        """``sha``, ``version`` (a tag that looks like one), ``branch`` (anything else); empty without an action."""
        if self.action is None:
            return ""
        return "sha" if _SHA.fullmatch(self.ref) else "version" if _VERSION.fullmatch(self.ref) else "branch"


def read_step(step: Node, index: int, text: Text) -> AgentStep | None:
    """Return what a step says about the agent it runs, or None when it runs none."""
    uses = step.get("uses")
    label = scalar_text(step.get("name")) or scalar_text(step.get("id")) or f"step {index + 1}"
    condition = scalar_text(step.get("if")) or ""
    if uses is not None:
        name, _, ref = (scalar_text(uses) or "").partition("@")
        action = find_action(name)
        if action is None:
            return None
        found = AgentStep(label, uses.span, name, action, ref, condition)
        _read_inputs(found, action, step, text)
    else:
        run = step.get("run")
        started = [launch for launch in launches(scalar_text(run) or "") if launch.program and (launch.batch or launch.off)]
        if run is None or not started:
            return None
        found = AgentStep(label, _line(run, text, started[0]), started[0].program, None, "", condition)
        _read_run(found, run, started, text)
    _read_environment(found, step)
    return found


def find_action(name: str) -> AgentAction | None:
    """Return the known agent action of this name (case and a trailing path do not matter)."""
    wanted = name.lower()
    for action in action_table().actions:
        for known in (action.uses, *action.aliases):
            if wanted == known.lower() or wanted.startswith(f"{known.lower()}/"):
                return action
    return None


def _read_inputs(found: AgentStep, action: AgentAction, step: Node, text: Text) -> None:
    inputs = step.get("with") or Node("map", found.span)
    for member in inputs.members:
        key, value = member.key, scalar_text(member.value) or ""
        if key in action.open_to and re.search(r"(?:^|[\s,])\*(?:$|[\s,])", value):
            found.opened = member.value.span
        if key in action.prompts:
            _read_prompt(found, member.value, text)
            found.fixed = found.fixed or value.lstrip().startswith("/")
        if key in action.args:
            _read_words(found, split(value), member.value, text)
        if key in action.tools:
            _add_tools(found, split_tools(value), member.value, text)
        if key in action.settings:
            _read_settings(found, member.value, text)
        if key in action.token and "GITHUB_TOKEN" not in value and "github.token" not in value:
            found.token = value.strip()[:80]
        if key in action.environment:
            _read_secrets(found, value, member.value, text)
        for switch in action_table().safety_off_inputs:
            if key == switch.input and value == switch.value and key in action.sandbox:
                found.off[f"{key}: {value}"] = member.value.span
        if any(key == known.input and value.lower() == known.value for known in action_table().transcript_inputs):
            found.printed[key] = member.value.span


def _read_prompt(found: AgentStep, node: Node, text: Text) -> None:
    for match in _EXPRESSION.finditer((scalar_text(node) or "")[: 10 * MAX_LINE_FOR_REGEX]):
        for name in action_table().untrusted_text:
            if name in match[1]:
                found.told.setdefault(name, find(text, node.span, name))


def _read_words(found: AgentStep, words: list[str], node: Node, text: Text) -> None:
    tools = tool_list(words)
    if tools:
        _add_tools(found, tools, node, text)
    for switch in action_table().safety_off:
        for position, word in enumerate(words):
            option, _, value = word.partition("=")
            following = words[position + 1] if position + 1 < len(words) else ""
            if option == switch.option and (not switch.value or switch.value == (value or following)):
                found.off[f"{switch.option} {switch.value}".strip()] = find(text, node.span, option)


def _read_secrets(found: AgentStep, value: str, node: Node, text: Text) -> None:
    """Note the secrets that lines of ``NAME: ${{ secrets.X }}`` hand to the agent."""
    for line in value.split("\n")[:200]:
        name, _, rest = line.strip().partition(":")
        if "secrets." in rest:
            add_secret(found, name.strip(), find(text, node.span, name.strip()))


def add_secret(found: AgentStep, name: str, span: Span) -> None:
    """Note a secret of the agent's environment unless it is the agent's own credential."""
    if name and not name.upper().startswith(action_table().own_credentials):
        found.secrets.setdefault(name[:80], span)


def _add_tools(found: AgentStep, names: list[str], node: Node, text: Text) -> None:
    found.listed = True
    for name in names[:200]:
        found.tools.setdefault(name, find(text, node.span, name))


def _read_settings(found: AgentStep, node: Node, text: Text) -> None:
    content = scalar_text(node) or ""
    if not content.lstrip().startswith("{"):
        return
    document = parse_json(Text(content))
    if not isinstance(document, Document):
        return
    for keys in (("permissions", "allow"), ("tools", "core"), ("coreTools",), ("tools", "allowed")):
        listed = document.root.at(*keys)
        if listed is not None and listed.kind == "seq":
            _add_tools(found, [item.text for item in listed.items if item.text], node, text)


def _read_run(found: AgentStep, run: Node, started: list[Launch], text: Text) -> None:
    script = scalar_text(run) or ""
    for launch in started:
        for option in launch.off:
            found.off.setdefault(option, find(text, run.span, option.split(" ", 1)[0]))
        if launch.tools:
            _add_tools(found, list(launch.tools), run, text)
    for match in _EXPRESSION.finditer(script[: 10 * MAX_LINE_FOR_REGEX]):
        for name in action_table().untrusted_text:
            if name in match[1]:
                found.told.setdefault(name, find(text, run.span, name))


def _read_environment(found: AgentStep, step: Node) -> None:
    for name, value, span in environment(step.get("env")):
        content = scalar_text(value)
        if content and "secrets." in content:
            add_secret(found, name, span)
        found.capped = found.capped or name in action_table().cap_environment
        if name in ("GITHUB_TOKEN", "GH_TOKEN"):
            found.tokenless = found.tokenless or content in (None, "")
            if content and "secrets.GITHUB_TOKEN" not in content and "github.token" not in content:
                found.token = content.strip()[:80]


def find(text: Text, inside: Span, needle: str) -> Span:
    """Return the place of ``needle`` in the lines of ``inside``; its start when it is not there (folded, escaped)."""
    last = min(inside.end_line, len(text.lines))
    for number in range(inside.line, last + 1):
        column = text.lines[number - 1].find(needle, inside.column - 1 if number == inside.line else 0)
        if column >= 0:
            return Span(number, column + 1, number, column + 1 + len(needle))
    return inside if inside.line == inside.end_line else Span(inside.line, inside.column, inside.line, inside.column + 1)


def _line(run: Node, text: Text, launch: Launch) -> Span:
    return find(text, run.span, launch.program)
