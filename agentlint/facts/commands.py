"""What a command line does: downloads, decodes, sends, or starts programs outside of the repository."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from agentlint.core import lazy
from agentlint.core.limits import MAX_LINE_FOR_REGEX
from agentlint.facts.hosts import host_of, scope_of
from agentlint.facts.launch import split_words

Outside = Literal["", "temp", "parent", "home"]

_INTERPRETERS = r"(?:ba|z|da|k|fi)?sh|python[\d.]*|node|bun|deno|perl|ruby|php|pwsh|powershell|iex|osascript|source|tclsh|lua"
_FETCH = r"(?:curl|wget|fetch|aria2c|http|https|iwr|irm|invoke-webrequest|invoke-restmethod|lynx|aws s3 cp|gsutil cp)"
_PIPE_TO_RUN = lazy.pattern(
    rf"(?i)\b{_FETCH}\b[^\n;&|]{{1,600}}\|(?:[^\n;&]{{0,200}}\|)?\s{{0,9}}(?:sudo\s+)?(?:{_INTERPRETERS})\b"
)
_SUBSTITUTED = lazy.pattern(
    rf"(?i)(?:\b(?:{_INTERPRETERS}|eval|\.)\b[^\n;|]{{0,80}}(?:<\(|\$\(|`)|\biex\b[^\n;|]{{0,40}}\()\s{{0,9}}{_FETCH}\b"
)
_SAVED = lazy.pattern(
    rf"(?i)\b{_FETCH}\b[^\n|]{{1,600}}?\s(?:-[a-z]{{0,6}}o\s{{1,9}}|--output[ =]|>\s{{0,9}}"
    rf"|-outfile\s{{1,9}})[\"']?([^\s\"'>;&|]{{1,200}})"
)
_KEPT = lazy.pattern(r"(?i)\b(?:wget|curl\b[^\n|]{0,80}\s-[a-z]{0,6}O)\b")
_SCRIPTED_FETCH = lazy.pattern(
    r"(?i)(?:urlopen|requests\.get|httpx\.get|fetch\(|https?\.get\(|downloadstring|downloadfile|webclient"
    r"|net\.http)[\s\S]{0,600}?"
    r"(?:\bexec\b|\beval\b|compile\(|subprocess|os\.system|child_process|\biex\b|invoke-expression|new Function)"
    r"|(?:\bexec\b|\beval\b|\biex\b|invoke-expression)[\s\S]{0,300}?(?:urlopen|requests\.get|httpx\.get"
    r"|fetch\(|downloadstring|webclient)"
)
_DECODES = lazy.pattern(
    r"(?i)\bbase(?:64|32)\b[^\n|;&]{0,120}\s-{1,2}d(?:ecode)?\b|\bbase64\b\s{1,9}-D\b|\bopenssl\b[^\n"
    r"|;&]{0,120}\s-d\b|\bxxd\b\s{1,9}-[a-z]{0,3}r"
    r"|\bcertutil\b[^\n|;&]{0,60}-decode|\bb(?:64|32|16)decode\b|frombase64string|\batob\("
    r"|buffer\.from\([^)]{1,400}['\"](?:base64|hex)"
    r"|\bfromcharcode\b|bytes\.fromhex|\bunhexlify\b|-e(?:nc|ncodedcommand)\s{1,9}[A-Za-z0-9+/=]{20}|codecs\.decode"
    r"|(?:\\x[0-9a-f]{2}){8}|\bgzip\b\s{1,9}-d[^\n]{0,80}\|\s{0,9}(?:ba)?sh"
)
_RUNS_DECODED = lazy.pattern(
    rf"(?i)\|\s{{0,9}}(?:sudo\s+)?(?:{_INTERPRETERS})\b|\beval\b|\bexec\b|\$\(|<\(|`|\biex\b|\bsource\b"
    rf"|-e(?:nc|ncodedcommand)\s|\.exec\(|os\.system"
)
_URL = lazy.pattern(r"(?i)\b(?:https?|wss?|ftp)://[^\s\"'`|;&)<>]{3,400}")
_SENDS = lazy.pattern(
    r"(?i)\b(?:curl|wget|http|xh|httpie|invoke-webrequest|invoke-restmethod|iwr|irm)\b[^\n]{0,800}?"
    r"(?:\s-d\b|\s--data|\s-F\b|\s--form|\s-T\b|\s--upload-file|\s--post-(?:data|file)|\s--json"
    r"|\s-X\s{0,3}(?:POST|PUT|PATCH)|\s--request[ =]"
    r"(?:POST|PUT|PATCH)|-method\s{1,5}(?:post|put))"
)
_RAW_SEND = lazy.pattern(
    r"(?i)(?:\|\s{0,9}|^|\s)(?:nc|ncat|netcat|socat)\s[^\n|;]{0,120}?\b((?:[\w-]{1,63}\.){1,6}[a-z]{2,24}"
    r"|\d{1,3}(?:\.\d{1,3}){3})\b|/dev/tcp/"
)
_SPLIT = lazy.pattern(r"&&|\|\||[;|\n]|(?<!>)&(?!>)")
_REDIRECT = lazy.pattern(r"^(?:\d?>{1,2}|\d?<|&>)")
_ASSIGNMENT = lazy.pattern(r"^[A-Za-z_]\w{0,80}=")
_TEMP = lazy.pattern(
    r"(?i)^(?:/tmp/|/var/tmp/|/dev/shm/|/private/tmp/|\$\{?TMPDIR\}?/|\$\{?TEMP\}?[/\\]|%te?mp%[/\\]"
    r"|\$env:te?mp[/\\]|[a-z]:[/\\]windows[/\\]temp[/\\])"
)
_HOME = lazy.pattern(
    r"(?i)^(?:~[\w-]{0,40}/|\$\{?HOME\}?/|/Users/[^/]{1,80}/|/home/[^/]{1,80}/|/root/|%userprofile%"
    r"|\$env:userprofile|[a-z]:[/\\]users[/\\])"
)
_PARENT = lazy.pattern(r"^(?:\.\./|\$\{?(?:CLAUDE_PROJECT_DIR|workspaceFolder|PWD)\}?/\.\./)")
_PROJECT = lazy.pattern(
    r"^\"?\$\{?(?:CLAUDE_PROJECT_DIR|CLAUDE_PLUGIN_ROOT|workspaceFolder|PLUGIN_ROOT|GEMINI_PROJECT_DIR"
    r"|CODEX_PROJECT_DIR|PWD|CURSOR_PROJECT_DIR)\b"
)
_RUNNERS = lazy.pattern(
    rf"(?i)^(?:{_INTERPRETERS}|tsx|ts-node|uv|npx|bunx|sudo|exec|env|nohup|time|command|poetry|run)(?:\.exe|\.cmd)?$"
)
_SCRIPT = lazy.pattern(r"(?i)\.(?:sh|bash|zsh|py|js|mjs|cjs|ts|mts|rb|pl|ps1|bat|cmd|exe)$")
_TOOLS = frozenset(
    {
        "npm",
        "pnpm",
        "yarn",
        "make",
        "just",
        "cargo",
        "go",
        "git",
        "echo",
        "printf",
        "jq",
        "cat",
        "test",
        "true",
        "prettier",
        "eslint",
        "ruff",
        "black",
    }
)


@dataclass(frozen=True, slots=True)
class Effects:
    """What a command line does.

    ``outside``: where a program or script that it starts lies, when that is not the repository. ``script``: a script
    of the repository or inline code is what runs. ``sends``: the host that receives data.
    """

    downloads: bool = False
    decodes: bool = False
    outside: Outside = ""
    sends: str = ""
    script: bool = False
    project_script: bool = False
    padded: bool = False

    def attrs(self) -> dict[str, Any]:
        """Return the effects as attributes of a graph node."""
        return {
            "downloads": self.downloads,
            "decodes": self.decodes,
            "outside_repo": bool(self.outside),
            "outside": self.outside,
            "sends": bool(self.sends),
            "sends_to": self.sends,
            "runs_script": self.script,
            "project_script": self.project_script,
            "padded": self.padded,
        }


def effects_of(command: str) -> Effects:
    """Return what ``command`` does; only the first 20,000 characters are read, blanks folded."""
    padded = bool(re.search(r"[ \t]{100}\S", command[:MAX_LINE_FOR_REGEX]))
    line = re.sub(r"[ \t]+", " ", command[:MAX_LINE_FOR_REGEX]).strip()
    outside, script, project = _programs(line)
    return Effects(
        downloads=_downloads(line),
        decodes=_DECODES.search(line) is not None and _RUNS_DECODED.search(line) is not None,
        outside=outside,
        sends=_sends(line),
        script=script,
        project_script=project,
        padded=padded,
    )


def _downloads(line: str) -> bool:
    if _PIPE_TO_RUN.search(line) or _SUBSTITUTED.search(line) or _SCRIPTED_FETCH.search(line):
        return not _only_local(line)
    if _only_local(line):
        return False
    files = [(found[1], found.end()) for found in _SAVED.finditer(line)]
    if _KEPT.search(line):
        files += [(found[0], found.end()) for found in _URL.finditer(line)]
    return any(_is_run(name.rsplit("/", 1)[-1].partition("?")[0], line[end:]) for name, end in files[:20])


def _is_run(name: str, rest: str) -> bool:
    """Return whether what follows a download makes the file executable, interprets it, or starts it."""
    if not name or not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", rest):
        return False
    return re.search(rf"(?i)\b(?:chmod|{_INTERPRETERS})\b|(?:^|[;&|\s])\.?/", rest) is not None


def _only_local(line: str) -> bool:
    """Return whether every address in ``line`` is this machine's own; a line without an address is not."""
    scopes = {scope_of(host_of(url)) for url in _URL.findall(line)}
    return scopes == {"local"}


