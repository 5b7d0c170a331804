"""AlertmanagerConfigs as the API server hands them out, of both versions. Many are not valid for the operator."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from alertpath.alertmanager.resource_fields import INTEGRATIONS, PARTS, Part

NAMESPACES: Final = ("infra", "shop", "team-b")
_RECEIVERS: Final = ("a", "b", "c d")
_INTERVALS: Final = ("nights", "weekend")
_LABELS: Final = ("severity", "severity", "team", "namespace", "a_b", "a.b", "", " ")
_VALUES: Final = ("critical", "warning", "a|b", ".*", 'q"x', "back\\slash", "line\nbreak", "[", "\u4e2d", "")
_TYPES: Final = ("", "", "=", "!=", "=~", "!~")
_DURATIONS: Final = ("30s", "5m", "5m", "1h30m", "90m", "1d", "0s")
_TIMES: Final = ("00:00", "06:00", "12:30", "23:59", "24:00")
_WEEKDAYS: Final = ("monday", "monday:friday", "sunday:saturday", "MONDAY", "tuesday:Friday", "1:3", "6")
_MONTHS: Final = ("1", "january", "1:3", "December", "march:may", "02")
_YEARS: Final = ("2024", "2024:2026", "2030:2030")
_LINKS: Final = ("https://example.com/x", "https://example.com/{{ .Status }}", "http://h:1/a?b=c", "")
_TEXTS: Final[dict[str, Sequence[str]]] = {
    "parseMode": ("", "HTML", "Markdown"),
    "messageType": ("", "text", "markdown"),
    "minVersion": ("TLS10", "TLS11"),
    "maxVersion": ("TLS12", "TLS13"),
    "ttl": ("5m", "1h"),
    "proxyUrl": ("http://proxy:3128", ""),
    "proxyURL": ("http://proxy:3128", ""),
    "tokenUrl": ("https://example.com/token",),
    "apiUrl": ("https://example.com/x",),
    "clientURL": _LINKS,
    "href": _LINKS,
}
# Now and then, one of these.
_WRONG: Final[dict[str, Sequence[str]]] = {
    "link": ("foo", "http://[::1", "ftp://x", 'http://x/"', "{{ toUpper .X }}", "{{"),
    "duration": ("x", "-5m", "1.5h", ""),
    "weekdays": ("friday:monday", "mon", "7", "monday:", ""),
    "months": ("13", "jan", "0", "3:1"),
    "years": ("2026:2024", "x", "2024:2025:2026"),
    "time": ("6:00", "24:01", ""),
}


class Grammar:
    """Makes objects by `random`; `wrong`: how likely each part is not valid."""

    def __init__(self, random: Random, wrong: float) -> None:
        self._random = random
        self._wrong = wrong
        self._choice: Any = random.choice
        self._namespace = ""
        self.secrets: dict[str, dict[str, str]] = {}

    def objects(self, most: int) -> list[dict[str, Any]]:
        """Some objects, each of another name."""
        names = [(ns, name) for ns in NAMESPACES for name in ("main", "a", "b-c", "b.c")]
        return [self._object(*key) for key in self._random.sample(names, self._random.randint(1, most))]

    def _object(self, namespace: str, name: str) -> dict[str, Any]:
        self._namespace = namespace
        newer = self._random.random() < 0.4
        receivers = self._some(_RECEIVERS, 1)
        intervals = self._some(_INTERVALS, 0)
        spec: dict[str, Any] = {
            "route": self._route(receivers, intervals, 0, newer),
            "receivers": [self._receiver(each) for each in receivers],
            "inhibitRules": [self._rule(newer) for _ in range(self._random.randint(0, 2))],
            "timeIntervals" if newer else "muteTimeIntervals": [self._interval(each) for each in intervals],
        }
        if self._bad():
            spec["receivers"].append({"name": receivers[0]})
        if self._bad():
            del spec["route"], spec["receivers"]
        version = f"monitoring.coreos.com/{'v1beta1' if newer else 'v1alpha1'}"
        metadata = {"namespace": namespace, "name": name}
        return {"apiVersion": version, "kind": "AlertmanagerConfig", "metadata": metadata, "spec": spec}

    def _bad(self) -> bool:
        return self._random.random() < self._wrong

    def _some(self, of: Sequence[str], least: int) -> list[str]:
        return self._random.sample(of, self._random.randint(least, len(of)))

    def _matchers(self, newer: bool) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for _ in range(self._random.randint(0, 2)):
            name = self._choice(_LABELS if self._bad() else _LABELS[:5])
            value = self._choice(_VALUES)
            kind = self._choice(_TYPES) if not self._bad() else "=="
            matcher = {"name": name, "value": value, **({"matchType": kind} if kind else {})}
            if not newer and self._random.random() < 0.2:
                matcher["regex"] = self._choice([True, False])
            found.append(matcher)
        return found

    def _duration(self) -> str:
        return self._choice(_WRONG["duration"] if self._bad() else _DURATIONS)

    def _route(self, receivers: Sequence[str], intervals: Sequence[str], depth: int, newer: bool) -> dict[str, Any]:
        chance = self._random.random
        route: dict[str, Any] = {"matchers": self._matchers(newer)}
        if depth == 0 or chance() < 0.7:
            route["receiver"] = self._choice(receivers)
        if self._bad():
            route["receiver"] = self._choice(["", "other"])
        if chance() < 0.3:
            route["groupBy"] = self._choice([["alertname"], ["a", "b"], ["..."], []])
        if self._bad():
            route["groupBy"] = self._choice([["a", "a"], ["...", "a"], [""]])
        for key in ("groupWait", "groupInterval", "repeatInterval"):
            if chance() < 0.3:
                route[key] = self._duration()
        if chance() < 0.3:
            route["continue"] = self._choice([True, False])
        for key in ("muteTimeIntervals", "activeTimeIntervals"):
            if intervals and chance() < 0.3:
                route[key] = [self._choice(intervals)]
        if self._bad():
            route["muteTimeIntervals"] = ["other"]
        if depth < 2 and chance() < 0.5:
            count = self._random.randint(1, 2)
            route["routes"] = [self._route(receivers, intervals, depth + 1, newer) for _ in range(count)]
            if self._bad() and not newer:  # The API server could not convert it.
                route["routes"][0]["group_by"] = ["a"]
        return route

    def _rule(self, newer: bool) -> dict[str, Any]:
        rule: dict[str, Any] = {"sourceMatch": self._matchers(newer), "targetMatch": self._matchers(newer)}
        if self._random.random() < 0.6:
            rule["equal"] = self._choice([["alertname"], ["namespace", "x"], []])
        return rule

    def _interval(self, name: str) -> dict[str, Any]:
        count = 0 if self._bad() else self._random.randint(1, 2)
        return {"name": "" if self._bad() else name, "timeIntervals": [self._period() for _ in range(count)]}

    def _period(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._random.random() < 0.5:
            start, end = sorted(self._random.sample(_TIMES, 2))
            if self._bad():
                start, end = end, self._choice((start, *_WRONG["time"]))
            found["times"] = [{"startTime": start, "endTime": end}]
        for key, words in (("weekdays", _WEEKDAYS), ("months", _MONTHS), ("years", _YEARS)):
            if self._random.random() < 0.4:
                found[key] = [self._choice(_WRONG[key] if self._bad() else words)]
        if self._random.random() < 0.3:
            spans = [(1, 15), (-5, -1), (31, 31), (10, -1)]
            first, last = self._choice([(5, 3), (-1, 5), (0, 1), (1, 0), (31, -31)] if self._bad() else spans)
            found["daysOfMonth"] = [{"start": first, "end": last}]
        return found

    def _receiver(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {"name": name}
        for key in self._random.sample(sorted(INTEGRATIONS), self._choice([0, 1, 1, 2])):
            found[key] = [self._filled(INTEGRATIONS[key])]
        return found

    def _filled(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, part in PARTS[name].items():
            needed = part.required or key in _NEEDED or (name, key) in _ALWAYS
            if key == "actions" and name == "rocketchat_configs" and not self._bad():
                continue
            if (needed and not self._bad()) or self._random.random() < 0.3:
                found[key] = self._value(key, part)
        if name == "webex_configs" and not self._bad():
            found["httpConfig"] = {"authorization": {"credentials": self._secret()}}
        if name == "http_config":
            for key in self._random.sample(_AUTHORIZED, len(_AUTHORIZED) - 1) if not self._bad() else ():
                found.pop(key, None)
        for one, *others in _RIVALS:
            if one in found and not self._bad():
                for other in others:
                    found.pop(other, None)
        return found

    def _value(self, key: str, part: Part) -> Any:
        match part.kind:
            case "object":
                return self._filled(part.of)
            case "objects":
                return [self._filled(part.of) for _ in range(self._random.randint(1, 2))]
            case "flag" | "dropped_flag":
                return self._choice([True, False])
            case "number":
                return self._choice([1, 7, 12345])
            case "texts":
                return self._choice([["a"], ["a", "b"], []])
            case "text_map":
                return {"a": "b", "c": ""}
            case "pairs":
                keys = self._choice([["a"], ["a", "b"], ["X-One", "x-one"] if self._bad() else ["X-One"]])
                return [{"key": each, "value": self._choice(["x", ""])} for each in keys]
            case "duration":
                return self._duration()
            case "secret":
                return self._secret()
            case "secret_or_map":
                return {"secret": self._secret()}
            case "secret_lists":
                return {"X-A": [self._secret()]}
            case "threading":
                return {"threadByDate": self._choice(["Daily", "None"])}
            case "host_port":
                return self._choice(["mail:25", "[::1]:25", "mail" if self._bad() else "mail.example.com:587"])
            case "asset":
                return {}
            case _:
                if part.name.endswith("url") or key == "href":
                    return self._choice(_WRONG["link"] if self._bad() else _TEXTS.get(key, _LINKS))
                return self._choice(_TEXTS.get(key, _TYPES_OF.get(key, ("x", "{{ .Status }}", "x: y"))))

    def _secret(self) -> dict[str, str]:
        name, key = self._choice(["one", "two"]), self._choice(["url", "key"])
        self.secrets.setdefault(f"{self._namespace}/{name}", {})[key] = value_of(self._namespace, name, key)
        return {"name": name, "key": key}


def value_of(namespace: str, name: str, key: str) -> str:
    """What a key of a Secret holds."""
    return f"https://secrets.example.com/{namespace}/{name}/{key}"


_NEEDED: Final = frozenset(("routingKey", "userKey", "token", "botToken", "urlSecret", "topicARN", "type", "name"))
_ALWAYS: Final = frozenset(
    [
        *(("slack_field", key) for key in ("title", "value")),
        *(("slack_action", key) for key in ("text", "url")),
        ("slack_confirm", "text"),
        *(("email_configs", key) for key in ("from", "smarthost")),
        *(("opsgenie_configs", "apiKey"), ("victorops_configs", "apiKey"), ("slack_configs", "apiURL")),
        *(("wechat_configs", key) for key in ("apiSecret", "corpID")),
        *(("msteamsv2_configs", "webhookURL"), ("sigv4", "accessKey"), ("sigv4", "secretKey")),
    ]
)
_AUTHORIZED: Final = ("authorization", "basicAuth", "oauth2", "bearerTokenSecret")
_RIVALS: Final = (
    ("urlSecret", "url"),
    ("html", "monospace"),
    ("botToken", "botTokenFile"),
    ("userKey", "userKeyFile"),
    ("token", "tokenFile"),
    ("topicARN", "phoneNumber", "targetARN"),
    ("proxyFromEnvironment", "proxyUrl", "proxyURL", "noProxy", "proxyConnectHeader"),
    ("updateMessage", "updateMessage"),
)
_TYPES_OF: Final[dict[str, Sequence[str]]] = {"type": ("team", "user", "Bearer", "button")}
