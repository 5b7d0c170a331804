"""Rules of integrations that the table in `integration_fields` cannot say.

Sources: Alertmanager 0.34.2, config/*.go and notify/*/config.go; Prometheus common, config/http_config.go;
prometheus-operator 0.85 to 0.94, pkg/alertmanager/amcfg.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from alertpath.alertmanager import urls
from alertpath.documents.go_yaml import Form, FromSecret, Reader
from alertpath.documents.places import Place

Data = Mapping[str, object]
HIDDEN: Final = "(not shown: it may be a credential)"
# The one value of Slack's api_url that is no credential: the token comes separately.
SLACK_API: Final = "https://slack.com/api/chat.postMessage"
THREADED: Final = ("update_message", "post_updates_to_thread")
"""Options of Slack's that its API alone takes."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What Prometheus sets itself, in Go's canonical form; common, config/headers.go.
_RESERVED_HEADERS: Final = _words(
    "authorization host content-encoding content-length content-type user-agent connection keep-alive"
    " proxy-authenticate proxy-authorization www-authenticate accept-encoding x-prometheus-remote-write-version"
    " x-prometheus-remote-read-version x-prometheus-scrape-timeout-seconds x-amz-date x-amz-security-token"
    " x-amz-content-sha256"
)
_VICTOROPS_FIXED: Final = _words(
    "routing_key message_type state_message entity_display_name monitoring_tool entity_id entity_state"
)
_RESPONDERS: Final = ("team", "teams", "user", "escalation", "schedule")
SECRET_HEADER: Final = re.compile(r"(?i)token|secret|key|auth|cookie|password|credential")
"""Names of HTTP headers whose values are credentials."""


def section(data: Data, key: str) -> Data:
    """The mapping under `key`, empty where there is none."""
    return cast("Data", data.get(key, {}))


def _http_config(reader: Reader, found: Data, path: Place) -> None:
    _proxy(reader, found, path)
    for header in section(found, "http_headers"):
        if header.lower() in _RESERVED_HEADERS:
            reader.complain((*path, "http_headers", header), "this header may not be set")


def _not_null(*keys: str) -> Callable[[Reader, Data, Place], None]:
    """A rule for fields that Alertmanager reads by themselves: even in quotes ~ and null are no texts for them."""

    def rule(reader: Reader, found: Data, path: Place) -> None:
        for key in keys:
            if found.get(key) in ("~", "null"):
                reader.complain(
                    (*path, key), "is null for Alertmanager, though it is quoted", mend="write another text"
                )

    return rule


def _proxy(reader: Reader, found: Data, path: Place) -> None:
    url, environment = found.get("proxy_url"), found.get("proxy_from_environment")
    if found.get("proxy_connect_header") and not url and not environment:
        reader.complain((*path, "proxy_connect_header"), "needs proxy_url or proxy_from_environment")
    for other in ("proxy_url", "no_proxy"):
        if environment and found.get(other):
            reader.complain((*path, other), "excludes proxy_from_environment")
    if found.get("no_proxy") and not url and not environment:
        reader.complain((*path, "no_proxy"), "needs proxy_url")


def _authorization(reader: Reader, found: Data, path: Place) -> None:
    if str(found.get("type", "")).strip().lower() == "basic":
        reader.complain((*path, "type"), "may not be basic", mend="use `basic_auth`")


def _tls_config(reader: Reader, found: Data, path: Place) -> None:
    given = [any(map(found.get, (key, f"{key}_file", f"{key}_ref"))) for key in ("cert", "key")]
    if given[0] != given[1]:
        present, missing = ("cert_file", "key_file") if given[0] else ("key_file", "cert_file")
        reader.complain(path, f"has {present} but not {missing}", allowed="both or neither")
    least, most = (str(found.get(f"{end}_version", "")) for end in ("min", "max"))
    if least and most and least > most:
        reader.complain((*path, "max_version"), "is below min_version", value=most)


def _email(reader: Reader, found: Data, path: Place) -> None:
    headers = list(section(found, "headers"))
    seen = [header.lower() for header in headers]
    for index, header in enumerate(headers):
        if seen.index(header.lower()) < index:
            reader.complain((*path, "headers", header), "is written twice; case does not matter in header names")
    threading = section(found, "threading")
    if threading.get("enabled"):
        for header in ("references", "in-reply-to"):
            if header in seen:
                reader.complain((*path, "headers", headers[seen.index(header)]), "excludes threading.enabled")
        _judge_email(reader, found, path)


