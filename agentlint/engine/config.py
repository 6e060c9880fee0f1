"""The configuration of a repository: ``agentlint.toml``, or ``[tool.agentlint]`` in ``pyproject.toml``."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from agentlint.core.errors import UsageError
from agentlint.core.levels import Persona, Severity
from agentlint.core.limits import MAX_FILE_BYTES
from agentlint.engine.select import nearest
from agentlint.engine.settings import Settings
from agentlint.parse.api import parse
from agentlint.parse.document import Node
from agentlint.parse.problem import ParseProblem

NAMES = ("agentlint.toml", "pyproject.toml")
_MAX_BYTES = 1_000_000
_MAX_FILE_SIZE = 1_000_000_000
_Level = Literal["info", "low", "medium", "high", "critical"]


class Attestation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who vouches for a control that no scan can see, and until when (dates as YYYY-MM-DD)."""

    owner: str
    date: str
    expires: str = ""
    link: str = ""


class ConfigFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", omit_defaults=True):
    """The shape of the configuration; ``schema()`` is made from it."""

    select: list[str] = []
    ignore: list[str] = []
    persona: Literal["regular", "pedantic", "auditor"] = "regular"
    min_severity: _Level = "info"
    fail_on: Literal["info", "low", "medium", "high", "critical", "never"] = "low"
    exclude: list[str] = []
    per_file_ignores: dict[str, list[str]] = {}
    baseline: str = ""
    rules: list[str] = []
    models: list[str] = []
    severity: dict[str, _Level] = {}
    max_file_size: Annotated[int, msgspec.Meta(ge=1, le=_MAX_FILE_SIZE)] = MAX_FILE_BYTES
    allow_hosts: list[str] = []
    trusted_mcp_packages: list[str] = []
    attest: dict[str, Attestation] = {}


class Config(msgspec.Struct, frozen=True):
    """What a configuration file says, as fields of ``Settings``; ``path`` is empty when there is none."""

    path: str = ""
    values: dict[str, Any] = {}


def settings_for(root: Path, options: dict[str, Any], explicit: Path | None = None) -> Settings:
    """Return the settings of a scan of ``root``: ``options`` of the command line win over the file.

    Raises ``UsageError`` with one line for each mistake in the file.
    """
    if explicit is None and options.get("isolated"):
        return Settings(**options)
    config = load(root, explicit)
    return Settings(**{**config.values, **options})


def load(root: Path, explicit: Path | None = None) -> Config:
    """Find and read the configuration of ``root``, or the file ``explicit``; raise ``UsageError`` with all mistakes."""
    if explicit is not None:
        table = _table(explicit)
        if table is None:
            raise UsageError(f"{explicit}: no [tool.agentlint] table")
        return _config(explicit, table)
    for directory in _directories(root):
        for name in NAMES:
            path = directory / name
            if path.is_file() or path.is_symlink():
                _inside(path, directory)
                table = _table(path)
                if table is not None:
                    return _config(path, table)
    return Config()


def _directories(root: Path) -> list[Path]:
    """Return ``root`` and, if a parent is the top of a repository, the directories up to that."""
    try:
        start = root.resolve()
        start = start if start.is_dir() else start.parent
    except (OSError, ValueError, RuntimeError):
        return []  # no path at all: the scan says so
    chain = [start, *start.parents]
    top = next((index for index, directory in enumerate(chain) if (directory / ".git").exists()), 0)
    return chain[: top + 1]


def _inside(path: Path, directory: Path) -> None:
    if not _real(path).is_relative_to(_real(directory)):
        raise UsageError(f"{path}: the configuration is a link that leaves the repository; name it with --config if you mean it")


def _real(path: Path) -> Path:
    # Path.resolve raises for a loop of links in some versions of Python.
    return Path(os.path.realpath(path))


def _mode(path: Path) -> int:
    """Return the mode of what is at ``path``, 0 when there is nothing or it cannot be looked at."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0


def _table(path: Path) -> Node | None:
    """Return the table of settings, ``None`` if a pyproject.toml has none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{path}: the configuration is not a file")
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot read the configuration ({error.strerror or error})") from error
    if len(data) > _MAX_BYTES:
        raise UsageError(
            f"{path}: the configuration is larger than {_MAX_BYTES} bytes; name another with --config, or use --isolated"
        )
    parsed = parse("toml", path.name, data)
    own = path.name != "pyproject.toml"
    if isinstance(parsed, ParseProblem):
        if not own and b"[tool.agentlint" not in data:
            return None
        raise UsageError(f"{path}:{parsed.line or 1}: {parsed.message}")
    root = parsed.document.root if parsed.document is not None else None
    return root if own or root is None else root.at("tool", "agentlint")


