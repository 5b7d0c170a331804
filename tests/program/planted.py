"""A day in the life of credentials: planted at random, delivered, rotated, asked about, refused; all of it kept."""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import string
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, final

from tests.program.cluster import Cluster
from tests.program.engine import PASSPHRASE, Project, run
from tests.program.leaks import Leak, leaks

NAMESPACE: Final = "no-leak"
CATALOG: Final = """\
team: leaks
receivers:
  by-sops: {slack: {channel: "#a", webhook: from-sops}}
  by-sops-too: {webhook: {url: "https://hook.example.com/", bearer_token: signs-from-sops}}
  by-config: {pagerduty: {routing_key: from-config}}
  by-config-too: {opsgenie: {api_key: signs-from-config}}
  by-sealing: {slack: {channel: "#b", app_token: from-sealing}}
  by-store: {msteamsv2: {webhook: from-store}}
  by-others: {email: {to: a@example.com, from: b@example.com, smarthost: "mail:25", username: u, password: from-others}}
  by-chance: {pagerduty: {routing_key: from-chance}}
services:
  a: {any: by-sops}
  b: {any: by-config}
  c: {any: by-sealing}
  d: {any: by-store}
  e: {any: by-others}
  f: {any: by-chance}
  g: {any: by-sops-too}
  h: {any: by-config-too}
"""
STACK: Final = """\
config:
  alertpath:settings:
    delivery: cluster
    cluster: {context: tests}
    namespace: {name: no-leak}
    catalog: [catalog.yaml]
    alertmanager: {mounts: object}
    versions: {operator: "0.93.0"}
    receivers: [by-sops, by-sops-too, by-config, by-config-too, by-sealing, by-store, by-others, by-chance]
    routing: {default_receiver: by-sops}
    credentials:
      sops: {file: credentials.enc.yaml}
      external_secrets: {store: {name: vault}}
      values:
        from-sops: {provider: sops, secret: by-sops, key: url, field: slack.alerts}
        signs-from-sops: {provider: sops, secret: by-sops, key: token, field: bearer}
        from-config: {provider: pulumi-config, secret: by-config, key: routing_key}
        signs-from-config: {provider: pulumi-config, secret: by-config, key: api_key}
        from-sealing:
          provider: sealed-secrets
          secret: by-sealing
          key: token
        from-store: {provider: external-secrets, secret: by-store, key: url, remote: {key: monitoring/teams}}
        from-others: {provider: existing, secret: by-others, key: password}
        from-chance: {provider: generated, secret: by-chance, key: routing_key}
"""
EXPECTATIONS: Final = "expectations:\n- labels: {service: b}\n  receivers: [by-config]\n"
# What Pulumi says at this verbosity it says of itself; from 9 on it prints what it sends to its plugins.
VERBOSE: Final = ("--logtostderr", "-v=8", "--debug")
_LETTERS: Final = string.ascii_letters + string.digits


def letters(length: int = 24) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def signs() -> str:
    """A value that JSON, YAML, XML, URLs and shells write in ways of their own."""
    return "".join(secrets.choice(_LETTERS) + sign for sign in "/+<&\"\\>='é") + letters(8)


@final
@dataclass
class Scene:
    """A stack, the random values that were planted by name, and what was printed by what was run."""

    cluster: Cluster
    project: Project
    work: Path
    planted: dict[str, str] = field(default_factory=dict[str, str])
    printed: dict[str, bytes] = field(default_factory=dict[str, bytes])
    arguments: set[bytes] = field(default_factory=set[bytes])
    program: dict[str, bytes] = field(default_factory=dict[str, bytes])
    keys: bytes = b""

    def plant(self, name: str, value: str) -> str:
        """Remembers a value to search for."""
        assert self.planted.setdefault(name, value) == value
        return value

    def pulumi(self, *arguments: str, fails: bool = False, **env: str) -> str:
        """Runs Pulumi and keeps what it prints."""
        done = self.project.with_env(**env).pulumi(*arguments)
        assert (done.code != 0) == fails, done.text
        self.printed[f"{len(self.printed)}: pulumi {' '.join(arguments)}"] = done.text.encode()
        return done.text

    def alertpath(self, *arguments: str, stdin: str = "") -> None:
        """Runs the project's own command line and keeps what it prints."""
        done = self.project.alertpath(*arguments, stdin=stdin)
        assert "Traceback" not in done.text
        self.printed[f"{len(self.printed)}: alertpath {' '.join(arguments)}"] = done.text.encode()

    def git(self, *arguments: str) -> None:
        """Runs git in the project."""
        run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], self.project.root, self.project.env)

    def found(self, contents: Mapping[str, bytes]) -> dict[str, set[Leak]]:
        """What the search finds in each of these, where it finds anything."""
        return {name: hits for name, content in contents.items() if (hits := leaks(self.planted, content))}

    def files(self, *below: str) -> dict[str, bytes]:
        """Every file below these directories; no link is followed."""
        found: dict[str, bytes] = {}
        for start in below:
            for directory, _, names in os.walk(self.work / start):
                for file in (Path(directory, name) for name in names):
                    if not file.is_symlink():
                        found[str(file.relative_to(self.work))] = file.read_bytes()
        return found