def _judge_email(reader: Reader, found: Data, path: Place) -> None:
    # Alertmanager asks for it only where threading is enabled, the operator always.
    if "threading" not in found or (by := section(found, "threading").get("thread_by_date")) in ("none", "daily"):
        return
    if by:
        place = (*path, "threading", "thread_by_date")
        reader.complain(place, "is not one of the allowed values", value=str(by), allowed="none, daily")
    else:
        reader.complain((*path, "threading"), "`thread_by_date` is missing", allowed="none, daily")


def authorized(found: Data) -> bool:
    """Whether the HTTP client of an integration has an authorization; a bearer token is the old way to give one."""
    return any(map(section(found, "http_config").get, ("authorization", "bearer_token", "bearer_token_file")))


def _incidentio(reader: Reader, found: Data, path: Place) -> None:
    token = found.get("alert_source_token") or found.get("alert_source_token_file")
    if token and authorized(found):
        reader.complain(path, "has both a token and http_config.authorization", allowed="one of the two")
    # Without any http_config Alertmanager lets it pass.
    if "http_config" in found:
        _judge_incidentio(reader, found, path)


def _judge_incidentio(reader: Reader, found: Data, path: Place) -> None:
    if not authorized(found) and not found.get("alert_source_token") and not found.get("alert_source_token_file"):
        reader.complain(path, "a token is missing", allowed="alert_source_token_file, or http_config.authorization")


def _opsgenie_responder(reader: Reader, found: Data, path: Place) -> None:
    kind = str(found.get("type", ""))
    try:
        templated = urls.has_template(kind)
    except ValueError as error:
        message, _, allowed = str(error).partition("; allowed: ")
        reader.complain((*path, "type"), message, value=kind, allowed=allowed)
        return
    if not templated and kind.lower() not in _RESPONDERS:
        reader.complain((*path, "type"), "is not a type of responder", value=kind, allowed=", ".join(_RESPONDERS))


def _slack(reader: Reader, found: Data, path: Place) -> None:
    if (found.get("app_token") or found.get("app_token_file")) and authorized(found):
        reader.complain((*path, "http_config", "authorization"), "excludes app tokens")
    for option in THREADED:
        if not found.get(option):
            continue
        api_url = found.get("api_url")
        if found.get("api_url_file") or not (api_url in (None, "", SLACK_API) or isinstance(api_url, FromSecret)):
            complain_of_url(reader, path, option)
        elif not api_url and option == "update_message":
            reader.forms.append(Form((*path, option), "`update_message` without `api_url`", (0, 35), None))


def complain_of_url(reader: Reader, path: Place, option: str) -> None:
    """Says that an option of Slack's needs another URL than this integration has."""
    reader.complain(
        (*path, option),
        "needs a bot token, given as http_config.authorization, and Slack's API as api_url",
        allowed=f"api_url: {SLACK_API}",
    )


def _event_recorder(reader: Reader, found: Data, path: Place) -> None:
    for key in found:
        names = [str(each.get("name", "")) for each in cast("Sequence[Data]", found[key])]
        for index, name in enumerate(names):
            if name and name in names[:index]:
                reader.complain((*path, key, index, "name"), "another output has this name", value=name)


def _global(reader: Reader, found: Data, path: Place) -> None:
    _not_null("rocketchat_token", "rocketchat_token_id")(reader, found, path)
    token, webhook = (
        next((key for key in (f"slack_{way}", f"slack_{way}_file") if found.get(key)), None)
        for way in ("app_token", "api_url")
    )
    # A token beside Slack's own API as the URL was the way to use tokens before 0.30.
    if token and webhook and found.get("slack_api_url") != found.get("slack_app_url", SLACK_API):
        reader.complain((*path, webhook), f"excludes {token}", allowed=f"one of {webhook} and {token}")


def _sns(reader: Reader, found: Data, path: Place) -> None:
    given = [key for key in ("topic_arn", "phone_number", "target_arn") if found.get(key)]
    # Alertmanager lets all three pass.
    if len(given) == 2:
        reader.complain((*path, given[1]), f"excludes {given[0]}", allowed="one of topic_arn, phone_number, target_arn")