def _config(path: Path, table: Node) -> Config:
    plain = table.plain()
    try:
        content = msgspec.convert(plain, type=ConfigFile)
        problems = list(_path_mistakes(path, table, content))
    except msgspec.ValidationError as error:
        problems = sorted(_mistakes(plain, table)) or [(table.span.line, str(error))]
    if problems:
        raise UsageError("\n".join(f"{path}:{line}: {message}" for line, message in problems))
    given = {name for name in ConfigFile.__struct_fields__ if _kebab(name) in table_keys(table)}
    values = {_FIELDS.get(name, name): _value(path, name, getattr(content, name)) for name in sorted(given)}
    for control, entry in values.get("attest", {}).items():
        entry["place"] = f"{path.name}:{_line(table, ['attest', control])}"
    return Config(str(path), values)


_FIELDS = {"rules": "rule_dirs", "models": "model_dirs"}


def table_keys(table: Node) -> frozenset[str]:
    """Return the keys of a map."""
    return frozenset(member.key for member in table.members)


def _value(path: Path, name: str, value: Any) -> Any:
    match name:
        case "persona":
            return Persona[value.upper()]
        case "min_severity":
            return Severity[value.upper()]
        case "fail_on":
            return None if value == "never" else Severity[value.upper()]
        case "severity":
            return {code: Severity[level.upper()] for code, level in value.items()}
        case "per_file_ignores":
            return {glob: tuple(codes) for glob, codes in value.items()}
        case "attest":
            return {control: msgspec.to_builtins(entry) for control, entry in value.items()}
        case "rules" | "models":
            return tuple(str(path.parent / entry) for entry in value)
        case "baseline":
            return str(path.parent / value) if value else ""
    return tuple(value) if isinstance(value, list) else value


def _path_mistakes(path: Path, table: Node, content: ConfigFile) -> Iterator[tuple[int, str]]:
    """Yield paths that leave the repository: a scanned tree must not make the scanner read elsewhere."""
    top = _real(path.parent)
    listed = {
        "rules": content.rules,
        "models": content.models,
        "baseline": [content.baseline] if content.baseline else [],
    }
    for key, entries in listed.items():
        for entry in entries:
            try:
                target = _real(top / entry)
            except (OSError, ValueError):
                yield _line(table, [key]), f"{key}: {entry[:100]!r} is no path"
                continue
            if not target.is_relative_to(top):
                yield _line(table, [key]), f"{key}: {entry!r} lies outside the directory of the configuration"
            elif key == "baseline" and _mode(target) and not stat.S_ISREG(_mode(target)):
                yield _line(table, [key]), f"baseline: {entry!r} is not a file"
            elif key != "baseline" and not stat.S_ISDIR(_mode(target)):
                yield _line(table, [key]), f"{key}: there is no directory {entry[:200]!r}"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the configuration."""
    return msgspec.json.schema(ConfigFile)


def _mistakes(plain: object, table: Node) -> Iterator[tuple[int, str]]:
    """Yield line and text of everything that is wrong with the shape of the configuration."""
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema()).iter_errors(plain):
        where = [str(part) for part in error.absolute_path]
        line = _line(table, where)
        label = ".".join(where)
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            for key in sorted(set(error.instance) - set(known)):
                close = nearest(key, known)
                hint = f"; did you mean {close!r}?" if close else f"; known keys are {', '.join(sorted(known))}"
                yield _line(table, [*where, key]), f"unknown key {'.'.join([*where, key])!r}{hint}"
        elif error.validator == "enum":
            close = nearest(str(error.instance), [str(v) for v in error.validator_value])
            hint = f"; did you mean {close!r}?" if close else ""
            yield line, f"{label}: {error.instance!r} is not one of {', '.join(map(str, error.validator_value))}{hint}"
        else:
            yield line, f"{label or 'configuration'}: {error.message[:200]}"


def _line(table: Node, where: list[str]) -> int:
    """Return the line of the key at ``where``, or of the nearest key above it."""
    node, line = table, table.span.line
    for part in where:
        if node.kind == "seq":
            if not part.isdigit() or int(part) >= len(node.items):
                break
            node = node.items[int(part)]
            line = node.span.line
            continue
        member = node.member(part)
        if member is None:
            break
        node, line = member.value, member.key_span.line
    return line


def _kebab(name: str) -> str:
    return name.replace("_", "-")
