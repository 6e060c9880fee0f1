"""One entry for all formats: a file kind, a path and bytes give a parsed file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text, decode

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentlint.parse.document import Document
    from agentlint.parse.markdown import MarkdownFile
    from agentlint.parse.notebook import Notebook

_BY_KIND = {
    "python": "python",
    "notebook": "notebook",
    "instructions": "markdown",
    "skill": "markdown",
    "markdown": "markdown",
    "prompt": "prompt",
    "dockerfile": "dockerfile",
    "terraform": "terraform",
    "bicep": "bicep",
    "dotenv": "dotenv",
    "json": "json",
    "yaml": "yaml",
    "toml": "toml",
    "agent-card": "json",
    "langgraph": "json",
    "agentcore": "json",
    "editor-settings": "json",
    "agent-settings": "json",
    "mcp-client": "json",
    "mcp-server": "json",
    "crewai-agents": "yaml",
    "crewai-tasks": "yaml",
    "workflow": "yaml",
    "gitlab-ci": "yaml",
    "compose": "yaml",
    "kubernetes": "yaml",
    "cloudformation": "yaml",
}
_BY_SUFFIX = {
    ".json": "json", ".jsonc": "json", ".json5": "json", ".code-workspace": "json",
    ".template": "yaml", ".ipynb": "notebook", ".yaml": "yaml", ".yml": "yaml",
    ".toml": "toml", ".md": "markdown", ".mdc": "markdown", ".prompty": "markdown",
}  # fmt: skip
# Kinds that are files of several formats: the name decides.
_BY_NAME = frozenset(
    {"mcp-client", "mcp-server", "agent-settings", "editor-settings", "agent-card", "cloudformation", "kubernetes",
     "compose", "instructions", "prompt", "crewai-agents", "crewai-tasks", "langgraph", "agentcore"}
)  # fmt: skip


class Parsed(msgspec.Struct):
    """A parsed file. Which fields are set depends on the format; ``text`` always is.

    ``problems`` holds what a part of the file could not be read for (a notebook cell, front matter) while the rest was.
    """

    text: Text
    document: Document | None = None
    markdown: MarkdownFile | None = None
    notebook: Notebook | None = None
    problems: list[ParseProblem] = []


def format_of(kind: str, path: str) -> str:
    """Return the format of a file of ``kind``.

    One of: python, notebook, markdown, prompt, dockerfile, terraform, bicep, dotenv, json, yaml, toml, text.
    """
    known = _BY_KIND.get(kind, "text")
    if kind not in _BY_NAME:
        return known
    name = path.rsplit("/", 1)[-1].lower()
    found = _BY_SUFFIX.get(name[name.rfind(".") :] if "." in name else "", known)
    if kind == "prompt" and found not in ("json", "yaml", "toml"):
        return "prompt"
    return found


def parse(kind: str, path: str, data: bytes) -> Parsed | ParseProblem:
    """Parse ``data``, a file of ``kind``; ``path`` decides between the formats that one kind may have.

    Markdown and prompt templates give ``markdown`` and their front matter as ``document``; notebooks ``notebook`` and
    ``document``; kinds without a tree, and Python (see ``parse.python``), only ``text``.
    """
    form = format_of(kind, path)
    text = decode(data, python=form == "python")
    if isinstance(text, ParseProblem):
        return text
    if form == "notebook":
        return _notebook(text)
    if form in ("markdown", "prompt"):
        return _markdown(text)
    if form == "json" and "." not in path.rsplit("/", 1)[-1][1:] and data.lstrip()[:1] not in (b"{", b"[", b"/", b""):
        form = "yaml"  # a dotfile that its client reads in either format
    reader = _reader(form)
    if reader is None:
        return Parsed(text)
    document = reader(text)
    if isinstance(document, ParseProblem):
        return document
    return Parsed(text, document, problems=[document.broken] if document.broken is not None else [])


def _notebook(text: Text) -> Parsed | ParseProblem:
    from agentlint.parse.notebook import parse_notebook

    result = parse_notebook(text)
    if isinstance(result, ParseProblem):
        return result
    notebook, document = result
    return Parsed(text, document, notebook=notebook, problems=list(notebook.problems))


def _markdown(text: Text) -> Parsed:
    from agentlint.parse.markdown import parse_markdown

    file = parse_markdown(text)
    # Front matter that is no YAML is read line by line, as clients read it; what lies beyond a limit they would read.
    lost = file.problem is not None and (file.front is None or file.problem.kind == "cap")
    problems = [file.problem] if file.problem is not None and lost else []
    return Parsed(text, file.document, markdown=file, problems=problems)


def _reader(form: str) -> Callable[[Text], Document | ParseProblem] | None:
    """Return the parser of a data format; each is imported only when a file needs it."""
    if form == "json":
        from agentlint.parse.json import parse_json

        return parse_json
    if form == "yaml":
        from agentlint.parse.yaml import parse_yaml

        return parse_yaml
    if form == "toml":
        from agentlint.parse.toml import parse_toml

        return parse_toml
    if form == "dockerfile":
        from agentlint.parse.dockerfile import parse_dockerfile

        return parse_dockerfile
    if form == "terraform":
        from agentlint.parse.hcl import parse_hcl

        return parse_hcl
    if form == "bicep":
        from agentlint.parse.bicep import parse_bicep

        return parse_bicep
    if form == "dotenv":
        from agentlint.parse.dotenv import parse_dotenv

        return parse_dotenv
    return None
