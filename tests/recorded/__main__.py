"""Records the states of the program as it is: `python -m tests.recorded DIRECTORY`; see README.md."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests import recorded
from tests.program import cluster as loopback
from tests.program import engine as real
from tests.program.stand_ins import saying_ready
from tests.recorded import registered
from tools import engine, gotools

PROVIDERS = ("kubernetes", "random")


def main(target: Path) -> None:
    """Brings dev and production up from nothing, and records both."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        dev = real.create(work / "dev", "dev", engine.engine_env(home=work / "home"))
        dev.up()
        recorded.record(dev, target)
        registered.record(target, work)
        (work / "cluster").mkdir()
        with loopback.running(work / "cluster", gotools.ensure) as cluster, saying_ready(cluster):
            recorded.prepare(cluster, "monitoring")
            env = engine.engine_env(PROVIDERS, home=work / "home")
            production = real.create(work / "production", "production", env)
            production = production.with_env(KUBECONFIG=str(cluster.kubeconfig))
            production.up()
            recorded.record(production, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
