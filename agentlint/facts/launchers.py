"""The programs that fetch a package and start it, and the options by which they name it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Launcher:
    """How a program names what it fetches: verbs before it, options with a value, options that name the package."""

    name: str
    kind: Literal["npm", "python", "image", "go", "url"]
    verbs: tuple[tuple[str, ...], ...] = ((),)
    valued: frozenset[str] = frozenset()
    package_options: tuple[str, ...] = ()
    only_option: bool = False


_NPX_VALUED = frozenset(
    {
        "-p",
        "--package",
        "-c",
        "--call",
        "--registry",
        "--prefix",
        "-w",
        "--workspace",
        "--cache",
        "--userconfig",
        "--node-options",
        "-n",
        "--loglevel",
    }
)
_UV_VALUED = frozenset({
    "--from", "--with", "-w", "--with-editable", "--with-requirements", "--python", "-p", "--index-url", "-i",
    "--index",
    "--extra-index-url", "--default-index", "--env-file", "--directory", "--project", "--refresh-package",
    "--config-file",
    "--cache-dir", "--constraint", "-c", "--constraints", "--override", "--overrides", "--find-links", "-f",
    "--python-preference",
    "--prerelease", "--resolution", "--exclude-newer", "--link-mode", "--color", "--build-constraint",
    "--keyring-provider",
})  # fmt: skip
_DOCKER_VALUED = frozenset({
    "-e", "--env", "--env-file", "-v", "--volume", "--mount", "--name", "-p", "--publish", "--network", "--net",
    "-w", "--workdir",
    "-u", "--user", "--entrypoint", "--add-host", "--platform", "--pull", "-l", "--label", "-m", "--memory",
    "--cpus", "--gpus",
    "--cap-add", "--cap-drop", "--security-opt", "--device", "--dns", "--hostname", "-h", "--ipc", "--pid",
    "--restart", "--runtime",
    "--shm-size", "--tmpfs", "--ulimit", "--userns", "--log-driver", "--log-opt", "--stop-timeout", "--pids-limit",
    "--memory-swap",
    "--volumes-from", "--link", "--expose", "--cidfile", "--attach", "-a", "--sysctl", "--group-add", "--annotation",
    "--cgroupns",
})  # fmt: skip
LAUNCHERS: dict[str, tuple[Launcher, ...]] = {
    "npx": (Launcher("npx", "npm", valued=_NPX_VALUED, package_options=("-p", "--package")),),
    "pnpx": (Launcher("pnpx", "npm", valued=_NPX_VALUED, package_options=("-p", "--package")),),
    "bunx": (Launcher("bunx", "npm", valued=_NPX_VALUED, package_options=("-p", "--package")),),
    "npm": (Launcher("npm exec", "npm", (("exec",), ("x",)), _NPX_VALUED, ("-p", "--package")),),
    "pnpm": (Launcher("pnpm dlx", "npm", (("dlx",),), _NPX_VALUED, ("-p", "--package")),),
    "yarn": (Launcher("yarn dlx", "npm", (("dlx",),), _NPX_VALUED, ("-p", "--package")),),
    "bun": (Launcher("bunx", "npm", (("x",),), _NPX_VALUED, ("-p", "--package")),),
    "uvx": (Launcher("uvx", "python", valued=_UV_VALUED, package_options=("--from",)),),
    "uv": (
        Launcher("uvx", "python", (("tool", "run"),), _UV_VALUED, ("--from",)),
        Launcher("uv run", "python", (("run",),), _UV_VALUED, ("--with",), only_option=True),
    ),
    "pipx": (Launcher("pipx run", "python", (("run",),), frozenset({"--spec", "--python", "--pip-args", "-i",
    "--index-url"}), ("--spec",)),),
    "docker": (Launcher("docker", "image", (("run",), ("container", "run")), _DOCKER_VALUED),),
    "podman": (Launcher("podman", "image", (("run",), ("container", "run")), _DOCKER_VALUED),),
    "nerdctl": (Launcher("nerdctl", "image", (("run",),), _DOCKER_VALUED),),
    "go": (Launcher("go run", "go", (("run",),)),),
    "deno": (Launcher("deno run", "url", (("run",), ("x",))),),
}  # fmt: skip
