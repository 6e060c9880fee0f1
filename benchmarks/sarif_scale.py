"""Measures how SARIF scales next to JSON: CPU seconds for 25,000 findings, best of three.

    python benchmarks/sarif_scale.py [FINDINGS]

Prints one JSON object; ``extra_seconds`` is what SARIF costs more than JSON (aim: at most 4).
"""

from __future__ import annotations

import gzip
import json
import sys
import time

from agentlint.core.finding import Finding, Related, Step
from agentlint.core.fingerprint import assign
from agentlint.core.levels import Confidence, Persona, Severity
from agentlint.core.place import Span
from agentlint.core.result import RuleInfo, ScanResult, ScanStats
from agentlint.report.options import ReportOptions
from agentlint.report.registry import render

FILES = 500
LINES = 200


def build(count: int) -> ScanResult:
    """Return a result of ``count`` findings over 500 files of 200 lines; every fourth has a flow of four steps."""
    text = "".join(f"    value_{n} = call(argument_{n * 7}, other)  # line {n}\n" for n in range(LINES))
    rules = {
        f"AL{code}": RuleInfo(
            id=f"AL{code}",
            name=f"rule-{code}",
            category="code-exec",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            docs="## What it does\nFinds things.\n" * 20,
            cwe=(94,),
            owasp=("ASI05",),
        )
        for code in range(401, 481)
    }
    codes = list(rules)
    findings = []
    for n in range(count):
        path = f"src/pkg_{n % 20}/module_{n % FILES}.py"
        span = Span(1 + n // FILES % LINES, 5, 1 + n // FILES % LINES, 40)
        flow = tuple(
            Step(path, Span(k + 1, 5, k + 1, 20), "the value passes here", kind)
            for k, kind in enumerate(("source", "step", "step", "sink"))
        )
        findings.append(
            Finding(
                rule=codes[n % len(codes)],
                path=path,
                span=span,
                message=f"Model output number {n} reaches exec() and runs as code.",
                symbol=f"pkg.module.function_{n}",
                flow=flow if n % 4 == 0 else (),
                related=(Related(path, Span(1, 1, 1, 5), "the tool is declared here"),) if n % 4 == 1 else (),
                severity=Severity(n % 5),
                confidence=Confidence.HIGH,
                persona=Persona.REGULAR,
                name=f"rule-{n}",
                category="code-exec",
                cwe=(94,),
                owasp=("ASI05",),
            )
        )

    def source(_path: str) -> str:
        return text

    return ScanResult(
        version="1.0.0",
        findings=assign(findings, source),
        rules=rules,
        stats=ScanStats(files_scanned=FILES),
        source=source,
    )


def measure(format_name: str, result: ScanResult) -> tuple[float, str]:
    """Return the least CPU seconds of three renderings, and the text."""
    best, text = float("inf"), ""
    for _ in range(3):
        start = time.process_time()
        text = render(format_name, result, ReportOptions())
        best = min(best, time.process_time() - start)
    return best, text


def main() -> None:
    """Print the measurement."""
    result = build(int(sys.argv[1]) if len(sys.argv) > 1 else 25_000)
    plain, plain_text = measure("json", result)
    sarif, sarif_text = measure("sarif", result)
    print(
        json.dumps(
            {
                "findings": len(result.findings),
                "json_seconds": round(plain, 3),
                "sarif_seconds": round(sarif, 3),
                "extra_seconds": round(sarif - plain, 3),
                "ratio": round(sarif / plain, 1),
                "json_bytes": len(plain_text),
                "sarif_bytes": len(sarif_text),
                "sarif_gzip_bytes": len(gzip.compress(sarif_text.encode("ascii"), 6)),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