def live(scene: Scene, tool: Callable[[str], Path], keys: Path) -> None:
    """Does all that people do with credentials, in their order; `keys`: an empty directory for what opens others."""
    kubeconfig = keys / "kubeconfig"
    scene.project = scene.project.with_env(**_surroundings(scene, tool, keys), KUBECONFIG=str(kubeconfig))
    scene.program = scene.files("project")
    scene.plant("passphrase", PASSPHRASE)
    _write_kubeconfig(scene, kubeconfig)
    scene.keys = b"\n".join(file.read_bytes() for file in keys.iterdir())
    with _sampled(scene.arguments):
        _prepare(scene)
        _deploy(scene)
        _ask(scene)
        _fail(scene)


def _surroundings(scene: Scene, tool: Callable[[str], Path], keys: Path) -> dict[str, str]:
    """The environment: directories of its own for what programs leave behind, and tools that note their arguments."""
    for name in ("home", "temporary", "reports", "bin"):
        (scene.work / name).mkdir()
    (scene.work / "home" / "plugins").symlink_to(Path(scene.project.env["PULUMI_HOME"]) / "plugins")
    for name in ("sops", "kubeseal"):
        wrapper = scene.work / "bin" / name
        record = scene.work / "reports" / "arguments"
        wrapper.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>{record}\nexec {tool(name)} "$@"\n', encoding="utf-8")
        wrapper.chmod(0o755)
    key = keys / "age.key"
    run([tool("age-keygen"), "-o", key], keys, os.environ).expect(0)
    scene.plant("age key", re.findall(r"AGE-SECRET-KEY-1(\w+)", key.read_text(encoding="utf-8"))[0])
    return {
        "PULUMI_HOME": str(scene.work / "home"),
        "HOME": str(scene.work / "home"),
        "TMPDIR": str(scene.work / "temporary"),
        "PATH": f"{scene.work / 'bin'}{os.pathsep}{scene.project.env['PATH']}",
        "SOPS_AGE_KEY_FILE": str(key),
        "PULUMI_DEBUG_COMMANDS": "1",
    }


def _write_kubeconfig(scene: Scene, file: Path) -> None:
    """The cluster's, with another user's key besides the token in use."""
    content = json.loads(scene.cluster.kubeconfig.read_text(encoding="utf-8"))
    scene.plant("kubeconfig token", content["users"][0]["user"]["token"])
    key = f"-----BEGIN PRIVATE KEY-----\n{scene.plant('kubeconfig key', letters(64))}\n-----END PRIVATE KEY-----\n"
    content["users"].append({"name": "b", "user": {"client-key-data": base64.b64encode(key.encode()).decode()}})
    file.write_text(json.dumps(content), encoding="utf-8")


