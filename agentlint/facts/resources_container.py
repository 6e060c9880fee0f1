"""What containers share, wherever they are configured: ways out to the host, and signs that an agent runs in one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.facts.resources import agent_sign, model_key, setting
from agentlint.facts.resources_command import launch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentlint.core.place import Span
    from agentlint.facts.types import NodeFact

_SOCKETS = ("docker.sock", "containerd.sock", "crio.sock", "podman.sock")
_CREDENTIALS = lazy.pattern(
    r"^(?:~|\$HOME|\$\{HOME\}|\$\{HOME:-[^}]{0,40}\}|/root|/home/[^/]{1,40}|/Users/[^/]{1,40}|\$\{?USERPROFILE\}?)"
    r"/(\.aws|\.ssh|\.git-credentials|\.config/gcloud|\.config/gh|\.kube|\.docker|\.npmrc|\.pypirc|\.netrc|\.gnupg"
    r"|\.azure)(?:/.{0,200})?$"
)
_HOST_ROOTS = frozenset(
    {"/", "/etc", "/root", "/proc", "/sys", "/var/run", "/run", "/var/lib/docker", "/var/lib/kubelet", "/home", "/dev"}
)
_CAPABILITIES = frozenset({"ALL", "SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_MODULE", "DAC_READ_SEARCH", "BPF"})
_DEVELOPER = lazy.pattern(r"(?:^|/)\.?devcontainers?(?:/|\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Workload:
    """A container, whether an agent runs in it (by the sign ``reason``), whether it is one to develop in."""

    path: str
    framework: str
    name: str
    agentic: bool
    reason: str
    developer: bool = False

    def escape(self, what: str, detail: str, span: Span) -> NodeFact:
        """Return the node of one way out of the container."""
        return self.note("escape-path", what, detail, span)

    def note(self, kind: str, what: str, detail: str, span: Span) -> NodeFact:
        """Return a ``setting`` node about this workload."""
        attrs = {
            "what": what,
            "detail": detail,
            "subject": self.name,
            "agentic": self.agentic,
            "reason": self.reason,
            "developer": self.developer,
        }
        return setting(kind, self.path, span, self.framework, attrs)


def is_developer(path: str) -> bool:
    """Whether a file configures a container to develop in."""
    return _DEVELOPER.search(path) is not None


def judge_container(names: Iterable[str], variables: Iterable[str], words: list[str]) -> tuple[bool, str]:
    """Return whether an agent runs in a container, and the sign: a model key, the program it starts, or a name."""
    key = model_key(variables)
    if key:
        return True, f"it gets {key}"
    started = launch(words) if words else None
    if started is not None:
        return True, f"it starts {started.program}"
    sign = agent_sign(names, words[:40])
    return (True, f"its name or command says {sign}") if sign else (False, "")


def mount_escape(source: str) -> tuple[str, str]:
    """Return the kind and a description of the way out that mounting a host path opens, or empty strings."""
    path = source.strip().strip("'\"")
    if path.rsplit("/", 1)[-1] in _SOCKETS:
        return "runtime-socket", f"the container runtime's socket ({path})"
    credential = _CREDENTIALS.match(path[:400])
    if credential is not None:
        return "host-credentials", f"the host user's {credential[1]}"
    if path in ("~", "$HOME", "${HOME}", "~/", "$HOME/", "${HOME}/"):
        return "host-credentials", "the host user's home directory"
    if (path.rstrip("/") or "/") in _HOST_ROOTS and path:
        return "host-path", f"the host's {path}"
    return "", ""


def capability_escape(name: str) -> bool:
    """Whether a Linux capability undoes the container's isolation."""
    return name.upper().removeprefix("CAP_") in _CAPABILITIES
