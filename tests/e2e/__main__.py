"""`make cluster`: a cluster of real parts for a developer, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.e2e import cluster as real
from tests.e2e.sinks import Received
from tests.program.engine import ROOT
from tools import gotools, guard, progress
from tools.progress import StepError
from tools.recipes import E2E

_PREFIX = "alertpath-cluster-"
_LOCK = "lock"
_NAMESPACE = "monitoring"
_ROUTING_KEY = "0123456789abcdef0123456789abcdef"
_CHANNELS = {"webhook_url": "#seedtest-alerts", "webhook_url_notify": "#seedtest-notify"}
_PARTS = ("etcd", "kube-apiserver", "kube-controller-manager", *E2E)


def main() -> int:
    """Runs the cluster until it is interrupted."""
    # Ends the cluster like Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        gotools.ensure_all(_PARTS)
        _remove_what_a_kill_has_left()
        with tempfile.TemporaryDirectory(prefix=_PREFIX) as work, (Path(work) / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _run(Path(work))
    except StepError as error:
        progress.say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        progress.say("\nended")
    return 0


def _remove_what_a_kill_has_left() -> None:
    """Directories of clusters that run no more: their locks are free."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError), lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent)


def _run(work: Path) -> None:
    progress.say("starting ...")
    with real.running(work, gotools.ensure) as cluster:
        cluster.new_namespace(_NAMESPACE)
        webhooks = {key: cluster.sinks.webhook(channel) for key, channel in _CHANNELS.items()}
        cluster.vault.write("monitoring/alertmanager/slack", webhooks)
        cluster.put_secret(_NAMESPACE, "pagerduty-routing-key", {"routing_key": _ROUTING_KEY})
        cluster.put_alertmanager(_NAMESPACE)
        cluster.wait(lambda: cluster.settled(_NAMESPACE), "three Alertmanagers are ready")
        (work / "state").mkdir()
        environment = work / "environment"
        environment.write_text(_environment(cluster, work, webhooks), encoding="utf-8")
        print(
            "The cluster runs, with three Alertmanagers that know no receiver yet. In another shell:\n\n"
            f"  . {environment}\n"
            "  pulumi stack init production && pulumi up\n"
            "  alertpath verify --stack production --wait 120\n\n"
            "`make providers` makes that `pulumi`; alerts, a rotation and more to try are in tests/e2e/README.md.\n"
            f"Logs are in {cluster.processes.logs}. Ctrl-C, or `kill {os.getpid()}`, ends all and removes {work}.\n\n"
            "What Slack and PagerDuty get, from now on:",
            flush=True,
        )
        shown = 0
        while True:
            time.sleep(1)
            if cluster.kubelet.error is not None:
                raise cluster.kubelet.error
            for received in cluster.sinks.received[shown:]:
                print(f"{received.code} {_place(received)}: {_words(received.body)}", flush=True)
                shown += 1


def _environment(cluster: real.RealCluster, work: Path, webhooks: Mapping[str, str]) -> str:
    """Lines for a shell: where everything is, for the commands of tests/e2e/README.md."""
    addresses = cluster.peers(_NAMESPACE).addresses
    variables = {
        "KUBECONFIG": str(cluster.api.kubeconfig),
        "PULUMI_BACKEND_URL": f"file://{work / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "",
        "ALERTMANAGERS": " ".join(f"http://{address}:9093" for address in addresses),
        "VAULT_ADDR": cluster.vault.url,
        "VAULT_TOKEN": cluster.vault.token,
        "NOTIFY_WEBHOOK": webhooks["webhook_url_notify"],
        "ROTATED_WEBHOOK": cluster.sinks.webhook("#rotated"),
    }
    programs = f"{ROOT / '.venv' / 'bin'}:{gotools.ensure('kubectl').parent}"
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return "\n".join([*lines, f'export PATH={shlex.quote(programs)}:"$PATH"', ""])


def _place(received: Received) -> str:
    """Where it stands: the channel, or PagerDuty, whose routing keys are nobody's to read."""
    if "routing_key" in received.body:
        return "PagerDuty"
    return received.to or "Slack, unknown webhook"


def _words(body: dict[str, object]) -> str:
    """The title of a message, or what a page says."""
    match body:
        case {"attachments": [{"title": str(title)}, *_]}:
            return title
        case {"payload": {"summary": str(summary)}, "event_action": action}:
            return f"{action}: {summary}"
        case _:
            return str(sorted(body))


if __name__ == "__main__":
    guard.protect()
    sys.exit(main())
