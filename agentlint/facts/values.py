"""What a configured value is: a reference, a placeholder or a literal; and whether a literal is a credential."""

from __future__ import annotations

import math
from collections import Counter
from typing import Literal

from agentlint.core import lazy

ValueClass = Literal["empty", "reference", "placeholder", "literal"]

_MAX = 4096
_REFERENCE = lazy.pattern(
    r"\$\{[^}]{1,200}\}|\$\{\{[^}]{1,200}\}\}|\$[A-Za-z_]\w{0,99}|\$\([^)]{1,200}\)|%[A-Za-z_]\w{0,99}%"
    r"|\{\{[^}]{1,200}\}\}"
    r"|\{(?:env|file|input|secret|vault|config):[^}]{1,200}\}|<%[^%]{1,200}%>"
    r"|^(?:op|vault|ssm|keychain|keyring|secretsmanager|env|secret|aws-sm|gcp-sm|akv|doppler)://?\S+"
    r"|^(?:env|secret|file|vault):\S+"
    r"|__[A-Z][A-Z0-9_]{2,99}__|\bos\.environ\b|\bprocess\.env\b|^!secret\b"
)
_PLACEHOLDER = lazy.pattern(
    r"<[^<>]{1,120}>|\[[A-Za-z][^\[\]]{1,80}\]|\.\.\.|…|\*{3,}|x{4,}|X{3,}|(?:^|[^0-9])0{6,}|#{3,}"
    r"|(?i:your|my)[-_ ]?(?i:own|personal|actual|secret|api|access|auth|open|git|key|token|password|pass"
    r"|org|project|client|account|db"
    r"|app|bot|user|name|server|credential|instance|subscription|tenant|workspace|bearer|jwt|here|value"
    r"|aws|azure|google|slack|notion)"
    r"|(?i:change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|with)|insert[-_ ]|enter[-_ ]|put[-_ ]"
    r"|add[-_ ]your|fill[-_ ]|paste[-_ ])"
    r"|(?i:placeholder|example|sample|dummy|redacted|todo|tbd|fixme|to[-_ ]be[-_ ]|not[-_ ]?set|optional"
    r"|(?:^|[-_])here$|foobar)"
    r"|(?i:^(?:fake|mock|test|demo|secret|password|token|apikey|api[-_]key|key|none|null|nil|undefined"
    r"|true|false|default|value|string|"
    r"abc123|admin|user|root|postgres|guest|n/a|na)$)|(?i:[-_](?:key|token|secret|password)[-_](?:here|value)?$)"
    r"|(?i:^(?:fake|mock|dummy|test|demo|example|sample)[-_])|(?i:1234567|abcdefgh|abc123|deadbeef)"
)
_SECRET_NAME = lazy.pattern(
    r"(?i)(?:^|[-_.])(?:(?:api|access|auth|secret|private|service|account|encryption|signing|master|admin"
    r"|bot|app|client|webhook|license)"
    r"[-_]?(?:key|token|secret|pwd)|apikey|token|secret|passw(?:or)?d|passphrase|pwd|pat|credentials?"
    r"|bearer|jwt|dsn|auth"
    r"|authorization|cookie|session[-_]?key)(?:$|[-_.](?:v?\d+|value|string|prod|dev|staging|live|test))"
)
_SECRET_CAMEL = lazy.pattern(r"(?:[a-z0-9](?:Key|Token|Secret|Password|Credential)s?|^(?:authorization|cookie))$")
_NOT_SECRET_NAME = lazy.pattern(
    r"(?i)(?:public|publishable|_url|_uri|_path|_file|_dir|_id|_name|_type|_endpoint|_host|_ttl|max_tokens"
    r"|tokens?_limit|token_budget"
    r"|_method|_mode|_enabled|_required|_env_var|_location|expir|_header)$|^(?:max|min|num|total|count)_"
)
_KNOWN = lazy.pattern(
    r"\b(?:sk-(?:proj-|svcacct-|admin-|ant-(?:api|admin|oat|ort)\d\d-|or-v1-)?[A-Za-z0-9_-]{20,}"
    r"|gh[pousr]_[A-Za-z0-9]{30,}"
    r"|github_pat_\w{40,}|xox[abposr]-[A-Za-z0-9-]{20,}|xapp-\d-[A-Za-z0-9-]{20,}|AIza[\w-]{35}|(?:AKIA"
    r"|ASIA)[A-Z2-7]{16}"
    r"|glpat-[\w-]{20,}|hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{40,}|r8_[\w-]{30,}|npm_[A-Za-z0-9]{36}|ntn_[A-Za-z0-9]{40,}"
    r"|secret_[A-Za-z0-9]{40,}|lin_api_[A-Za-z0-9]{40}|tvly-[A-Za-z0-9-]{20,}|pplx-[A-Za-z0-9]{40,}|fc-[a-f0-9]{32}"
    r"|(?:sk|rk)_(?:live|prod)_[A-Za-z0-9]{16,}|apify_api_[A-Za-z0-9]{30,}|nvapi-[\w-]{40,}|pcsk_\w{40,}"
    r"|ABSK[A-Za-z0-9+/]{60,}"
    r"|eyJ[\w-]{15,}\.eyJ[\w-]{15,}\.[\w-]{15,})"
)
_PLAIN_WORDS = lazy.pattern(r"[A-Za-z]{1,20}(?:[-_ ./][A-Za-z]{1,20}){0,8}")
_NUMBERED_WORDS = lazy.pattern(r"[A-Za-z]{2,20}\d{0,2}(?:[-_./ ][A-Za-z]{1,20}\d{0,3}){1,8}")
_SCHEME = lazy.pattern(r"(?i)^(?:bearer|token|basic|apikey|api-key|key)[ \t]+")
_LOCATION = lazy.pattern(r"^(?:https?|wss?|file|unix)://|^(?:\.{0,2}/|~|[A-Za-z]:\\)")


