"""``rules/resources/*.yaml``: which native types are one canonical type, and how their properties are spelt."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from agentlint.core.errors import RulebookError

_PACKAGE = Path(__file__).resolve().parents[2]
_HOMES = (_PACKAGE / "_rules" / "resources", _PACKAGE.parent / "rules" / "resources")


class Default(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds when a property is not written, for the front ends that say so (none: all)."""

    at: str
    value: Any
    fronts: tuple[str, ...] = ()


class ResourceType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One canonical type.

    ``names`` are native types: ``aws_x`` (Terraform), ``AWS::X::Y``, ``Microsoft.X/y`` (any case), ``boto3:service.operation``,
    ``apiVersion-group/Kind``; a final ``*`` is a prefix. ``aliases`` renames a folded path to the name it has here; an
    empty name lifts what is below one level up. ``free`` names maps whose keys are the user's own. ``identity`` names
    the properties that say as whom it runs, ``environment`` those that hold environment variables, ``policy`` those that
    hold a policy document. ``agentic``: ``agent`` runs or fronts one, ``part`` serves one; empty: not by itself.
    ``code`` names the properties that say which code it runs. ``whole`` is an attribute that stands for all of it (the ``json``
    of a policy document).
    """

    type: str
    names: tuple[str, ...]
    agentic: Literal["", "agent", "part"] = ""
    aliases: dict[str, str] = {}
    free: tuple[str, ...] = ()
    defaults: tuple[Default, ...] = ()
    identity: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    policy: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    whole: str = ""


class Vocabulary:
    """All canonical types, by native name and by canonical one."""

    def __init__(self, types: list[ResourceType]) -> None:
        """Index ``types``; a native name that two of them claim is a mistake."""
        self.types = {kind.type: kind for kind in types}
        self.exact: dict[str, ResourceType] = {}
        self.prefixes: list[tuple[str, ResourceType]] = []
        for kind in types:
            for name in kind.names:
                spelt = name.lower()
                if spelt.endswith("*"):
                    self.prefixes.append((spelt[:-1], kind))
                elif self.exact.setdefault(spelt, kind) is not kind:
                    raise RulebookError(f"rules/resources: {name!r} is claimed by {self.exact[spelt].type} and {kind.type}")
        self.prefixes.sort(key=lambda entry: -len(entry[0]))

    def of(self, native: str) -> ResourceType | None:
        """Return the canonical type of a native one, ``None`` when it is of no interest."""
        spelt = native.lower()
        found = self.exact.get(spelt)
        return found or next((kind for prefix, kind in self.prefixes if spelt.startswith(prefix)), None)


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the vocabulary; raise ``RulebookError`` when a file is missing or wrong."""
    home = next((path for path in _HOMES if path.is_dir()), None)
    if home is None:
        raise RulebookError("rules/resources is missing from this installation; install the package again")
    return Vocabulary([kind for path in sorted(home.glob("*.yaml")) for kind in _read(path)])


def _read(path: Path) -> list[ResourceType]:
    try:
        return msgspec.yaml.decode(path.read_bytes(), type=list[ResourceType])
    except msgspec.MsgspecError as error:
        raise RulebookError(f"{path.name}: {error}") from error
