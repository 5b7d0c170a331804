"""Receivers as teams write them, and the Alertmanager receivers that they become.

A shorthand names credentials, never values; what it leaves open is filled in so that a message can be acted on:
text, links and severity come from the templates in `alertpath/templates`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, final

from alertpath.alertmanager.paging import is_page
from alertpath.inputs.fields import Channel, CredentialName, Duration, Identifier, MailServer, Mention, Url
from alertpath.inputs.models import Fault, Model, field

Shape = Literal["https-url", "routing-key", "slack-app-token", "opaque"]
SLACK_API: Final = "https://slack.com/api/chat.postMessage"
RESERVED: Final[Mapping[str, str]] = {
    "nobody": "gets what is told to nobody",
    "heartbeat": "posts the dead man's switch",
}
"""Receivers that the program makes itself, and what they do."""


class _Shorthand(Model):
    # What every integration over HTTP takes.

    send_resolved: bool = True
    proxy_url: Url | None = None

    def base(self) -> dict[str, Any]:
        """What every integration over HTTP has in common."""
        base: dict[str, Any] = {"send_resolved": self.send_resolved}
        if self.proxy_url:
            base["http_config"] = {"proxy_url": self.proxy_url}
        return base


class Slack(_Shorthand):
    """A Slack channel, by the channel's own incoming webhook or by an app's token."""

    channel: Channel
    webhook: CredentialName | None = None
    app_token: CredentialName | None = None
    api_url: Url = SLACK_API
    mention: Mention = ""

    def check(self) -> None:
        """One credential."""
        if (self.webhook is None) == (self.app_token is None):
            raise Fault(
                "needs one credential",
                "either `webhook` or `app_token`",
                "name the credential that holds the channel's webhook, or the app's token",
            )


class PagerDuty(_Shorthand):
    """A PagerDuty service, by its Events API v2 routing key. EU: `url: https://events.eu.pagerduty.com/v2/enqueue`."""

    routing_key: CredentialName
    url: Url | None = None
    severity: Literal["critical", "error", "warning", "info"] | None = None


class Webhook(_Shorthand):
    """Any HTTP endpoint; its URL in the open or as a credential, with an optional bearer token."""

    url: Url | None = None
    url_credential: CredentialName | None = None
    bearer_token: CredentialName | None = None
    max_alerts: int = field(default=0, ge=0)
    timeout: Duration | None = None

    def check(self) -> None:
        """One address."""
        if (self.url is None) == (self.url_credential is None):
            raise Fault("needs one address", "either `url` or `url_credential`", "name one of the two")


class Email(Model):
    """An e-mail address, by an SMTP server (`smarthost`: HOST:PORT)."""

    to: str
    sender: str = field(key="from")
    smarthost: MailServer
    username: str | None = None
    password: CredentialName | None = None
    require_tls: bool = True
    send_resolved: bool = True


class MsTeams(_Shorthand):
    """A Microsoft Teams channel, by the URL of its workflow (Alertmanager's msteamsv2)."""

    webhook: CredentialName


class Opsgenie(_Shorthand):
    """An Opsgenie integration. `api_url` for the EU: https://api.eu.opsgenie.com/."""

    api_key: CredentialName
    api_url: Url | None = None
    priority: str = '{{ template "alertpath.opsgenie.priority" . }}'


class Receiver(Model):
    """Who is told: any of the shorthands, together or alone, and `native` lists of any Alertmanager integration.

    `where_absent` names the receiver that gets these alerts in stacks that do not have this one;
    `pages` says whether this receiver wakes people up (default: PagerDuty, Opsgenie, VictorOps and incident.io do).
    """

    slack: Slack | None = None
    pagerduty: PagerDuty | None = None
    webhook: Webhook | None = None
    email: Email | None = None
    msteamsv2: MsTeams | None = None
    opsgenie: Opsgenie | None = None
    native: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    where_absent: Identifier | None = None
    pages: bool | None = None

    def check(self) -> None:
        """It tells somebody."""
        if not any(True for _ in self.shorthands()) and not self.native:
            raise Fault(
                "tells nobody",
                f"at least one of {', '.join(_BUILDERS)} or native",
                "say where its alerts go",
            )

    def shorthands(self) -> Iterator[tuple[str, Model]]:
        """The shorthands that are set, with their names."""
        for name in _BUILDERS:
            if (shorthand := getattr(self, name)) is not None:
                yield name, shorthand

    def is_page(self) -> bool:
        """Whether its alerts wake people up."""
        native = (name for name, entries in self.native.items() if entries)
        paging = {} if self.pages is None else {"": self.pages}
        return is_page("", (*native, *(name for name, _ in self.shorthands())), paging)

    def uses(self) -> Iterator[Use]:
        """The credentials that its shorthands name."""
        for name, shorthand in self.shorthands():
            for key, shape in _CREDENTIALS[name].items():
                credential = getattr(shorthand, key)
                if credential is not None:
                    channel = shorthand.channel if isinstance(shorthand, Slack) and key == "webhook" else ""
                    yield Use(credential, (name, key), shape, channel)


@final
@dataclass(frozen=True, slots=True)
class Use:
    """A receiver's use of a credential: its name, where it is named, its value's shape, the channel it posts to."""

    credential: str
    place: tuple[str, str]
    shape: Shape
    channel: str = ""


_CREDENTIALS: Final[Mapping[str, Mapping[str, Shape]]] = {
    "slack": {"webhook": "https-url", "app_token": "slack-app-token"},
    "pagerduty": {"routing_key": "routing-key"},
    "webhook": {"url_credential": "https-url", "bearer_token": "opaque"},
    "email": {"password": "opaque"},
    "msteamsv2": {"webhook": "https-url"},
    "opsgenie": {"api_key": "opaque"},
}


def integrations(
    receiver: Receiver, path_of: Callable[[str], str]
) -> Iterator[tuple[str, dict[str, Any], tuple[str | int, ...]]]:
    """The integrations of an Alertmanager receiver: the list that each belongs to, itself, where it is written.

    `path_of` gives the mounted file of a credential.
    """
    for name, shorthand in receiver.shorthands():
        yield f"{name}_configs", _BUILDERS[name](shorthand, path_of), (name,)
    for name, configs in receiver.native.items():
        for index, config in enumerate(configs):
            yield name, config, ("native", name, index)


def _template(name: str) -> str:
    return f'{{{{ template "alertpath.{name}" . }}}}'


def _slack(slack: Slack, path_of: Callable[[str], str]) -> dict[str, Any]:
    config = slack.base()
    if slack.webhook:
        config["api_url_file"] = path_of(slack.webhook)
    elif slack.app_token:
        config["app_token_file"] = path_of(slack.app_token)
        config["app_url"] = slack.api_url
    if slack.mention:
        # Nobody has to look up from work because an alert has gone.
        config["pretext"] = f"{{{{ if .Alerts.Firing }}}}{slack.mention}{{{{ end }}}}"
    return config | {
        "channel": slack.channel,
        "color": _template("slack.color"),
        "title": _template("title"),
        "title_link": _template("url.alerts"),
        "text": _template("slack.text"),
        "fallback": _template("title"),
        "footer": _template("origin"),
    }


def _pagerduty(pagerduty: PagerDuty, path_of: Callable[[str], str]) -> dict[str, Any]:
    config = pagerduty.base() | {"routing_key_file": path_of(pagerduty.routing_key)}
    if pagerduty.url:
        config["url"] = pagerduty.url
    return config | {
        "client": "Alertmanager",
        "source": _template("origin"),
        "client_url": _template("url.alerts"),
        "description": _template("title"),
        "severity": pagerduty.severity or _template("pagerduty.severity"),
        "class": _template("pagerduty.class"),
        "component": _template("pagerduty.component"),
        "group": _template("pagerduty.group"),
        "details": {name: _template(f"details.{name}") for name in _DETAILS},
        "links": [
            {"text": text, "href": _template(f"url.{name}")}
            for text, name in (
                ("Runbook", "runbook"),
                ("Dashboard", "dashboard"),
                ("Silence", "silence"),
            )
        ],
    }


def _webhook(webhook: Webhook, path_of: Callable[[str], str]) -> dict[str, Any]:
    config = webhook.base()
    if webhook.url_credential:
        config["url_file"] = path_of(webhook.url_credential)
    else:
        config["url"] = webhook.url
    if webhook.bearer_token:
        http = config.setdefault("http_config", {})
        http["authorization"] = {"credentials_file": path_of(webhook.bearer_token)}
    if webhook.max_alerts:
        config["max_alerts"] = webhook.max_alerts
    if webhook.timeout:
        config["timeout"] = webhook.timeout
    return config


def _email(email: Email, path_of: Callable[[str], str]) -> dict[str, Any]:
    config: dict[str, Any] = {
        "send_resolved": email.send_resolved,
        "to": email.to,
        "from": email.sender,
        "smarthost": email.smarthost,
        "require_tls": email.require_tls,
        "headers": {"Subject": _template("title")},
        "text": _template("text"),
        # Readers show HTML before plain text, and Alertmanager's own HTML has none of the links.
        "html": _template("html"),
    }
    if email.username:
        config["auth_username"] = email.username
    if email.password:
        config["auth_password_file"] = path_of(email.password)
    return config


def _msteamsv2(teams: MsTeams, path_of: Callable[[str], str]) -> dict[str, Any]:
    return teams.base() | {
        "webhook_url_file": path_of(teams.webhook),
        "title": _template("title"),
        "text": _template("markdown"),
    }


def _opsgenie(opsgenie: Opsgenie, path_of: Callable[[str], str]) -> dict[str, Any]:
    config = opsgenie.base() | {"api_key_file": path_of(opsgenie.api_key)}
    if opsgenie.api_url:
        config["api_url"] = opsgenie.api_url
    return config | {
        "message": _template("title"),
        "description": _template("text"),
        # At most 100 characters, so no URL.
        "source": _template("origin"),
        "priority": opsgenie.priority,
        "details": {name: _template(f"details.{name}") for name in _DETAILS},
    }


_DETAILS: Final = ("firing", "resolved", "labels", "summary", "description", "runbook")

_BUILDERS: Final[Mapping[str, Callable[[Any, Callable[[str], str]], dict[str, Any]]]] = {
    "slack": _slack,
    "pagerduty": _pagerduty,
    "webhook": _webhook,
    "email": _email,
    "msteamsv2": _msteamsv2,
    "opsgenie": _opsgenie,
}
