from __future__ import annotations

import msgspec
import pytest

from agentlint.core.fingerprint import assign, finding_fingerprint
from agentlint.core.limits import MAX_SNIPPET
from agentlint.core.mask import mask, mask_in_place, mask_line
from agentlint.core.place import Span
from report_samples import KEY, finding


def prints(text: str, *findings):
    return [f.fingerprint for f in assign(findings, {"app/agent.py": text}.get)]


def at(line: int, **values):
    return finding(span=Span(line, 1, line, 5), fingerprint="", **values)


def test_fingerprint_survives_moved_lines_edits_elsewhere_and_indentation():
    assert prints("exec(x)\n", at(1)) == prints("import os\n\n\n    exec(x)  \nprint()\n", at(4))


@pytest.mark.parametrize("other", [{"rule": "AL411"}, {"path": "b.py"}, {"symbol": "f"}])
def test_fingerprint_tells_rule_path_and_symbol_apart(other):
    text = {"app/agent.py": "exec(x)\n", "b.py": "exec(x)\n"}.get
    first, second = assign((at(1), at(1, **other)), text)
    assert first.fingerprint != second.fingerprint


def test_fingerprint_is_32_hex_digits_and_parts_cannot_run_together():
    one = finding_fingerprint("AL1", "a", "bc", "d", 1)
    assert len(one) == 32 and int(one, 16) >= 0
    assert one != finding_fingerprint("AL1", "ab", "c", "d", 1)


def test_equal_findings_get_numbers_in_file_order_whatever_order_they_come_in():
    text = "exec(x)\ny\nexec(x)\n"
    up = prints(text, at(1), at(3))
    assert len(set(up)) == 2
    assert prints(text, at(3), at(1)) == up[::-1]


def test_order_and_everything_else_of_findings_stay():
    given = (at(3), at(1))
    assert [(f.span, f.message) for f in assign(given, lambda _p: "a\nb\nc\n")] == [(f.span, f.message) for f in given]


def test_snippet_is_the_line_without_blanks_around():
    (found,) = assign((at(2),), lambda _p: "a\n\t  exec( x )  \n")
    assert found.snippet == "exec( x )"


def test_snippet_of_a_minified_line_is_cut_around_the_finding():
    text = "a;" * 5000 + "exec(model)" + ";b" * 5000
    (found,) = assign((finding(span=Span(1, 10_001, 1, 10_012)),), lambda _p: text)
    assert "exec(model)" in found.snippet and len(found.snippet) <= MAX_SNIPPET


def test_snippet_is_empty_and_fingerprint_there_when_the_source_is_gone():
    (found,) = assign((at(2),), lambda _p: None)
    assert found.snippet == "" and len(found.fingerprint) == 32


def test_secret_is_masked_in_its_own_snippet_and_in_that_of_a_neighbour():
    text = f'token = "{KEY}"; exec(x)\n'
    secret = finding(rule="AL101", category="hardcoded-secret", span=Span(1, 9, 1, 11 + len(KEY)))
    other = finding(span=Span(1, 14 + len(KEY), 1, 20 + len(KEY)))
    for found in assign((secret, other), lambda _p: text):
        assert KEY not in found.snippet and KEY[4:-2] not in found.snippet
        assert found.snippet.startswith('token = "sk-p***') and found.snippet.endswith("exec(x)")


@pytest.mark.parametrize("span", [Span(1, 1, 1, 1), Span(1, 1, 1, 80)])
def test_identity_findings_do_not_echo_credentials_in_their_calls(span):
    text = 'login("kx81Ghq2mZpl77Qw", retries=3)\n'
    (found,) = assign((finding(rule="AL110", category="weak-identity", span=span),), lambda _p: text)
    assert "kx81Ghq2mZpl77Qw" not in found.snippet and "retries=3" in found.snippet


def test_secret_over_several_lines_is_masked_on_each():
    marks = {"span": Span(1, 5, 3, 6)}
    (first,) = assign(
        (finding(rule="AL107", category="hardcoded-secret", **marks),), lambda _p: "k = abcdefgh\nsecretsecret\nxyzzy\n"
    )
    assert first.snippet == "k = ********"


@pytest.mark.parametrize("value", ["", "a", "hunter2", "fifteen-letters"])
def test_short_secrets_are_hidden_with_their_length(value):
    assert mask(value) == "********"


def test_mask_shows_at_most_four_and_two_characters():
    assert mask(KEY) == "sk-p********5s"
    assert mask_in_place(f"'{KEY}'") == "'sk-p" + "*" * (len(KEY) - 6) + "5s'"


def test_issued_keys_no_finding_names_are_masked_too():
    line = f"x = call({KEY})"
    assert KEY not in mask_line(line, 1) and len(mask_line(line, 1)) == len(line)


@pytest.mark.parametrize(
    "line",
    ["risk-assessment-of-the-whole-system", "class OAuth2PasswordBearerWithCookie:", "import sk_learn_contrib_tools"],
)
def test_ordinary_code_is_not_masked(line):
    assert mask_line(line, 1) == line


def test_input_findings_are_not_changed():
    given = at(1)
    before = msgspec.json.encode(given)
    assign((given,), lambda _p: "exec(x)\n")
    assert msgspec.json.encode(given) == before
