"""Lines of files, as messages may show them."""

import pytest

from albatross.manifests.text import Text

SECRET = "apiVersion: v1\nkind: Secret\nstringData:\n  clientSecret: hunter2\n  block: |\n    hunter2\n"
SERVICE = "kind: Service\nmetadata: {name: web}\n"


def shown(text: str) -> list[str]:
    file = Text("a.yaml", text)
    return [file.excerpt(number) for number in range(1, len(file.starts) + 1)]


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"{SERVICE}---\n{SECRET}",
        f"{SECRET}---\n{SERVICE}",
        '{"kind": "Secret", "data": {"clientSecret": "hunter2"}}',
        "kind: List\nitems:\n- kind: Secret\n  data: {a: hunter2}\n",
        "kind: 'Secret'\ndata:\n-----BEGIN KEY\nhunter2\n",
    ],
)
def test_the_contents_of_a_secret_are_not_shown(text: str) -> None:
    assert "hunter2" not in "".join(shown(text))


def test_keys_of_a_secret_keep_their_place() -> None:
    assert shown(SECRET)[3] == "  clientSecret:********"
    assert shown(SECRET)[5] == "***********"


def test_other_documents_are_shown_whole() -> None:
    assert "\n".join(shown(f"{SECRET}--- # next\n{SERVICE}")).endswith(f"--- # next\n{SERVICE}")
    reference = "kind: IngressClassParams\nspec: {kind: Secrets}\n"
    assert "\n".join(shown(reference)) == reference
