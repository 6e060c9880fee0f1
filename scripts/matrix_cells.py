"""The cells of ``fixtures/matrix``: programs of frameworks, and what rules must say of them.

A file is divided by lines ``# %% …``:

- ``# %% frame``: how a program of the framework begins (down to ``#: tools``) and makes its agent. ``#: tool LINE`` is what
  makes a function a tool, ``#: item TEXT`` how it stands in a list (``{}`` is its name), ``#: run EXPRESSION`` asks the agent.
  ``TOOLS`` are the tools as they stand in a list, ``EACH`` begins a line that is repeated for each ``NAME``.
- ``# %% AL301 AL220 bad WHAT``: a program in which these rules find something, on the lines marked ``# expect: AL301`` if there
  are such. ``off`` is one whose protection is switched off, ``good`` one in which the rules find nothing.
- ``# %% gate WHAT``, ``# %% ungated WHAT``: an agent that asks a person, or seems to: good, or off, for the rules in ``GATED``.
- ``# %% AL601 none WHY``: the rules cannot be about this framework. ``default``: what is bad elsewhere is good here, because
  of what the framework does by itself. ``own``: it differs so much that the shared programs do not apply. ``miss``: what is bad
  elsewhere is bad here too, and not found; that fails once it is.

In programs ``ACT`` alone on a line is a function that sends mail, ``act`` in the text is its name, ``MORE`` are two more tools
where all three are needed for harm, ``ROUTE`` alone on a line is a route by which strangers ask the agent, ``AGENT`` the agent of
the frame with that function for a tool, and ``RUN`` in the text asks it. ``every.py`` holds the programs that all frameworks
share: what stands before ``#: then`` comes before the agent, the rest after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

CELLS = Path(__file__).resolve().parent.parent / "fixtures" / "matrix"
GATED = ("AL301", "AL221", "AL220")
KINDS = ("bad", "good", "off", "none", "default", "own", "miss")
WITHOUT = ("none", "default", "own", "miss")
"""Kinds of cells that hold a reason and no program."""
_HEAD = re.compile(r"^# %% (.+)$", re.MULTILINE)
_SPEAKS = re.compile(r"((?:AL\d{3} )+)(\w+) (.+)")


@dataclass(frozen=True)
class Cell:
    """A program and what ``rules`` must say of it; for ``none`` there is no program and ``what`` is the reason."""

    framework: str
    rules: tuple[str, ...]
    kind: str
    what: str
    text: str = ""
    own: bool = True


@dataclass
class Frame:
    """How programs of a framework look."""

    name: str
    head: str = ""
    agent: str = ""
    tool: str = ""
    item: str = "{}"
    run: str = ""
    cells: list[tuple[str, str]] = field(default_factory=list)


def read(path: Path) -> Frame:
    """Return the frame and the other cells (header, text) of a file; raise ``ValueError`` for a file without a frame."""
    title, *parts = _HEAD.split(path.read_text(encoding="utf-8"))
    cells = list(zip(parts[::2], (text.strip("\n") + "\n" for text in parts[1::2]), strict=True))
    frame = Frame(title.strip().lstrip("# "))
    for header, text in cells:
        if header == "frame":
            frame.head, _, frame.agent = _settings(frame, text).partition("#: tools\n")
        else:
            frame.cells.append((header, text))
    return frame


def _settings(frame: Frame, text: str) -> str:
    kept = []
    for line in text.splitlines(keepends=True):
        words = line[2:].strip().split(" ", 1)
        if line.startswith("#: ") and words[0] in ("tool", "item", "run"):
            setattr(frame, words[0], words[1].replace("\\n", "\n") if len(words) > 1 else "")
        else:
            kept.append(line)
    return "".join(kept)


def cells_of(frame: Frame, every: Frame) -> list[Cell]:
    """Return all cells of a framework: its own and those of every framework, unless its own say that they do not apply."""
    parts = dict(every.cells)
    own = [cell for header, text in frame.cells for cell in _expanded(frame, header, text, parts)]
    said = {kind: {rule for cell in own if cell.kind == kind for rule in cell.rules} for kind in KINDS}
    spoken = {rule for rules in said.values() for rule in rules}
    for header, text in every.cells:
        match = _SPEAKS.match(header)
        if match is None:
            continue
        for rule in match[1].split():
            if rule in said["none"] or rule in said["own"] or (match[2] == "none" and rule in spoken):
                continue
            kind = "good" if match[2] == "bad" and rule in said["default"] | said["miss"] else match[2]
            program = "" if kind == "none" else _program(frame, text, parts)
            own.append(Cell(frame.name, (rule,), kind, match[3], program, own=False))
    return own


def _expanded(frame: Frame, header: str, text: str, parts: dict[str, str]) -> list[Cell]:
    word, _, what = header.partition(" ")
    if word in ("gate", "ungated"):
        kind = "good" if word == "gate" else "off"
        tails = {"AL301": ("", ""), "AL221": ("", "ROUTE\n"), "AL220": ("MORE", "ANSWER\n")}
        return [
            Cell(frame.name, (rule,), kind, what, _filled(frame, text + tails[rule][1], parts, tails[rule][0])) for rule in GATED
        ]
    match = _SPEAKS.fullmatch(header)
    if match is None or match[2] not in KINDS:
        raise ValueError(f"{frame.name}: no such cell: {header}")
    program = "" if match[2] in WITHOUT else _filled(frame, text, parts)
    return [Cell(frame.name, tuple(match[1].split()), match[2], match[3], program)]


def _filled(frame: Frame, text: str, parts: dict[str, str], more: str = "") -> str:
    """Return a program of a framework's own cell."""
    needs = parts["more"] if more and "MORE" in text else ""
    items = ", ".join(frame.item.format(name) for name in ("read_mail", "read_page")) if needs else ""
    text = re.sub(r",? ?MORE", f", {items}" if items else "", text)
    act = parts["act"]
    made = frame.agent.replace("TOOLS", frame.item.format("act"))
    made = re.sub(r"^EACH (.+)$", lambda m: m[1].replace("NAME", "act"), made, flags=re.MULTILINE)
    text = re.sub(r"^AGENT$", lambda _: f"{frame.tool}\nACT\n\n\n{made}".lstrip("\n"), text, flags=re.MULTILINE)
    text = re.sub(r"\bRUN\b", lambda _: frame.run, text)
    body = re.sub(r"^( *)ACT$", lambda m: re.sub(r"^(?=.)", m[1], act.rstrip("\n"), flags=re.MULTILINE), text, flags=re.MULTILINE)
    before = "" if body != text or not re.search(r"\bact\b", text) else act + "\n\n"
    needs = needs.replace("@tool\n", frame.tool + "\n" if frame.tool else "")
    route = parts["route"].replace("RUN", frame.run)
    body = re.sub(r"^ANSWER$", lambda _: parts["answer"].replace("RUN", frame.run), body, flags=re.MULTILINE)
    program = f"{parts['head']}{frame.head}\n\n{needs}{before}{body}"
    return re.sub(r"^ROUTE$", lambda _: route, program, flags=re.MULTILINE)


def _program(frame: Frame, text: str, parts: dict[str, str]) -> str:
    """Return a program of a cell that all frameworks share."""
    before, _, after = text.partition("#: then\n")
    names = re.findall(r"^@tool\ndef (\w+)", before, re.MULTILINE)
    before = before.replace("@tool\n", frame.tool + "\n" if frame.tool else "")
    each = re.compile(r"^EACH (.+)\n", re.MULTILINE)
    agent = each.sub(lambda m: "".join(m[1].replace("NAME", name) + "\n" for name in names), frame.agent).replace(
        "TOOLS", ", ".join(frame.item.format(name) for name in names)
    )
    after = re.sub(r"^ROUTE$", lambda _: parts["route"], after, flags=re.MULTILINE).replace("RUN", frame.run)
    return f"{parts['head']}{frame.head}\n\n{before}\n\n{agent}\n\n{after}"


def frameworks() -> dict[str, list[Cell]]:
    """Return the cells of every framework by the stem of its file."""
    every = read(CELLS / "every.py")
    return {path.stem: cells_of(read(path), every) for path in sorted(CELLS.glob("*.py")) if path.stem != "every"}