def _sigv4(reader: Reader, found: Data, path: Place) -> None:
    if bool(found.get("access_key")) != bool(found.get("secret_key")):
        reader.complain(path, "has one of access_key and secret_key", allowed="both or neither")
    if found.get("external_id") and not found.get("role_arn"):
        reader.complain((*path, "external_id"), "needs role_arn")


def _tracing(reader: Reader, found: Data, path: Place) -> None:
    fraction = found.get("sampling_fraction", 0)
    if isinstance(fraction, bool) or not isinstance(fraction, int | float):
        reader.complain((*path, "sampling_fraction"), "is not a number", allowed="a number from 0 to 1")


def _event_webhook(reader: Reader, found: Data, path: Place) -> None:
    if found.get("url") == "<secret>":
        reader.complain((*path, "url"), "is not a URL", allowed="http://HOST... or https://HOST...")
    for key in ("batch_max_events", "batch_max_bytes", "batch_flush_interval"):
        if found.get(key) not in (None, 0, "0", "0s") and not found.get("batch"):
            reader.complain((*path, key), "needs batch: true")


def _event_kafka(reader: Reader, found: Data, path: Place) -> None:
    if "" in cast("Sequence[str]", found.get("brokers", ())):
        reader.complain((*path, "brokers"), "has an empty entry", allowed="HOST:PORT")


def _victorops(reader: Reader, found: Data, path: Place) -> None:
    for key in section(found, "custom_fields"):
        if key in _VICTOROPS_FIXED:
            reader.complain((*path, "custom_fields", key), "is a fixed field of VictorOps", mend="rename it")


def _webex(reader: Reader, found: Data, path: Place) -> None:
    if not authorized(found):
        reader.complain(path, "`http_config.authorization` is missing", mend="give the bot's token there")


RULES: Final[Mapping[str, Callable[[Reader, Data, Place], None]]] = {
    "authorization": _authorization,
    "email_configs": _email,
    "global": _global,
    "http_config": _http_config,
    "incidentio_configs": _incidentio,
    "jira_configs": _not_null("summary", "description"),
    "oauth2": _proxy,
    "opsgenie_responder": _opsgenie_responder,
    "rocketchat_configs": _not_null("token", "token_id"),
    "sigv4": _sigv4,
    "slack_configs": _slack,
    "sns_configs": _sns,
    "tls_config": _tls_config,
    "tracing": _tracing,
    "event_kafka": _event_kafka,
    "event_recorder": _event_recorder,
    "event_webhook": _event_webhook,
    "victorops_configs": _victorops,
    "webex_configs": _webex,
}
"""By the name of the object: what Alertmanager refuses."""


def _judge_http(reader: Reader, data: Data, path: Place) -> None:
    for header, given in cast("Mapping[str, Data]", data.get("http_headers", {})).items():
        if given.get("values") and SECRET_HEADER.search(header):
            reader.complain(
                (*path, "http_headers", header, "values"),
                "is a credential in plain text",
                value=HIDDEN,
                kind="plain-credential",
                allowed="`files` with the path of a mounted file",
            )


def _judge_slack(reader: Reader, data: Data, path: Place) -> None:
    for index, field in enumerate(cast("Sequence[Data]", data.get("fields", ()))):
        if data.get("short_fields") and field.get("short") is False:
            reader.complain(
                (*path, "fields", index, "short"),
                "the Prometheus Operator drops `short: false`, so that short_fields makes the field short",
                mend="leave out short_fields, and write `short: true` where it is meant",
                kind="operator",
            )


def _judge_msteams(reader: Reader, data: Data, path: Place) -> None:
    if isinstance(data.get("webhook_url"), FromSecret):
        return
    reader.complain(
        path,
        "the Prometheus Operator takes no `webhook_url_file` here, and the URL is a credential",
        mend="use msteamsv2_configs: Microsoft has retired the connectors that msteams_configs needs",
        kind="operator",
    )


JUDGEMENTS: Final[Mapping[str, Callable[[Reader, Data, Place], None]]] = {
    "email_configs": _judge_email,
    "http_config": _judge_http,
    "incidentio_configs": _judge_incidentio,
    "msteams_configs": _judge_msteams,
    "slack_configs": _judge_slack,
}
"""By the name of the object: what must not be deployed."""
