"""What must not be deployed although Alertmanager may take it: the second half of `alertmanager.validate`.

Credentials in plain text, fields outside the stack's versions, text that the config-reloader replaces, and what the
Prometheus Operator changes in silence. The operator reads a configuration with the classic matcher parser (it never
switches Alertmanager's library to UTF-8), writes it again without its empty values, and drops what its type does not
know. Source: prometheus-operator 0.85 to 0.94, pkg/alertmanager/types.go and amcfg.go.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, cast

from alertpath.alertmanager import durations, integrations
from alertpath.alertmanager.config_types import Config, Route
from alertpath.alertmanager.integrations import Version
from alertpath.alertmanager.matchers import CLASSIC_LABEL, Matcher
from alertpath.documents.go_yaml import Reader
from alertpath.documents.places import Place

# What prometheus-config-reloader replaces by an environment variable before Alertmanager sees the file.
_VARIABLE: Final = re.compile(r"\$\([a-zA-Z_0-9]+\)")
_UTF8_SINCE: Final[Version] = (0, 27)


def judge(reader: Reader, config: Config, alertmanager: Version, operator: Version) -> None:
    """Complains of whatever in `config` must not be deployed to these versions, timing apart."""

    def versions(path: Place, what: str, since: Version) -> None:
        integrations.check_versions(reader, path, what, since, None, alertmanager, operator)

    def names(labels: Collection[str], path: Place) -> None:
        for label in labels:
            if not CLASSIC_LABEL.fullmatch(label):
                versions(path, f"the label name {label!r}, outside letters, digits and _,", _UTF8_SINCE)

    def conditions(found: Collection[Matcher], path: Place) -> None:
        for matcher in found:
            if not matcher.classic:
                versions(path, f"the label name {matcher.label!r}, outside letters, digits, _ and :,", _UTF8_SINCE)
            _check_variables(reader, matcher.value, path)

    shared_token = any(map(config.global_.get, ("slack_app_token", "slack_app_token_file")))
    for index, receiver in enumerate(config.receivers):
        path = ("receivers", index)
        for at, slack in enumerate(receiver.integrations.get("slack_configs", ()) if shared_token else ()):
            if slack.get("api_url_file"):
                reader.complain(
                    (*path, "slack_configs", at, "api_url_file"),
                    "is never used: Alertmanager prefers the app token under `global`",
                    mend="give the app token to the receivers that use it, not under `global`",
                )
        data = receiver.to_mapping()
        integrations.judge(reader, data, path, "receiver", alertmanager, operator)
        _check_variables(reader, data, path)
    for name, section in config.sections():
        if name != "global":
            versions((name,), f"`{name}`", (0, 30) if name == "tracing" else (0, 33))
        integrations.judge(reader, section, (name,), name, alertmanager, operator)
        _check_variables(reader, section, (name,))

    def routes(route: Route, path: Place) -> None:
        conditions(route.matchers, (*path, "matchers"))
        names([label for label in route.group_by or () if label != "..."], (*path, "group_by"))
        if route.labels:
            where, what = (*path, "labels"), "`labels` of a route"
            integrations.check_versions(reader, where, what, (0, 34), (0, 95), alertmanager, operator)
            _check_variables(reader, route.labels, (*path, "labels"))
        _check_variables(reader, route.group_by or (), (*path, "group_by"))
        for index, child in enumerate(route.routes):
            routes(child, (*path, "routes", index))

    routes(config.route, ("route",))
    for index, rule in enumerate(config.inhibit_rules):
        path = ("inhibit_rules", index)
        conditions(rule.source, (*path, "source_matchers"))
        conditions(rule.target, (*path, "target_matchers"))
        names(rule.equal, (*path, "equal"))
        if rule.name:
            versions((*path, "name"), "`name` of an inhibition rule", (0, 30))
    for index, named in enumerate(config.time_intervals):
        _check_variables(reader, named.name, ("time_intervals", index, "name"))
        for at, interval in enumerate(named.intervals):
            for key in ("times", "weekdays", "days_of_month", "months", "years"):
                if getattr(interval, key) == ():
                    # Alertmanager takes any number for a month, and no moment lies in the 13th.
                    empty = "has none of the months 1 to 12" if key == "months" else "is an empty list"
                    reader.complain(
                        ("time_intervals", index, "time_intervals", at, key),
                        f"{empty}: it means never, but the Prometheus Operator drops it, which means always",
                        allowed="at least one entry, or no such field",
                        kind="operator",
                    )
    for index, template in enumerate(config.templates):
        _check_variables(reader, template, ("templates", index))


def judge_timing(
    reader: Reader, route: Route, path: Place, group_by: tuple[str, ...], group_interval: int, repeat_interval: int
) -> None:
    """Complains of timing that cannot be kept, and of grouping that the operator would change.

    `group_by` and the intervals, in milliseconds, are what the parent of `route` has.
    """
    own = route.group_interval is not None or route.repeat_interval is not None
    if route.group_interval is not None:
        group_interval = route.group_interval
    if route.repeat_interval is not None:
        repeat_interval = route.repeat_interval
    if own and 0 < repeat_interval < group_interval:
        key = "repeat_interval" if route.repeat_interval is not None else "group_interval"
        reader.complain(
            (*path, key),
            "repeat_interval is below group_interval",
            value=f"{durations.text(repeat_interval)} and {durations.text(group_interval)}",
            allowed="a repeat_interval of at least group_interval",
            mend="Alertmanager looks at a group once each group_interval, so it cannot repeat more often",
            kind="repeat-below-interval",
        )
    if route.group_by == () and group_by:
        reader.complain(
            (*path, "group_by"),
            "is an empty list: the Prometheus Operator drops it, and the parent's labels come back",
            allowed="at least one label",
            mend="name a label that all these alerts share",
            kind="operator",
        )
    if route.group_by is not None:
        group_by = route.group_by
    for index, child in enumerate(route.routes):
        judge_timing(reader, child, (*path, "routes", index), group_by, group_interval, repeat_interval)


def _check_variables(reader: Reader, value: object, path: Place) -> None:
    if isinstance(value, str):
        if "$(" in value and (found := _VARIABLE.search(value)):
            reader.complain(
                path,
                "would be replaced by an environment variable before Alertmanager reads it",
                value=found[0],
                allowed="no $(NAME)",
                mend="the config-reloader expands $(NAME); write it otherwise, in a regex as [$](NAME)",
                kind="expanded-variable",
            )
    elif isinstance(value, Mapping):
        for key, part in cast("Mapping[str, object]", value).items():
            _check_variables(reader, key, path)
            _check_variables(reader, part, (*path, key))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(cast("Sequence[object]", value)):
            _check_variables(reader, part, (*path, index))
