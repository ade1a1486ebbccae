"""The objects of an installation as Helm templates: the same objects, with parts that values replace.

A mark is a placeholder in an object. The object becomes text, and the text of the mark then replaces its placeholder, so the templates
follow every change of the objects.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from albatross.install.installation import ACCOUNT, Body, Item
from albatross.install.text import document

SAME, DEEP = "@same", "@deep"
"""In the text of a block: the indentation of its lines, and the indentation of a map below it."""

_BLOCK = re.compile(r'^( *)(?:- )?"<<(\d+)>>"(?:: null)?$', re.MULTILINE)
_VALUE = re.compile(r'"([^"\n]*)<<(\d+)>>([^"\n]*)"')

LABELS = "{{- with .Values.additionalLabels }}\n{{- toYaml . | nindent @same }}\n{{- end }}"
NAMESPACE = "{{ .Release.Namespace }}"
ACCOUNT_NAME = '{{ .Values.serviceAccount.name | default "' + ACCOUNT + '" }}'


@dataclass(slots=True)
class Marks:
    """The texts of the marks of one template."""

    texts: list[str] = field(default_factory=list)

    def mark(self, text: str) -> str:
        """A placeholder: as a value for an expression; as a key with the value None, or as a member of a list, for whole lines."""
        self.texts.append(text)
        return f"<<{len(self.texts) - 1}>>"

    def applied(self, text: str) -> str:
        """The text with every placeholder replaced."""
        return _VALUE.sub(self._value, _BLOCK.sub(self._block, text))

    def _block(self, found: re.Match[str]) -> str:
        indent, text = found[1], self.texts[int(found[2])]
        text = text.replace(SAME, str(len(indent))).replace(DEEP, str(len(indent) + 2))
        # Lines of a template without an expression are YAML, so they need the indentation.
        return "\n".join(line if line.startswith("{{-") else indent + line for line in text.splitlines())

    def _value(self, found: re.Match[str]) -> str:
        return found[1] + self.texts[int(found[2])] + found[3]


def template(items: Iterable[Item], changed: Mapping[str, Callable[[Marks, Body], None]], marks: Marks | None = None) -> str:
    """The objects as one template. Every object gets the namespace of the release and more labels; `changed` does the rest, by kind."""
    marks = marks or Marks()
    text = ""
    for item in items:
        body = _copy(item.body)
        if "namespace" in body["metadata"]:
            body["metadata"]["namespace"] = marks.mark(NAMESPACE)
        body["metadata"]["labels"][marks.mark(LABELS)] = None
        changed.get(item.kind, _nothing)(marks, body)
        text += marks.applied(document(Item(item.why, body)))
    return text


def instead(marks: Marks, body: Body, key: str, value: str, otherwise: str = "{{- else }}") -> None:
    """Let a value replace the part `key` of an object, if it is set."""
    opened = f"{{{{- if {value} }}}}\n{key}:\n{{{{- toYaml {value} | nindent @deep }}}}\n{otherwise}"
    _around(body, key, marks.mark(opened), marks.mark("{{- end }}"))


def _around(body: Body, key: str, before: str, after: str) -> None:
    """Put a mark before a key, and one after it."""
    pairs = list(body.items())
    body.clear()
    for name, value in pairs:
        if name == key:
            body[before] = None
        body[name] = value
        if name == key:
            body[after] = None


def extra(marks: Marks, body: Body, key: str, value: str) -> None:
    """Add a part that only exists if its value is set."""
    body[marks.mark(f"{{{{- with {value} }}}}\n{key}:\n{{{{- toYaml . | nindent @deep }}}}\n{{{{- end }}}}")] = None


def _nothing(marks: Marks, body: Body) -> None:
    """Change nothing."""


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value
