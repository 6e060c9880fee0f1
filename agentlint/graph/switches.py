"""Switches: places where code or configuration turns a protection off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from agentlint.facts.python.ir import Op
from agentlint.facts.types import NodeFact
from agentlint.graph.arguments import ABSENT, UNKNOWN, beginning, constant, describe, holds, select
from agentlint.graph.guards import mentioned
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.nodes import make
from agentlint.graph.program import Program, Site
from agentlint.rulebook.index import ModelIndex
from agentlint.rulebook.models import Switch

_LOCAL = re.compile(r"[a-z+]{2,10}://(localhost|127\.\d+\.\d+\.\d+|\[::1\]|0\.0\.0\.0|host\.docker\.internal)\b")
_WORD = re.compile(r"[a-z]+")
_SECURITY_WORDS = frozenset({
    "allow", "approval", "ca", "cert", "certs", "dangerous", "debug", "insecure", "sandbox", "ssl", "tls", "trust", "tracing",
    "unsafe", "verify", "yolo",
})  # fmt: skip


def assignment_nodes(graph: RepoGraph, program: Program) -> None:
    """Add switch nodes for protections turned off by setting an environment variable or an attribute of a module."""
    for number, function in enumerate(program.functions):
        for value_id in function.updates:
            value = function.values[value_id]
            switches = program.index.switches_env(value.text)
            if switches and "os.environ" in program.inference.paths((number, value.args[0])):
                list(_assigned(graph, program, (number, value_id), value.args[1], switches, value.text))
        made: dict[tuple[int, str], str] = {}
        for store in function.stores:
            for path in program.inference.paths((number, store.base)):
                switches = program.index.switches_assign(f"{path}.{store.attr}")
                for node in _assigned(graph, program, (number, store.value), store.value, switches, f"{path}.{store.attr}"):
                    weaker = made.get((store.base, node.attrs["kind"]), node.id)
                    made[store.base, node.attrs["kind"]] = node.id
                    if weaker != node.id:  # one object whose protection is taken off in two steps: the last one counts
                        graph.nodes.pop(weaker, None)


def environment_node(graph: RepoGraph, path: str, fact: NodeFact, index: ModelIndex) -> None:
    """Add what models say of an environment variable that a file sets: a switch, or a logger."""
    name, value = fact.name, fact.attrs["value"]
    key = f"{path}#{fact.id}"
    for switch in index.switches_env(name):
        if any(value == str(option) for option in switch.one_of or (switch.equals,)):
            attrs = {"what": name, "kind": switch.kind, "arg": name, "say": switch.say, "local": False, "chosen": False}
            graph.add(GraphNode("switch", key, name, path, fact.span, attrs=attrs))
            return
    for logger in index.loggers_env(name):
        if value.lower() not in ("false", "0", "no", "off"):
            attrs = {"what": name, "default": logger.default, "scope": logger.scope}
            graph.add(GraphNode("logger", key, name, path, fact.span, attrs=attrs))


def _assigned(
    graph: RepoGraph, program: Program, site: Site, value: int, switches: tuple[Switch, ...], name: str
) -> Iterator[GraphNode]:
    seen = constant(program, (site[0], value))
    paths = [seen] if seen is not UNKNOWN else list(program.inference.paths((site[0], value)))
    for switch in switches:
        wanted = switch.one_of or (switch.equals,)
        if any(same(one, option) or same(str(one), str(option)) for one in paths for option in wanted) or (
            switch.truthy and any(paths)
        ):
            chosen = is_chosen(program, site, f"{switch.kind} {name}")
            attrs = {"kind": switch.kind, "arg": name, "say": switch.say, "local": False, "chosen": chosen}
            node = make(program, "switch", site, name, name, attrs)
            graph.add(node)
            yield node


def is_local(program: Program, site: Site) -> bool:
    """Whether a call names an address of this machine."""
    for arg in program.value(site).args[1:]:
        seen = constant(program, (site[0], arg))
        text = seen if isinstance(seen, str) else beginning(program, (site[0], arg))
        if _LOCAL.match(text):
            return True
    return False


def is_chosen(program: Program, site: Site, about: str, arg: str = "") -> bool:
    """Whether a switch is only reached if a test says so that speaks of the same thing: the user's own option.

    So is one whose argument ``arg`` gets one of two values by such a test.
    """
    words = {word for word in _WORD.findall(about.lower()) if len(word) > 3} | _SECURITY_WORDS
    if _is_asked(program, site[0], program.value(site).block, words):
        return True
    for place in select(program, site, arg) if arg else ():
        value = program.value(place)
        branches = [int(block) for block in value.keys if block] if value.op is Op.PHI else []
        if len(branches) > 1 and any(_is_asked(program, place[0], block, words) for block in branches):
            return True
    return False


def _is_asked(program: Program, number: int, block: int, words: set[str] | frozenset[str]) -> bool:
    """Whether one of the tests that lead to a block speaks of any of ``words``."""
    function = program.functions[number]
    while block >= 0:
        info = function.blocks[block]
        if info.kind == "if" and info.test >= 0:
            names = " ".join(function.values[part].text for part in mentioned(function, info.test))
            if words & set(_WORD.findall(names.lower())):
                return True
        block = info.parent
    return False


def switch_holds(program: Program, site: Site, switch: Switch) -> bool:
    """Whether a call sets the switch to its dangerous position; what is not known does not count."""
    if not holds(program, site, switch.when):
        return False
    if not switch.arg:
        return True
    for seen in describe(program, site, switch.arg):
        if seen is ABSENT:
            if switch.absent:
                return True
        elif seen is UNKNOWN:
            continue
        elif switch.truthy:
            if seen and not isinstance(seen, str):
                return True
        elif switch.one_of:
            if any(same(seen, option) for option in switch.one_of):
                return True
        elif not switch.absent and same(seen, switch.equals):
            return True
    return False


def same(seen: Any, wanted: Any) -> bool:
    """Equality that keeps booleans and numbers apart; symbols match by their last part."""
    if isinstance(seen, list):
        return seen == wanted or any(same(item, wanted) for item in seen)
    if isinstance(seen, bool) or isinstance(wanted, bool) or seen is None or wanted is None:
        return seen is wanted
    if isinstance(seen, str) and isinstance(wanted, str):
        return seen == wanted or seen.endswith("." + wanted)
    return bool(seen == wanted)
