"""Values in JSON, YAML and TOML, changed in place: comments and layout stay."""

from __future__ import annotations

import json
from typing import TypeAlias

import msgspec

from agentlint.core.finding import Finding
from agentlint.core.fix import Edit, Fix, Refusal
from agentlint.core.mask import mask
from agentlint.core.place import Span
from agentlint.facts.clients import client_of
from agentlint.facts.hosts import credential_parts
from agentlint.fix.names import Names, variable_name
from agentlint.fix.source import SourceFile
from agentlint.parse.api import format_of
from agentlint.parse.document import Member, Node
from agentlint.rulebook.rules import FixForm

Path: TypeAlias = "tuple[str | int, ...]"
_COMMENT_STARTS = ("//", "/*", "#")


class Spot(msgspec.Struct, frozen=True):
    """A value in a document: the way to it, its member if it is one of a map, its parent."""

    path: Path
    member: Member | None
    node: Node
    parent: Node


def find(file: SourceFile, span: Span) -> Spot | None:
    """Return the innermost value that is at ``span``, whose key is, or that holds it."""
    best: Spot | None = None
    if file.document is None:
        return None
    for root in file.document.roots:
        nodes: dict[Path, Node] = {}
        for path, member, node in root.walk():
            nodes[path] = node
            keyed = member is not None and span in (member.key_span, member.key_span.to(node.span))
            if path and (keyed or _holds(node.span, span)):
                best = Spot(path, member, node, nodes[path[:-1]])
    return best


