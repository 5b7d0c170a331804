"""What is built from the Go modules beside this file, and how: one entry for each binary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class ModuleFile:
    """A file of a Go module that a tool needs but that Go does not build."""

    module: str
    path: str
    stamped: bool = False
    """It is a JSON object, and gets a member `version` as in upstream's releases."""


@dataclass(frozen=True)
class Patch:
    """A change to a file of a Go module that does not compile as it is published."""

    module: str
    path: str
    old: str
    """The one text that `new` replaces; empty: the file is missing, `new` is all of it."""
    new: str


@dataclass(frozen=True)
class Tool:
    """One binary: what it is, and how it is built."""

    name: str
    version: str
    what: str
    module: str
    minutes: float
    """How long it takes on two cores when nothing is built yet."""
    package: str = "."
    linked: Mapping[str, str] = field(default_factory=dict[str, str])
    """Go string variables to set, most often to the version."""
    beside: Mapping[str, ModuleFile] = field(default_factory=dict[str, ModuleFile])
    """Scripts to copy beside the binary, where it looks for them."""
    embedded: Mapping[str, ModuleFile] = field(default_factory=dict[str, ModuleFile])
    """Files that the module's `main` embeds."""
    bundled: tuple[str, ...] = ()
    """Other tools to copy beside the binary, with their scripts."""
    tags: str = ""
    """Go's build tags."""
    patches: tuple[Patch, ...] = ()

    @property
    def directory(self) -> Path:
        """Where go.mod is."""
        return HERE / self.module

    def flags(self) -> list[str]:
        """The flags of `go build` that decide what comes out."""
        linked = [f"-X={name}={value}" for name, value in self.linked.items()]
        tags = [f"-tags={self.tags}"] if self.tags else []
        return ["-trimpath", f"-ldflags={' '.join(['-s', '-w', *linked])}", *tags]


_SDK = "github.com/pulumi/pulumi/sdk/v3"
_SDK_VERSION = f"{_SDK}/go/common/version.Version"
_COMPONENT = "k8s.io/component-base/version"
_KUBERNETES_VERSION = {"gitMajor": "1", "gitMinor": "37", "gitVersion": "v1.37.2"}
_VAULT = "github.com/hashicorp/vault"
_KUBERNETES = "github.com/pulumi/pulumi-kubernetes/provider/v4"


def _kubernetes(name: str, what: str, minutes: float) -> Tool:
    return Tool(
        name,
        "1.37.2",
        what,
        "cluster/kubernetes",
        minutes,
        f"k8s.io/kubernetes/cmd/{name}",
        linked={f"{_COMPONENT}.{name}": value for name, value in _KUBERNETES_VERSION.items()},
    )


def _operator(name: str, package: str, what: str, minutes: float) -> Tool:
    return Tool(
        name,
        "0.85.0",
        what,
        "cluster/prometheus-operator",
        minutes,
        f"github.com/prometheus-operator/prometheus-operator/cmd/{package}",
        linked={"github.com/prometheus/common/version.Version": "0.85.0"},
    )


def _oracle_operator(version: str) -> Tool:
    return Tool(
        f"oracle-operator-{version}",
        version,
        "what the Prometheus Operator takes, by its own code",
        f"oracle/operator-{version}",
        2,
        "github.com/prometheus-operator/prometheus-operator/oracle",
    )


