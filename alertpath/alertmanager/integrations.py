"""Receiver integrations, validated by the table in `integration_fields`.

`read` holds what Alertmanager itself refuses; `judge` what must not be deployed: credentials in plain text, fields that
the stack's Alertmanager or Prometheus Operator does not take, and values that the operator changes in silence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, cast
from urllib.parse import parse_qsl, urlsplit

from alertpath.alertmanager import durations, urls
from alertpath.alertmanager.integration_fields import (
    ALWAYS,
    INTEGRATIONS,
    OBJECTS,
    OLDEST_OPERATOR,
    Field,
    Object,
    Version,
)
from alertpath.alertmanager.integration_rules import (
    HIDDEN,
    JUDGEMENTS,
    RULES,
    SLACK_API,
    THREADED,
    Data,
    authorized,
    complain_of_url,
    section,
)
from alertpath.documents.go_yaml import Form, FromSecret, Reader, nulls, plain_data
from alertpath.documents.places import Place

__all__ = [
    "INTEGRATIONS",
    "Version",
    "check_form",
    "check_inherited",
    "check_versions",
    "files",
    "judge",
    "ordered",
    "read",
]


_HOST_PORT: Final = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*):[^:\[\]]+")
# What Alertmanager shows in place of a credential, and takes back.
_SHOWN_SECRET: Final = "<secret>"
# Hosts whose webhook URLs are credentials, and path segments that look like one.
_WEBHOOK_HOSTS: Final = re.compile(
    r"(?:.*\.)?(hooks\.slack\.com|discord(app)?\.com|webhook\.office\.com|logic\.azure\.com|hc-ping\.com"
    r"|nosnch\.in|api\.telegram\.org|events\.pagerduty\.com|chat\.googleapis\.com|uptime\.betterstack\.com|opsgenie\.com)"
)
_TOKEN: Final = re.compile(
    r"(?=.*[0-9])(?=.*[a-zA-Z])[a-zA-Z0-9]{20,}|(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[\w-]{32,}"
    r"|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
)
_SECRET_NAME: Final = re.compile(
    r"(?i)(?:^|[^a-z])(?:(?:api|access|auth)?(?:key|token)|secret|sig|signature|pass(?:word|wd)?|pwd|auth|code|hmac|jwt)(?:$|[^a-z])"
)
# What another program fills in before Alertmanager reads the file: envsubst, Helm, SOPS, a reader.
_PLACEHOLDER: Final = re.compile(r"\$\{[^{}]*\}|\$[A-Z_][A-Z0-9_]*|<[^<>]*>|\{\{.*?\}\}|ENC\[[^\]]*\]", re.DOTALL)


def read(reader: Reader, data: object, path: Place, name: str) -> dict[str, object]:
    """`data` at `path` as the object `name`: "slack_configs", "receiver", "global", ...; scalars by their field's type.

    What Alertmanager would refuse goes to `reader`.
    """
    what = OBJECTS[name]
    found = {
        key: _value(reader, value, (*path, key), what.fields[key])
        for key, value in reader.mapping(data, path, what.fields).items()
    }
    for key in nulls(data):
        if field := what.fields.get(key):
            _null(reader, found, (*path, key), field, has_default=key in what.defaults)
    _dependencies(reader, found, path, what)
    if rule := RULES.get(name):
        rule(reader, found, path)
    return found


def check_inherited(reader: Reader, receiver: Data, path: Place, globals_: Data) -> None:
    """Complains of each integration of `receiver` that lacks what neither it nor the `global` section gives."""
    for name in INTEGRATIONS:
        groups = OBJECTS[name].inherited
        for index, entry in enumerate(cast("Sequence[Data]", receiver.get(name, ())) if groups else ()):
            for own, shared in groups:
                if name == "slack_configs" and authorized(entry):
                    shared = tuple(key for key in shared if "app_token" not in key)  # Not inherited then.
                if not any(map(entry.get, own)) and not any(map(globals_.get, shared)):
                    reader.complain(
                        (*path, name, index),
                        f"{' or '.join(own)} is missing, and `global` has none",
                        allowed=f"{', '.join(own)} here, or {', '.join(shared)} under `global`",
                    )
            if name == "slack_configs":
                _check_slack_url(reader, entry, (*path, name, index), globals_)


def _check_slack_url(reader: Reader, entry: Data, path: Place, globals_: Data) -> None:
    # With a token the URL is `app_url`, else the inherited one counts where there is no own one.
    own = any(map(entry.get, ("app_token", "app_token_file")))
    if own or not (entry.get("api_url") or authorized(entry)):
        if own or any(map(globals_.get, ("slack_app_token", "slack_app_token_file"))):
            url = entry.get("app_url") or globals_.get("slack_app_url") or SLACK_API
        else:
            url = globals_.get("slack_api_url") or globals_.get("slack_api_url_file")
    else:
        url = entry.get("api_url") or globals_.get("slack_api_url") or globals_.get("slack_api_url_file")
    if entry.get("api_url_file") or url is None or url == SLACK_API or isinstance(url, FromSecret):
        return
    for option in THREADED:
        if entry.get(option) and (not entry.get("api_url") or own):
            complain_of_url(reader, path, option)


def judge(reader: Reader, data: Data, path: Place, name: str, alertmanager: Version, operator: Version) -> None:
    """Complains of what may not be deployed to these versions; `data` is what `read` returned."""
    what = OBJECTS[name]
    for key, value in data.items():
        field, place = what.fields.get(key), (*path, key)
        if field is None:
            continue  # `read` has complained.
        check_versions(reader, place, f"`{key}`", field.since, field.operator, alertmanager, operator)
        _check_credential(reader, place, key, value, field)
        _judge_form(reader, place, value, field, alertmanager, operator)
        if value == "" and key in what.defaults:
            reader.complain(
                place,
                "is empty: the Prometheus Operator drops it, and Alertmanager's default comes back",
                allowed="a text that is not empty, or no such field",
                mend="" if field.choices or name == "global" else """for an empty text write '{{ "" }}'""",
                kind="operator",
            )
        for below, part in _parts(value, place, field):
            if field.of and isinstance(part, Mapping):
                judge(reader, cast("Data", part), below, field.of, alertmanager, operator)
    if rule := JUDGEMENTS.get(name):
        rule(reader, data, path)
    if name == "pagerduty_configs" and not all(isinstance(v, str) for v in section(data, "details").values()):
        what = "a value in `details` that is no text"
        check_versions(reader, (*path, "details"), what, (0, 30), (0, 90), alertmanager, operator)
    if name in _OUTPUTS and alertmanager >= _OUTPUTS_NAMED and not data.get("name"):
        reader.complain(path, "`name` is missing, without which Alertmanager 0.35 takes no output", mend="add `name`")
    if name == "webhook_configs" and not isinstance(data.get("payload", {}), Mapping):
        what = "a `payload` that is no mapping"
        check_versions(reader, (*path, "payload"), what, (0, 32), (0, 92), alertmanager, operator)


_OUTPUTS: Final = frozenset(("event_file", "event_webhook", "event_kafka", "event_stdout"))
_OUTPUTS_NAMED: Final[Version] = (0, 35)


def _judge_form(
    reader: Reader, path: Place, value: object, field: Field, alertmanager: Version, operator: Version
) -> None:
    """Complains of what Alertmanager takes in a field of this kind, but not this version, or not this operator."""
    text = value if isinstance(value, str) else ""
    try:
        if field.kind == "go_duration" and text:
            durations.parse_go(text)
        if field.url_since and operator >= field.url_since and text:
            urls.check_template(text)
    except ValueError as error:
        message, _, allowed = str(error).partition("; allowed: ")
        reader.complain(path, f"{message} to the Prometheus Operator", value=HIDDEN, allowed=allowed, kind="operator")
    is_url = "url" in field.kind or field.url_since is not None
    if is_url and "{{" not in text and re.search(r'["\\]', text):
        reader.complain(
            path,
            "has a character that the Prometheus Operator takes in no URL",
            value=HIDDEN,
            mend="write %22 for a double quote, %5C for a backslash",
            kind="operator",
        )
    if field.kind == "template_url" and "{{" in text:
        check_versions(reader, path, "a template in `url`", (0, 31), (0, 90), alertmanager, operator)
    if field.kind == "host_port" and text.startswith("["):
        check_versions(reader, path, "an IPv6 address", field.since, (0, 91), alertmanager, operator)
    if field.kind == "text_or_object" and value == {}:
        check_versions(reader, path, f"a mapping for `{path[-1]}`", (0, 30), None, alertmanager, operator)
    if field.kind in ("any", "any_map") and not _is_finite(value):
        reader.complain(path, "has a number that JSON does not have", allowed="no .inf and no .nan")


def _is_finite(value: object) -> bool:
    """Whether JSON has each number in `value`."""
    if isinstance(value, Mapping):
        return all(map(_is_finite, cast("Mapping[str, object]", value).values()))
    if isinstance(value, list | tuple):
        return all(map(_is_finite, cast("Sequence[object]", value)))
    return math.isfinite(value) if isinstance(value, float) else True


NO_OPERATOR: Final[Version] = (1 << 30,)
"""Later than any release: where no operator reads the configuration, nothing depends on its version."""


def check_versions(
    reader: Reader,
    path: Place,
    what: str,
    since: Version,
    operator_since: Version | None,
    alertmanager: Version,
    operator: Version,
    mend: str = "leave it out",
) -> None:
    """Complains where `what` needs a newer Alertmanager or Prometheus Operator than the stack's."""
    # `validate` says it once where a version is older than all that is known.
    if alertmanager < since != ALWAYS:
        _too_old(reader, path, what, "Alertmanager", alertmanager, since, mend)
    if operator != NO_OPERATOR and (operator_since is None or operator < operator_since != OLDEST_OPERATOR):
        _too_old(reader, path, what, "Prometheus Operator", operator, operator_since, mend)


