"""An integration's settings as Alertmanager has them once loaded: with what `global` and the defaults give.

`completed` turns different ways of writing the same settings into equal mappings. Source: Alertmanager 0.34.2,
config/config.go (`UnmarshalYAML`), config/notifiers.go, notify/*/*.go; Prometheus common, config/http_config.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from alertpath.alertmanager import durations
from alertpath.alertmanager.integration_fields import OBJECTS, Field

Data = Mapping[str, object]


def _templates(kind: str, names: str) -> dict[str, str]:
    # Fields whose default is the template KIND.default.NAME; FIELD=NAME where the name is not the field's.
    pairs = (name.partition("=") for name in names.split())
    return {field: f'{{{{ template "{kind}.default.{name or field}" . }}}}' for field, _, name in pairs}


_PAGERDUTY_CLIENT: Final = '{{ template "pagerduty.default.client" . }}'

_DEFAULTS: Final[Mapping[str, Data]] = {
    "discord_configs": _templates("discord", "title message"),
    "email_configs": {"send_resolved": False, **_templates("email", "html")},
    "incidentio_configs": {},
    "jira_configs": {
        "api_type": "auto",
        **{name: {"template": text} for name, text in _templates("jira", "summary description").items()},
        **_templates("jira", "priority"),
    },
    "mattermost_configs": _templates("mattermost", "username color text title title_link=titlelink fallback"),
    "msteams_configs": _templates("msteams", "title summary text"),
    "msteamsv2_configs": _templates("msteamsv2", "title text"),
    "opsgenie_configs": _templates("opsgenie", "message description source"),
    "pagerduty_configs": {
        "client": _PAGERDUTY_CLIENT,
        **_templates("pagerduty", "client_url=clientURL"),
        "description": '{{ template "pagerduty.default.description" .}}',
        "severity": "error",
    },
    "pushover_configs": {
        **_templates("pushover", "title message url"),
        "priority": '{{ if eq .Status "firing" }}2{{ else }}0{{ end }}',
        "retry": "1m",
        "expire": "1h",
    },
    "rocketchat_configs": {
        "send_resolved": False,
        "color": '{{ if eq .Status "firing" }}red{{ else }}green{{ end }}',
        **_templates("rocketchat", "emoji icon_url=iconurl text title title_link=titlelink"),
    },
    "slack_configs": {
        "send_resolved": False,
        **_templates(
            "slack",
            "color username title title_link=titlelink icon_emoji=iconemoji icon_url=iconurl pretext text fallback"
            " callback_id=callbackid footer",
        ),
    },
    "sns_configs": _templates("sns", "subject message"),
    "telegram_configs": {**_templates("telegram", "message"), "parse_mode": "HTML"},
    "victorops_configs": {
        "message_type": "CRITICAL",
        **_templates("victorops", "state_message entity_display_name monitoring_tool"),
    },
    "webex_configs": _templates("webex", "message"),
    "webhook_configs": {},
    "wechat_configs": {"send_resolved": False, **_templates("wechat", "message to_user to_party to_tag agent_id")},
    "http_config": {"follow_redirects": True, "enable_http2": True},
}

_GLOBAL: Final[Data] = {
    "http_config": {},
    "smtp_hello": "localhost",
    "smtp_require_tls": True,
    "slack_app_url": "https://slack.com/api/chat.postMessage",
    "pagerduty_url": "https://events.pagerduty.com/v2/enqueue",
    "opsgenie_api_url": "https://api.opsgenie.com/",
    "wechat_api_url": "https://qyapi.weixin.qq.com/cgi-bin/",
    "victorops_api_url": "https://alert.victorops.com/integrations/generic/20131114/alert/",
    "telegram_api_url": "https://api.telegram.org",
    "webex_api_url": "https://webexapis.com/v1/messages",
    "rocketchat_api_url": "https://open.rocket.chat/",
}

_GIVEN: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "email": (
        *(("smarthost",), ("from",), ("hello",), ("auth_username",), ("auth_identity",)),
        *(("auth_secret",), ("auth_secret_file",)),
        ("auth_password", "auth_password_file"),
    ),
    "jira": (("api_url",),),
    "mattermost": (("webhook_url", "webhook_url_file"),),
    "opsgenie": (("api_url",), ("api_key",), ("api_key_file",)),
    "pagerduty": (("url",),),
    "rocketchat": (("api_url",), ("token_id",), ("token_id_file",), ("token",), ("token_file",)),
    "slack": (("app_url",), ("api_url", "api_url_file")),
    "telegram": (("api_url",), ("bot_token", "bot_token_file")),
    "victorops": (("api_url",), ("api_key",), ("api_key_file",)),
    "webex": (("api_url",),),
    "wechat": (("api_url",), ("corp_id",), ("api_secret", "api_secret_file")),
}
"""Fields that `global` gives to an integration where it has none of a group."""

# Empty ones are not the same as none.
_KEPT: Final = frozenset(("authorization", "basic_auth", "oauth2", "short", "force_implicit_tls", "enable_update"))


def completed(name: str, entry: Data, globals_: Data) -> dict[str, object]:
    """The settings of one entry of the list `name` (`slack_configs`), as `integrations.read` returns it.

    Defaults are written out, what is empty without having a default is left out, and durations are milliseconds.
    """
    kind = name.removesuffix("_configs")
    shared = {**_GLOBAL, **{key: value for key, value in globals_.items() if value is not None}}
    found = dict(entry)
    if rule := _BEFORE.get(kind):
        rule(found, shared)
    for group in _GIVEN.get(kind, ()):
        if not any(map(found.get, group)):
            found |= {key: shared[of] for key in group if (of := _shared(kind, key)) in shared}
    if "http_config" in OBJECTS[name].fields and found.get("http_config") is None:
        found["http_config"] = shared["http_config"]
    found = _cleaned(name, {"send_resolved": True, **_DEFAULTS[name], **found})
    if rule := _AFTER.get(kind):
        rule(found)
    return found


def _shared(kind: str, key: str) -> str:
    if kind == "email":
        return f"smtp_{key}"
    return "wechat_api_corp_id" if key == "corp_id" else f"{kind}_{key}"


def _email(found: dict[str, object], shared: Data) -> None:
    for key in ("require_tls", "force_implicit_tls", "tls_config"):
        if found.get(key) is None and f"smtp_{key}" in shared:
            found[key] = shared[f"smtp_{key}"]


def _slack(found: dict[str, object], shared: Data) -> None:
    http = cast("Data", found.get("http_config") or {})
    own = any(map(found.get, ("app_token", "app_token_file", "api_url")))
    if not own and not any(key in http for key in ("authorization", "bearer_token", "bearer_token_file")):
        found |= {key: shared[of] for key in ("app_token", "app_token_file") if (of := f"slack_{key}") in shared}


def _msteamsv2(found: dict[str, object], shared: Data) -> None:
    own, given = (cast("Data", some.get("http_config") or {}) for some in (found, shared))
    if found.get("http_config") is not None and not own.get("proxy_url") and given.get("proxy_url"):
        found["http_config"] = {**own, "proxy_url": given["proxy_url"]}


_BEFORE: Final[Mapping[str, Callable[[dict[str, object], Data], None]]] = {
    "email": _email,
    "slack": _slack,
    "msteamsv2": _msteamsv2,
}


def _email_headers(found: dict[str, object]) -> None:
    headers = {_canonical(key): value for key, value in cast("Data", found.get("headers", {})).items()}
    default = {"Subject": '{{ template "email.default.subject" . }}', "To": found.get("to"), "From": found.get("from")}
    found["headers"] = {key: value for key, value in headers.items() if default.get(key) != value}


def _canonical(header: str) -> str:
    return "-".join(part[:1].upper() + part[1:].lower() for part in header.split("-"))


def _pagerduty(found: dict[str, object]) -> None:
    details = {
        "firing": "{{ .Alerts.Firing | toJson }}",
        "resolved": "{{ .Alerts.Resolved | toJson }}",
        "num_firing": "{{ .Alerts.Firing | len }}",
        "num_resolved": "{{ .Alerts.Resolved | len }}",
    }
    found["details"] = {**details, **cast("Data", found.get("details", {}))}
    if found.get("source") == found["client"]:
        del found["source"]


def _jira(found: dict[str, object]) -> None:
    for key in ("summary", "description"):
        found[key] = {**cast("Data", _DEFAULTS["jira_configs"][key]), **cast("Data", found[key])}


def _opsgenie(found: dict[str, object]) -> None:
    _with_slash(found)
    for responder in cast("Sequence[dict[str, object]]", found.get("responders", ())):
        if "{{" not in (kind := cast("str", responder.get("type", ""))):
            responder["type"] = kind.lower()


def _with_slash(found: dict[str, object]) -> None:
    url = cast("str", found.get("api_url", ""))
    if url and not url.endswith("/") and "?" not in url:
        found["api_url"] = f"{url}/"


def _slack_token(found: dict[str, object]) -> None:
    # A token goes to the one URL, anything else to the other.
    token = found.get("app_token") or found.get("app_token_file")
    for key in ("api_url", "api_url_file") if token else ("app_url",):
        found.pop(key, None)


def _wechat(found: dict[str, object]) -> None:
    found.setdefault("message_type", "text")
    _with_slash(found)


_AFTER: Final[Mapping[str, Callable[[dict[str, object]], None]]] = {
    "email": _email_headers,
    "jira": _jira,
    "opsgenie": _opsgenie,
    "pagerduty": _pagerduty,
    "slack": _slack_token,
    "victorops": _with_slash,
    "wechat": _wechat,
}


def _cleaned(name: str, data: Data) -> dict[str, object]:
    what = OBJECTS[name]
    found: dict[str, object] = {}
    for key, value in {**_DEFAULTS.get(name, {}), **data}.items():
        field = what.fields.get(key)
        value = _value(field, value) if field else value
        if value not in _EMPTY or key in what.defaults or key in _KEPT:
            found[key] = value
    if name == "http_config":
        _bearer(found)
    return found


_EMPTY: Final[tuple[Any, ...]] = ("", None, False, 0, [], {})


def _value(field: Field, value: object) -> object:
    match field.kind:
        case "go_duration" | "duration" if value:
            return _milliseconds(cast("str", value))
        case "text_or_object":
            return cast("Data", value) if isinstance(value, Mapping) else {"template": value}
        case "object" if isinstance(value, Mapping):
            return _cleaned(field.of, cast("Data", value))
        case "objects":
            return [_cleaned(field.of, part) for part in cast("Sequence[Data]", value)]
        case "object_map" if isinstance(value, Mapping):
            return {key: _cleaned(field.of, part) for key, part in cast("Mapping[str, Data]", value).items()}
        case _:
            return value


def _milliseconds(text: str) -> int | str:
    try:
        return durations.parse(text)
    except ValueError:  # Go takes fractions and signs too.
        return text


def _bearer(found: dict[str, object]) -> None:
    # The old way to write an authorization, and its default type.
    for key in ("bearer_token", "bearer_token_file"):
        if value := found.pop(key, None):
            found["authorization"] = {key.replace("bearer_token", "credentials"): value}
    if (authorization := found.get("authorization")) is not None:
        found["authorization"] = {"type": "Bearer", **cast("Data", authorization)}
