"""Which file an import means, and what its names are."""

from __future__ import annotations

import pytest
from graph.linked import Linked

RUN = "def run(x):\n    return x\n"


def target(files: dict[str, str], importer: str) -> list[str]:
    """What ``run`` is in the file ``importer``, with the file it stands in."""
    linked = Linked({**{p: t for p, t in files.items() if p != importer}, importer: files[importer]})
    refs = linked.name("run")
    return [linked.program.path(ref.id) if ref.kind == "fun" else linked.word(ref) for ref in refs]


@pytest.mark.parametrize(
    ("importer", "statement", "helper"),
    [
        ("app.py", "from helper import run", "helper.py"),
        ("src/pkg/app.py", "from pkg.helper import run", "src/pkg/helper.py"),
        ("src/pkg/app.py", "from .helper import run", "src/pkg/helper.py"),
        ("src/pkg/sub/app.py", "from ..helper import run", "src/pkg/helper.py"),
        ("src/pkg/sub/app.py", "from ..other.helper import run", "src/pkg/other/helper.py"),
        ("tests/test_app.py", "from pkg.helper import run", "src/pkg/helper.py"),
        ("pkg/app.py", "from pkg.deep.helper import run", "pkg/deep/helper.py"),
        ("backend/app/main.py", "from app.helper import run", "backend/app/helper.py"),
        ("scripts/one.py", "from two import run", "scripts/two.py"),
        ("pkg/app.py", "from . import helper\nrun = helper.run", "pkg/helper.py"),
        ("pkg/app.py", "import pkg.helper\nrun = pkg.helper.run", "pkg/helper.py"),
        ("pkg/app.py", "import pkg.helper as h\nrun = h.run", "pkg/helper.py"),
        ("pkg/app.py", "from pkg import helper as h\nrun = h.run", "pkg/helper.py"),
        ("pkg/app.py", "from pkg.helper import *", "pkg/helper.py"),
    ],
)
def test_layouts(importer: str, statement: str, helper: str) -> None:
    files = {importer: statement + "\n", helper: RUN}
    for path in list(files):
        parts = path.split("/")[:-1]
        if parts and parts[0] not in ("src", "tests", "scripts", "backend"):
            files.setdefault("/".join(parts) + "/__init__.py", "")
    assert target(files, importer) == [helper]


def test_namespace_packages() -> None:
    assert target({"a/ns/one.py": "from ns.two import run", "a/ns/two.py": RUN}, "a/ns/one.py") == ["a/ns/two.py"]


def test_a_package_that_exports_what_it_imports() -> None:
    files = {"pkg/__init__.py": "from .impl import run\n__all__ = ['run']", "pkg/impl.py": RUN, "app.py": "from pkg import run"}
    assert target(files, "app.py") == ["pkg/impl.py"]


def test_exports_through_several_packages() -> None:
    files = {
        "pkg/__init__.py": "from .a import *", "pkg/a/__init__.py": "from .b import run as run", "pkg/a/b.py": RUN,
        "app.py": "from pkg import run",
    }  # fmt: skip
    assert target(files, "app.py") == ["pkg/a/b.py"]


def test_two_projects_in_one_repository_keep_to_themselves() -> None:
    files = {
        "one/helper.py": RUN, "one/app.py": "from helper import run", "two/helper.py": RUN, "two/app.py": "from helper import run",
    }  # fmt: skip
    assert target(files, "one/app.py") == ["one/helper.py"]
    assert target(files, "two/app.py") == ["two/helper.py"]


def test_two_source_folders() -> None:
    files = {
        "one/src/pkg/helper.py": RUN, "one/src/pkg/app.py": "from pkg.helper import run",
        "two/src/pkg/helper.py": RUN, "two/src/pkg/app.py": "from pkg.helper import run",
    }  # fmt: skip
    assert target(files, "two/src/pkg/app.py") == ["two/src/pkg/helper.py"]


def test_a_module_is_not_itself() -> None:
    assert target({"requests.py": "from requests import get as run"}, "requests.py") == ["requests.get"]


def test_a_package_of_ours_that_is_named_like_a_framework() -> None:
    files = {
        "shop/agents/__init__.py": "", "shop/agents/tools.py": RUN, "shop/__init__.py": "", "shop/main.py": "from agents import Runner as run",
        "shop/flow.py": "from shop.agents.tools import run",
    }  # fmt: skip
    assert target(files, "shop/main.py") == ["agents.Runner"]
    assert target(files, "shop/flow.py") == ["shop/agents/tools.py"]


def test_a_folder_of_ours_that_is_named_like_a_framework_and_stands_beside_a_script() -> None:
    files = {"agents/__init__.py": "", "agents/tools.py": RUN, "main.py": "from agents.tools import run"}
    assert target(files, "main.py") == ["agents/tools.py"]


def test_type_checking_imports_count() -> None:
    code = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from helper import C\ndef f(c: C):\n    return c.run\n"
    linked = Linked({"helper.py": "class C:\n    def run(self): pass\n", "app.py": code})
    number = linked.function("f", "app.py")
    leave = linked.program.functions[number].exits[0].value
    assert [linked.word(ref) for ref in linked.program.inference.infer((number, leave))] == ["function C.run"]


def test_one_of_two_imports() -> None:
    files = {
        "fast.py": RUN,
        "slow.py": RUN,
        "app.py": "try:\n    from fast import run\nexcept ImportError:\n    from slow import run",
    }
    assert target(files, "app.py") == ["fast.py", "slow.py"]


def test_an_import_with_a_definition_to_fall_back_on() -> None:
    files = {"app.py": "try:\n    from fast import run\nexcept ImportError:\n    def run(x): return x"}
    assert target(files, "app.py") == ["fast.run", "app.py"]


def test_one_of_two_definitions() -> None:
    linked = Linked("import sys\nif sys.platform == 'x':\n    def run(): pass\nelse:\n    def run(): pass\n")
    assert linked.what("run") == ["function run", "function run"]


def test_an_import_inside_a_function() -> None:
    linked = Linked({"helper.py": RUN, "app.py": "def f(x):\n    from helper import run\n    return run(x)\n"})
    assert linked.targets("run") == ["run"]


def test_unknown_modules_are_external() -> None:
    assert target({"app.py": "from elsewhere.deep import run"}, "app.py") == ["elsewhere.deep.run"]


def test_a_missing_relative_module_is_nothing() -> None:
    assert target({"pkg/app.py": "from .missing import run"}, "pkg/app.py") == []


def test_star_imports_of_a_known_library() -> None:
    linked = Linked("from subprocess import *\nx = run\n")
    assert linked.what("x") == ["subprocess.run"]


def test_aliases_of_models_are_followed() -> None:
    assert Linked("import posixpath\nx = posixpath.join\n").what("x") == ["os.path.join"]


def test_notebooks_are_modules() -> None:
    linked = Linked({"helper.py": RUN, "book.ipynb": "from helper import run\nrun('x')\n"})
    assert linked.targets("run") == ["run"]
