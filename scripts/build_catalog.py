"""Compile rules, models and credential formats into one file; write and check the published schemas.

As a script: ``python scripts/build_catalog.py [--check] [--out FILE]``. As a build hook of hatchling it puts the
catalogue and the schemas into the wheel.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "docs" / "schema"

if TYPE_CHECKING:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
else:
    try:
        from hatchling.builders.hooks.plugin.interface import BuildHookInterface
    except ImportError:  # as a script, without hatchling
        BuildHookInterface = object


def compiled() -> bytes:
    """Return the catalogue of the checkout, fully validated; raise ``RulebookError`` with all mistakes."""
    _import_from_checkout()
    from agentlint.rulebook.catalog import dump
    from agentlint.rulebook.controls import load_controls
    from agentlint.rulebook.load import load_directory

    load_controls(ROOT / "rules" / "controls")
    return dump(load_directory(ROOT / "rules"))


def compiled_signals() -> bytes:
    """Return the table of text signals of the checkout, validated, as a wheel holds it."""
    _import_from_checkout()
    import msgspec

    from agentlint.facts.signal_table import read

    return msgspec.json.encode(read(ROOT / "rules" / "tables" / "text_signals.yaml"))


def schema_texts() -> dict[str, str]:
    """Return the schema files as they should be, by file name."""
    _import_from_checkout()
    from agentlint.rulebook.load import load_directory
    from agentlint.rulebook.schema import texts

    return texts(load_directory(ROOT / "rules").kinds)


def _import_from_checkout() -> None:
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))


class CatalogHook(BuildHookInterface):  # type: ignore[misc,type-arg,valid-type,unused-ignore]
    """Adds what is generated to the wheel. An editable install reads the YAML of the checkout and gets nothing."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile into a temporary directory and include the result; ``version`` is ``standard`` or ``editable``."""
        if self.target_name != "wheel" or version == "editable":
            return
        self.work = tempfile.TemporaryDirectory(prefix="agentlint-catalog-")
        catalog = Path(self.work.name) / "_catalog.json"
        catalog.write_bytes(compiled())
        build_data["force_include"][str(catalog)] = "agentlint/_catalog.json"
        signals = Path(self.work.name) / "_text_signals.json"
        signals.write_bytes(compiled_signals())
        build_data["force_include"][str(signals)] = "agentlint/_text_signals.json"
        for name in schema_texts():
            build_data["force_include"][str(SCHEMAS / name)] = f"agentlint/rulebook/schemas/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the temporary directory."""
        work = getattr(self, "work", None)
        if work is not None:
            work.cleanup()


def get_build_hook() -> type[CatalogHook]:
    """Return the hook (hatchling asks when a file defines several)."""
    return CatalogHook


def main(arguments: list[str] | None = None) -> int:
    """Write schemas (and the catalogue, with ``--out``), or with ``--check`` tell whether they are current."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail if something is stale or wrong")
    parser.add_argument("--out", type=Path, help="write the compiled catalogue to this file")
    options = parser.parse_args(arguments)
    _import_from_checkout()
    from agentlint.core.errors import RulebookError

    try:
        catalog, schemas = compiled(), schema_texts()
    except RulebookError as error:
        print(error, file=sys.stderr)
        return 1
    stale = [name for name, text in schemas.items() if not _is_current(SCHEMAS / name, text)]
    if options.check:
        for name in stale:
            print(f"docs/schema/{name} is stale: run python scripts/build_catalog.py", file=sys.stderr)
        return 1 if stale else 0
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (SCHEMAS / name).write_text(schemas[name], encoding="utf-8", newline="\n")
    if options.out:
        options.out.write_bytes(catalog)
    print(f"{len(catalog)} bytes of catalogue, {len(stale)} schema files written")
    return 0


def _is_current(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
