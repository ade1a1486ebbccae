"""The helpers of the chart, and what it says after an installation: every value that it cannot use, with the reason."""

import json
from collections.abc import Iterator

from albatross.catalog.settings import SETTINGS
from albatross.install import issuer, values

_TEXT = """{{/* Written by `make docs` from the catalog; edits are lost. */}}

{{/* A value as the text of a flag: a map as k=v,k=v, a list as a,b. Empty if it is not set. */}}
{{- define "albatross.text" -}}
{{- if kindIs "map" . -}}
{{- $parts := list -}}
{{- range $key, $value := . -}}{{- $parts = append $parts (printf "%s=%v" $key $value) -}}{{- end -}}
{{- join "," $parts -}}
{{- else if kindIs "slice" . -}}{{- join "," . -}}
{{- else if kindIs "float64" . -}}{{- int64 . -}}
{{- else if not (kindIs "invalid" .) -}}{{- toString . -}}
{{- end -}}
{{- end -}}

{{/* The port of an address such as :8080, given as a list of the value and its default. Empty if it is switched off. */}}
{{- define "albatross.port" -}}
{{- $port := regexFind "[0-9]+$" (include "albatross.text" (index . 0) | default (index . 1)) -}}
{{- if ne $port "0" -}}{{- $port -}}{{- end -}}
{{- end -}}

{{/* The arguments of the container. A setting with its default value is left out. */}}
{{- define "albatross.arguments" -}}
- run
{{- $rows := list -}}
"""
REQUIRED = 'required "clusterName is missing: names and tags in AWS depend on it; set it with --set clusterName=NAME"'


FIXED = {issuer.SETTING: f'(ternary "{issuer.MODE}" "" (default false .Values.enableCertManager))', "manage-crds": '"false"'}
"""Settings without a value of their name: the chart has the custom resource definitions, and gives the controller no right to them."""


def helpers() -> str:
    """templates/_helpers.tpl."""
    given = {row.flag: _given(name) for name, row in values.flags().items()} | FIXED
    lines = [
        f"{{{{- $rows = append $rows (list {json.dumps(row.flag)} {given[row.flag]} {json.dumps(row.default)}) -}}}}"
        for row in SETTINGS
        if row.flag in given
    ]
    end = [
        "{{- range $row := $rows }}",
        '{{- $text := include "albatross.text" (index $row 1) }}',
        "{{- if and $text (ne $text (index $row 2)) }}",
        '- {{ printf "--%s=%s" (index $row 0) $text | quote }}',
        "{{- end }}",
        "{{- end }}",
        "{{- end -}}",
    ]
    return _TEXT + "\n".join([*lines, *end]) + "\n"


def _given(name: str) -> str:
    if name == "clusterName":
        return f"(tpl ({REQUIRED} .Values.clusterName) .)"
    if name in ("region", "vpcId"):
        return f'(tpl (default "" .Values.{name}) .)'
    return path(name)


def path(name: str) -> str:
    """The expression of a value; nothing is set if a map above it is not set."""
    *above, last = name.split(".")
    return f".Values.{last}" if not above else f"((.Values.{'.'.join(above)}).{last})"


def notes() -> str:
    """templates/NOTES.txt."""
    lines = [
        "The controller runs in namespace {{ .Release.Namespace }} for cluster {{ tpl .Values.clusterName . }}.",
        "See what it would change: albatross plan --live --cluster-name {{ tpl .Values.clusterName . }}",
        *_warnings(),
    ]
    return "\n".join(lines) + "\n"


def _warnings() -> Iterator[str]:
    for wrong, right in values.MISSPELT.items():
        yield from _warning(wrong, None, f"{wrong} is a typing error of the other chart; write {right}")
    for each in values.OBJECTS:
        if each.unserved:
            yield from _warning(each.name, each.default, f"{each.name} has no effect: {each.unserved}")
    for name, row in values.flags().items():
        if not row.field:
            yield from _warning(name, None, f"{name} has no effect yet: {row.help}")


def _warning(name: str, default: object, said: str) -> Iterator[str]:
    usual = json.dumps(json.dumps(default, separators=(",", ":")))
    unset = "" if default is None else f' (ne (toJson {path(name)}) "null")'
    yield f"{{{{- if and (ne (toJson {path(name)}) {usual}){unset} }}}}"
    yield f"WARNING: {said}"
    yield "{{- end }}"
