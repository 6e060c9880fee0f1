"""Command lines: which agent they start and which of its protections they switch off."""

from __future__ import annotations

import shlex
from typing import NamedTuple

from agentlint.core import lazy
from agentlint.core.limits import MAX_LINE_FOR_REGEX
from agentlint.facts.resources_data import SafetyOff, action_table

_SEPARATORS = lazy.pattern(r"&&|\|\||[;|\n]")
_LAUNCHERS = frozenset(
    {
        "sudo",
        "exec",
        "npx",
        "bunx",
        "pnpm",
        "dlx",
        "yarn",
        "uvx",
        "timeout",
        "nohup",
        "time",
        "command",
        "then",
        "do",
        "if",
        "else",
        "!",
        "-y",
        "--yes",
    }
)
_SHELLS = frozenset({"sh", "bash", "/bin/sh", "/bin/bash", "zsh", "dash", "ash", "/bin/ash", "/usr/bin/bash"})
_ASSIGNMENT = lazy.pattern(r"^[A-Za-z_]\w*=")


class Launch(NamedTuple):
    """An agent program on a command line; ``batch``: it acts without a person, ``off``: options that unprotect it."""

    program: str
    batch: bool
    off: tuple[str, ...]
    tools: tuple[str, ...]
    words: tuple[str, ...]
    line: int


def split(command: str) -> list[str]:
    """Split one command into words as a shell would; broken quoting falls back to blanks."""
    text = command[:MAX_LINE_FOR_REGEX]
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def commands(script: str) -> list[tuple[int, list[str]]]:
    """Split a shell script into its simple commands: line (0-based, in the script) and words.

    Quoted text that spans separators is kept whole where quoting is balanced on the line, else it is split at blanks.
    Comments and empty commands are left out.
    """
    found: list[tuple[int, list[str]]] = []
    lines = script.split("\n")
    index = 0
    while index < len(lines):
        start, text = index, lines[index]
        while text.rstrip().endswith("\\") and index + 1 < len(lines) and len(text) < MAX_LINE_FOR_REGEX:
            index += 1
            text = text.rstrip()[:-1] + " " + lines[index]
        index += 1
        if not text.lstrip().startswith("#"):
            found.extend((start, words) for words in _simple(text[:MAX_LINE_FOR_REGEX]))
    return found


def _simple(text: str) -> list[list[str]]:
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars=";|&()")
        lexer.whitespace_split = True
        tokens = list(lexer)
    except ValueError:
        return [part.split() for part in _SEPARATORS.split(text) if part.strip()]
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token and all(char in ";|&()" for char in token):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def launches(script: str) -> list[Launch]:
    """Return the agents that a shell script starts, in order."""
    return [found for line, words in commands(script) for found in [launch(words, line)] if found is not None]


def launch(words: list[str], line: int = 0) -> Launch | None:
    """Return the agent that a word list starts (through ``sh -c``, ``npx``, ``env`` too), or None."""
    words = _unwrap(words)
    if not words:
        return None
    program = _program(words[0])
    arguments = words[1:]
    known = next((command for command in action_table().commands if command.program == program), None)
    off = tuple(dict.fromkeys(switch for switch in _switched(program, arguments)))
    if known is None:
        return Launch(program, True, off, (), tuple(words), line) if off else None
    batch = not known.batch or any(word in known.batch for word in arguments)
    return Launch(program, batch, off, tuple(tool_list(arguments)), tuple(words), line)


def _program(word: str) -> str:
    name = word.rsplit("/", 1)[-1].split("@", 1)[0]
    package = f"{word.rsplit('/', 1)[0]}/{name}" if word.startswith("@") else name
    return next((command.program for command in action_table().commands if package in command.packages), name)


def _unwrap(words: list[str]) -> list[str]:
    for _ in range(8):
        while words and (words[0] in _LAUNCHERS or _ASSIGNMENT.match(words[0]) or words[0] == "env"):
            words = words[1:]
        if len(words) >= 3 and words[0] in _SHELLS and words[1].startswith("-") and "c" in words[1]:
            inner = [part for _, part in commands(words[2])]
            words = next((part for part in inner if _is_agent(part)), inner[0] if inner else [])
            continue
        return words
    return words


def _is_agent(words: list[str]) -> bool:
    names = {command.program for command in action_table().commands}
    return any(_program(word) in names for word in words[:4])


def _switched(program: str, arguments: list[str]) -> list[str]:
    found: list[str] = []
    for index, word in enumerate(arguments):
        option, _, value = word.partition("=")
        following = arguments[index + 1] if index + 1 < len(arguments) else ""
        found.extend(_shown(known) for known in action_table().safety_off if _means(known, program, option, value or following))
    return found


def _means(known: SafetyOff, program: str, option: str, value: str) -> bool:
    if known.option != option or (known.programs and program not in known.programs):
        return False
    return not known.value or known.value == value.strip("'\"")


def _shown(known: SafetyOff) -> str:
    return f"{known.option} {known.value}".strip()


def tool_list(arguments: list[str]) -> list[str]:
    """Return the entries of ``--allowedTools`` (one word with commas, or several words)."""
    found: list[str] = []
    index = 0
    while index < len(arguments):
        option, _, value = arguments[index].partition("=")
        index += 1
        if option not in ("--allowedTools", "--allowed-tools", "--allow-tool"):
            continue
        rest = [value] if value else []
        while not value and index < len(arguments) and not arguments[index].startswith("--"):
            rest.append(arguments[index])
            index += 1
        found.extend(split_tools(" ".join(rest)))  # joined first: an unquoted "Bash(gh api:*)" arrives as two words
    return found


def split_tools(text: str) -> list[str]:
    """Split an allow-list at commas and blanks that stand outside parentheses."""
    found: list[str] = []
    depth, current = 0, ""
    for char in text[:MAX_LINE_FOR_REGEX]:
        depth += (char == "(") - (char == ")")
        if depth <= 0 and (char == "," or char.isspace()):
            found.append(current)
            current, depth = "", 0
        else:
            current += char
    found.append(current)
    return [name for name in (entry.strip().strip("'\"") for entry in found) if name]
