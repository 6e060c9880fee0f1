"""Names of environment variables for secrets: one for each value, the same wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agentlint.core.digest import blake2b

# Names that say that something is secret, but not of what.
_GENERIC = frozenset({
    "API_KEY", "APIKEY", "KEY", "TOKEN", "SECRET", "SECRET_KEY", "PASSWORD", "PASS", "PWD", "ACCESS_TOKEN", "AUTH_TOKEN", "AUTH",
    "AUTHORIZATION", "CREDENTIAL", "CREDENTIALS", "VALUE", "DEFAULT", "URL", "X_API_KEY", "BEARER", "BEARER_TOKEN", "ARGUMENT",
})  # fmt: skip

_TELLING = 3


class Names:
    """The names given so far. Two values never share a name."""

    def __init__(self) -> None:
        self._by_value: dict[bytes, str] = {}
        self._taken: set[str] = set()

    def name(self, secret: str, wanted: str) -> str:
        """Return the name for the value ``secret``: that given before, else ``wanted``, with a number if it is taken."""
        key = blake2b(secret.strip().encode("utf-8", "surrogatepass"), digest_size=16).digest()
        known = self._by_value.get(key)
        if known is not None:
            return known
        name, number = wanted, 2
        while name in self._taken:
            name, number = f"{wanted}_{number}", number + 1
        self._taken.add(name)
        self._by_value[key] = name
        return name


def shouted(text: str) -> str:
    """Return ``text`` as the name of an environment variable; empty when it has no letters."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text[:80])
    name = re.sub(r"[^A-Za-z0-9]+", "_", apart).strip("_").upper()
    return f"_{name}" if name[:1].isdigit() else name


def variable_name(context: str, subject: str, names: Mapping[str, str], owner: str = "") -> str:
    """Return a name from the name that holds the secret, or from the ``subject`` of the finding where that says little."""
    name = shouted(context)
    if len(name) >= _TELLING and name not in _GENERIC:
        return name
    if subject in names:
        return names[subject]
    if owner:
        return f"{shouted(owner)}_{name if name and name not in ('AUTHORIZATION', 'URL', 'ARGUMENT') else 'TOKEN'}"
    said = shouted(subject.partition("/")[0])
    return said if said and said not in _GENERIC else f"APP_{name or said or 'SECRET'}"