_ALL = (
    Tool(
        "pulumi",
        "3.255.0",
        "Pulumi's command line",
        "pulumi/cli",
        4,
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
        linked={_SDK_VERSION: "v3.255.0"},
        # Found on PATH, each use of it would be a warning.
        bundled=("pulumi-language-python",),
    ),
    Tool(
        "pulumi-language-python",
        "3.79.0",
        "what runs Python programs for Pulumi",
        "pulumi/language-python",
        1,
        f"{_SDK}/python/cmd/pulumi-language-python",
        linked={_SDK_VERSION: "v3.79.0"},
        beside={
            name: ModuleFile(_SDK, f"python/{directory}/{name}")
            for name, directory in {
                "pulumi-language-python-exec": "cmd",
                # Runs the dynamic resources.
                "pulumi-resource-pulumi-python": "dist",
            }.items()
        },
    ),
    Tool(
        "pulumi-resource-kubernetes",
        "4.25.0",
        "Pulumi's Kubernetes provider",
        "pulumi/provider-kubernetes",
        6,
        linked={f"{_KUBERNETES}/pkg/version.Version": "4.25.0"},
        embedded={
            name: ModuleFile(_KUBERNETES, f"cmd/pulumi-resource-kubernetes/{name}", stamped)
            for name, stamped in {"schema.json": True, "terraform-mapping.json": False}.items()
        },
    ),
    Tool(
        "pulumi-resource-random",
        "4.21.4",
        "Pulumi's random provider",
        "pulumi/provider-random",
        2,
        linked={"main.version": "4.21.4"},
    ),
    Tool(
        "amtool",
        "0.34.2",
        "Alertmanager's own checks",
        "cluster/amtool",
        0.5,
        "github.com/prometheus/alertmanager/cmd/amtool",
        linked={"github.com/prometheus/common/version.Version": "0.34.2"},
    ),
    Tool(
        "oracle",
        "0.34.2",
        "what Alertmanager does, by its own code",
        "oracle",
        1,
        # This module is named as a child of the one whose version counts.
        "github.com/prometheus/alertmanager/oracle",
    ),
    Tool(
        "oracle-intervals-0.35.0",
        "0.35.0",
        "when time intervals hold, by Alertmanager's own code",
        "oracle/intervals-0.35.0",
        0.2,
        "github.com/prometheus/alertmanager/intervals",
    ),
    Tool(
        "oracle-load-0.35.0",
        "0.35.0",
        "which configurations Alertmanager loads, by its own code",
        "oracle/load-0.35.0",
        1,
        "github.com/prometheus/alertmanager/load",
    ),
    _oracle_operator("0.85.0"),
    _oracle_operator("0.94.0"),
    Tool(
        "oracle-go",
        "1.0.0",
        "how Go's own library reads regexes, durations and URLs",
        "oracle/go",
        0.5,
    ),
    Tool(
        "kubeseal",
        "0.27.1",
        "encrypts for Sealed Secrets",
        "cluster/kubeseal",
        1,
        "github.com/bitnami-labs/sealed-secrets/cmd/kubeseal",
        linked={"main.VERSION": "0.27.1"},
    ),
    Tool(
        "sealed-secrets-controller",
        "0.27.1",
        "the controller of Sealed Secrets",
        "cluster/kubeseal",
        1,
        "github.com/bitnami-labs/sealed-secrets/cmd/controller",
        linked={"main.VERSION": "0.27.1"},
    ),
    Tool(
        "sops",
        "3.13.3",
        "encrypts files",
        "cluster/sops",
        1.5,
        "github.com/getsops/sops/v3/cmd/sops",
    ),
    Tool(
        "age-keygen",
        "1.3.2",
        "makes keys for sops",
        "cluster/age",
        0.5,
        "filippo.io/age/cmd/age-keygen",
        linked={"main.Version": "v1.3.2"},
    ),
    Tool(
        "actionlint",
        "1.7.12",
        "checks GitHub's workflows",
        "actionlint",
        0.5,
        "github.com/rhysd/actionlint/cmd/actionlint",
        linked={"github.com/rhysd/actionlint.version": "1.7.12"},
    ),
    Tool(
        "etcd",
        "3.7.3",
        "what the API server keeps its objects in",
        "cluster/etcd",
        1,
        "go.etcd.io/etcd/server/v3",
    ),
    _kubernetes("kube-apiserver", "the API server of Kubernetes", 4.5),
    _kubernetes("kube-controller-manager", "finishes deletions in Kubernetes", 1.5),
    Tool(
        "kubectl",
        "0.37.2",
        "the command line of Kubernetes",
        "cluster/kubectl",
        1.5,
        # Named as a child of the module whose version counts.
        "k8s.io/kubectl/command",
        linked={f"{_COMPONENT}.{name}": value for name, value in _KUBERNETES_VERSION.items()},
    ),
    Tool(
        "kubelet-streams",
        "0.37.2",
        "port-forward to processes as pods",
        "cluster/kubelet-streams",
        0.5,
        "k8s.io/cri-streaming/kubelet",
    ),
    _operator("prometheus-operator", "operator", "what makes Alertmanagers from custom resources", 1.5),
    _operator("prometheus-config-reloader", "prometheus-config-reloader", "reloads Alertmanager", 1.5),
    Tool(
        "alertmanager",
        "0.34.2",
        "Alertmanager itself",
        "cluster/alertmanager",
        1,
        "github.com/prometheus/alertmanager/cmd/alertmanager",
        linked={"github.com/prometheus/common/version.Version": "0.34.2"},
        # It embeds its pages, which upstream makes when it releases.
        patches=(Patch("github.com/prometheus/alertmanager", "ui/app/dist/index.html", "", "<!doctype html>\n"),),
    ),
    Tool(
        "external-secrets",
        "0.19.2",
        "the controller of External Secrets",
        "cluster/external-secrets",
        4.5,
        "github.com/external-secrets/external-secrets",
    ),
    Tool(
        "vault",
        "1.21.4",
        "a store for External Secrets",
        "cluster/vault",
        4,
        _VAULT,
        tags="minimal",
        # Upstream builds with the SDK of its own repository, which is ahead of the published one.
        patches=(
            Patch(
                _VAULT,
                "builtin/logical/transit/path_restore.go",
                old="restoredKeyName, err := b.lm.RestorePolicy(",
                new="restoredKeyName, err := keyName, b.lm.RestorePolicy(",
            ),
            Patch(
                _VAULT,
                "vault/identity_store_util.go",
                old="activateDeduplication(ctx context.Context, req *logical.Request) error",
                new="activateDeduplication(ctx context.Context, req *logical.Request, _ string) error",
            ),
            Patch(
                _VAULT,
                "vault/logical_system_activation_flags.go",
                old="ActivationFunc(ctx, nil)",
                new='ActivationFunc(ctx, nil, "")',
            ),
        ),
    ),
)
TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in _ALL}

E2E = (
    *("kubectl", "kubelet-streams", "prometheus-operator", "prometheus-config-reloader", "alertmanager"),
    *("external-secrets", "vault", "sealed-secrets-controller"),
)
"""What the real cluster runs besides etcd and Kubernetes."""

TESTS = (
    *("amtool", "oracle", "oracle-intervals-0.35.0", "oracle-load-0.35.0"),
    *("oracle-operator-0.85.0", "oracle-operator-0.94.0"),
    *("oracle-go", "kubeseal", "sops", "age-keygen", "actionlint"),
    *("etcd", "kube-apiserver", "kube-controller-manager"),
    *E2E,
)
"""What the tests run besides Pulumi."""
