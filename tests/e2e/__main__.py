"""`make cluster`: a cluster of real parts for a developer, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e import cluster as real
from tools import gotools, progress
from tools.progress import StepError
from tools.recipes import E2E

_NAMESPACE = "monitoring"
_ROUTING_KEY = "0123456789abcdef0123456789abcdef"
_PARTS = ("etcd", "kube-apiserver", "kube-controller-manager", *E2E)


def main() -> int:
    """Runs the cluster until it is interrupted."""
    # Ends the cluster like Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        gotools.ensure_all(_PARTS)
        with tempfile.TemporaryDirectory(prefix="alertpath-cluster-") as work:
            _run(Path(work))
    except StepError as error:
        progress.say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        progress.say("\nended")
    return 0


def _run(work: Path) -> None:
    progress.say("starting ...")
    with real.running(work, gotools.ensure) as cluster:
        cluster.new_namespace(_NAMESPACE)
        channels = {"webhook_url": "#seedtest-alerts", "webhook_url_notify": "#seedtest-notify"}
        webhooks = {key: cluster.sinks.webhook(channel) for key, channel in channels.items()}
        cluster.vault.write("monitoring/alertmanager/slack", webhooks)
        cluster.put_secret(_NAMESPACE, "pagerduty-routing-key", {"routing_key": _ROUTING_KEY})
        cluster.put_alertmanager(_NAMESPACE)
        cluster.wait(lambda: cluster.settled(_NAMESPACE), "three Alertmanagers are ready")
        addresses = ", ".join(f"http://{address}:9093" for address in cluster.peers(_NAMESPACE).addresses)
        print(
            f"export KUBECONFIG={cluster.api.kubeconfig}\n"
            f"kubectl: {gotools.ensure('kubectl')}\n"
            f"Alertmanagers: {addresses}\n"
            f"Vault: {cluster.vault.url}, token {cluster.vault.token}\n"
            f"logs: {cluster.processes.logs}\n"
            "The stack production applies as it is; what Slack and PagerDuty get is shown here. Ctrl-C ends all.",
            flush=True,
        )
        shown = 0
        while True:
            time.sleep(1)
            if cluster.kubelet.error is not None:
                raise cluster.kubelet.error
            for received in cluster.sinks.received[shown:]:
                print(f"{received.code} {received.to or 'unknown'}: {_words(received.body)}", flush=True)
                shown += 1


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
    sys.exit(main())
