"""The fields of an AlertmanagerConfig's receivers, and what the Prometheus Operator makes of each.

Read from prometheus-operator 0.94 (pkg/alertmanager/amcfg.go, types.go) and its API 0.95.2 (v1alpha1, v1beta1). A field
is written in Alertmanager's words with `_` (`titleLink`, `title_link`) unless `name` says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, final

Strategy = Literal["OnNamespace", "OnNamespaceExceptForAlertmanagerNamespace", "None"]
"""An Alertmanager's `alertmanagerConfigMatcherStrategy`."""
STRATEGIES: Final[tuple[Strategy, ...]] = ("OnNamespace", "OnNamespaceExceptForAlertmanagerNamespace", "None")
Kind = Literal[
    "text", "kept_text", "flag", "dropped_flag", "number", "texts", "text_map", "pairs", "duration", "secret",
    "secret_or_map", "asset", "secret_lists", "threading", "object", "objects", "host_port",
]  # fmt: skip
"""`kept_text` and `flag` are kept where they are empty or false, unlike `text` and `dropped_flag`; `pairs` is a list of
keys and values; `asset` a file that the operator mounts."""
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one field takes, and its `name` in Alertmanager's configuration ("": the operator drops it).

    `of` names the object of which it is one, or a list. `required`: the operator refuses an object without it.
    """

    kind: Kind = "text"
    name: str
    of: str = ""
    required: bool = False


def _each(names: str, kind: Kind = "text") -> dict[str, Part]:
    return {name: Part(kind=kind, name=_CAPITAL.sub("_", name).lower()) for name in names.split()}


def _one(name: str, kind: Kind, of: str = "") -> Part:
    return Part(kind=kind, name=name, of=of)


def _required(parts: dict[str, Part]) -> dict[str, Part]:
    return {name: replace(part, required=True) for name, part in parts.items()}


_NOTIFIER: Final = {**_each("sendResolved", "flag"), "httpConfig": _one("http_config", "object", "http_config")}
_PROXY: Final = {
    **_each("proxyUrl noProxy"),
    **_each("proxyFromEnvironment", "dropped_flag"),
    **_each("proxyConnectHeader", "secret_lists"),
}
_TLS: Final = {"tlsConfig": _one("tls_config", "object", "tls_config")}

PARTS: Final[Mapping[str, Mapping[str, Part]]] = {
    "http_config": {
        "authorization": _one("authorization", "object", "authorization"),
        "basicAuth": _one("basic_auth", "object", "basic_auth"),
        "oauth2": _one("oauth2", "object", "oauth2"),
        "bearerTokenSecret": _one("bearer_token", "secret"),
        **_TLS,
        **_PROXY,
        "proxyURL": _one("proxy_url", "text"),  # Counts before `proxyUrl`.
        **_each("followRedirects enableHttp2", "flag"),
    },
    "authorization": {**_each("type"), **_required(_each("credentials", "secret"))},
    "basic_auth": _required(_each("username password", "secret")),
    "oauth2": {
        **_required(_each("clientId", "secret_or_map")),
        **_required(_each("clientSecret", "secret")),
        **_required(_each("tokenUrl")),
        **_each("scopes", "texts"),
        **_each("endpointParams", "text_map"),
        "tlsConfig": _one("", "object", "tls_config"),
        **_PROXY,
    },
    "tls_config": {
        "ca": _one("ca_file", "asset"),
        "cert": _one("cert_file", "asset"),
        "keySecret": _one("key_file", "asset"),
        **_each("serverName minVersion maxVersion"),
        **_each("insecureSkipVerify", "dropped_flag"),
    },
    "discord_configs": {
        **_NOTIFIER,
        "apiURL": Part(kind="secret", name="webhook_url", required=True),
        **_each("title message content username avatarURL"),
    },
    "email_configs": {
        **_each("sendResolved requireTLS forceImplicitTLS", "flag"),
        **_required(_each("to")),
        **_each("from hello authUsername authIdentity"),
        **_each("smarthost", "host_port"),
        **_each("authPassword authSecret", "secret"),
        **_each("headers", "pairs"),
        **_each("html text", "kept_text"),
        **_TLS,
        **_each("threading", "threading"),
    },
    "msteams_configs": {**_NOTIFIER, **_required(_each("webhookUrl", "secret")), **_each("title summary text")},
    "msteamsv2_configs": {**_NOTIFIER, **_each("webhookURL", "secret"), **_each("title text")},
    "opsgenie_configs": {
        **_NOTIFIER,
        **_each("apiKey", "secret"),
        **_each("apiURL message description source tags note priority entity actions"),
        **_each("updateAlerts", "flag"),
        **_each("details", "pairs"),
        "responders": _one("responders", "objects", "opsgenie_responder"),
    },
    "opsgenie_responder": _each("id name username type"),
    "pagerduty_configs": {
        **_NOTIFIER,
        **_each("routingKey serviceKey", "secret"),
        **_each("url client clientURL description severity class group component source"),
        **_each("details", "pairs"),
        "pagerDutyImageConfigs": _one("images", "objects", "pagerduty_image"),
        "pagerDutyLinkConfigs": _one("links", "objects", "pagerduty_link"),
        **_each("timeout", "duration"),
    },
    "pagerduty_image": _each("src href alt"),
    "pagerduty_link": {**_each("href"), "alt": _one("text", "text")},
    "pushover_configs": {
        **_NOTIFIER,
        **_each("userKey token", "secret"),
        **_each("userKeyFile tokenFile title message url urlTitle ttl device priority"),
        "sound": _one("", "text"),
        **_each("retry expire", "duration"),
        **_each("html monospace", "flag"),
    },
    "rocketchat_configs": {
        **_NOTIFIER,
        **_required(_each("token tokenID", "secret")),
        **_each("apiURL channel color emoji iconURL text title titleLink imageURL thumbURL"),
        **_each("shortFields linkNames", "dropped_flag"),
        "fields": _one("fields", "objects", "rocketchat_field"),
        "actions": _one("actions", "objects", "rocketchat_action"),
    },
    "rocketchat_field": {**_each("title value"), **_each("short", "flag")},
    "rocketchat_action": _each("text url msg"),
    "slack_configs": {
        **_NOTIFIER,
        **_each("apiURL", "secret"),
        **_each(
            "channel username color title titleLink pretext text footer fallback callbackId iconEmoji iconURL imageURL"
            " thumbURL messageText"
        ),
        **_each("shortFields linkNames", "dropped_flag"),
        **_each("updateMessage", "flag"),
        **_each("mrkdwnIn", "texts"),
        "fields": _one("fields", "objects", "slack_field"),
        "actions": _one("actions", "objects", "slack_action"),
        **_each("timeout", "duration"),
    },
    "slack_field": {**_each("title value"), **_each("short", "dropped_flag")},
    "slack_action": {**_each("type text url style name value"), "confirm": _one("confirm", "object", "slack_confirm")},
    "slack_confirm": _each("text title okText dismissText"),
    "sns_configs": {
        **_NOTIFIER,
        **_each("apiURL topicARN subject phoneNumber targetARN message"),
        "sigv4": _one("sigv4", "object", "sigv4"),
        **_each("attributes", "text_map"),
        "useAWSHTTPClient": _one("use_aws_http_client", "dropped_flag"),
    },
    "sigv4": {
        **_each("region profile roleArn externalId"),
        **_each("accessKey secretKey", "secret"),
        "useFIPSSTSEndpoint": _one("", "flag"),
        "cloud": _one("", "text"),
    },
    "telegram_configs": {
        **_NOTIFIER,
        **_each("botToken", "secret"),
        **_each("botTokenFile apiURL message parseMode"),
        **_required(_each("chatID", "number")),
        **_each("messageThreadID", "number"),
        **_each("disableNotifications", "dropped_flag"),
    },
    "victorops_configs": {
        **_NOTIFIER,
        **_each("apiKey", "secret"),
        **_required(_each("routingKey")),
        **_each("apiUrl messageType entityDisplayName stateMessage monitoringTool"),
        **_each("customFields", "pairs"),
    },
    "webex_configs": {**_NOTIFIER, **_required(_each("roomID")), **_each("apiURL message")},
    "webhook_configs": {
        **_NOTIFIER,
        **_each("url payload"),
        "urlSecret": _one("url", "secret"),  # Counts before `url`.
        **_each("maxAlerts", "number"),
        **_each("timeout", "duration"),
    },
    "wechat_configs": {
        **_NOTIFIER,
        **_each("apiSecret", "secret"),
        **_each("apiURL corpID agentID toUser toParty toTag message messageType"),
    },
    # alertmanagerConfiguration.global of an Alertmanager.
    "global": {
        "smtp": _one("smtp", "object", "global_smtp"),
        **_each("resolveTimeout", "duration"),
        "httpConfig": _one("http_config", "object", "http_config"),
        **_each("slackApiUrl", "secret"),
        "opsGenieApiUrl": _one("opsgenie_api_url", "secret"),
        "opsGenieApiKey": _one("opsgenie_api_key", "secret"),
        **_each("pagerdutyUrl"),
        "telegram": _one("telegram", "object", "global_telegram"),
        "jira": _one("jira", "object", "global_url"),
        "victorops": _one("victorops", "object", "global_victorops"),
        "rocketChat": _one("rocketchat", "object", "global_rocketchat"),
        "webex": _one("webex", "object", "global_url"),
        "wechat": _one("wechat", "object", "global_wechat"),
        "mattermost": _one("mattermost", "object", "global_mattermost"),
    },
    "global_smtp": {
        **_each("from hello authUsername authIdentity"),
        "smartHost": _one("smarthost", "host_port"),
        **_each("authPassword authSecret", "secret"),
        **_each("requireTLS forceImplicitTLS", "flag"),
        **_TLS,
    },
    "global_url": _each("apiURL"),
    "global_telegram": {**_each("apiURL botTokenFile"), **_each("botToken", "secret")},
    "global_victorops": {**_each("apiURL"), **_each("apiKey", "secret")},
    "global_rocketchat": {**_each("apiURL"), **_each("token tokenID", "secret")},
    "global_wechat": {**_each("apiURL apiCorpID"), **_each("apiSecret", "secret")},
    "global_mattermost": _each("webhookURL", "secret"),
}
"""By the name of the object in Alertmanager's configuration."""

INTEGRATIONS: Final[Mapping[str, str]] = {name.replace("_c", "C"): name for name in PARTS if name.endswith("_configs")}
"""The lists of a receiver (`slackConfigs`), and their names in Alertmanager's configuration."""
