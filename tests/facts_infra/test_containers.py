from __future__ import annotations

import pytest

from .reading import named, read


def compose(service: str, name: str = "coding-agent", path: str = "") -> list:
    indented = "\n".join(f"    {line}" for line in service.splitlines())
    return named(read("compose", f"services:\n  {name}:\n{indented}\n", path), "escape-path")


@pytest.mark.parametrize(
    ("volume", "what"),
    [
        ("/var/run/docker.sock:/var/run/docker.sock", "runtime-socket"),
        ("~/.aws:/root/.aws:ro", "host-credentials"),
        ("${HOME}/.ssh:/root/.ssh", "host-credentials"),
        ("${HOME:-/root}/.config/gcloud:/root/.config/gcloud", "host-credentials"),
        ("/:/host", "host-path"),
    ],
)
def test_mounts_that_lead_out(volume, what):
    (node,) = compose(f"volumes:\n  - {volume}")
    assert (node.attrs["what"], node.attrs["agentic"], node.span.line) == (what, True, 4)


@pytest.mark.parametrize(
    "volume", ["./data:/data", "data:/data", "/srv/data:/data", "~/.example:/x", "/var/run/docker.sock.txt:/x", "/x"]
)
def test_mounts_that_do_not(volume):
    assert compose(f"volumes:\n  - {volume}") == []


@pytest.mark.parametrize("name", ["datadog-agent", "portainer-agent", "buildkite-agent", "grafana-agent"])
def test_other_agents_are_no_ai_agents(name):
    (node,) = compose("image: example/agent\nprivileged: true", name)
    assert node.attrs["agentic"] is False


def test_a_model_key_makes_a_service_an_agents():
    (node,) = compose("privileged: true\nenvironment: [OPENAI_API_KEY]", "web")
    assert node.attrs["reason"] == "it gets OPENAI_API_KEY"


def test_development_containers_are_marked():
    (node,) = compose("privileged: true", path=".devcontainer/docker-compose.yml")
    assert node.attrs["developer"] is True


@pytest.mark.parametrize(
    ("port", "count"), [("8000:8000", 1), ('"0.0.0.0:8000:8000"', 1), ('"127.0.0.1:8000:8000"', 0), ('"8000"', 0)]
)
def test_published_ports(port, count):
    result = read("compose", f"services:\n  web:\n    ports:\n      - {port}\n")
    assert len(named(result, "published-port")) == count


POD = """
apiVersion: {version}
kind: {kind}
metadata: {{name: x}}
spec:
  template:
    spec:
      containers:
        - name: c
          image: {image}
          securityContext: {{privileged: true}}
"""


@pytest.mark.parametrize(
    ("version", "kind", "image", "agentic"),
    [
        ("apps/v1", "Deployment", "example/mcp-server:1", True),
        ("apps/v1", "Deployment", "nginx:1", False),
        ("apps/v1", "DaemonSet", "example/mcp-server:1", False),
        ("agents.x-k8s.io/v1beta1", "Sandbox", "nginx:1", True),
        ("kagent.dev/v1alpha2", "Agent", "nginx:1", True),
    ],
)
def test_which_pods_are_agents(version, kind, image, agentic):
    (node,) = named(read("kubernetes", POD.format(version=version, kind=kind, image=image)), "escape-path")
    assert node.attrs["agentic"] is agentic
    assert node.span.line == 10


def test_cluster_admin_bindings_and_lists():
    source = """
    apiVersion: v1
    kind: List
    items:
      - apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: b}
        roleRef: {name: cluster-admin}
        subjects: [{kind: ServiceAccount, name: mcp}]
    """
    (node,) = [node for node in read("kubernetes", source).nodes if node.type == "permission"]
    assert (node.attrs["wildcard"], node.attrs["holder"], node.span.line) == (True, "mcp", 7)


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ("FROM python:3.12\nCMD x", 1),
        ("FROM python:3.12\nUSER app\nUSER root\nCMD x", 3),
        ("FROM python:3.12\nUSER 0:0\nCMD x", 2),
        ("FROM python:3.12 AS a\nFROM a\nCMD x", 2),
    ],
)
def test_images_that_run_as_root(lines, line):
    (node,) = named(read("dockerfile", lines), "root-user")
    assert node.span.line == line


@pytest.mark.parametrize(
    "lines",
    [
        "FROM python:3.12\nUSER 10001\nCMD x",
        "FROM python:3.12 AS a\nUSER app\nFROM a\nCMD x",
        "ARG BASE\nFROM ${BASE}\nCMD x",
        "FROM gcr.io/distroless/base:nonroot\nCMD x",
        "FROM public.ecr.aws/lambda/python:3.12\nCMD x",
        "FROM python:3.12\nUSER $APP_USER\nCMD x",
        "FROM python:3.12\nRUN <<EOF\nUSER root\nEOF\nUSER app\nCMD x",
    ],
)
def test_images_that_do_not_or_cannot_be_known(lines):
    assert named(read("dockerfile", lines), "root-user") == []


def test_credentials_in_layers_are_masked():
    result = read("dockerfile", "FROM x\nENV A=1 DB_PASSWORD=tR7-vq92LmZx0cWp\nCOPY .env id_rsa ./\nCOPY --from=b .env ./\n")
    nodes = named(result, "image-secret")
    assert [(node.attrs["what"], node.span.line) for node in nodes] == [("DB_PASSWORD", 2), (".env", 3), ("id_rsa", 3)]
    assert "vq92LmZx0c" not in str(nodes)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ('CMD ["claude", "--dangerously-skip-permissions"]', 1),
        ("RUN npm ci && npx -y @anthropic-ai/claude-code@1 -p x --dangerously-skip-permissions", 1),
        ('ENTRYPOINT ["/bin/sh", "-c", "codex exec --yolo"]', 1),
        ("CMD codex exec --sandbox danger-full-access x", 1),
        ("CMD gemini --approval-mode=yolo", 1),
        ("CMD gemini --approval-mode auto_edit", 0),
        ("CMD tool --yolo", 0),
        ("RUN git push --force", 0),
        ('CMD ["echo", "claude --dangerously-skip-permissions"]', 0),
    ],
)
def test_switched_off_protections(line, count):
    assert len(named(read("dockerfile", f"FROM x\n{line}\n"), "safety-off")) == count


def test_piped_downloads():
    result = read("dockerfile", "FROM x\nRUN curl -fsS https://example.com/i | sudo bash\nRUN curl -o a https://b && bash a\n")
    assert [node.span.line for node in named(result, "piped-download")] == [2]
