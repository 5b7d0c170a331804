"""What the tests' control planes have in common: how their servers are started, and the custom resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from tools import gotools

DEFINITIONS: Final = "apis/apiextensions.k8s.io/v1/customresourcedefinitions"
"""The API path of the definitions of custom resources."""
_MODULES: Final = Path(__file__).resolve().parents[2] / "tools" / "cluster" / "crds"


def etcd(work: Path, client: int, peer: int) -> list[str]:
    """The arguments of etcd, which listens on these ports."""
    return [
        f"--data-dir={work / 'etcd'}",
        f"--listen-client-urls=http://127.0.0.1:{client}",
        f"--advertise-client-urls=http://127.0.0.1:{client}",
        f"--listen-peer-urls=http://127.0.0.1:{peer}",
        f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
        f"--initial-cluster=default=http://127.0.0.1:{peer}",
        "--unsafe-no-fsync",
    ]


def apiserver(work: Path, client: int, secure: int, account_key: Path, token: str) -> list[str]:
    """The arguments of an API server on the port `secure` that takes `token` for its administrator's."""
    tokens = work / "tokens.csv"
    tokens.write_text(f'{token},tests,tests,"system:masters"\n', encoding="utf-8")
    return [
        f"--etcd-servers=http://127.0.0.1:{client}",
        "--bind-address=127.0.0.1",
        f"--secure-port={secure}",
        f"--cert-dir={work / 'certificates'}",
        f"--service-account-key-file={account_key}",
        f"--service-account-signing-key-file={account_key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--token-auth-file={tokens}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.0.0.0/24",
        # No controller makes the accounts of namespaces here.
        "--disable-admission-plugins=ServiceAccount",
    ]


def controller_manager(kubeconfig: Path, controllers: Sequence[str]) -> list[str]:
    """The arguments of a controller manager. Start it last: it looks for new kinds every 30 s."""
    return [
        f"--kubeconfig={kubeconfig}",
        f"--controllers={','.join(controllers)}",
        "--leader-elect=false",
        "--secure-port=0",
    ]


class _Loader(yaml.CSafeLoader):
    """For YAML 1.2, where `=` is a text, as the operator's definitions have it."""


_Loader.add_constructor("tag:yaml.org,2002:value", _Loader.construct_yaml_str)


def definitions(patterns: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The custom resources in these files of Go modules, by name."""
    found: dict[str, Any] = {}
    for module, files in patterns.items():
        directory = gotools.module_directory(_MODULES, module)
        for file in (file for pattern in files for file in sorted(directory.glob(pattern))):
            definition = yaml.load(file.read_bytes(), Loader=_Loader)  # noqa: S506 - a safe one
            # No webhook answers here: the conversion that External Secrets' definitions ask for is not needed.
            definition["spec"].pop("conversion", None)
            found[definition["metadata"]["name"]] = definition
    return found


def established(listed: Mapping[str, Any]) -> set[str]:
    """Of a list of definitions, the names of those that the API server serves."""
    return {
        each["metadata"]["name"]
        for each in listed["items"]
        if any(
            condition["type"] == "Established" and condition["status"] == "True"
            for condition in each.get("status", {}).get("conditions") or []
        )
    }
