"""What looks like a credential and is none."""

from __future__ import annotations

import base64
import json
import random

import pytest

import secretgen
from agentlint.facts.secret_filters import checksum_holds, entropy
from agentlint.facts.secrets import MAX_FACTS, SecretScanner, digest
from agentlint.parse.text import Text
from agentlint.rulebook.load import shipped

SCANNER = SecretScanner(shipped().secrets)
OPENAI = secretgen.secret("openai-key", "filters")
GITHUB = secretgen.secret("github-token", "filters")


def scan(source: str, **options):
    return SCANNER.scan(source.encode(), Text(source), **options)


def test_the_plain_line_is_found():
    assert [f.type for f in scan(f'key = "{OPENAI}"\n')] == ["openai-key"]
    assert [f.type for f in scan(f'key = "{GITHUB}"\n')] == ["github-token"]


@pytest.mark.parametrize(
    "line",
    [
        "name = 'task-0123456789abcdef0123456789abcdef'",
        "x = 'risk-proj-" + OPENAI[8:] + "'",
        "OPENAI_API_KEY=sk-your-api-key-here-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "OPENAI_API_KEY=sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "key = 'sk-proj-" + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" + "'",
        "key = 'sk-proj-" + "aB3" * 30 + "'",
        "key = os.environ['OPENAI_API_KEY']",
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "token: ghp_" + "A" * 36,
        "key: <" + OPENAI + ">",
        "key: ${" + OPENAI + "}",
        "key: {{" + OPENAI + "}}",
        "key: " + OPENAI + "...",
        "key: " + OPENAI + "…",
        "cohere @ git+https://example.org/cohere.git@" + "0123456789abcdef0123456789abcdef01234567",
        "stripe_key = 'sk_test_your_key_goes_here_1234'",
        "-----BEGIN PUBLIC KEY-----\n" + "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo" * 3,
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "sha256:" + "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_no_credential(line):
    assert scan(line + "\n") == []


def test_a_wrong_checksum_is_no_token():
    wrong = GITHUB[:-1] + ("a" if GITHUB[-1] != "a" else "b")
    assert checksum_holds("crc32-base62", GITHUB)
    assert not checksum_holds("crc32-base62", wrong)
    assert scan(f"t = '{wrong}'\n") == []


@pytest.mark.parametrize("type_id", ["aws-access-key-id", "google-api-key", "aws-bedrock-key", "alibaba-access-key-id"])
@pytest.mark.parametrize("mark", ["/", "+", "a", "9"])
def test_a_piece_of_an_image_is_no_key(type_id, mark):
    rng = random.Random(7)
    noise = base64.b64encode(rng.randbytes(300)).decode().rstrip("=")
    image = noise + mark + secretgen.secret(type_id, "image").rstrip("=") + mark + noise
    output = {"output_type": "display_data", "data": {"image/png": image + "\n"}}
    assert scan(json.dumps({"cells": [{"outputs": [output]}]})) == []
    assert scan(f'<img src="data:image/png;base64,{image}">') == []


def test_pragma_exempts_its_line_unless_told_otherwise():
    own = f'key = "{OPENAI}"  # pragma: allowlist secret\n'
    above = f'# pragma: allowlist nextline secret\nkey = "{OPENAI}"\n'
    for source in (own, above):
        assert scan(source) == []
        assert len(scan(source, pragmas=False)) == 1
    assert len(scan(f'# pragma: allowlist secret\nkey = "{OPENAI}"\n')) == 1


def test_equal_secrets_have_equal_digests():
    first, second, other = scan(f'a = "{OPENAI}"\nb = "{OPENAI}"\nc = "{secretgen.secret("openai-key", "other")}"\n')
    assert first.digest == second.digest != other.digest
    assert OPENAI not in first.digest and first.digest == digest("openai-key", OPENAI)


def test_context_names_the_key():
    assert scan(f'OPENAI_API_KEY = "{OPENAI}"\n')[0].context == "OPENAI_API_KEY"
    assert scan(f'{{"apiKey": "{OPENAI}"}}\n')[0].context == "apiKey"
    assert scan(f"export TOKEN={GITHUB}\n")[0].context == "TOKEN"


def test_facts_are_capped():
    source = "\n".join(f"k = '{secretgen.secret('groq-key', str(n))}'" for n in range(MAX_FACTS + 20))
    assert len(scan(source)) == MAX_FACTS


def test_wide_encodings_are_read():
    source = f'key = "{OPENAI}"\n'
    assert len(SCANNER.scan(source.encode("utf-16"), Text(source, "utf-16-le"))) == 1


def test_entropy():
    assert entropy("") == 0
    assert entropy("aaaa") == 0
    assert entropy("abcd") == 2
