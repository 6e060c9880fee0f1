"""Results that the report tests share: one ordinary, one in which every text is hostile."""

from __future__ import annotations

from agentlint.core.finding import Cell, Finding, Notification, Related, Step
from agentlint.core.fingerprint import assign
from agentlint.core.levels import Confidence, Persona, Severity
from agentlint.core.place import Span
from agentlint.core.result import RuleInfo, ScanResult, ScanStats

KEY = "sk-proj-" + "4f9aK2mQ7xZt1LwPq8VbN3cR6yD0hJ5s"
SOURCES = {
    "app/agent.py": (
        "import subprocess\n"
        "\n"
        f'client = OpenAI(api_key="{KEY}")\n'
        "\n"
        "def answer(question):\n"
        "\treply = client.ask(question)\n"
        '\tname = "日本語"; subprocess.run(reply.text, shell=True)\n'
        "\treturn reply\n"
    ),
    "infra/main.tf": 'policy = {\n  Action = "*"\n  a = 1\n  b = 2\n  c = 3\n  d = 4\n}\n',
    "demo.ipynb": '{"source": [\n"run(shell)\\n",\n"x"]}\n',
}
NASTY = "\x1b[31mred\x1b[0m ::set-env name=X::1 ]]> <script>alert(1)</script> \u202etxt\u200b ![x](http://evil/p.png) \udce9 \x00`|` ##[error]x"
NASTY_PATH = "src/::error::\u202e<b>\udcff ![i](http://evil).py"


def span_of(path: str, text: str) -> Span:
    """Return the place of the first occurrence of ``text`` (on one line) in a sample source."""
    before = SOURCES[path][: SOURCES[path].index(text)]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    return Span(line, column, line, column + len(text))


def finding(**values: object) -> Finding:
    """Return a complete finding with ``values`` over harmless ones."""
    base: dict[str, object] = {
        "rule": "AL410",
        "name": "model-output-executed",
        "path": "app/agent.py",
        "span": Span(7, 18, 7, 52),
        "message": "The model's reply runs as a shell command.",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "persona": Persona.REGULAR,
        "category": "command-injection",
        "fingerprint": "0" * 32,
    }
    return Finding(**{**base, **values})


def rule(rule_id: str, **values: object) -> RuleInfo:
    base: dict[str, object] = {
        "id": rule_id,
        "name": "some-flaw",
        "category": "command-injection",
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "summary": "A flaw.",
        "docs": "## What it does\nFinds a flaw.\n\n## Example\n```python\nx = 1\n```\n",
        "cwe": (78,),
        "owasp": ("ASI05", "LLM05"),
    }
    return RuleInfo(**{**base, **values})


def ordinary() -> ScanResult:
    run = span_of("app/agent.py", "subprocess.run(reply.text, shell=True)")
    ask = span_of("app/agent.py", "client.ask(question)")
    found = (
        finding(
            severity=Severity.CRITICAL,
            span=run,
            symbol="app.agent.answer",
            cwe=(78,),
            owasp=("ASI05",),
            controls=("R45",),
            flow=(
                Step("app/agent.py", Span(5, 12, 5, 20), "the question enters", "source"),
                Step("app/agent.py", ask, "the model answers"),
                Step("app/agent.py", ask, "the same place again"),
                Step("app/agent.py", run, "runs as a shell command", "sink"),
            ),
            related=(Related("infra/main.tf", Span(1, 1, 1, 7), "the role it runs as"),),
            fix="Pass a list of arguments.",
        ),
        finding(
            rule="AL101",
            name="hardcoded-secret",
            category="hardcoded-secret",
            span=span_of("app/agent.py", f'"{KEY}"'),
            message="An API key is in the code.",
        ),
        finding(
            rule="AL207",
            name="wildcard-iam",
            category="iam-overprivilege",
            severity=Severity.MEDIUM,
            confidence=Confidence.MEDIUM,
            path="infra/main.tf",
            span=Span(1, 10, 7, 2),
            message="Everything is allowed.",
        ),
        finding(
            rule="AL301",
            name="no-approval",
            category="missing-hitl",
            severity=Severity.LOW,
            confidence=Confidence.LOW,
            path="demo.ipynb",
            span=Span(2, 2, 2, 12),
            cell=Cell(3, 5),
            message="Nobody is asked.",
        ),
    )
    ignored = (finding(rule="AL212", name="free-text", category="overbroad-tool", suppressed="reviewed in May"),)
    return ScanResult(
        version="1.2.3",
        findings=tuple(sorted(assign(found, SOURCES.get), key=lambda f: f.order)),
        suppressed=assign(ignored, SOURCES.get),
        notifications=(
            Notification("old.py", 3, "parse-error", "invalid syntax"),
            Notification("big.json", 0, "cap", "larger than 5,000,000 bytes", "warning"),
        ),
        rules={code: rule(code) for code in ("AL101", "AL207", "AL301", "AL410", "AL999")},
        stats=ScanStats(files_scanned=12, suppressed=1),
        source=SOURCES.get,
    )


def hostile() -> ScanResult:
    """Return a result in which every text that can come from a scanned tree tries to break out of the report."""
    source = f"x = 1\n{NASTY}\n"
    found = finding(
        path=NASTY_PATH,
        span=Span(2, 1, 2, 5),
        message=NASTY,
        symbol=NASTY,
        flow=(Step(NASTY_PATH, Span(1, 1, 1, 2), NASTY, "source"), Step(NASTY_PATH, Span(2, 1, 2, 2), NASTY, "sink")),
        related=(Related(NASTY_PATH, Span(1, 1, 1, 2), NASTY),),
        fix=NASTY,
        fingerprint="",
    )
    ignored = finding(path=NASTY_PATH, message=NASTY, suppressed=NASTY, fingerprint="")
    return ScanResult(
        version="1.2.3",
        findings=assign((found,), lambda _path: source),
        suppressed=assign((ignored,), lambda _path: source),
        notifications=(Notification(NASTY_PATH, 1, "parse-error", f"{NASTY}\n::error::fake"),),
        rules={},
        source=lambda _path: source,
    )


def empty(**values: object) -> ScanResult:
    return ScanResult(version="1.2.3", findings=(), stats=ScanStats(files_scanned=4), **values)
