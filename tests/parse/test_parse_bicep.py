"""Bicep: declarations, values and their places; what a syntax error spoils is left out."""

from __future__ import annotations

from agentlint.parse.api import parse
from agentlint.parse.problem import ParseProblem

SOURCE = """\
@secure()
param key string
var name = 'a-${key}'
resource acc 'Microsoft.X/accounts@2025-01-01' = if (true) {
  name: name
  properties: { on: false, size: 3, list: [ 'é', null ] }
}
output out string = acc.listKeys().key1
"""


def root(source: str):
    parsed = parse("bicep", "main.bicep", source.encode())
    assert not isinstance(parsed, ParseProblem), parsed
    return parsed.document.root, parsed.problems


def test_declarations_with_flags_and_types():
    tree, problems = root(SOURCE)
    assert not problems
    found = [(m.key, m.value.get("__name__").text, [f.text for f in m.value.get("__flags__").items]) for m in tree.members]
    assert found == [("param", "key", ["secure"]), ("var", "name", []), ("resource", "acc", ["if"]), ("output", "out", [])]
    assert tree.members[2].value.get("__type__").text == "Microsoft.X/accounts@2025-01-01"


def test_values_and_places():
    tree, _ = root(SOURCE)
    body = tree.members[2].value.get("value")
    assert body.at("properties").plain() == {"on": False, "size": 3, "list": ["é", None]}
    off = body.at("properties", "on")
    assert (off.span.line, off.span.column) == (6, 21)
    text = tree.members[1].value.get("value")
    assert (text.tag, [item.text for item in text.items]) == ("template", ["a-", "key"])
    assert tree.members[3].value.get("value").text == "acc.listKeys().key1"


def test_extensions_are_no_errors_and_errors_spoil_only_their_part():
    assert not root("extension microsoftGraphV1\nparam a string\n")[1]
    tree, problems = root("param a string\nresource ???\nparam b string\n")
    assert [problem.message for problem in problems] == ["not valid Bicep"]
    assert "a" in [member.value.get("__name__").text for member in tree.members]
