"""What the path of a file says about its purpose."""

from __future__ import annotations

import re

from agentlint.core import lazy

_TEST_DIRS = frozenset({
    "test", "tests", "testing", "testdata", "test_data", "test-data", "__tests__", "__mocks__", "fixtures", "__fixtures__",
    "spec", "specs",
})  # fmt: skip
_TEST_FILE = lazy.pattern(
    r"tests?\.py|test_[^/]*\.py|[^/]*_test\.(?:py|go|rb|dart|exs)|[^/]*Tests?\.(?:java|kt|cs|swift)|conftest\.py|[^/]*\.(?:test|spec)\.[jt]sx?",
    re.IGNORECASE,
)
_DOC_DIRS = frozenset({"doc", "docs", "documentation", "site", "website"})
_DOC_FILE = lazy.pattern(r".*\.(?:md|mdx|rst|adoc)", re.IGNORECASE)
_EXAMPLE_DIRS = frozenset(
    {
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "demos",
        "tutorial",
        "tutorials",
        "cookbook",
        "cookbooks",
        "quickstart",
        "quickstarts",
        "workshop",
        "workshops",
    }
)


def is_test(path: str) -> bool:
    """Return whether ``path`` (relative, with ``/``) is a test or one of its fixtures."""
    *directories, name = path.split("/")
    return any(part.lower() in _TEST_DIRS for part in directories) or bool(_TEST_FILE.fullmatch(name))


def is_sandboxed(path: str) -> bool:
    """Return whether ``path`` stands in a folder that says that its code runs inside a sandbox, or runs one."""
    return any("sandbox" in part.lower() for part in path.split("/")[:-1])


def is_docs(path: str) -> bool:
    """Return whether ``path`` is documentation for people."""
    *directories, name = path.split("/")
    return any(part.lower() in _DOC_DIRS for part in directories) or bool(_DOC_FILE.fullmatch(name))


def is_example(path: str) -> bool:
    """Return whether ``path`` stands in a folder of examples; courses number theirs (``01-tutorials``)."""
    return any(part.lower().lstrip("0123456789").lstrip("-_. ") in _EXAMPLE_DIRS for part in path.split("/")[:-1])
