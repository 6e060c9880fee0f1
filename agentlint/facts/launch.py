"""What a command line of a server really starts: a package from a registry, an image, or something of this machine."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from agentlint.core import lazy
from agentlint.core.limits import MAX_LINE_FOR_REGEX
from agentlint.facts.launchers import LAUNCHERS, Launcher

if TYPE_CHECKING:
    from collections.abc import Sequence

Pin = Literal["pinned", "moving", "none", "local", "unknown"]
_MAX_UNWRAP = 8


@dataclass(frozen=True, slots=True)
class Launch:
    """A normalised launch.

    ``launcher`` is the program that resolves ``package`` (empty when there is none). ``index`` is the position, in
    the words
    given, of the word that names the package, -1 when it stands inside another word. ``pin``: ``pinned`` to one
    content,
    ``moving`` (a tag, range or branch that says so), ``none`` (no version at all), ``local`` (this repository or
    machine),
    ``unknown`` (a variable decides). ``inner`` says that a shell reads the words.
    """

    launcher: str = ""
    package: str = ""
    version: str = ""
    pin: Pin = "unknown"
    index: int = -1
    shell: bool = False


_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "fish"})
_PREFIXES = frozenset({"sudo", "exec", "nohup", "command", "time", "nice", "wsl", "wsl.exe", "stdbuf", "setsid", "proxychains4"})
_DOUBLE_DASH = frozenset(
    {
        "op",
        "doppler",
        "infisical",
        "mise",
        "direnv",
        "dotenv",
        "dotenvx",
        "varlock",
        "aws-vault",
        "chamber",
        "sops",
        "nix",
        "asdf",
        "fnm",
        "volta",
    }
)

_RUNNERS = frozenset(
    {"tsx", "ts-node", "nodemon", "node", "dotenv-cli", "dotenvx", "env-cmd", "vite-node", "esno", "babel-node", "jiti"}
)
_SCRIPT_ENDINGS = frozenset({"py", "js", "ts", "mjs", "cjs", "mts", "cts", "tsx", "jsx"})

_NPM_EXACT = lazy.pattern(r"[v=]{0,2}\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]{1,60})?(?:\+[0-9A-Za-z.-]{1,60})?")
_PY_EXACT = lazy.pattern(r"\d+(?:\.\d+){0,4}(?:(?:a|b|rc|\.post|\.dev)\d{1,6}){0,2}(?:\+[\w.]{1,60})?")
_COMMIT = lazy.pattern(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", re.IGNORECASE)
_DIGEST = lazy.pattern(r"@sha256:[0-9a-f]{64}$")
_VERSION_TAG = lazy.pattern(r"(?:^|[v_-])\d+(?:\.\d+)*(?:[-_.][\w.-]{1,60})?$|^[0-9a-f]{7,40}$")
_VARIABLE = lazy.pattern(r"\$\{|\$\(|\$[A-Za-z_]|%[A-Za-z_]\w*%|<[^>]{1,80}>|\{\{")
_LOCAL = lazy.pattern(
    r"^(?:\.{1,2}(?:[/\\]|$)|[/~\\]|[A-Za-z]:[/\\]|file:|link:|workspace:|\$\{(?:workspaceFolder"
    r"|CLAUDE_PLUGIN_ROOT|CLAUDE_PROJECT_DIR)\b)"
)
_GIT = lazy.pattern(r"^(?:git\+|git:|github:|gitlab:|bitbucket:|gist:)|\.git(?:[@#]|$)|^git@")
_PY_NAME = lazy.pattern(r"^([A-Za-z0-9][\w.-]{0,120})(?:\[[^\]]{0,120}\])?(.{0,200})$")


def launch_of(words: Sequence[str]) -> Launch:
    """Return what the words of a command line start.

    Wrappers (``cmd /c``, ``env A=B``, ``bash -c``, ``sudo``) are looked through.
    """
    found = list(enumerate(str(word)[:MAX_LINE_FOR_REGEX] for word in words))
    shell = False
    for _ in range(_MAX_UNWRAP):
        step = _unwrap(found)
        if step is None:
            break
        found, in_shell = step
        shell = shell or in_shell
    if not found:
        return Launch(shell=shell)
    for launcher in LAUNCHERS.get(_program(found[0][1]), ()):
        rest = _after_verbs(launcher, found[1:])
        if rest is not None:
            package, index = _package(launcher, rest)
            if package:
                version, pin = pin_of(launcher.kind, package)
                if _runs_local_script(launcher, package, [word for at, word in rest if at > index]):
                    pin = "local"
                return Launch(launcher.name, package, version, pin, index, shell)
    return Launch(shell=shell)


def _runs_local_script(launcher: Launcher, package: str, rest: Sequence[str]) -> bool:
    """Return whether the package only runs a script of this repository: then the script is the server."""
    runner = launcher.only_option or package.partition("@")[0] in _RUNNERS
    return runner and any(word.rsplit(".", 1)[-1] in _SCRIPT_ENDINGS for word in rest)


def pin_of(kind: str, package: str) -> tuple[str, Pin]:
    """Return the version that ``package`` names and how firmly; ``kind`` is one of npm, python, image, go, url."""
    if _LOCAL.match(package):
        return "", "local"
    if _VARIABLE.search(package):
        return "", "unknown"
    if _GIT.search(package):
        ref = re.split(r"[@#]", package.partition("://")[2] or package)[-1].partition("&")[0].removeprefix("commit=")
        return (ref, "pinned") if _COMMIT.fullmatch(ref) else ("", "moving")
    return {"npm": _npm, "python": _python, "image": _image, "go": _go}.get(kind, _url)(package)


def _program(word: str) -> str:
    name = word.replace("\\", "/").rsplit("/", 1)[-1].lower()
    for ending in (".cmd", ".exe", ".bat", ".ps1"):
        name = name.removesuffix(ending)
    return name


def _unwrap(words: list[tuple[int, str]]) -> tuple[list[tuple[int, str]], bool] | None:
    """Return the words inside one wrapper and whether a shell reads them, ``None`` when there is no wrapper."""
    if not words:
        return None
    program = _program(words[0][1])
    rest = words[1:]
    if program == "cmd" and rest and rest[0][1].lower() in ("/c", "/k", "/s"):
        return rest[1:], False
    if program == "env":
        while rest and (rest[0][1].startswith("-") or "=" in rest[0][1]):
            rest = rest[1:]
        return rest, False
    if program in _PREFIXES:
        while rest and rest[0][1].startswith("-"):
            rest = rest[1:]
        return rest, False
    if program in _SHELLS or program in ("powershell", "pwsh"):
        return _shell_words(rest)
    if program in _DOUBLE_DASH and any(word == "--" for _, word in rest):
        at = next(i for i, (_, word) in enumerate(rest) if word == "--")
        return rest[at + 1 :], False
    if len(words) == 1 and " " in words[0][1].strip():
        inner = split_words(words[0][1])
        return ([(words[0][0], word) for word in inner], False) if len(inner) > 1 else None
    return None


def _shell_words(rest: list[tuple[int, str]]) -> tuple[list[tuple[int, str]], bool] | None:
    for position, (index, word) in enumerate(rest[:-1]):
        if re.fullmatch(r"-[a-z]{0,4}c|-command|/c", word.lower()):
            inner = last_command(rest[position + 1][1])
            return [(index + 1, one) for one in inner], True
        if not word.startswith("-"):
            break
    return None


def split_words(line: str) -> list[str]:
    """Split a command line as a shell would; falls back to blanks where its quotes do not match."""
    try:
        return shlex.split(line[:MAX_LINE_FOR_REGEX])
    except ValueError:
        return line[:MAX_LINE_FOR_REGEX].split()


def last_command(line: str) -> list[str]:
    """Return the words of the last simple command of a shell line that starts a known launcher, else of the first."""
    parts = [split_words(part) for part in re.split(r"&&|\|\||[;|\n]", line[:MAX_LINE_FOR_REGEX])]
    parts = [part for part in parts if part]
    for part in reversed(parts):
        if any(_program(word) in LAUNCHERS for word in part[:4]):
            return _without_prefixes(part)
    return parts[0] if parts else []


def _without_prefixes(words: list[str]) -> list[str]:
    while words and _program(words[0]) not in LAUNCHERS and ("=" in words[0] or words[0] in _PREFIXES):
        words = words[1:]
    return words


def _after_verbs(launcher: Launcher, words: list[tuple[int, str]]) -> list[tuple[int, str]] | None:
    for verbs in launcher.verbs:
        rest = list(words)
        while verbs and rest and rest[0][1].startswith("-"):
            takes = rest[0][1] in launcher.valued and "=" not in rest[0][1]
            rest = rest[2 if takes else 1 :]
        if tuple(word for _, word in rest[: len(verbs)]) == verbs:
            return rest[len(verbs) :]
    return None


def _package(launcher: Launcher, words: list[tuple[int, str]]) -> tuple[str, int]:
    """Return the word that names the package and its index; an option that names it wins over the first plain word."""
    first = ("", -1)
    position = 0
    while position < len(words):
        index, word = words[position]
        position += 1
        option, equals, value = word.partition("=")
        if not word.startswith("-"):
            first = first if first[0] else (word, index)
            break
        if word == "--":
            continue
        if option in launcher.package_options:
            if equals:
                return value, index
            if position < len(words):
                return words[position][1], words[position][0]
        elif option in launcher.valued and not equals:
            position += 1
    return ("", -1) if launcher.only_option else first


def _npm(package: str) -> tuple[str, Pin]:
    if re.match(r"https?://", package):
        return "", "moving"
    at = package.rfind("@")
    if at <= 0:
        return "", "moving" if "/" in package and not package.startswith("@") else "none"
    version = package[at + 1 :]
    if version.startswith("npm:"):
        return _npm(version[4:])
    return version, "pinned" if _NPM_EXACT.fullmatch(version) else "moving"


def _python(package: str) -> tuple[str, Pin]:
    if re.match(r"https?://", package):
        return "", "pinned" if "#sha256=" in package or package.partition("?")[0].endswith(".whl") else "moving"
    found = _PY_NAME.match(package)
    if found is None:
        return "", "unknown"
    rest = found[2].partition(";")[0].strip()
    if not rest:
        return "", "none"
    if rest.startswith("@") and _GIT.search(rest[1:].strip()):
        return pin_of("python", rest[1:].strip())
    version = rest.removeprefix("===").removeprefix("==").removeprefix("@").strip()
    return version, "pinned" if _PY_EXACT.fullmatch(version) and rest[0] in "=@" else "moving"


def _image(package: str) -> tuple[str, Pin]:
    if _DIGEST.search(package):
        return package.rpartition("@")[2], "pinned"
    name, colon, tag = package.rpartition(":")
    if colon and "/" not in tag:
        if _VERSION_TAG.search(tag):
            return tag, "pinned"
        return tag, "moving" if "/" in name else "unknown"
    return "", "none" if "/" in package else "unknown"


def _go(package: str) -> tuple[str, Pin]:
    name, _, version = package.partition("@")
    if "." not in name.partition("/")[0]:
        return "", "local"
    if not version:
        return "", "local"
    return version, "pinned" if re.fullmatch(r"v\d+\.\d+\.\d+[\w.+-]{0,80}|[0-9a-f]{12,40}", version) else "moving"


def _url(package: str) -> tuple[str, Pin]:
    npm = re.match(r"(?:npm|jsr):", package)
    if npm:
        return _npm(package[npm.end() :])
    if not re.match(r"https?://", package):
        return "", "local"
    version = re.search(r"@v?(\d+\.\d+\.\d+)", package)
    return (version[1], "pinned") if version else ("", "moving")
