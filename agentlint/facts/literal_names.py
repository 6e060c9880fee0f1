"""What the name of a variable, key or option says about the value it holds: nothing, a key, a password, a signing secret."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from agentlint.core import lazy

NameClass = Literal["", "key", "password", "admin", "signing"]

WORDS = (
    "secret", "passw", "passphrase", "passcode", "pwd", "_pass", "apikey", "_key", "-key", "accesskey", "token", "credential",
    "authorization", "bearer", "_pat", "jwt",
)  # fmt: skip
"""At least one of these stands, in lower case, in every name that counts."""
NAME_END = (
    r"(?:secret|passw(?:or)?d|passphrase|passcode|pwd|[_-]pass|token|bearer|authorization|credentials?|jwt|[_-]pat"
    r"|(?:[_-]|api|access|secret)key)"
    r"(?:[_-]?(?:value|val|str|string|default|prod|production|dev|development|staging|live|test|local|raw|plain|plaintext"
    r"|old|new|v?[0-9])){0,4}"
    r"(?![a-z_])"
)
"""Where a name that counts ends, in lower case: not in ``max_tokens``, ``tokenizer``, ``key_count``."""
_LONGEST = 120
_CAMEL = lazy.pattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT = lazy.pattern(r"[^a-z0-9]+")
_QUALIFIERS = frozenset({
    "value", "val", "str", "string", "default", "prod", "production", "dev", "development", "staging", "live", "test",
    "local", "raw", "plain", "plaintext", "v1", "v2", "old", "new", "1", "2", "3",
})  # fmt: skip
_PASSWORDS = frozenset({"password", "passwd", "pwd", "passphrase", "passcode"})
_ACCOUNTS = frozenset({"admin", "administrator", "root", "superuser", "default", "initial", "bootstrap", "master"})
_LOGINS = frozenset({
    "db", "database", "user", "smtp", "mysql", "pg", "postgres", "root", "admin", "redis", "auth", "basic", "login",
    "neo4j", "email", "mail", "sudo", "ssh", "rabbitmq", "mongo", "mongodb", "es", "elastic", "ftp", "imap", "ldap",
    "vnc", "proxy", "http",
})  # fmt: skip
_SIGNERS = frozenset({
    "jwt", "token", "session", "cookie", "signing", "sign", "signature", "hmac", "csrf", "encryption", "encrypt",
    "nextauth", "auth", "authn", "refresh", "webui", "flask", "django", "fastapi", "fernet", "access", "jwe", "jws",
    "oauth2",
})  # fmt: skip
_APPS = frozenset({"app", "flask", "django", "fastapi", "server", "web", "webui", "default", "application", "site", "service"})
_KEY_OWNERS = frozenset({
    "api", "access", "private", "account", "auth", "admin", "subscription", "license", "client", "bot", "storage",
    "secret", "service", "virtual", "application", "app", "consumer", "ssh", "developer",
})  # fmt: skip
_NOT_TOKENS = frozenset({
    "page", "next", "continuation", "pagination", "sync", "eos", "bos", "pad", "unk", "sep", "cls", "mask", "start",
    "end", "stop", "special", "image", "bpe", "mention", "resume", "cancellation", "csrf", "xsrf", "request", "first",
    "last", "prev", "previous", "current", "max", "min", "num", "per", "audio", "video", "placeholder", "marker",
    "eot", "think", "id", "erc20", "contract", "nft", "design", "begin", "prefix", "suffix", "public", "publishable",
    "project", "website", "authenticity", "idempotency",
})  # fmt: skip
_JOINED_KEYS = frozenset({"access", "secret", "private", "signing", "encryption", "auth"})
_PUBLIC = frozenset({"public", "publishable", "anon", "pub", "site"})


def parts(name: str) -> list[str]:
    """Return the words of an identifier, in lower case: ``dbPassword`` and ``DB_PASSWORD`` give the same two."""
    return [word for word in _SPLIT.split(_CAMEL.sub("_", name[-_LONGEST:]).lower()) if word]


@lru_cache(maxsize=8192)
def name_class(name: str) -> NameClass:
    """Return what a value under ``name`` is. What a secret is *called*, where it is *kept* or how *long* it is, is no secret."""
    words = parts(name)
    while len(words) > 1 and words[-1] in _QUALIFIERS:
        words.pop()
    if not words or not _PUBLIC.isdisjoint(words):
        return ""
    words[-1:] = _taken_apart(words[-1])
    last, before = words[-1], words[:-1]
    previous = before[-1] if before else ""
    if last in _PASSWORDS or (last == "pass" and previous in _LOGINS):
        return "admin" if not _ACCOUNTS.isdisjoint(before) else "password"
    if last == "secret":
        return "signing" if not _SIGNERS.isdisjoint(before) and "client" not in before else "key"
    if last == "key":
        return _key(before, previous)
    if last == "token":
        return "" if previous in _NOT_TOKENS else "key"
    if last in ("apikey", "authtoken", "accesstoken", "bearer", "authorization", "pat"):
        return "key"
    if last == "jwt" or (last in ("credential", "credentials") and len(words) <= 3):
        return "key"
    return ""


def _taken_apart(word: str) -> list[str]:
    """Return the two words that are written as one: ``clientsecret``, ``dbpassword``."""
    for end in ("password", "secret", "token", "key"):
        owner = word.removesuffix(end)
        known = _JOINED_KEYS if end == "key" else _KEY_OWNERS | _SIGNERS | _LOGINS | _ACCOUNTS
        if owner != word and owner in known:
            return [owner, end]
    return [word]


def _key(before: list[str], previous: str) -> NameClass:
    if previous == "secret":
        owners = before[:-1]
        return "signing" if not owners or not (_APPS | _SIGNERS).isdisjoint(owners) else "key"
    if previous in ("signing", "jwt", "encryption", "fernet", "hmac", "session", "cookie", "master"):
        return "signing"
    return "key" if previous in _KEY_OWNERS else ""