def classify(value: str) -> ValueClass:
    """Return what ``value`` is; a string that holds a reference anywhere is a reference."""
    text = value[:_MAX].strip()
    if not text:
        return "empty"
    if _REFERENCE.search(text):
        return "reference"
    if _PLACEHOLDER.search(text):
        return "placeholder"
    return "literal"


def is_secret_name(name: str) -> bool:
    """Return whether a key, header or option of this name holds a credential."""
    bare = name[:200].lstrip("-")
    if _NOT_SECRET_NAME.search(bare):
        return False
    return _SECRET_NAME.search(bare) is not None or _SECRET_CAMEL.search(bare) is not None


def is_credential(name: str, value: str) -> bool:
    """Return whether the literal ``value`` of the key ``name`` is a credential.

    A published key format, or a random-looking string under a name that says so. References, placeholders, places and
    plain words are none.
    """
    bare = _SCHEME.sub("", value[:_MAX].strip())
    if classify(bare) != "literal":
        return False
    if _KNOWN.search(bare):
        return True
    return is_secret_name(name) and looks_random(bare)


def looks_random(text: str) -> bool:
    """Return whether ``text`` has the length and the mixture of characters of a generated credential."""
    if len(text) < 12 or " " in text or _LOCATION.match(text) or _PLAIN_WORDS.fullmatch(text) or _NUMBERED_WORDS.fullmatch(text):
        return False
    if len(set(text)) < 7:
        return False
    has_digit = any(char.isdigit() for char in text)
    has_letter = any(char.isalpha() for char in text)
    return has_digit and has_letter and entropy(text) > 2.8 and _is_mixed(text)


def _is_mixed(text: str) -> bool:
    """Tell whether letters, digits and cases alternate as chance would have it: in names and versions they stand in groups."""
    changes = 0
    longest = run = 0
    before = ""
    for char in text[:400]:
        now = "d" if char.isdigit() else "u" if char.isupper() else "l" if char.isalpha() else ""
        changes += bool(now and before and now != before and not (before == "u" and now == "l"))
        run = run + 1 if now else 0
        longest = max(longest, run)
        before = now
    return changes >= max(4 if longest >= 10 else 5, min(len(text), 400) // 8)


def entropy(text: str) -> float:
    """Return the Shannon entropy of ``text``, in bits for each character."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values()) if total else 0.0


def bare(value: str) -> str:
    """Return a header's credential without the scheme before it."""
    return _SCHEME.sub("", value.strip())
