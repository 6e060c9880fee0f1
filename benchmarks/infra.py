"""How many infrastructure files are read, and how fast: the bare parser, our tree with places, and the front end on top of it.

python benchmarks/infra.py [--explain] TREE…

Each TREE is one repository. Speeds are CPU time over the files of a kind; the bare parser of YAML is libyaml's events, that of Dockerfiles is
ours (there is no other in the process).
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from agentlint.discover.walk import DiscoverOptions, discover
from agentlint.facts.frontend import FileInput, contribute_all
from agentlint.parse.api import parse
from agentlint.parse.problem import ParseProblem

KINDS = ("terraform", "cloudformation", "bicep", "kubernetes", "compose", "dockerfile", "workflow", "agentcore")


@dataclass
class Row:
    files: int = 0
    size: int = 0
    partly: int = 0
    unread: list[str] = field(default_factory=list)
    bare: float = 0.0
    tree: float = 0.0
    front: float = 0.0


def _bare(kind: str) -> Callable[[bytes], object] | None:
    if kind in ("terraform", "bicep"):
        import tree_sitter
        import tree_sitter_bicep
        import tree_sitter_hcl

        grammar = tree_sitter_hcl if kind == "terraform" else tree_sitter_bicep
        parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
        return parser.parse
    if kind in ("dockerfile", "agentcore"):
        return None
    import yaml

    def events(data: bytes) -> None:
        try:
            for _ in yaml.parse(data, yaml.CSafeLoader):
                pass
        except yaml.YAMLError:
            return

    return events


def _timed(call: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def _file(row: Row, kind: str, path: str, data: bytes, bare: Callable[[bytes], object] | None) -> None:
    row.files += 1
    row.size += len(data)
    if bare is not None:
        row.bare += _timed(lambda: bare(data))[0]
    spent, parsed = _timed(lambda: parse(kind, path, data))
    row.tree += spent
    if isinstance(parsed, ParseProblem):
        row.unread.append(f"{path}:{parsed.line}: {parsed.message}")
        return
    row.partly += bool(parsed.problems)
    row.front += _timed(lambda: contribute_all(FileInput(path, kind, parsed.text, parsed.document)))[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--explain", action="store_true", help="name the files that were not read")
    options = parser.parse_args()
    rows: dict[str, Row] = defaultdict(Row)
    parsers = {kind: _bare(kind) for kind in KINDS}
    repositories: Counter[str] = Counter()
    for tree in options.trees:
        for candidate in discover([tree], DiscoverOptions(use_gitignore=False)).candidates:
            if candidate.kind in KINDS:
                repositories[tree.name] += 1
                _file(
                    rows[candidate.kind], candidate.kind, candidate.path, candidate.absolute.read_bytes(), parsers[candidate.kind]
                )
    total, unread = sum(row.files for row in rows.values()), sum(len(row.unread) for row in rows.values())
    print(f"{len(repositories)} repositories, {total} files, {100 * (total - unread) / max(1, total):.2f} % read\n")
    print(
        "| kind | files | MB | in part | not read | bare parser MB/s | tree MB/s | front end MB/s |\n|---|---|---|---|---|---|---|---|"
    )
    for kind in KINDS:
        row = rows[kind]
        size = row.size / 1e6
        speeds = [f"{size / spent:.1f}" if spent else "" for spent in (row.bare, row.tree, row.front)]
        print(f"| {kind} | {row.files} | {size:.2f} | {row.partly} | {len(row.unread)} | {' | '.join(speeds)} |")
    for kind in KINDS if options.explain else ():
        for line in rows[kind].unread:
            print(f"{kind}: {line}")


if __name__ == "__main__":
    main()
