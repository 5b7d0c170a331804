"""The real engine on a copy of the project: the checkout itself is never run, so that it stays as it is."""

from __future__ import annotations

import base64
import compileall
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, final

ROOT: Final = Path(__file__).resolve().parents[2]
STACKS: Final = ("dev", "staging", "production")
# What the program consists of.
PROGRAM: Final = (
    "Pulumi.yaml",
    *(f"Pulumi.{stack}.yaml" for stack in STACKS),
    "__main__.py",
    "catalog",
    "components",
    "alertpath",
)
# dev commits its salt, with an empty passphrase; the stacks of others get a real one.
PASSPHRASE: Final = "correct horse battery staple"
_FOREIGN: Final = ("PULUMI_", "SOPS_", "KUBE")


@final
@dataclass(frozen=True)
class Done:
    """What a command printed, and how it ended."""

    command: Sequence[str]
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything that it printed."""
        return f"{self.out}\n{self.err}"

    def expect(self, code: int) -> Done:
        """Itself; an AssertionError with all that it printed where it ended otherwise."""
        assert self.code == code, f"{' '.join(self.command)} ended with {self.code}:\n{self.text}"
        return self

    def failed(self) -> Done:
        """Itself; an AssertionError where it did not fail."""
        assert self.code != 0, f"{' '.join(self.command)} did not fail:\n{self.text}"
        return self

    def json(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


def run(
    command: Sequence[str | Path], cwd: Path, env: Mapping[str, str], *, stdin: str = "", timeout: float = 180
) -> Done:
    """Runs a command to its end."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, env=env, input=stdin, capture_output=True, text=True, check=False, timeout=timeout
    )
    return Done(words, done.returncode, done.stdout, done.stderr)


def clean_environment() -> dict[str, str]:
    """The environment without what would lead to somebody's own stacks, keys and clusters."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"}


def copy_program(target: Path, names: Sequence[str] = PROGRAM) -> None:
    """Copies these files and directories of the checkout to the directory `target`."""
    target.mkdir(parents=True)
    for name in names:
        source = ROOT / name
        if source.is_dir():
            _compile(source)
            shutil.copytree(source, target / name)
        else:
            shutil.copy2(source, target / name)


@cache
def _compile(directory: Path) -> None:
    """Has Python compile the modules once, instead of each run of each copy."""
    compileall.compile_dir(directory, quiet=1)


@cache
def _compile_what_is_installed() -> None:
    """The same for what Pulumi runs: `make up` compiles nothing that it installs, and no run here may."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    imports = "import pulumi.automation, pulumi.dynamic, pulumi_kubernetes, pulumi_random"
    for command in (["-c", imports], ["-m", "pip", "list"]):
        subprocess.run([sys.executable, *command], env=env, check=True, capture_output=True)


