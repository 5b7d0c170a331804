"""Every field of Alertmanager's receivers and of its `global` section, as data.

Read from Alertmanager 0.35.0 and its releases since 0.25 (config, notify/*/config.go, Prometheus common and sigv4 at
the version each release requires), and from prometheus-operator 0.85 to 0.94 (pkg/alertmanager/types.go, amcfg.go, and
the Alertmanager release that each operator links, whose own parser it runs first), of 0.95.2 its API alone.

A field's versions are the first Alertmanager that takes it and the first operator that neither refuses nor drops it;
of what is as old as `ALWAYS` and `OLDEST_OPERATOR`, or older, these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, final

Version = tuple[int, ...]
"""A release to compare with: (0, 34, 2)."""

Kind = Literal[
    "text", "url", "template_url", "reference", "host_port", "boolean", "integer", "duration", "go_duration",
    "texts", "text_map", "header_map", "any", "any_map", "object", "objects", "object_map", "text_or_object",
]  # fmt: skip

ALWAYS: Final[Version] = (0, 25)
"""The oldest Alertmanager that the versions here tell apart."""
OLDEST_OPERATOR: Final[Version] = (0, 85)
"""The oldest Prometheus Operator whose fields are known."""
ASSUMED: Final[Version] = (0, 34, 2)
"""The Alertmanager that reads a configuration of which that is not said."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What one field takes.

    `of` names the object of which it is one, a list or a map. `credential`: its value is a secret. `twin`: the field
    that takes the path of a file with the value instead ("": none); without `credential` the value may hold a secret.
    `path`: the value is such a path. `since` and `operator`: the first versions that take it; operator None: none does.
    `url_since`: the first operator that refuses a text that is neither a URL nor a template.
    """

    kind: Kind = "text"
    of: str = ""
    choices: tuple[str, ...] = ()
    most: int = 2**31 - 1
    least: int = 0
    credential: bool = False
    twin: str = ""
    path: bool = False
    since: Version = ALWAYS
    operator: Version | None = OLDEST_OPERATOR
    url_since: Version | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """A mapping: its fields and how they depend on each other. A field counts as given where it is not empty.

    `one_of`: at least one of each group; `at_most_one`: of each group; `inherited`: at least one of the first group, or
    one of the second in the `global` section; `defaults`: fields that have a value when left out, and another one
    where they are null; of texts also those that are not empty when left out.
    """

    fields: Mapping[str, Field]
    required: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    at_most_one: tuple[tuple[str, ...], ...] = ()
    inherited: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    defaults: frozenset[str] = field(default_factory=frozenset[str])


_TEXT: Final = Field()
_URL: Final = Field(kind="url")
_HOST_PORT: Final = Field(kind="host_port")
_FLAG: Final = Field(kind="boolean")
_COUNT: Final = Field(kind="integer")
_ID: Final = Field(kind="integer", least=-(2**63), most=2**63 - 1)
_DURATION: Final = Field(kind="duration")
_GO_DURATION: Final = Field(kind="go_duration")
_TEXTS: Final = Field(kind="texts")
_TEXT_MAP: Final = Field(kind="text_map")
_ANY: Final = Field(kind="any")
_ANY_MAP: Final = Field(kind="any_map")
_FILE: Final = Field(path=True)


def _new(of: Field, since: Version, operator: Version | None = OLDEST_OPERATOR) -> Field:
    return replace(of, since=since, operator=operator)


def _object(name: str) -> Field:
    return Field(kind="object", of=name)


def _objects(name: str) -> Field:
    return Field(kind="objects", of=name)


def _link(of: Field, since: Version) -> Field:
    return replace(of, url_since=since)


def _secret(twin: str, kind: Kind = "text") -> Field:
    return Field(kind=kind, credential=True, twin=twin)


def _names(names: str) -> frozenset[str]:
    return frozenset(names.split())


def _each(of: Field, names: str) -> dict[str, Field]:
    return dict.fromkeys(names.split(), of)


_HTTP: Final = _object("http_config")
_NOTIFIER: Final = {"send_resolved": _FLAG, "http_config": _HTTP}
_SINCE_30: Final = ((0, 30), (0, 88))
_SINCE_31: Final = ((0, 31), (0, 90))
_SINCE_32: Final = ((0, 32), (0, 91))
_SINCE_35: Final = ((0, 35), None)
_PROXY: Final = {
    "proxy_url": Field(kind="reference"),
    "no_proxy": _new(_TEXT, (0, 26)),
    "proxy_from_environment": _new(_FLAG, (0, 26)),
    "proxy_connect_header": _new(Field(kind="header_map", credential=True), (0, 26)),
}
_ATTACHMENT: Final = "fallback color pretext author_name title footer"
_ATTACHMENT_LINKS: Final = "author_link author_icon title_link thumb_url footer_icon image_url"

_HTTP_OBJECTS: Final[Mapping[str, Object]] = {
    "http_config": Object(
        fields={
            "basic_auth": _object("basic_auth"),
            "authorization": _object("authorization"),
            "oauth2": _object("oauth2"),
            "bearer_token": _secret("bearer_token_file"),
            "bearer_token_file": _FILE,
            "tls_config": _object("tls_config"),
            **_each(_FLAG, "follow_redirects enable_http2"),
            **_PROXY,
            "http_headers": _new(Field(kind="object_map", of="http_header"), (0, 28), (0, 89)),
        },
        at_most_one=(("basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file"),),
        defaults=_names("follow_redirects enable_http2"),
    ),
    "basic_auth": Object(
        fields={
            "username": _TEXT,
            "username_file": _new(_FILE, (0, 27), None),
            "username_ref": _new(_TEXT, (0, 28), None),
            "password": _secret("password_file"),
            "password_file": _FILE,
            "password_ref": _new(_TEXT, (0, 28), None),
        },
        at_most_one=(("username", "username_file", "username_ref"), ("password", "password_file", "password_ref")),
    ),
    "authorization": Object(
        fields={
            "type": _TEXT,
            "credentials": _secret("credentials_file"),
            "credentials_file": _FILE,
            "credentials_ref": _new(_TEXT, (0, 28), None),
        },
        at_most_one=(("credentials", "credentials_file", "credentials_ref"),),
    ),
    "oauth2": Object(
        fields={
            **_each(_TEXT, "client_id token_url"),
            "client_secret": _secret("client_secret_file"),
            "client_secret_file": _FILE,
            "client_secret_ref": _new(_TEXT, (0, 28), None),
            "client_certificate_key": _new(_secret("client_certificate_key_file"), (0, 30), None),
            "client_certificate_key_file": _new(_FILE, (0, 30), None),
            **_each(
                _new(_TEXT, (0, 30), None),
                "client_certificate_key_id client_certificate_key_ref grant_type signature_algorithm iss audience",
            ),
            "claims": _new(_ANY_MAP, (0, 30), None),
            "scopes": _TEXTS,
            "endpoint_params": _TEXT_MAP,
            "tls_config": _object("tls_config"),
            **_PROXY,
        },
        required=("client_id", "token_url"),
        at_most_one=(
            ("client_secret", "client_secret_file", "client_secret_ref"),
            ("client_certificate_key", "client_certificate_key_file", "client_certificate_key_ref"),
        ),
    ),
    "tls_config": Object(
        fields={
            **_each(_FILE, "ca_file cert_file key_file"),
            **_each(_new(_TEXT, (0, 26), None), "ca cert"),
            "key": _new(_secret("key_file"), (0, 26), None),
            **_each(_new(_TEXT, (0, 28), None), "ca_ref cert_ref key_ref"),
            "server_name": _TEXT,
            "insecure_skip_verify": _FLAG,
            **_each(Field(choices=("TLS10", "TLS11", "TLS12", "TLS13")), "min_version max_version"),
        },
        at_most_one=(("ca", "ca_file", "ca_ref"), ("cert", "cert_file", "cert_ref"), ("key", "key_file", "key_ref")),
    ),
    "http_header": Object(
        fields={
            "values": _TEXTS,
            "secrets": Field(kind="texts", credential=True, twin="files"),
            "files": Field(kind="texts", path=True),
        }
    ),
}

_INTEGRATIONS: Final[Mapping[str, Object]] = {
    "discord_configs": Object(
        fields={
            **_NOTIFIER,
            "webhook_url": _secret("webhook_url_file", "url"),
            "webhook_url_file": _new(_FILE, (0, 28), (0, 94)),
            **_each(_TEXT, "title message"),
            **_each(_new(_TEXT, (0, 28)), "content username avatar_url"),
        },
        one_of=(("webhook_url", "webhook_url_file"),),
        at_most_one=(("webhook_url", "webhook_url_file"),),
        defaults=_names("send_resolved title message"),
    ),
    "email_configs": Object(
        fields={
            "send_resolved": _FLAG,
            **_each(_TEXT, "to from hello auth_username auth_identity html text"),
            "smarthost": _HOST_PORT,
            "auth_password": _secret("auth_password_file"),
            "auth_password_file": _FILE,
            "auth_secret": _secret("auth_secret_file"),
            "auth_secret_file": _new(_FILE, *_SINCE_31),
            "headers": _TEXT_MAP,
            "require_tls": _FLAG,
            "tls_config": _object("tls_config"),
            "force_implicit_tls": _new(_FLAG, *_SINCE_31),
            "threading": _new(_object("email_threading"), (0, 30), (0, 90)),
        },
        required=("to",),
        inherited=((("smarthost",), ("smtp_smarthost",)), (("from",), ("smtp_from",))),
        defaults=_names("html"),
    ),
    "email_threading": Object(fields={"enabled": _FLAG, "thread_by_date": _TEXT}),
    "incidentio_configs": Object(
        fields={
            **_NOTIFIER,
            "url": Field(kind="url", twin="url_file"),
            "url_file": _FILE,
            "alert_source_token": _secret("alert_source_token_file"),
            "alert_source_token_file": _FILE,
            "max_alerts": _COUNT,
            "timeout": _GO_DURATION,
            "metadata": _new(_TEXT_MAP, *_SINCE_35),
        },
        one_of=(("url", "url_file"),),
        at_most_one=(("url", "url_file"), ("alert_source_token", "alert_source_token_file")),
        defaults=_names("send_resolved"),
    ),
    "jira_configs": Object(
        fields={
            **_NOTIFIER,
            "api_url": _URL,
            "api_type": _new(Field(choices=("auto", "cloud", "datacenter")), (0, 29), (0, 88)),
            **_each(Field(kind="text_or_object", of="jira_field"), "summary description"),
            **_each(_TEXT, "project priority issue_type reopen_transition resolve_transition wont_fix_resolution"),
            "labels": _TEXTS,
            "reopen_duration": _DURATION,
            "fields": _ANY_MAP,
        },
        required=("project", "issue_type"),
        inherited=((("api_url",), ("jira_api_url",)),),
        defaults=_names("send_resolved api_type summary description priority"),
    ),
    "jira_field": Object(
        fields={"template": _new(_TEXT, (0, 30), None), "enable_update": _new(_FLAG, (0, 30), None)},
        defaults=_names("template"),
    ),
    "mattermost_configs": Object(
        fields={
            **_NOTIFIER,
            "webhook_url": _secret("webhook_url_file", "url"),
            "webhook_url_file": _FILE,
            **_each(_TEXT, "channel username text icon_emoji"),
            "icon_url": _link(_TEXT, (0, 94)),
            "type": _new(_TEXT, (0, 30), None),
            "attachments": _objects("mattermost_attachment"),
            "props": _object("mattermost_props"),
            "priority": _object("mattermost_priority"),
            **_each(_new(_TEXT, *_SINCE_32), _ATTACHMENT),
            **_each(_link(_new(_TEXT, *_SINCE_32), (0, 94)), _ATTACHMENT_LINKS),
            "fields": _new(_objects("mattermost_field"), *_SINCE_32),
        },
        at_most_one=(("webhook_url", "webhook_url_file"),),
        inherited=((("webhook_url", "webhook_url_file"), ("mattermost_webhook_url", "mattermost_webhook_url_file")),),
        defaults=_names("send_resolved username color text title title_link fallback"),
    ),
    "mattermost_attachment": Object(
        fields={
            **_each(_TEXT, _ATTACHMENT + " text"),
            **_each(_link(_TEXT, (0, 94)), _ATTACHMENT_LINKS),
            "fields": _objects("mattermost_field"),
        }
    ),
    "mattermost_field": Object(fields={**_each(_TEXT, "title value"), "short": _FLAG}, required=("title", "value")),
    "mattermost_priority": Object(fields={"priority": _TEXT, **_each(_FLAG, "requested_ack persistent_notifications")}),
    "mattermost_props": Object(fields={"card": _TEXT}),
    "msteams_configs": Object(
        fields={
            **_NOTIFIER,
            "webhook_url": _secret("webhook_url_file", "url"),
            "webhook_url_file": _new(_FILE, (0, 27), None),
            **_each(_TEXT, "title text"),
            "summary": _new(_TEXT, (0, 27)),
        },
        one_of=(("webhook_url", "webhook_url_file"),),
        at_most_one=(("webhook_url", "webhook_url_file"),),
        defaults=_names("send_resolved title summary text"),
    ),
    "msteamsv2_configs": Object(
        fields={
            **_NOTIFIER,
            "webhook_url": _secret("webhook_url_file", "url"),
            "webhook_url_file": _FILE,
            **_each(_TEXT, "title text"),
        },
        one_of=(("webhook_url", "webhook_url_file"),),
        at_most_one=(("webhook_url", "webhook_url_file"),),
        defaults=_names("send_resolved title text"),
    ),
    "opsgenie_configs": Object(
        fields={
            **_NOTIFIER,
            "api_key": _secret("api_key_file"),
            "api_key_file": _FILE,
            "api_url": _URL,
            **_each(_TEXT, "message description source entity actions tags note priority"),
            "details": _TEXT_MAP,
            "responders": _objects("opsgenie_responder"),
            "update_alerts": _FLAG,
        },
        at_most_one=(("api_key", "api_key_file"),),
        inherited=((("api_key", "api_key_file"), ("opsgenie_api_key", "opsgenie_api_key_file")),),
        defaults=_names("send_resolved message description source"),
    ),
    "opsgenie_responder": Object(fields=_each(_TEXT, "id name username type"), one_of=(("id", "name", "username"),)),
    "pagerduty_configs": Object(
        fields={
            **_NOTIFIER,
            "service_key": _secret("service_key_file"),
            "service_key_file": _FILE,
            "routing_key": _secret("routing_key_file"),
            "routing_key_file": _FILE,
            "url": _URL,
            **_each(_TEXT, "client client_url description source severity class component group"),
            "details": _ANY_MAP,
            "images": _objects("pagerduty_image"),
            "links": _objects("pagerduty_link"),
            "timeout": _new(_GO_DURATION, *_SINCE_30),
        },
        one_of=(("routing_key", "routing_key_file", "service_key", "service_key_file"),),
        at_most_one=(("routing_key", "routing_key_file"), ("service_key", "service_key_file")),
        defaults=_names("send_resolved description client client_url"),
    ),
    "pagerduty_image": Object(fields=_each(_TEXT, "src alt href")),
    "pagerduty_link": Object(fields=_each(_TEXT, "href text")),
    "pushover_configs": Object(
        fields={
            **_NOTIFIER,
            "user_key": _secret("user_key_file"),
            "user_key_file": _new(_FILE, (0, 26)),
            "token": _secret("token_file"),
            "token_file": _new(_FILE, (0, 26)),
            **_each(_TEXT, "title message url_title sound priority"),
            "url": _link(_TEXT, (0, 88)),
            "device": _new(_TEXT, (0, 26)),
            **_each(_GO_DURATION, "retry expire"),
            "ttl": _new(_GO_DURATION, (0, 27)),
            "html": _FLAG,
            "monospace": _new(_FLAG, (0, 29), (0, 87)),
        },
        one_of=(("user_key", "user_key_file"), ("token", "token_file")),
        at_most_one=(("user_key", "user_key_file"), ("token", "token_file"), ("html", "monospace")),
        defaults=_names("send_resolved title message url priority retry expire"),
    ),
    "rocketchat_configs": Object(
        fields={
            **_NOTIFIER,
            "api_url": _URL,
            "token_id": _secret("token_id_file"),
            "token_id_file": _FILE,
            "token": _secret("token_file"),
            "token_file": _FILE,
            **_each(_TEXT, "channel color title title_link text emoji icon_url image_url thumb_url"),
            "message_text": _new(_TEXT, *_SINCE_35),
            "fields": _objects("rocketchat_field"),
            **_each(_FLAG, "short_fields link_names"),
            # The operator writes names that Alertmanager refuses, whatever is in them.
            "actions": _new(_objects("rocketchat_action"), ALWAYS, None),
        },
        at_most_one=(("token", "token_file"), ("token_id", "token_id_file")),
        inherited=(
            (("token", "token_file"), ("rocketchat_token", "rocketchat_token_file")),
            (("token_id", "token_id_file"), ("rocketchat_token_id", "rocketchat_token_id_file")),
        ),
        defaults=_names("color emoji icon_url text title title_link"),
    ),
    # Alertmanager gives these two no YAML names, so Go's lower-cased ones hold; the operator writes them otherwise.
    "rocketchat_action": Object(
        fields={
            **_each(_TEXT, "type text url msg"),
            **_each(_new(_TEXT, (0, 28), None), "imageurl webviewheightratio msgprocessingtype"),
            **_each(_new(_FLAG, (0, 28), None), "iswebview msginchatwindow"),
        }
    ),
    "rocketchat_field": Object(fields={**_each(_TEXT, "title value"), "short": _FLAG}),
    "slack_configs": Object(
        fields={
            **_NOTIFIER,
            "api_url": _secret("api_url_file", "url"),
            "api_url_file": _FILE,
            "app_token": _new(_secret("app_token_file"), *_SINCE_30),
            "app_token_file": _new(_FILE, *_SINCE_30),
            "app_url": _new(_URL, *_SINCE_30),
            **_each(
                _TEXT,
                "channel username color title title_link pretext text footer fallback callback_id"
                " icon_emoji icon_url image_url thumb_url",
            ),
            "message_text": _new(_TEXT, *_SINCE_31),
            "fields": _objects("slack_field"),
            **_each(_FLAG, "short_fields link_names"),
            "mrkdwn_in": _TEXTS,
            "actions": _objects("slack_action"),
            "update_message": _new(_FLAG, *_SINCE_32),
            "post_updates_to_thread": _new(_FLAG, *_SINCE_35),
            "timeout": _new(_GO_DURATION, *_SINCE_30),
        },
        at_most_one=(("api_url", "api_url_file", "app_token", "app_token_file"),),
        inherited=(
            (
                ("api_url", "api_url_file", "app_token", "app_token_file"),
                ("slack_api_url", "slack_api_url_file", "slack_app_token", "slack_app_token_file"),
            ),
        ),
        defaults=_names("color username title title_link icon_emoji icon_url pretext text fallback callback_id footer"),
    ),
    "slack_action": Object(
        fields={**_each(_TEXT, "type text url style name value"), "confirm": _object("slack_confirmation")},
        required=("type", "text"),
        one_of=(("url", "name"),),
    ),
    "slack_confirmation": Object(fields=_each(_TEXT, "text title ok_text dismiss_text"), required=("text",)),
    "slack_field": Object(fields={**_each(_TEXT, "title value"), "short": _FLAG}, required=("title", "value")),
    "sns_configs": Object(
        fields={
            **_NOTIFIER,
            "sigv4": _object("sigv4"),
            "api_url": _link(_TEXT, (0, 89)),
            **_each(_TEXT, "topic_arn phone_number target_arn subject message"),
            "attributes": _TEXT_MAP,
            "use_aws_http_client": _new(_FLAG, (0, 33), (0, 93)),
        },
        one_of=(("topic_arn", "phone_number", "target_arn"),),
        defaults=_names("send_resolved subject message"),
    ),
    "sigv4": Object(
        fields={
            **_each(_TEXT, "region profile role_arn"),
            "access_key": _TEXT,
            "secret_key": _secret(""),
            "external_id": _new(_TEXT, (0, 34), (0, 94)),
            "use_fips_sts_endpoint": _new(_FLAG, (0, 29), None),
            "service_name": _new(_TEXT, (0, 29), None),
        }
    ),
    "telegram_configs": Object(
        fields={
            **_NOTIFIER,
            "api_url": _URL,
            "bot_token": _secret("bot_token_file"),
            "bot_token_file": _new(_FILE, (0, 26)),
            "chat_id": _ID,
            "chat_id_file": _new(_FILE, *_SINCE_31),
            "message_thread_id": _new(_ID, (0, 28)),
            "message": _TEXT,
            "disable_notifications": _FLAG,
            "parse_mode": Field(choices=("", "Markdown", "MarkdownV2", "HTML")),
            "timeout": _new(_GO_DURATION, *_SINCE_35),
        },
        one_of=(("chat_id", "chat_id_file"),),
        at_most_one=(("bot_token", "bot_token_file"), ("chat_id", "chat_id_file")),
        inherited=((("bot_token", "bot_token_file"), ("telegram_bot_token", "telegram_bot_token_file")),),
        defaults=_names("send_resolved message parse_mode"),
    ),
    "victorops_configs": Object(
        fields={
            **_NOTIFIER,
            "api_key": _secret("api_key_file"),
            "api_key_file": _FILE,
            "api_url": _URL,
            **_each(_TEXT, "routing_key message_type state_message entity_display_name monitoring_tool"),
            "custom_fields": _TEXT_MAP,
        },
        required=("routing_key",),
        at_most_one=(("api_key", "api_key_file"),),
        inherited=((("api_key", "api_key_file"), ("victorops_api_key", "victorops_api_key_file")),),
        defaults=_names("send_resolved message_type state_message entity_display_name monitoring_tool"),
    ),
    "webex_configs": Object(
        fields={**_NOTIFIER, "api_url": _URL, **_each(_TEXT, "message room_id")},
        required=("room_id",),
        defaults=_names("send_resolved message"),
    ),
    "webhook_configs": Object(
        fields={
            **_NOTIFIER,
            "url": Field(kind="template_url", twin="url_file"),
            "url_file": _new(_FILE, (0, 26)),
            "max_alerts": _COUNT,
            "timeout": _new(_GO_DURATION, (0, 28)),
            "payload": _new(_ANY, *_SINCE_32),
        },
        one_of=(("url", "url_file"),),
        at_most_one=(("url", "url_file"),),
        defaults=_names("send_resolved"),
    ),
    "wechat_configs": Object(
        fields={
            **_NOTIFIER,
            "api_secret": _secret("api_secret_file"),
            "api_secret_file": _new(_FILE, *_SINCE_31),
            "api_url": _URL,
            **_each(_TEXT, "corp_id message to_user to_party to_tag agent_id"),
            "message_type": Field(choices=("", "text", "markdown")),
        },
        at_most_one=(("api_secret", "api_secret_file"),),
        inherited=(
            (("api_secret", "api_secret_file"), ("wechat_api_secret", "wechat_api_secret_file")),
            (("corp_id",), ("wechat_api_corp_id",)),
        ),
        defaults=_names("message to_user to_party to_tag agent_id"),
    ),
}

_RECEIVER: Final = Object(
    fields={
        "name": _TEXT,
        "labels": _new(_TEXT_MAP, (0, 33), None),
        **{name: _objects(name) for name in _INTEGRATIONS if name.endswith("_configs")},
        "msteams_configs": _new(_objects("msteams_configs"), (0, 26)),
        **{
            name: _new(_objects(name), (0, 28), (0, 80))
            for name in ("msteamsv2_configs", "jira_configs", "rocketchat_configs")
        },
        "incidentio_configs": _new(_objects("incidentio_configs"), (0, 29), (0, 88)),
        "mattermost_configs": _new(_objects("mattermost_configs"), *_SINCE_30),
    },
    required=("name",),
)

_GLOBAL: Final = Object(
    fields={
        "resolve_timeout": _DURATION,
        "http_config": _HTTP,
        "smtp_smarthost": _HOST_PORT,
        **_each(_TEXT, "smtp_from smtp_hello smtp_auth_username smtp_auth_identity wechat_api_corp_id"),
        "smtp_auth_password": _secret("smtp_auth_password_file"),
        "smtp_auth_password_file": _FILE,
        "smtp_auth_secret": _secret("smtp_auth_secret_file"),
        "smtp_auth_secret_file": _new(_FILE, *_SINCE_31),
        "smtp_require_tls": _FLAG,
        "smtp_tls_config": _new(_object("tls_config"), (0, 28)),
        "smtp_force_implicit_tls": _new(_FLAG, *_SINCE_31),
        "slack_api_url": _secret("slack_api_url_file", "url"),
        "slack_api_url_file": _FILE,
        "slack_app_token": _new(_secret("slack_app_token_file"), *_SINCE_30),
        "slack_app_token_file": _new(_FILE, *_SINCE_30),
        "slack_app_url": _new(_URL, *_SINCE_30),
        **_each(_URL, "pagerduty_url opsgenie_api_url wechat_api_url victorops_api_url telegram_api_url webex_api_url"),
        **_each(_new(_URL, (0, 28)), "jira_api_url rocketchat_api_url"),
        "opsgenie_api_key": _secret("opsgenie_api_key_file"),
        "opsgenie_api_key_file": _FILE,
        "wechat_api_secret": _secret("wechat_api_secret_file"),
        "wechat_api_secret_file": _new(_FILE, *_SINCE_31),
        "victorops_api_key": _secret("victorops_api_key_file"),
        "victorops_api_key_file": _FILE,
        "telegram_bot_token": _new(_secret("telegram_bot_token_file"), *_SINCE_31),
        "telegram_bot_token_file": _new(_FILE, *_SINCE_31),
        "rocketchat_token": _new(_secret("rocketchat_token_file"), (0, 28)),
        "rocketchat_token_file": _new(_FILE, (0, 28)),
        "rocketchat_token_id": _new(_secret("rocketchat_token_id_file"), (0, 28)),
        "rocketchat_token_id_file": _new(_FILE, (0, 28)),
        "mattermost_webhook_url": _new(_secret("mattermost_webhook_url_file", "url"), *_SINCE_32),
        "mattermost_webhook_url_file": _new(_FILE, *_SINCE_32),
    },
    at_most_one=(
        ("smtp_auth_password", "smtp_auth_password_file"),
        ("smtp_auth_secret", "smtp_auth_secret_file"),
        ("slack_api_url", "slack_api_url_file"),
        ("slack_app_token", "slack_app_token_file"),
        ("opsgenie_api_key", "opsgenie_api_key_file"),
        ("wechat_api_secret", "wechat_api_secret_file"),
        ("victorops_api_key", "victorops_api_key_file"),
        ("telegram_bot_token", "telegram_bot_token_file"),
        ("rocketchat_token", "rocketchat_token_file"),
        ("rocketchat_token_id", "rocketchat_token_id_file"),
        ("mattermost_webhook_url", "mattermost_webhook_url_file"),
    ),
    defaults=_names(
        "resolve_timeout http_config smtp_hello smtp_require_tls smtp_tls_config slack_app_url pagerduty_url"
        " opsgenie_api_url wechat_api_url victorops_api_url telegram_api_url webex_api_url rocketchat_api_url"
    ),
)

_NAMED: Final = {"name": _new(_TEXT, *_SINCE_35)}
_TOP_LEVEL: Final[Mapping[str, Object]] = {
    "tracing": Object(
        fields={
            "client_type": Field(choices=("http", "grpc")),
            "endpoint": _TEXT,
            "sampling_fraction": _ANY,
            "insecure": _FLAG,
            "tls_config": _object("tls_config"),
            "headers": Field(kind="object_map", of="http_header"),
            "compression": Field(choices=("", "gzip")),
            "timeout": _DURATION,
        },
        required=("endpoint",),
        defaults=_names("client_type"),
    ),
    "event_recorder": Object(
        fields={
            "file_outputs": _objects("event_file"),
            "webhook_outputs": _objects("event_webhook"),
            "kafka_outputs": _objects("event_kafka"),
            "stdout_outputs": _new(_objects("event_stdout"), (0, 34)),
        }
    ),
    "event_file": Object(fields={**_NAMED, "path": _TEXT}, required=("path",)),
    "event_webhook": Object(
        fields={
            **_NAMED,
            "url": _secret("", "url"),
            "http_config": _HTTP,
            **_each(_DURATION, "timeout retry_backoff"),
            **_each(_ID, "workers max_retries"),
            "batch": _new(_FLAG, (0, 34)),
            **_each(_new(_ID, (0, 34)), "batch_max_events batch_max_bytes"),
            "batch_flush_interval": _new(_DURATION, (0, 34)),
        },
        required=("url",),
    ),
    "event_kafka": Object(
        fields={
            **_NAMED,
            "brokers": _TEXTS,
            **_each(_TEXT, "topic client_id"),
            "format": Field(choices=("", "json", "protobuf")),
            "acks": Field(choices=("", "none", "leader", "all")),
            "compression": Field(choices=("", "none", "gzip", "snappy", "lz4", "zstd")),
            "buffer_size": _ID,
            "tls_config": _object("tls_config"),
        },
        required=("brokers", "topic"),
    ),
    "event_stdout": Object(fields=_NAMED),
}

OBJECTS: Final[Mapping[str, Object]] = {
    **_HTTP_OBJECTS,
    **_INTEGRATIONS,
    **_TOP_LEVEL,
    "receiver": _RECEIVER,
    "global": _GLOBAL,
}
"""Every object by its name; an integration's name is that of its list in a receiver, such as `slack_configs`."""

INTEGRATIONS: Final[tuple[str, ...]] = tuple(name for name in _INTEGRATIONS if name.endswith("_configs"))
"""The lists that a receiver may hold."""