def check_form(reader: Reader, form: Form, alertmanager: Version, operator: Version = NO_OPERATOR) -> None:
    """Complains where a way of writing is not for the stack's Alertmanager, or its Prometheus Operator."""
    mend = form.mend or "leave it out"
    check_versions(reader, form.path, form.what, form.since, form.operator, alertmanager, operator, mend)
    if form.before is not None and form.before <= alertmanager:
        first, running = (".".join(map(str, each)) for each in (form.before, alertmanager))
        message = f"Alertmanager {first} and newer do not take {form.what}; this one is {running}"
        reader.complain(form.path, message, mend=mend, kind="unknown-to-version")


def check_known(reader: Reader, alertmanager: Version, operator: Version) -> None:
    """Complains of versions that are older than all whose fields are known."""
    for product, has, oldest in (
        ("Alertmanager", alertmanager, ALWAYS),
        ("Prometheus Operator", operator, OLDEST_OPERATOR),
    ):
        if has < oldest:
            running, known = (".".join(map(str, version)) for version in (has, oldest))
            message = f"{product} {running} is older than {known}, the oldest one that is known here"
            mend = f"upgrade it; what is said here holds for {known}"
            reader.complain((), message, allowed=f"{product} {known} or newer", mend=mend, kind="unknown-to-version")


