"""Python before and after."""

from __future__ import annotations

import ast
import json

import pytest

from secretgen import secret

KEY = secret("openai-key", "fix")
OTHER = secret("github-token", "fix")
READ = 'os.environ["OPENAI_API_KEY"]'

SECRETS = {
    "keyword": ('import os\nclient = OpenAI(api_key="@")  # why\n', f"import os\nclient = OpenAI(api_key={READ})  # why\n"),
    "alias": ('import os as system\nx = {"api_key": "@"}\n', 'import os as system\nx = {"api_key": system.environ["OPENAI_API_KEY"]}\n'),
    "import added": ('"""Doc."""\nfrom __future__ import annotations\n\nimport re\nkey = "@"\n', f'"""Doc."""\nfrom __future__ import annotations\n\nimport os\nimport re\nkey = {READ}\n'),
    "no import yet": ('key = "@"\n', f"import os\n\nkey = {READ}\n"),
    "import comes later": ('key = "@"\nimport os\n', f"import os\n\nkey = {READ}\nimport os\n"),
    "own name": ("import os\nBILLING_KEY = '@'\n", 'import os\nBILLING_KEY = os.environ["BILLING_KEY"]\n'),
    "default": ('import os\ndef f(a, key: str = "@", *, b=1): ...\n', f"import os\ndef f(a, key: str = {READ}, *, b=1): ...\n"),
    "fallback": ('import os\nk = os.getenv("MY_OPENAI", "@")\n', 'import os\nk = os.environ["MY_OPENAI"]\n'),
    "fallback from": ('from os import environ\nk = environ.get("MY_OPENAI", "@")\n', 'from os import environ\nk = environ["MY_OPENAI"]\n'),
    "part": ('import os\nh = {"Authorization": "Bearer @"}\n', "import os\nh = {\"Authorization\": f\"Bearer {os.environ['OPENAI_API_KEY']}\"}\n"),
    "braces": ("import os\nh = 'a {b} @'\n", "import os\nh = f'a {{b}} {os.environ[\"OPENAI_API_KEY\"]}'\n"),
    "f-string": ('import os\nh = f"{x} @ {y!r}"\n', "import os\nh = f\"{x} {os.environ['OPENAI_API_KEY']} {y!r}\"\n"),
    "bytes": ('import os\nkey = b"@"\n', f"import os\nkey = {READ}.encode()\n"),
    "raw part": ("import os\nh = r'\\d @'\n", "import os\nh = fr'\\d {os.environ[\"OPENAI_API_KEY\"]}'\n"),
    "unicode part": ("import os\nh = u'{} @'\n", "import os\nh = f'{{}} {os.environ[\"OPENAI_API_KEY\"]}'\n"),
    "part in triple quotes": ('import os\ndef f():\n    return"""\n{a: 1}\n@\n"""\n', 'import os\ndef f():\n    return f"""\n{{a: 1}}\n{os.environ[\'OPENAI_API_KEY\']}\n"""\n'),
    "raw": ("import os\nkey = r'@'\n", f"import os\nkey = {READ}\n"),
    "return": ('import os\ndef f():\n    return"@"\n', 'import os\ndef f():\n    return os.environ["OPENAI_API_KEY"]\n'),
    "set": ('import os\nos.environ["OPENAI_API_KEY"] = "@"  # for now\nmain()\n', "import os\nmain()\n"),
    "unicode": ('import os\né = "ü"; key = "@"; ö = 2\n', f'import os\né = "ü"; key = {READ}; ö = 2\n'),
    "twice": ('import os\nkey = "@"\nagain = ("@",)\n', f"import os\nkey = {READ}\nagain = ({READ},)\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", SECRETS)
def test_a_literal_secret_is_read_from_the_environment(mended, tmp_path, case):
    before, after = SECRETS[case]
    assert mended({"app.py": before.replace("@", KEY)}, "AL101") == after
    ast.parse(after)
    example = (tmp_path / ".env.example").read_text()
    assert KEY not in example and example.count("=\n") == 1 == len(example.splitlines())


REFUSED = {
    "comment": ("import os\n# @\n", "comment"),
    "docstring": ('"""Use @ here."""\n', "docstring"),
    "several parts": ('import os\nkey = ("@" "tail")\n', "several parts"),
    "format": ('import os\nkey = "@ %s" % x\n', "format"),
    "taken name": ('def f(os):\n    return os, "@"\n', "`os`"),
    "only statement": ('import os\nif x:\n    os.environ["OPENAI_API_KEY"] = "@"\n', "set the variable outside"),
    "match": ('import os\nmatch x:\n    case "@":\n        pass\n', "match"),
    "annotation": ('import os\nx: Literal["@"]\n', "annotation"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_moved_is_left_with_a_reason(run, tmp_path, case):
    text, reason = REFUSED[case]
    path = tmp_path / "app.py"
    path.write_text(text.replace("@", KEY))
    code, out, err = run("fix", tmp_path, "--apply", "--unsafe", "--persona", "auditor", "--select", "AL101")
    assert path.read_text() == text.replace("@", KEY)
    assert code == 1 and out == "" and reason in err and KEY not in err
    assert not (tmp_path / ".env.example").exists()


def test_two_secrets_never_share_a_name(mended, tmp_path):
    two = secret("openai-key", "second")
    after = mended({"a.py": f'import os\nkey = "{KEY}"\n', "b.py": f'import os\nkey = "{two}"\n'}, "AL101")
    assert READ in after
    assert 'os.environ["OPENAI_API_KEY_2"]' in (tmp_path / "b.py").read_text()
    assert (tmp_path / ".env.example").read_text() == "OPENAI_API_KEY=\nOPENAI_API_KEY_2=\n"


def test_the_same_secret_in_other_files_goes_too(mended, tmp_path):
    mended({name: f'import os\nkey = "{KEY}"\n' for name in ("a.py", "b.py", "pkg/c.py")}, "AL101")
    assert all(READ in (tmp_path / name).read_text() for name in ("a.py", "b.py", "pkg/c.py"))


def test_a_password_without_a_format_is_a_literal_like_any_other(mended):
    after = mended({"app.py": 'import os\nJWT_SECRET = "q7Rk2vXw9mZt4LpB8sNdq7Yk"\n'}, "AL102")
    assert after == 'import os\nJWT_SECRET = os.environ["JWT_SECRET"]\n'


def test_two_secrets_of_one_text_go_together_and_neither_is_repeated(mended, run, tmp_path):
    text = 'import os\nx = "a {%s} b %s"\n' % (KEY, OTHER)
    (tmp_path / "app.py").write_text(text)
    _, out, _ = run("scan", tmp_path, "-f", "json", "--exit-zero", "--select", "AL101")
    fixes = [finding["fix"]["edits"] for finding in json.loads(out)["findings"]]
    assert len(fixes) == 2 and KEY not in json.dumps(fixes) and OTHER not in json.dumps(fixes)
    after = mended({"app.py": text}, "AL101")
    assert after == "import os\nx = f\"a {{{os.environ['OPENAI_API_KEY']}}} b {os.environ['GITHUB_TOKEN']}\"\n"


def test_an_existing_example_keeps_its_lines(mended, tmp_path):
    (tmp_path / ".env.example").write_bytes(b"# all of them\r\nOPENAI_API_KEY=\r\nPORT=1")
    mended({"a.py": f'import os\nkey = "{KEY}"\ntoken = "{OTHER}"\n'}, "AL101")
    assert (tmp_path / ".env.example").read_bytes() == b"# all of them\r\nOPENAI_API_KEY=\r\nPORT=1\r\nGITHUB_TOKEN=\r\n"


HANDLER = "from fastapi import FastAPI\n{imports}\napp = FastAPI()\n\n@app.post('/x')\ndef up(body: str):\n    {code}\n"
CALLS = {
    "loader": ("AL416", "import yaml", "return yaml.load(body, Loader=yaml.Loader)", "return yaml.load(body, Loader=yaml.SafeLoader)"),
    "loader by position": ("AL416", "import yaml", "return yaml.load(body, yaml.UnsafeLoader)", "return yaml.load(body, yaml.SafeLoader)"),
    "unsafe load": ("AL416", "import yaml as y", "return y.unsafe_load(body)", "return y.safe_load(body)"),
    "template": ("AL415", "from jinja2.sandbox import SandboxedEnvironment\nfrom jinja2 import Template", "return Template(body).render()", "return SandboxedEnvironment().from_string(body).render()"),
    "environment": ("AL415", "from jinja2.sandbox import SandboxedEnvironment as S\nfrom jinja2 import Environment", "return Environment(trim_blocks=True).from_string(body).render()", "return S(trim_blocks=True).from_string(body).render()"),
}  # fmt: skip


@pytest.mark.parametrize("case", CALLS)
def test_a_dangerous_call_becomes_its_safe_form(mended, case):
    rule, imports, before, after = CALLS[case]
    assert mended({"app.py": HANDLER.format(imports=imports, code=before)}, rule) == HANDLER.format(imports=imports, code=after)


ARGUMENTS = {
    "last": ("AL604", "import httpx\nhttpx.get(url, verify=False)\n", "import httpx\nhttpx.get(url)\n"),
    "first": ("AL604", "import httpx\nhttpx.Client(verify=False, timeout=3)\n", "import httpx\nhttpx.Client(timeout=3)\n"),
    "only": ("AL604", "import httpx\nhttpx.Client( verify = False )\n", "import httpx\nhttpx.Client( )\n"),
    "lines": (
        "AL604",
        "import httpx\nhttpx.get(\n    url,  # where\n    verify=False,\n)\n",
        "import httpx\nhttpx.get(\n    url,  # where\n)\n",
    ),
    "middle": (
        "AL604",
        "import httpx\nhttpx.get(\n    url,\n    verify=False,\n    timeout=3,  # seconds\n)\n",
        "import httpx\nhttpx.get(\n    url,\n    timeout=3,  # seconds\n)\n",
    ),
    "attribute": ("AL604", "import requests\ns = requests.Session()\ns.verify = False\n", "import requests\ns = requests.Session()\ns.verify = True\n"),
    "remote code": (
        "AL903",
        "from transformers import AutoModel\nm = AutoModel.from_pretrained('acme/x', trust_remote_code=True)\n",
        "from transformers import AutoModel\nm = AutoModel.from_pretrained('acme/x')\n",
    ),
    "docker": (
        "AL810",
        "from autogen import UserProxyAgent\np = UserProxyAgent('u', code_execution_config={'use_docker': False})\n",
        "from autogen import UserProxyAgent\np = UserProxyAgent('u', code_execution_config={'use_docker': True})\n",
    ),
    "dangerous": (
        "AL501",
        "from langchain_community.vectorstores import FAISS\ndb = FAISS.load_local('x', e, allow_dangerous_deserialization=True)\n",
        "from langchain_community.vectorstores import FAISS\ndb = FAISS.load_local('x', e)\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ARGUMENTS)
def test_a_dangerous_argument_goes_or_turns(mended, case):
    rule, before, after = ARGUMENTS[case]
    assert mended({"app.py": before}, rule) == after


def test_a_missing_argument_is_added(mended):
    code = "import torch\nfrom fastapi import FastAPI, UploadFile\napp = FastAPI()\n@app.post('/x')\ndef up(f: UploadFile):\n    return torch.load(f.file{})\n"
    assert mended({"app.py": code.format("")}, "AL416") == code.format(", weights_only=True")


def test_what_may_change_behaviour_waits_for_unsafe(run, tmp_path):
    path = tmp_path / "app.py"
    path.write_text("import httpx\nhttpx.get(url, verify=False)\n")
    code, out, err = run("fix", tmp_path, "--apply")
    assert code == 1 and out == "" and "1 more with --unsafe" in err
    assert path.read_text() == "import httpx\nhttpx.get(url, verify=False)\n"
