"""What roles grant beside what the code that runs as them can use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agentlint.core.place import Span
from agentlint.facts.infra.actions import actions_of, expanded
from agentlint.facts.infra.aws_calls import (
    EVERY,
    access_of,
    call_table,
    is_indirect,
    is_needed,
    is_runtime,
    is_used,
    mentioned,
    spelt,
)
from agentlint.graph.infra.bundles import Bundles, Entry
from agentlint.graph.infra.iam import Access, Policy, Role
from agentlint.graph.infra.policies import Statement
from agentlint.graph.model import GraphNode, RepoGraph

_PLATFORMS = {
    "aws.lambda.function": frozenset({"lambda.amazonaws.com", "edgelambda.amazonaws.com"}),
    "aws.agentcore.launch": frozenset({"bedrock-agentcore.amazonaws.com"}),
}
"""What runs known code, and who assumes its role to do so."""


@dataclass(slots=True, frozen=True)
class Judged:
    """A role of an agent or tool: the code that runs as it, or why its use of permissions is not known."""

    role: Role
    entries: tuple[Entry, ...]
    unknown: str = ""


@dataclass(slots=True, frozen=True)
class Surplus:
    """An action (or pattern) as it is granted, that the code does not use; ``whole``: nothing of its service is used."""

    action: str
    path: str
    span: Span
    access: str
    whole: bool
    statement: Statement


@dataclass(slots=True, frozen=True)
class Excess:
    """What the policies of the same roles grant beyond use, and what of all they grant is used."""

    roles: tuple[Judged, ...]
    surplus: tuple[Surplus, ...]
    used: tuple[str, ...]


class Privileges:
    """Joins the roles of agents and tools with the code that is deployed to run as them."""

    def __init__(self, access: Access | None, bundles: Bundles) -> None:
        """Judge each role once; no ``access``: nothing is declared, so there are none."""
        self.access = access
        self.bundles = bundles
        self.judged = {
            id(role): self._judge(role) for role in (access.roles.values() if access is not None else ()) if role.verdict[0]
        }

    def _judge(self, role: Role) -> Judged:
        if role.deployer or not role.users:
            return Judged(role, (), "nothing in the tree runs as it")
        types = {user.resource.type for user in role.users.values()}
        others = sorted(types - _PLATFORMS.keys())
        if others:
            return Judged(role, (), f"a {others[0]} runs as it")
        known = {service for kind in types for service in _PLATFORMS[kind]}
        if not role.trust_known or not role.services or not role.services <= known:
            return Judged(role, (), "others may assume it")
        if self.bundles.is_shared(role.declared):
            return Judged(role, (), "code elsewhere refers to it")
        entries: list[Entry] = []
        for user in role.users.values():
            found = self.bundles.of(user)
            if isinstance(found, str):
                return Judged(role, tuple(entries), found)
            entries.append(found)
        blind = next((entry.reached.blind for entry in entries if entry.reached.blind), "")
        return Judged(role, tuple(entries), blind)

    def into(self, graph: RepoGraph) -> None:
        """Add where code is entered, and that it runs as its role; what of agents and tools is reached runs as it, too."""
        for judged in self.judged.values():
            for entry in judged.entries:
                self._link(graph, judged.role, entry)

    def excesses(self) -> Iterator[Excess]:
        """Yield what is granted beyond use, once for all policies that the same roles hold."""
        together: dict[tuple[int, ...], list[Policy]] = {}
        for policy in self.access.policies if self.access is not None else ():
            if policy.kind == "identity" and policy.roles:
                together.setdefault(tuple(dict.fromkeys(id(role) for role in policy.roles)), []).append(policy)
        for holders, policies in together.items():
            judged = [self.judged[holder] for holder in holders if holder in self.judged]
            if len(judged) == len(holders) and not any(one.unknown for one in judged):
                found = self._excess(judged, policies)
                if found is not None:
                    yield found

    @staticmethod
    def _link(graph: RepoGraph, role: Role, entry: Entry) -> None:
        name = entry.name
        span = entry.span
        path = entry.path or entry.declared.path
        node = graph.add(
            GraphNode("entry", f"{path}#entry:{entry.function}", name, path, span, "aws-lambda", {"function": entry.function})
        )
        graph.link(node.id, "deployed_as", entry.declared.id)
        graph.link(node.id, "runs_as", role.id)
        for other in list(graph.of_type("tool", "agent")):
            if other.path in entry.reached.files and other.path:
                graph.link(other.id, "runs_as", role.id)

    def _excess(self, judged: Sequence[Judged], policies: Sequence[Policy]) -> Excess | None:
        use = Use([entry for one in judged for entry in one.entries])
        surplus: dict[tuple[str, str, int, int], Surplus] = {}
        used: set[str] = set()
        for statement in (s for policy in policies for s in policy.granted if s.allows):
            for action, span in statement.actions:
                known = frozenset() if "${" in action else expanded(action)
                used |= use.among(action, known)
                found = use.surplus(action, known, statement, span)
                if found is not None:
                    surplus.setdefault((action.lower(), found.path, span.line, span.column), found)
        telling = {id(one.statement) for one in surplus.values() if one.whole or use.matters(one)}
        kept = tuple(one for one in surplus.values() if id(one.statement) in telling)
        return Excess(tuple(judged), kept, tuple(sorted(used))) if kept else None


class Use:
    """What the code behind some roles uses, all of it together."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Add up what is reached from each entry."""
        self.words: dict[str, str] = {}
        self.clients: set[str] = set()
        self.unjudged: set[str] = set()
        self.dynamic = False
        for entry in entries:
            found = entry.reached
            self.words |= found.words
            self.clients |= found.clients
            self.unjudged |= found.unjudged
            self.dynamic = self.dynamic or found.dynamic
        self.names = frozenset(self.words)
        for service in (*self.clients, *self.unjudged):
            for other, words in call_table().alongside.get(service, {}).items():
                if not words or any(mentioned(word, self.names) for word in words):
                    self.unjudged.add(other)

    def of(self, action: str) -> bool | None:
        """Whether the code uses an action, ``None`` when that is not known."""
        service = action.partition(":")[0]
        if is_runtime(action) or service in self.unjudged or EVERY in self.unjudged:
            return None
        if service not in self.clients:
            return is_indirect(action, self.names)
        found = is_used(action, self.names)
        return None if found is False and self.dynamic else found

    def among(self, action: str, known: frozenset[str]) -> set[str]:
        """Return those of the granted actions that the code needs, or may need as far as is known."""
        if action == EVERY:
            return {spelt(one, self.words) for service in self.clients for one in self._needed(service)}
        if "*" in action or "?" in action:
            needed = {one for one in known if self.of(one) and is_needed(one, self.names)}
            untold = all(self.of(one) is None for one in known)
            return {action} if untold else {spelt(one, self.words) for one in needed}
        return set() if any(self.of(one) is False for one in known) else {action}

    def _needed(self, service: str) -> Iterator[str]:
        """Yield the actions of a service that calls in the code need."""
        named = (f"{service}:{name}" for name in actions_of(service))
        return (one for one in named if self.of(one) and is_needed(one, self.names))

    def surplus(self, action: str, known: frozenset[str], statement: Statement, span: Span) -> Surplus | None:
        """Return what is not used of a granted action or pattern, ``None`` when nothing is, or when that is not known."""
        place = (statement.path, span)
        if action == EVERY:
            known_all = not self.unjudged and not self.dynamic and not statement.preset
            return Surplus(action, *place, "write", False, statement) if known_all else None
        service = action.partition(":")[0].lower()
        unused = [one for one in known if self.of(one) is False]
        wild = "*" in action or "?" in action
        if not unused or service in self.unjudged or (wild and self.dynamic and service in self.clients):
            return None
        levels = {access_of(one) for one in unused}
        access = next(level for level in ("write", "delete", "read") if level in levels)
        whole = service not in self.clients and len(unused) == len([one for one in known if not is_runtime(one)])
        return Surplus(action, *place, access, whole, statement)

    def matters(self, one: Surplus) -> bool:
        """Whether an unused action of a service that the code uses gives more than it has: another kind of access."""
        service, _, name = one.action.lower().partition(":")
        if EVERY in (one.action, name):
            return True
        kinds = {access_of(used) for used in self._needed(service)}
        if one.statement.preset:
            return (one.access == "read") not in {kind == "read" for kind in kinds}
        if one.access == "read":
            return "read" not in kinds and one.statement.everywhere
        return one.access not in kinds or service in call_table().separate