def files(data: Data, name: str, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """Each file path that the object `name` reads credentials or certificates from, and its place below `path`."""
    for key, value in data.items():
        field, place = OBJECTS[name].fields.get(key), (*path, key)
        if field is None:
            continue
        if field.path and isinstance(value, str) and value:
            yield place, value
        for below, part in _parts(value, place, field):
            if field.of and isinstance(part, Mapping):
                yield from files(cast("Data", part), field.of, below)
            elif field.path and isinstance(part, str):
                yield below, part


def ordered(data: Data, name: str) -> dict[str, object]:
    """`data` with the fields of the object `name` in the table's order, at every level."""
    found: dict[str, object] = {}
    for key, field in OBJECTS[name].fields.items():
        if key in data:
            found[key] = _ordered_value(data[key], field)
    return found


def _ordered_value(value: object, field: Field) -> object:
    if isinstance(value, list | tuple):
        return [_ordered_value(part, field) for part in cast("Sequence[object]", value)]
    if not field.of or not isinstance(value, Mapping):
        return value
    below = cast("Data", value)
    if field.kind == "object_map":
        return {key: ordered(cast("Data", part), field.of) for key, part in below.items()}
    return ordered(below, field.of)


def _too_old(
    reader: Reader, path: Place, what: str, product: str, has: Version, needs: Version | None, mend: str
) -> None:
    running = ".".join(map(str, has))
    if needs is None:
        message = f"no {product} so far takes {what}"
        mend = f"{mend}: {product} {running} would refuse the configuration, or drop this field in silence"
        reader.complain(path, message, mend=mend, kind="unknown-to-version")
        return
    least = ".".join(map(str, needs))
    reader.complain(
        path,
        f"{what} needs {product} {least}; this stack runs {running}",
        allowed=f"{product} {least} or newer",
        mend=f"{mend}, or upgrade and raise the version in the stack's settings",
        kind="unknown-to-version",
    )


def _parts(value: object, path: Place, field: Field) -> Iterator[tuple[Place, object]]:
    """The objects or texts that `value` consists of."""
    if isinstance(value, list | tuple):
        for index, part in enumerate(cast("Sequence[object]", value)):
            yield (*path, index), part
    elif field.kind == "object_map":
        for key, part in cast("Data", value).items():
            yield (*path, key), part
    elif field.of:
        yield path, value


def _value(reader: Reader, data: object, path: Place, field: Field) -> object:
    match field.kind:
        case "text":
            return _text(reader, data, path, field)
        case "boolean":
            return reader.boolean(data, path)
        case "integer":
            return reader.integer(data, path, field.least, field.most)
        case "url" | "template_url" | "reference" | "host_port" | "duration" | "go_duration":
            return _checked_text(reader, data, path, field)
        case "texts":
            return list(reader.texts(data, path))
        case "text_map":
            return reader.text_map(data, path)
        case "header_map":
            lists = {k: list(reader.texts(v, (*path, k))) for k, v in reader.mapping(data, path).items()}
            return lists | {k: [] for k in nulls(data)}
        case "any":
            return plain_data(data)
        case "any_map":
            return plain_data(reader.mapping(data, path) | dict.fromkeys(nulls(data)))
        case "object":
            return read(reader, data, path, field.of)
        case "objects":
            return [read(reader, entry, (*path, i), field.of) for i, entry in enumerate(reader.items(data, path))]
        case "object_map":
            none: dict[str, object] = {}
            below = reader.mapping(data, path) | dict.fromkeys(nulls(data), none)
            return {k: read(reader, v, (*path, k), field.of) for k, v in below.items()}
        case "text_or_object":
            if isinstance(data, Mapping):
                return read(reader, cast("Data", data), path, field.of)
            return reader.text(data, path)


def _null(reader: Reader, found: dict[str, object], path: Place, field: Field, *, has_default: bool) -> None:
    """Puts into `found` what null means to Alertmanager where that is not the same as leaving the field out."""
    key = cast("str", path[-1])
    if not has_default:
        reader.forms.append(Form(path, f"`{key}`", field.since, field.operator))
    elif field.kind in _ZEROS:
        found[key] = _value(reader, _ZEROS[field.kind], path, field)
        if found[key] != "":  # `judge` complains of empty texts.
            reader.forms.append(Form(path, f"null, which takes away the default of `{key}`,", field.since, None))
    else:
        reader.complain(path, "is null, which takes Alertmanager's default away", mend="leave it out, or write a value")


def _text(reader: Reader, data: object, path: Place, field: Field) -> str:
    if field.credential and not isinstance(data, str):
        reader.complain(path, "is not text", value=HIDDEN, allowed="text")
        return ""
    text = reader.text(data, path)
    if field.choices and text not in field.choices and isinstance(data, str):
        allowed = ", ".join(choice or '""' for choice in field.choices)
        reader.complain(path, "is not one of the allowed values", value=text, allowed=allowed)
    return text


def _checked_text(reader: Reader, data: object, path: Place, field: Field) -> str:
    text = _text(reader, data, path, field)
    if not isinstance(data, str) or (not text and field.kind in ("host_port", "template_url", "reference")):
        return text
    if isinstance(text, FromSecret) or (text == _SHOWN_SECRET and (field.credential or field.kind == "template_url")):
        return text
    try:
        _CHECKS[field.kind](text)
    except ValueError as error:
        message, _, allowed = str(error).partition("; allowed: ")
        # A URL may hold a token even where it is no credential by its kind.
        hidden = "url" in field.kind or field.kind == "reference"
        reader.complain(path, message, value=HIDDEN if hidden else text, allowed=allowed)
    return text


def _check_host_port(text: str) -> None:
    if not _HOST_PORT.fullmatch(text):
        raise ValueError("is not an address; allowed: HOST:PORT")


_CHECKS: Final[Mapping[str, Callable[[str], object]]] = {
    "url": urls.check,
    "template_url": urls.check_template,
    "reference": urls.check_reference,
    "host_port": _check_host_port,
    "duration": durations.parse,
    "go_duration": durations.check_go,
}
_ZEROS: Final[Mapping[str, object]] = {
    "boolean": False,
    "text": "",
    "text_or_object": "",
    "duration": "0s",
    "go_duration": "0s",
}


def _dependencies(reader: Reader, found: Data, path: Place, what: Object) -> None:
    for key in what.required:
        if not found.get(key):
            reader.complain(path, f"`{key}` is missing", allowed="a value", mend=f"add `{key}`")
    for group in what.one_of:
        if not any(map(found.get, group)):
            reader.complain(path, f"one of {', '.join(group)} is missing", mend="add one of them")
    for group in what.at_most_one:
        given = [key for key in group if found.get(key) not in (None, "", False)]
        if len(given) > 1:
            reader.complain((*path, given[1]), f"excludes {given[0]}", allowed=f"one of {', '.join(group)}")


def _check_credential(reader: Reader, path: Place, key: str, value: object, field: Field) -> None:
    if not value or _is_from_secret(value):
        return
    exposed = field.credential and value != SLACK_API
    if "url" in field.kind and not field.credential:
        exposed = value == _SHOWN_SECRET or _has_credential(cast("str", value), strict=bool(field.twin))
    elif key == "proxy_url":
        exposed = _has_credential(cast("str", value), strict=False)
    is_url = "url" in field.kind or key == "proxy_url"
    waits = (_PLACEHOLDER.search if is_url else _PLACEHOLDER.fullmatch)(str(value)) if value != _SHOWN_SECRET else None
    if exposed and waits:
        reader.complain(
            path,
            "holds a placeholder, which Alertmanager takes as it stands",
            value=waits[0],
            allowed=f"`{field.twin}` with the path of a mounted file" if field.twin else "no credential here",
            kind="placeholder",
        )
    elif exposed:
        reader.complain(
            path,
            "is a credential in plain text",
            value=HIDDEN,
            allowed=f"`{field.twin}` with the path of a mounted file" if field.twin else "no credential here",
            mend="keep it in a Secret, and change it: it may have been seen by others",
            kind="plain-credential",
        )


def _is_from_secret(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_from_secret, cast("Sequence[object]", value)))
    if isinstance(value, Mapping):
        return all(map(_is_from_secret, cast("Data", value).values()))
    return isinstance(value, FromSecret)


def _has_credential(url: str, *, strict: bool) -> bool:
    """Whether `url` carries a user's password or, where `strict`, anything that looks like a token."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False  # `read` has complained.
    if "@" in parts.netloc:
        return True
    host = (parts.netloc.rpartition(":")[0] or parts.netloc).lower()
    return strict and bool(
        any(_SECRET_NAME.search(name) or _TOKEN.fullmatch(given) for name, given in parse_qsl(parts.query))
        or (_WEBHOOK_HOSTS.fullmatch(host) and parts.path.strip("/"))
        or any(_TOKEN.fullmatch(segment) for segment in parts.path.split("/"))
    )
