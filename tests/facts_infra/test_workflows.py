from __future__ import annotations

import pytest

from .reading import named, read, typed

SHA = "0123456789abcdef0123456789abcdef01234567"


def workflow(step: str, on: str = "issues", job: str = "permissions: {contents: write}"):
    lines = "\n".join(f"          {line}" for line in step.splitlines())
    head = "\n".join(f"        {line}" for line in job.splitlines())
    return read("workflow", f"on: {on}\njobs:\n    j:\n{head}\n        steps:\n        -\n{lines}\n")


def trigger(step: str, **more: str) -> dict:
    (node,) = named(workflow(step, **more), "agent-trigger")
    return node.attrs


OPEN = f'uses: anthropics/claude-code-action@{SHA}\nwith:\n  allowed_non_write_users: "*"\n'


def test_a_stranger_starts_it():
    attrs = trigger(OPEN)
    assert (attrs["anyone"], attrs["reach"], attrs["writes"]) == (True, "all", "contents")


@pytest.mark.parametrize(
    "job",
    [
        "if: github.event.comment.author_association == 'OWNER'",
        "if: needs.check.outputs.allowed == 'true'",
        "if: github.event.label.name == 'run'",
        "if: github.event_name == 'schedule'",
        "environment: production",
    ],
)
def test_guards_of_the_job(job):
    assert trigger(OPEN, job=job)["anyone"] is False


@pytest.mark.parametrize("on", ["push", "schedule", "[push, pull_request]", "{workflow_dispatch: {}}"])
def test_triggers_of_the_project_itself(on):
    assert trigger(OPEN, on=on)["anyone"] is False


def test_the_check_of_the_action_counts_and_programs_have_none():
    assert trigger(f"uses: anthropics/claude-code-action@{SHA}")["anyone"] is False
    assert trigger(f"uses: google-github-actions/run-gemini-cli@{SHA}")["anyone"] is True
    assert trigger('run: claude -p "x"')["anyone"] is True


@pytest.mark.parametrize(
    ("arguments", "reach"),
    [
        ('--allowedTools "Read,Grep"', "none"),
        ('--allowedTools "Bash(gh issue view:*),Read"', "narrow"),
        ("--allowedTools Bash(gh issue view:*),Bash(gh api:*) --model m", "code"),
        ('--allowedTools "Bash,Read"', "all"),
        ("--model m", "all"),
    ],
)
def test_how_far_the_tools_go(arguments, reach):
    assert trigger(f"{OPEN}  claude_args: {arguments}")["reach"] == reach


def test_tools_of_settings():
    step = f'uses: google-github-actions/run-gemini-cli@{SHA}\nwith:\n  settings: |\n    {{"tools": {{"core": ["read_file", "run_shell_command"]}}}}'
    result = workflow(step)
    found = {node.attrs["tool"]: (node.attrs["wildcard"], node.span.line) for node in typed(result, "permission")}
    assert found == {"read_file": (False, 10), "run_shell_command": (True, 10)}


@pytest.mark.parametrize(
    ("job", "writes"),
    [
        ("permissions: read-all", "nothing"),
        ("permissions: {}", "nothing"),
        ("permissions: write-all", "everything"),
        ("permissions: {issues: write, id-token: write}", "issues"),
    ],
)
def test_what_the_token_may_write(job, writes):
    assert trigger(OPEN, job=job)["writes"] == writes


def test_a_token_that_the_workflow_does_not_limit_is_unknown():
    (node,) = named(workflow(OPEN, job="runs-on: x"), "agent-trigger")
    assert "writes" in node.unknown
    assert "writes" not in node.attrs


def test_other_tokens_and_none():
    assert trigger(OPEN + "  github_token: ${{ secrets.BOT }}", job="permissions: {}")["writes"] == "with a token of its own"
    assert trigger(OPEN + 'env:\n  GITHUB_TOKEN: ""')["writes"] == "nothing"


def test_untrusted_text_in_the_prompt():
    (node,) = named(workflow(OPEN + "  prompt: |\n    Hello\n    ${{ github.event.issue.body }}"), "agent-trigger")
    assert node.attrs["told"] == "github.event.issue.body"
    assert trigger(OPEN + "  prompt: Look at ${{ github.event.issue.number }}")["told"] == ""


def test_foreign_code():
    source = f"""
    on: pull_request_target
    jobs:
      j:
        steps:
          - uses: actions/checkout@v4
            with: {{ref: "${{{{ github.event.pull_request.head.sha }}}}" {{path}}}}
          - run: claude -p x
    """
    source = source.replace("{path}", "")
    assert named(read("workflow", source), "agent-trigger")[0].attrs["foreign_code"] is True
    beside = source.replace('sha }}"', 'sha }}", path: pr')
    assert named(read("workflow", beside), "agent-trigger")[0].attrs["foreign_code"] is False


@pytest.mark.parametrize(
    ("ref", "kind"), [(SHA, "sha"), ("v1", "version"), ("v1.0.2", "version"), ("beta", "branch"), ("main", "branch")]
)
def test_pins(ref, kind):
    (node,) = named(workflow(f"uses: anthropics/claude-code-action@{ref}"), "agent-action")
    assert node.attrs["ref_kind"] == kind


def test_jobs_without_agents_say_nothing():
    assert (
        read("workflow", "on: issues\njobs:\n  j:\n    steps:\n      - run: echo claude -p\n      - uses: a/b@main\n").nodes == ()
    )


def test_job_node():
    (node,) = typed(workflow(OPEN), "workflow_job")
    assert (node.attrs["open_triggers"], node.attrs["writes"]) == (["issues"], ["contents"])
