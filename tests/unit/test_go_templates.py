"""Templates compile here if they compile for Go; each verdict below is Go's own (text/template, Go 1.26)."""

from __future__ import annotations

import pytest

from alertpath.alertmanager.go_templates import parse
from alertpath.compiling.templates import templates

NEWEST = (0, 34, 2)
GOOD = """\
no action at all }}
{{ .A | toUpper | len }}
{{ $x := .A }}{{ $x }}{{ $x = 2 }}
{{ range $i, $a := .Alerts }}{{ $i }}{{ break }}{{ else }}{{ $i }}{{ end }}
{{ if eq .S "x" }}a{{ else if .B }}b{{ else }}c{{ end }}
{{ with $x := .A }}{{ $x.B.C }}{{ else with .D }}{{ . }}{{ end }}
{{ define "a" }}{{ template "b" . }}{{ end }}{{ block "c" .A }}{{ end }}
{{- /* a }} comment */ -}}
{{ (index .A 1).B.C }}{{ .A.B "x" }}{{ print `a}}b` "c}}d" '}' 0x1F -1.5e3 }}
{{(len .A)|print}}{{"a"|}}
""".splitlines()
BAD = """\
{{ .A }
{{ if .A }}x
{{ end }}
{{ else }}
{{ break }}
{{ if .A }}{{ else }}{{ else }}{{ end }}
{{ foo .A }}
{{ $x }}
{{ range $i, $a := .Alerts }}{{ end }}{{ $i }}
{{ template x }}
{{ template "x" . . | }} {{ "a
{{ if .A }}{{ define "b" }}{{ end }}{{ end }}
{{}}
{{ "a" | "b" }}
{{ .Labels.a-b }}
{{ printf "%s""x" }}
{{ if }}a{{ end }}
{{ not .A) }}
{{ (not .A }}
{{ "\\q" }}
{{ 1x }}
{{ ..A }}
{{/* never closed }}
{{ .A | | len }}
""".splitlines()
# Go compiles these, and rendering them always fails.
FAILING = ["{{ $x = 1 }}", "{{ nil }}", '{{ match "(" .A }}', "{{ reReplaceAll `[` .A .B }}"]


@pytest.mark.parametrize("text", GOOD)
def test_what_go_compiles_is_taken(text: str) -> None:
    assert parse(text, NEWEST).fault is None


@pytest.mark.parametrize("text", [*BAD, *FAILING])
def test_what_go_refuses_is_told(text: str) -> None:
    assert parse(text, NEWEST).fault is not None


def test_lines_names_and_versions() -> None:
    found = parse('{{ define "a" }}\n{{ template "b" . }}{{ end }}\n{{ toJson . }}{{ oops }}', NEWEST)
    assert found.defines == (("a", 1),)
    assert found.uses == (("b", 2),)
    assert found.fault == (3, "there is no function oops")
    assert parse("{{ toJson . }}", NEWEST).fault is None
    assert parse("{{ toJson . }}", (0, 29)).fault == (1, "the function toJson needs Alertmanager 0.30")


def test_our_own_templates_compile() -> None:
    oldest = (0, 25)  # They promise to use no function of a newer one.
    for text in templates("https://alertmanager.example.com", "a", "b").values():
        found = parse(text, oldest)
        assert found.fault is None
        assert found.defines
