"""Random credentials in published formats, made when tests run, so that the repository holds none."""

from __future__ import annotations

import base64
import random
import re
import string
import zlib

from agentlint.facts.secret_filters import base62, entropy
from agentlint.rulebook.book import SecretType
from agentlint.rulebook.load import shipped

try:
    from re import _constants as c, _parser
except ImportError:
    import sre_constants as c
    import sre_parse as _parser

MARKER = re.compile(r"@@SECRET:([a-z0-9-]+)(?::(\w+))?@@")
WORD = string.ascii_letters + string.digits + "_"
CATEGORY = {c.CATEGORY_WORD: WORD, c.CATEGORY_DIGIT: string.digits, c.CATEGORY_SPACE: "\n"}


def types() -> dict[str, SecretType]:
    return {kind.id: kind for kind in shipped().secrets}


def secret(type_id: str, seed: str = "") -> str:
    """Return a credential of the type; equal arguments give equal values."""
    kind = types()[type_id]
    rng = random.Random(f"{type_id}/{seed}")
    if type_id == "private-key":
        return _private_key(rng)
    tree = _group(_parser.parse(kind.regex))
    for _ in range(200):
        value = _make(tree, rng)
        if kind.checksum == "crc32-base62":
            prefix, _, body = value.partition("_")
            body = body[:-6]
            value = f"{prefix}_{body}{base62(zlib.crc32(body.encode()), 6)}"
        if entropy(value) > kind.entropy + 0.02 and any(ch.isdigit() for ch in value):
            return value
    raise AssertionError(f"{type_id}: the entropy floor {kind.entropy} is out of reach")


def in_context(type_id: str, seed: str = "") -> str:
    """Return what has to stand in front of a secret of this type, joined with it: `cohere_api_key = "…`."""
    kind = types()[type_id]
    value = secret(type_id, seed)
    pattern = re.compile(kind.regex)
    match = pattern.search(value)
    if match and match[1] == value:
        return value
    for literal in kind.literals:
        for tail in ("", "_key", "_api_key", "_token", "_secret", "_secret_access_key", "y_token"):
            for glue in (' = "', "=", ""):
                line = literal + tail + glue + value
                found = pattern.search(line)
                if found and found[1] == value:
                    return line
        line = f"x?{literal}{value}"
        found = pattern.search(line)
        if found and found[1] == value:
            return line
    raise AssertionError(f"no context makes {kind.regex} match")


def fill(text: str) -> str:
    """Replace `@@SECRET:type-id@@` (and `@@SECRET:type-id:name@@`, another value per name) by generated secrets."""
    return MARKER.sub(lambda found: secret(found[1], found[2] or ""), text)


def fill_sample(text: str) -> str:
    """Replace samples that documentation cuts off, such as "sk-proj-…", by generated secrets with that beginning."""
    known = {literal: kind.id for kind in shipped().secrets for literal in kind.literals}
    return re.sub(r"([\w-]{3,20})…", lambda found: _beginning(found[1], known), text)


def _beginning(prefix: str, known: dict[str, str]) -> str:
    for seed in range(100):
        value = secret(known[prefix], str(seed)) if prefix in known else prefix
        if value.startswith(prefix):
            return value
    raise AssertionError(prefix)


def _private_key(rng: random.Random) -> str:
    kind = rng.choice(["", "RSA ", "EC ", "OPENSSH "])
    body = base64.b64encode(rng.randbytes(rng.randint(120, 600))).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {kind}PRIVATE KEY-----", *lines])


def _group(items):
    for op, av in items:
        if op is c.SUBPATTERN and av[0] == 1:
            return list(av[-1])
        for body in _bodies(op, av):
            found = _group(body)
            if found is not None:
                return found
    return None


def _bodies(op, av):
    if op is c.SUBPATTERN:
        return [av[-1]]
    if op is c.BRANCH:
        return av[1]
    if op in (c.MAX_REPEAT, c.MIN_REPEAT):
        return [av[2]]
    return []


def _make(items, rng) -> str:
    out = []
    for op, av in items:
        if op is c.LITERAL:
            out.append(chr(av))
        elif op is c.IN:
            out.append(rng.choice(_set(av)))
        elif op is c.BRANCH:
            out.append(_make(rng.choice(av[1]), rng))
        elif op is c.SUBPATTERN:
            out.append(_make(av[-1], rng))
        elif op in (c.MAX_REPEAT, c.MIN_REPEAT):
            low, high, body = av
            count = rng.randint(low, min(high, low + 40)) if high != low else low
            out.extend(_make(body, rng) for _ in range(count))
        elif op in (c.ASSERT, c.ASSERT_NOT):
            continue
        else:
            raise AssertionError(f"cannot generate {op}")
    return "".join(out)


def _set(av) -> str:
    chars = ""
    for op, value in av:
        if op is c.LITERAL:
            chars += chr(value)
        elif op is c.RANGE:
            chars += "".join(map(chr, range(value[0], value[1] + 1)))
        elif op is c.CATEGORY:
            chars += CATEGORY[value]
        else:
            raise AssertionError(op)
    return chars