def _holds(outer: Span, inner: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (
        (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )


def variable(file: SourceFile, form: FixForm, finding: Finding, names: Names) -> Fix | Refusal | None:
    """Return the fix that puts the client's own variable in the place of a literal credential."""
    spot = find(file, finding.span)
    if spot is None or spot.node.kind != "str":
        return Refusal("the value is no text of its own; move it by hand")
    client = client_of(file.path, file.kind)
    syntax = form.clients.get(client)
    if syntax is None:
        return Refusal(form.without.get(client) or form.without.get("", "what reads this file is not known to expand variables"))
    secret = _secret(file, spot, finding)
    raw = file.at(spot.node.span)
    if secret is None or raw.count(secret) != 1 or any(c in secret for c in "\\\"'"):
        return Refusal("the credential is written in escapes or stands in the value twice; move it by hand")
    key, owner = _key_and_owner(spot)
    wanted = variable_name(key, finding.subject, form.names, owner)
    if key != wanted and wanted in _keys(file):
        wanted += "_ARGUMENT"  # the server gets another value under this name
    name = names.name(secret, wanted)
    shown = syntax.replace("{name}", name).replace("{input}", name.lower().replace("_", "-"))
    start, _ = file.offsets(spot.node.span)
    at = start + raw.index(secret)
    edits = [file.edit(at, at + len(secret), shown)]
    if "{input}" in syntax:
        asked = _input(file, name.lower().replace("_", "-"))
        if asked is None:
            return Refusal("the file has no place for `inputs`; declare the variable by hand")
        edits += asked
    return Fix(description=form.say.replace("{variable}", shown), edits=tuple(edits), unsafe=form.unsafe)


def _secret(file: SourceFile, spot: Spot, finding: Finding) -> str | None:
    """Return the part of the value that is the credential: what the finding shows masked, or has marked."""
    text = spot.node.text
    marked = file.at(finding.span)
    if finding.span != spot.node.span and marked in text and marked:
        return marked
    candidates = [value for _, value in credential_parts(text)] if "://" in text else []
    candidates += [text, *(text.partition(mark)[2].strip() for mark in ("Bearer ", "Basic ", "=", ": ", " "))]
    if ": " in text:
        candidates.append(text.partition(": ")[2].rpartition(" ")[2])
    return next((part for part in candidates if len(part) >= 6 and mask(part) in finding.message), None)


def _key_and_owner(spot: Spot) -> tuple[str, str]:
    """Return the key that names the credential and the name of the server it belongs to."""
    words = [str(part) for part in spot.path]
    owner = next((words[i + 1] for i, word in enumerate(words[:-1]) if word.lower().endswith(("servers", "mcp"))), "")
    if isinstance(spot.path[-1], int):
        index = spot.path[-1]
        before = spot.parent.items[index - 1].text if index else ""
        own = spot.node.text.partition("=")[0] if "=" in spot.node.text else ""
        return (own or (before if before.startswith("-") else "")).lstrip("-"), owner
    return words[-1], owner


def _keys(file: SourceFile) -> set[str]:
    roots = file.document.roots if file.document is not None else ()
    return {member.key for root in roots for _, member, _ in root.walk() if member is not None}


def _input(file: SourceFile, name: str) -> list[Edit] | None:
    """Return the edit that declares the prompt ``name`` in the ``inputs`` of the file."""
    root = file.document.root if file.document is not None else None
    if root is None or root.kind != "map" or format_of(file.kind, file.path) != "json" or root.get("servers") is None:
        return None
    inputs = root.get("inputs")
    entry = json.dumps({"type": "promptString", "id": name, "description": name.replace("-", " "), "password": True})
    if inputs is None:
        first = root.members[0]
        at, _ = file.offsets(first.key_span)
        line = file.text.lines[first.key_span.line - 1] if file.text is not None else ""
        alone = not line[: first.key_span.column - 1].strip()
        gap = file.newline + line[: first.key_span.column - 1] if alone else " "
        return [file.edit(at, at, f'"inputs": [{entry}],{gap}')]
    if inputs.kind != "seq" or any(item.get("id") is not None and item.at("id").text == name for item in inputs.items):  # type: ignore[union-attr]
        return [] if inputs.kind == "seq" else None
    start, _ = file.offsets(inputs.span)
    return [file.edit(start + 1, start + 1, entry + (", " if inputs.items else ""))]


def empty(file: SourceFile, form: FixForm, finding: Finding) -> Fix | Refusal:
    """Return the fix that turns a switch off or empties a list of approvals."""
    spot = find(file, finding.span)
    if spot is None:
        return Refusal("the key was not found in the file")
    node = spot.node
    if isinstance(spot.path[-1], int) and node.kind == "str":
        return drop(file, form, finding)
    start, end = file.offsets(node.span)
    if node.kind == "bool":
        text = "false"
    elif node.kind == "str" and node.text in form.to_instead:
        text = file.at(node.span).replace(node.text, form.to_instead[node.text])
    elif node.kind in ("seq", "map") and file.at(node.span)[:1] in "[{":
        if any(mark in file.at(node.span) for mark in _COMMENT_STARTS):
            return Refusal("the list holds comments; empty it by hand")
        text = "[]" if node.kind == "seq" else "{}"
    elif node.kind == "seq":
        return Refusal("the list is written over several lines without brackets; empty it by hand")
    else:
        return Refusal("no safe value for this key is known")
    return Fix(
        description=form.say.replace("{key}", str(spot.path[-1])), edits=(file.edit(start, end, text),), unsafe=form.unsafe
    )


def drop(file: SourceFile, form: FixForm, finding: Finding) -> Fix | Refusal:
    """Return the fix that removes an item from its list, or the word from a list in a text."""
    spot = find(file, finding.span)
    if spot is None:
        return Refusal("the entry was not found in the file")
    say = form.say.replace("{value}", spot.node.text)
    if spot.node.kind == "str" and spot.node.text in form.to_instead and spot.member is not None:
        start, end = file.offsets(spot.node.span)
        text = file.at(spot.node.span).replace(spot.node.text, form.to_instead[spot.node.text])
        return Fix(description=f"{spot.member.key}: {form.to_instead[spot.node.text]}", edits=(file.edit(start, end, text),))
    if isinstance(spot.path[-1], int):
        found = _item(file, spot, spot.path[-1])
    else:
        word = _meant(file, spot, finding)
        found = _word(file, spot, word) if word is not None else None
        say = form.say.replace("{value}", file.at(word)) if word is not None else say
    if found is None:
        return Refusal("the entry is no item of a list that can be changed in place; remove it by hand")
    return Fix(description=say, edits=(file.edit(*found, ""),), unsafe=form.unsafe)


def _meant(file: SourceFile, spot: Spot, finding: Finding) -> Span | None:
    """Return the place of the word in a text with commas that a finding speaks of."""
    if spot.node.kind != "str" or file.text is None:
        return None
    if spot.node.span != finding.span:
        return finding.span
    raw = file.at(spot.node.span)
    words = [word.strip().strip("\"'") for word in raw.split(",")]
    meant = [word for word in words if word and f"`{word}`" in finding.message]
    if len(meant) != 1 or raw.count(meant[0]) != 1:
        return None
    start = file.offsets(spot.node.span)[0] + raw.index(meant[0])
    return file.text.span(start, start + len(meant[0]))


def _item(file: SourceFile, spot: Spot, index: int) -> tuple[int, int] | None:
    """Return the offsets to delete so that an item goes with its comma, and with its line if it has one of its own."""
    assert file.text is not None
    data, items = file.text.data, spot.parent.items
    start, end = file.offsets(spot.node.span)
    if data[file.offsets(spot.parent.span)[0]] != "[":
        if len(items) == 1:
            return None  # a block without items is null, not a list
        line = spot.node.span.line
        if data[file.text.starts[line - 1] : start].strip() != "-" or spot.node.span.end_line != line:
            return None
        return file.text.starts[line - 1], file.text.starts[line] if line < len(file.text.starts) else len(data)
    if index + 1 < len(items):
        following, _ = file.offsets(items[index + 1].span)
        gap = data[end:following]
        if any(mark in gap for mark in _COMMENT_STARTS):
            return _with_line(file, spot, start, end)
        return start, following
    if index == 0:
        rest = data[end:]
        comma = len(rest) - len(rest.lstrip())
        return start, end + comma + 1 if rest[comma : comma + 1] == "," else end
    _, previous = file.offsets(items[index - 1].span)
    return (previous, end) if data[previous:start].strip() == "," else None


def _with_line(file: SourceFile, spot: Spot, start: int, end: int) -> tuple[int, int] | None:
    """Return the offsets of the item's whole line, with the comment beside it, if nothing else stands on it."""
    assert file.text is not None
    line = spot.node.span.line
    text, begin = file.text.lines[line - 1], file.text.starts[line - 1]
    after = text[end - begin :].lstrip()
    alone = not text[: start - begin].strip() and spot.node.span.end_line == line
    if not alone or not after.startswith(",") or (after[1:].strip() and not after[1:].lstrip().startswith(_COMMENT_STARTS)):
        return None
    return begin, file.text.starts[line]


def _word(file: SourceFile, spot: Spot, span: Span) -> tuple[int, int] | None:
    """Return the offsets of one word of a list that is written as a text with commas."""
    assert file.text is not None
    data = file.text.data
    low, high = file.offsets(spot.node.span)
    start, end = file.offsets(span)
    before, after = data[low:start], data[end:high]
    if after.lstrip().startswith(","):
        rest = after.lstrip()[1:]
        return start, high - len(rest.lstrip())
    if before.rstrip().endswith(",") and not after.strip("\"' "):
        return low + len(before.rstrip()) - 1, end
    return None
