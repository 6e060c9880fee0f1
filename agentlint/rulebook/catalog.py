"""The rulebook as one compiled file: rules, models and credential formats without YAML."""

from __future__ import annotations

import msgspec

from agentlint.rulebook.book import Rulebook

NAME = "_catalog.json"


def sealed(book: Rulebook) -> Rulebook:
    """Return ``book`` in canonical order, with the digest (SHA-256, hexadecimal) of its content."""
    ordered = msgspec.structs.replace(
        book,
        rules=tuple(sorted(book.rules, key=lambda rule: rule.id)),
        models=tuple(sorted(book.models, key=lambda model: model.package)),
        secrets=tuple(sorted(book.secrets, key=lambda secret: secret.id)),
        digest="",
    )
    import hashlib

    content = msgspec.json.encode(ordered, order="deterministic")
    return msgspec.structs.replace(ordered, digest=hashlib.sha256(content).hexdigest())


def dump(book: Rulebook) -> bytes:
    """Return ``book`` as the bytes of a catalogue file; equal books give equal bytes."""
    return msgspec.json.encode(book, order="deterministic") + b"\n"


def parse(data: bytes) -> Rulebook:
    """Return the book in a catalogue file; raise ``msgspec.MsgspecError`` when it is not one."""
    return msgspec.json.decode(data, type=Rulebook)
