"""States that older versions of the program have left behind, and what a user had written then; see README.md."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.program.cluster import Cluster
from tests.program.engine import Project

RECORDINGS: Final = sorted(path for path in Path(__file__).parent.iterdir() if (path / "catalog").is_dir())
"""One directory for each version."""
OTHERS: Final = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "pagerduty-routing-key"},
    "data": {"routing_key": base64.b64encode(b"0123456789abcdefghijklmnopqrstuv").decode()},
}
"""The Secret of somebody else that the stack production needs."""
_SECRET: Final = "4dabf18193072939515e22adb298388d"
# They differ from machine to machine, and decide nothing.
_NOISE: Final = frozenset({"stackTrace", "sourcePosition", "created", "modified"})
_INPUTS: Final = ("catalog",)
# To discard is to read no longer, under that name: nothing in the cluster changes.
_HARMLESS: Final = frozenset({"same", "update", "read", "refresh", "discard"})


def record(project: Project, directory: Path) -> None:
    """Keeps the state of a stack without credentials, and what it was made of."""
    exported = project.pulumi("stack", "export", "--show-secrets").expect(0).json()
    state = {"version": exported["version"], "resources": exported["deployment"]["resources"]}
    for resource in state["resources"]:
        for name in _NOISE & resource.keys():
            del resource[name]
    directory.mkdir(parents=True, exist_ok=True)
    for name in _INPUTS:
        shutil.copytree(project.root / name, directory / name, dirs_exist_ok=True)
    for file in (project.stack_file, project.project_file):
        shutil.copy2(file, directory)
    text = json.dumps(state, indent=1, ensure_ascii=False)
    (directory / f"{project.stack}.json").write_text(f"{text}\n", encoding="utf-8")


def restore(project: Project, directory: Path) -> None:
    """Makes a new stack the one that was recorded: its state, and what a user had written."""
    salt = next(line for line in project.stack_file.read_text().splitlines() if line.startswith("encryptionsalt: "))
    for name in _INPUTS:
        shutil.rmtree(project.root / name)
        shutil.copytree(directory / name, project.root / name)
    written = (directory / project.stack_file.name).read_text(encoding="utf-8").splitlines()
    shutil.copy2(directory / project.project_file.name, project.root)
    kept = [line for line in written if not line.startswith("encryptionsalt: ")]
    project.stack_file.write_text("\n".join([*kept, salt, ""]), encoding="utf-8")

    recorded = json.loads((directory / f"{project.stack}.json").read_text(encoding="utf-8"))
    exported = project.pulumi("stack", "export").expect(0).json()
    exported["version"] = recorded["version"]
    exported["deployment"]["resources"] = recorded["resources"]
    file = project.root.parent / "recorded.json"
    file.write_text(json.dumps(exported), encoding="utf-8")
    project.pulumi("stack", "import", "--file", str(file)).expect(0)
    for resource in recorded["resources"]:
        if resource["type"].endswith(":RenderedFiles"):
            for name, text in resource["inputs"]["files"].items():
                path = project.root / resource["inputs"]["directory"] / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")


def prepare(cluster: Cluster, namespace: str) -> None:
    """A namespace with what others make there: the Alertmanager that a stack's mounts are added to, and a Secret."""
    cluster.new_namespace(namespace)
    cluster.put(OTHERS, namespace, "platform")
    spec = {"replicas": 3, "version": "v0.34.2"}
    kind = {"apiVersion": "monitoring.coreos.com/v1", "kind": "Alertmanager"}
    cluster.put({**kind, "metadata": {"name": "main"}, "spec": spec}, namespace, "helm")


def objects(directory: Path, stack: str) -> Iterator[dict[str, Any]]:
    """The Kubernetes objects of a recorded state as they were applied, in that order."""
    recorded = json.loads((directory / f"{stack}.json").read_text(encoding="utf-8"))
    for resource in recorded["resources"]:
        if resource["type"].startswith("kubernetes:") and not resource.get("external"):
            yield plain(resource["inputs"])


def plain(value: Any) -> Any:
    """A value of a state without the envelopes around its secrets."""
    if isinstance(value, Mapping):
        if _SECRET in value:
            return json.loads(value["plaintext"])
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def steps(project: Project, *arguments: str) -> list[dict[str, Any]]:
    """What an update would do, but for what stays the same."""
    return project.preview("--json", *arguments).json()["steps"]


def lost(steps: Iterable[Mapping[str, Any]]) -> list[str]:
    """The steps of an update that replace, delete or rename something.

    A rename without an alias is a deletion, and a creation under the other name. Only components, which are nothing but
    names, may be new.
    """
    return [
        f"{step['op']} {step['urn']}"
        for step in steps
        if step["op"] not in _HARMLESS and (step["op"] != "create" or step["newState"]["custom"])
    ]


def identities(project: Project) -> set[tuple[str, str]]:
    """What the state knows of the world: the type and id of each resource that is more than a name."""
    return {(each["type"], each["id"]) for each in project.resources() if each["custom"]}
