"""No alert is told twice to the same place because a route goes on with `continue: true`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from alertpath.alertmanager.config import Config
from alertpath.checks.conditions import Undecided, example
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed
from alertpath.cluster.outcomes import Outcome, failed, ok
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.words import loaded
from alertpath.compiling.compile import CONFIGURATION
from alertpath.output.alert_classes import example as words_of
from alertpath.output.alert_classes import listed
from alertpath.semantics.routing import EffectiveRoute, Router

# By what two entries of an integration are one place.
_PLACE: Final = (
    *("api_url_file", "api_url", "app_token_file", "channel", "routing_key_file", "routing_key", "url_file", "url"),
    *("webhook_url_file", "webhook_url", "to", "api_key_file", "api_key"),
)


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    generated = observed.generated.text(CONFIGURATION) if observed.generated else None
    config = (loaded(generated) if generated else None) or expected.config
    found = dict(_twice(config))
    for (one, other), labels in found.items():
        yield failed(
            f"receivers {listed(sorted({one, other}))}",
            f"an alert such as {words_of(labels) or 'any'} is sent to the same place twice",
            "a route with `continue: true`, and a later one that leads there again",
            "remove `continue: true` from the first route (critical routes must have `continue: false`), or the other",
        )
    if not found:
        yield ok("routes", "no alert is sent to one place twice")


def _twice(config: Config) -> Iterator[tuple[tuple[str, str], Mapping[str, str]]]:
    router = Router(config)
    places = {receiver.name: set(_places(receiver.integrations)) for receiver in config.receivers}
    going_on = [route for route in router.routes if route.onward < len(router.routes)]
    for route in going_on:
        for later in router.routes[route.onward :]:
            if not places.get(route.receiver, set()).isdisjoint(places.get(later.receiver, set())):
                labels = _both(router, route, later)
                if labels is not None:
                    yield (route.receiver, later.receiver), labels


def _both(router: Router, one: EffectiveRoute, other: EffectiveRoute) -> Mapping[str, str] | None:
    try:
        labels = example((*one.path, *other.path))
    except Undecided:
        return None
    if labels is None:
        return None
    matched = router.match(labels)
    return labels if one in matched and other in matched else None


def _places(integrations: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for kind, entries in integrations.items():
        for entry in entries:
            yield (kind, *(str(entry.get(name, "")) for name in _PLACE))


STEP: Final = Step("duplicates", "nobody is told twice", _look, (), ("access", "configuration"))