@final
@dataclass(frozen=True)
class Project:
    """A copy of the project with one selected stack and a backend of its own. Change its files at will."""

    root: Path
    stack: str
    env: Mapping[str, str] = field(repr=False)

    @property
    def stack_file(self) -> Path:
        """The stack's file."""
        return self.root / f"Pulumi.{self.stack}.yaml"

    @property
    def project_file(self) -> Path:
        """The project's file, with what its stacks share."""
        return self.root / "Pulumi.yaml"

    @property
    def catalog(self) -> Path:
        """The catalog's only file."""
        return self.root / "catalog" / "seedtest.yaml"

    @property
    def rendered(self) -> Path:
        """Where the stack writes its files."""
        return self.root / "rendered" / self.stack

    def with_env(self, **more: str) -> Project:
        """The same project in another environment."""
        return replace(self, env={**self.env, **more})

    def pulumi(self, *arguments: str, stdin: str = "", timeout: float = 180) -> Done:
        """Runs Pulumi on the stack; see `Done.expect` and `Done.failed`."""
        return run(
            ["pulumi", *arguments, "--stack", self.stack, "--non-interactive"],
            self.root,
            self.env,
            stdin=stdin,
            timeout=timeout,
        )

    def up(self, *arguments: str, code: int | None = 0) -> Done:
        """`pulumi up`, with its preview as everybody runs it; `code` None: it may end in any way."""
        done = self.pulumi("up", "--yes", "--suppress-outputs", *arguments)
        return done if code is None else done.expect(code)

    def preview(self, *arguments: str) -> Done:
        """A `pulumi preview` that succeeds."""
        return self.pulumi("preview", *arguments).expect(0)

    def preview_outputs(self) -> dict[str, Any]:
        """The stack's outputs as a preview computes them, unabridged."""
        log = self.root.parent / "events.json"
        # The flag is there for tools only: https://github.com/pulumi/pulumi, pkg/cmd/pulumi/operations/preview.go.
        self.with_env(PULUMI_DEBUG_COMMANDS="1").preview("--event-log", str(log))
        found: dict[str, Any] = {}
        for line in log.read_text(encoding="utf-8").splitlines():
            metadata = json.loads(line).get("resOutputsEvent", {}).get("metadata", {})
            if metadata.get("type") == "pulumi:pulumi:Stack":
                found = (metadata.get("new") or {}).get("outputs") or found
        return found

    def outputs(self) -> dict[str, Any]:
        """The outputs of the deployed stack."""
        return self.pulumi("stack", "output", "--json").expect(0).json()

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the state, but for the stack itself and providers."""
        state = self.pulumi("stack", "export").expect(0).json()
        every = state["deployment"].get("resources", [])
        return [each for each in every if not each["type"].startswith("pulumi:")]

    def state_text(self) -> str:
        """The raw state as the backend stores it."""
        files = [file for file in (self.root.parent / "state").rglob("*") if file.is_file()]
        return "\n".join(file.read_bytes().decode(errors="replace") for file in files)

    def set_secret(self, credential: str, value: str) -> None:
        """Gives Pulumi a credential to keep, as a user does; the value goes by standard input."""
        path = f"settings.credentials.values.{credential}.value"
        self.pulumi("config", "set", "--secret", "--path", path, stdin=value).expect(0)

    def alertpath(self, *arguments: str, stdin: str = "") -> Done:
        """Runs the project's own command line."""
        return run([sys.executable, "-m", "alertpath", *arguments], self.root, self.env, stdin=stdin)

    def files(self) -> dict[str, bytes]:
        """The rendered files."""
        return content(self.rendered)

    def edit(self, file: Path, *changes: tuple[str, str]) -> None:
        """Replaces in a file the one place of each text; of the stack's settings, also where all stacks share them."""
        for old, new in changes:
            if file == self.stack_file and old not in file.read_text(encoding="utf-8"):
                self._edit(self.project_file, _deeper(old), _deeper(new))
            else:
                self._edit(file, old, new)

    @staticmethod
    def _edit(file: Path, old: str, new: str) -> None:
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def clone(self, target: Path) -> Project:
        """A copy of all of it, files, state and what was rendered, below the empty directory `target`."""
        shutil.copytree(self.root.parent, target, symlinks=True, dirs_exist_ok=True)
        return Project(target / "project", self.stack, {**self.env, **_backend(target)})


def create(work: Path, stack: str, env: Mapping[str, str], stack_text: str | None = None) -> Project:
    """A new copy of the project below the empty directory `work`, its stack initialised.

    `env`: as `tools.engine.engine_env` gives it; `stack_text`: the stack's file, where it is not one of the project's.
    """
    root = work / "project"
    _compile_what_is_installed()
    copy_program(root)
    if stack_text is not None:
        (root / f"Pulumi.{stack}.yaml").write_text(stack_text, encoding="utf-8")
        share_nothing(root / "Pulumi.yaml")
    # Where the program looks for its environment, as Pulumi.yaml says.
    (root / ".venv").symlink_to(sys.prefix)
    (work / "state").mkdir()
    own = {
        **clean_environment(),
        **env,
        **_backend(work),
        "PULUMI_CONFIG_PASSPHRASE": "" if stack == "dev" else PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PYTHONPATH": str(root),
        # There is no cluster unless a test says so.
        "KUBECONFIG": str(work / "no-kubeconfig"),
    }
    project = Project(root, stack, own)
    text = project.stack_file.read_text(encoding="utf-8")
    run(["pulumi", "stack", "init", stack, "--non-interactive"], root, own).expect(0)
    # It reflows the file, and loses newlines at the beginning of a text: only its salt is kept.
    salt = re.findall(r"^encryptionsalt: .*\n", project.stack_file.read_text(encoding="utf-8"), re.MULTILINE)
    if "\nencryptionsalt: " not in text:
        text += salt[0]
    project.stack_file.write_text(text, encoding="utf-8")
    return project


def _deeper(lines: str) -> str:
    """Lines of a stack's settings as they stand among what stacks share."""
    return re.sub(r"^(?= {4})", "  ", lines, flags=re.MULTILINE)


def share_nothing(project_file: Path) -> None:
    """Takes what stacks share out of a project's file, for a stack that says all of it by itself."""
    text = project_file.read_text(encoding="utf-8")
    project_file.write_text(re.split(r"^config:$", text, flags=re.MULTILINE)[0], encoding="utf-8")


def assert_hidden(text: str, *values: str) -> None:
    """No value is in the text, neither plain nor as a Secret holds it."""
    for value in values:
        # Its last character depends on what follows.
        encoded = base64.b64encode(value.encode()).decode().rstrip("=")[:-1]
        assert value not in text
        assert encoded not in text


def content(directory: Path) -> dict[str, bytes]:
    """Every file below `directory`, by its path in it."""
    return {
        str(file.relative_to(directory)): file.read_bytes() for file in sorted(directory.rglob("*")) if file.is_file()
    }


def _backend(work: Path) -> dict[str, str]:
    return {"PULUMI_BACKEND_URL": (work / "state").as_uri()}
