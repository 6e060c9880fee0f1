"""Values of Terraform: references, defaults of the same file, policies in whatever way they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.facts.resources import listed, scalar_text
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.hcl import parse_hcl
from agentlint.parse.json import parse_json
from agentlint.parse.text import Text

if TYPE_CHECKING:
    from agentlint.core.place import Span

MAX_ENCODED = 200_000

_NAMED = lazy.pattern(r"(var|local)\.([A-Za-z_][\w-]{0,200})")
_REFERENCE = lazy.pattern(r"\b(data\.)?((?:aws|awscc)_[a-z0-9_]{1,100})\.([A-Za-z_][\w-]{0,200})")
_ENCODED = lazy.pattern(r"jsonencode\(\s*")
_STATEMENT = {
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
    "condition": "Condition",
}


@dataclass(slots=True)
class Module:
    """The blocks of one file: resources and data sources by ``type.name``, values of variables and locals."""

    text: Text
    resources: dict[str, Node] = field(default_factory=dict)
    data: dict[str, Node] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)

    def resolve(self, node: Node) -> Node:
        """Return the value of a variable's default or a local of the same file; another node unchanged."""
        for _ in range(8):
            match = _NAMED.fullmatch(node.text.strip()) if node.kind == "expr" else None
            found = self.values.get(f"{match[1]}.{match[2]}") if match is not None else None
            if found is None or found.kind == "null":
                return node
            node = found
        return node

    def policy(self, node: Node | None) -> Node | None:
        """Return the policy document that an attribute holds, in whatever way; None when it is computed elsewhere."""
        if node is None:
            return None
        node = self.resolve(node)
        if node.kind == "map":
            return node
        if node.tag == "heredoc":
            return self._heredoc(node)
        if node.kind == "str":
            parsed = parse_json(Text(node.text)) if node.text.lstrip().startswith("{") else None
            return moved(parsed.root, node.span) if isinstance(parsed, Document) else None
        for name in references(node):
            if name.startswith("data.aws_iam_policy_document.") and name.removeprefix("data.") in self.data:
                return document_of(self.data[name.removeprefix("data.")])
        return self._encoded(node)

    def _heredoc(self, node: Node) -> Node | None:
        first = node.span.line + 1
        start = self.text.offset(first, 1)
        end = self.text.offset(first + node.text.count("\n"), 1)
        parsed = parse_json(self.text, start, end)
        return parsed.root if isinstance(parsed, Document) and parsed.root.kind == "map" else None

    def _encoded(self, node: Node) -> Node | None:
        source = node.text
        match = _ENCODED.match(source)
        if match is None or not source.rstrip().endswith(")") or len(source) > MAX_ENCODED:
            return None
        inner = source[match.end() : source.rindex(")")]
        named = self.resolve(Node("expr", node.span, inner.strip()))
        if named.kind == "map":
            return named
        # Parsed where it stands, so that places are those of the file: "jsonencode(" leaves room for "x=" before it.
        before = source[: match.end()]
        line = node.span.line + before.count("\n")
        column = len(before) - before.rindex("\n") - 1 if "\n" in before else node.span.column - 1 + len(before)
        lead = "\n" * (line - 1) + "x=".ljust(column) if column >= 2 else "\n" * max(line - 2, 0) + "x=\n"
        parsed = parse_hcl(Text(lead + inner))
        return parsed.root.get("x") if isinstance(parsed, Document) else None


def read_module(root: Node, text: Text) -> Module:
    """Return the blocks of a file by name."""
    module = Module(text)
    for member in root.members:
        labels = [item.text for item in listed(member.value.get("__labels__"))]
        if member.key == "resource" and len(labels) == 2:
            module.resources[".".join(labels)] = member.value
        elif member.key == "data" and len(labels) == 2:
            module.data[".".join(labels)] = member.value
        elif member.key == "variable" and len(labels) == 1:
            default = member.value.get("default")
            if default is not None:
                module.values[f"var.{labels[0]}"] = default
        elif member.key == "locals":
            module.values.update((f"local.{local.key}", local.value) for local in member.value.members)
    return module


def references(node: Node | None) -> list[str]:
    """Return the resources (``type.name``) and data sources (``data.type.name``) that a value refers to."""
    found: list[str] = []
    for _, _, inner in node.walk() if node is not None else ():
        if inner.kind == "expr" and len(inner.text) <= MAX_ENCODED:
            found.extend(f"{match[1] or ''}{match[2]}.{match[3]}" for match in _REFERENCE.finditer(inner.text))
    return list(dict.fromkeys(found))


def document_of(block: Node) -> Node:
    """Return an ``aws_iam_policy_document`` data source in the shape of the JSON it renders to."""
    items = [_statement(member.value) for member in block.members if member.key == "statement"]
    return Node("map", block.span, members=[Member("Statement", block.span, Node("seq", block.span, items=items))])


def _statement(block: Node) -> Node:
    members = [Member(_STATEMENT[m.key], m.key_span, m.value) for m in block.members if m.key in _STATEMENT]
    if block.get("effect") is None:
        members.append(Member("Effect", block.span, Node("str", block.span, "Allow")))
    principals = [(m.key_span, m.value) for m in block.members if m.key == "principals"]
    if principals:
        named = [
            Member(scalar_text(value.get("type")) or "", span, value.get("identifiers") or value) for span, value in principals
        ]
        members.append(Member("Principal", principals[0][0], Node("map", principals[0][0], members=named)))
    return Node("map", block.span, members=members)


def moved(root: Node, span: Span) -> Node:
    """Return the tree of a one-line JSON text with all its places at ``span``: escapes make finer ones wrong."""
    for _, member, node in root.walk():
        node.span = span
        if member is not None:
            member.key_span = span
    return root