def _prepare(scene: Scene) -> None:
    project, namespace = scene.project, scene.cluster.new_namespace(NAMESPACE)
    (project.root / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (project.root / "expectations").mkdir()
    (project.root / "expectations" / "leaks.yaml").write_text(EXPECTATIONS, encoding="utf-8")
    # What others make.
    for name, key in (("by-store", "url"), ("by-others", "password")):
        body = {"metadata": {"name": name}, "stringData": {key: scene.plant(name, letters())}}
        scene.cluster.request("POST", scene.cluster.path("Secret", namespace), body)
    certificate = ("--certificate", str(scene.cluster.certificate))
    token = f"xoxb-{scene.plant('sealed', letters())}"
    scene.alertpath("seal", "from-sealing", "--stack", "leaks", *certificate, stdin=f"{token}\n")
    _give(scene, "first")
    scene.git("init", "--quiet")
    scene.git("add", "--all")
    scene.git("commit", "--quiet", "--message=first")


def _give(scene: Scene, which: str) -> None:
    """New values for all that can be rotated, as users give them."""
    webhook = f"https://hooks.slack.com/services/T0/B0/{scene.plant(f'{which} of sops', letters())}"
    values = {"slack": {"alerts": webhook}, "bearer": scene.plant(f"{which} of sops, signs", signs())}
    key = Path(scene.project.env["SOPS_AGE_KEY_FILE"]).read_text(encoding="utf-8")
    command = ["sops", "--encrypt", "--age", re.findall(r"public key: (\S+)", key)[0], "--input-type", "json"]
    command += ["--output-type", "yaml", "/dev/stdin"]
    encrypted = run(command, scene.project.root, scene.project.env, stdin=json.dumps(values)).expect(0)
    (scene.project.root / "credentials.enc.yaml").write_text(encrypted.out, encoding="utf-8")
    scene.project.set_secret("from-config", scene.plant(f"{which} of config", letters(32)))
    scene.project.set_secret("signs-from-config", scene.plant(f"{which} of config, signs", signs()))


def _deploy(scene: Scene) -> None:
    reports = scene.work / "reports"
    plan = str(reports / "plan.json")
    scene.pulumi("preview", "--diff")
    scene.pulumi("up", "--yes", "--skip-preview", "--diff")
    scene.plant("generated", scene.cluster.data(NAMESPACE, "by-chance")["routing_key"])
    _give(scene, "second")
    scene.pulumi("preview", "--json")
    scene.pulumi("preview", "--diff", "--refresh", "--event-log", str(reports / "preview.json"), *VERBOSE)
    scene.pulumi("preview", "--save-plan", plan)
    log = "--event-log", str(reports / "up.json")
    scene.pulumi("up", "--yes", "--skip-preview", "--json", "--plan", plan, *log, *VERBOSE)
    scene.pulumi("refresh", "--yes", "--skip-preview", "--diff")


def _ask(scene: Scene) -> None:
    """Every command that shows something of the stack."""
    for arguments in ("stack --show-urns --show-ids", "stack output", "stack output --json", "stack export"):
        scene.pulumi(*arguments.split())
    for arguments in ("config", "config --json", "stack history", "stack history --json"):
        scene.pulumi(*arguments.split())
    stack = ("--stack", "leaks")
    scene.alertpath("compile", *stack)
    scene.alertpath("compile", *stack, "--table")
    scene.alertpath("compile", *stack, "--out", str(scene.work / "reports" / "rendered"))
    for form in ("text", "json", "sarif", "github"):
        scene.alertpath("check", *stack, "--format", form)
    for form in ("text", "json"):
        scene.alertpath("explain", *stack, "--format", form, "service=b")
    for form in ("text", "markdown", "json"):
        scene.alertpath("diff", *stack, "--format", form, "HEAD")
        scene.alertpath("review", "--base", "HEAD", "--format", form)
    for form in ("text", "json", "junit", "github"):
        scene.alertpath("test", "--format", form)
    scene.git("add", "--all")
    scene.git("commit", "--quiet", "--message=second")


def _fail(scene: Scene) -> None:
    """Updates that end badly while they know the values."""
    project, cluster = scene.project, scene.cluster
    up = ("up", "--yes", "--skip-preview", "--diff")
    before = project.stack_file.read_bytes()
    project.set_secret("from-config", scene.plant("wrong shape", letters(40)))
    assert "is not a PagerDuty routing key" in scene.pulumi(*up, fails=True)
    project.stack_file.write_bytes(before)

    main = project.root / "__main__.py"
    right = '    pulumi.export("digest", compiled.digest)\n'
    wrong = "    raise RuntimeError(repr((stack, vars(delivery), compiled)))\n"
    project.edit(main, (right, wrong))
    assert "RuntimeError: (Stack(" in scene.pulumi(*up, fails=True)
    project.edit(main, (wrong, right))

    _give(scene, "third")
    change = {"data": {"routing_key": "eA=="}, "immutable": True}
    cluster.merge("Secret", NAMESPACE, "by-config", change, "dashboard")
    assert "was changed by dashboard" in scene.pulumi("preview", "--diff")
    assert "field is immutable" in scene.pulumi(*up, *VERBOSE, fails=True)


@contextmanager
def _sampled(arguments: set[bytes]) -> Iterator[None]:
    """Notes the arguments of all processes of the machine until the end of the block."""
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.1):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):  # It may be gone.
                    arguments.add(process.read_bytes())

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        yield
    finally:
        over.set()
        sampler.join()