def _sends(line: str) -> str:
    if _SENDS.search(line):
        for url in _URL.findall(line):
            if scope_of(host_of(url)) == "public":
                return host_of(url)
    raw = _RAW_SEND.search(line)
    if raw is None:
        return ""
    host = raw[1] or "/dev/tcp"
    return "" if scope_of(host) in ("local", "internal") and raw[1] else host


def _programs(line: str) -> tuple[Outside, bool, bool]:
    """Return where what ``line`` starts lies, whether any of it is a script, and whether one is of the project."""
    outside: Outside = ""
    script = project = False
    for part in _SPLIT.split(line)[:50]:
        for word, inline in _executed(split_words(part)):
            if inline:
                script = True
                continue
            place = _place(word)
            outside = _worse(outside, place)
            local = _PROJECT.match(word) is not None or (
                _SCRIPT.search(word) is not None and not place and not word.startswith(("/", "$"))
            )
            local = local or (word.startswith(("./", ".")) and "/" in word)
            script = script or local or bool(place)
            project = project or local
    return outside, script, project


def _executed(words: list[str]) -> list[tuple[str, bool]]:
    """Return what a simple command runs: its program and the script, or inline code, of an interpreter."""
    found: list[tuple[str, bool]] = []
    while words and (_ASSIGNMENT.match(words[0]) or words[0] in ("if", "then", "!", "[", "[[", "do", "else", "(", "{")):
        words = words[1:]
    while words:
        program = words[0].replace("\\", "/").rsplit("/", 1)[-1]
        found.append((words[0], False))
        if not _RUNNERS.match(program):
            return found
        words = words[1:]
        while words and (words[0].startswith("-") or _ASSIGNMENT.match(words[0])):
            if words[0] in ("-c", "-e", "--eval", "-lc", "-ic", "-p", "-Command") and len(words) > 1:
                inner = words[1]
                return [
                    *found,
                    (inner, True),
                    *(_executed(split_words(_SPLIT.split(inner)[0])) if "sh" in program else []),
                ]
            if words[0] == "-m":
                return found
            words = words[1:]
        if words and _REDIRECT.match(words[0]):
            return found
        if words and (words[0] in _TOOLS):
            return found
    return found


def _place(word: str) -> Outside:
    if _TEMP.match(word):
        return "temp"
    if _PARENT.match(word):
        return "parent"
    return "home" if _HOME.match(word) else ""


def _worse(one: Outside, other: Outside) -> Outside:
    order: tuple[Outside, ...] = ("", "home", "parent", "temp")
    return max(one, other, key=order.index)
