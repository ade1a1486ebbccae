"""`matchConditions` of webhooks: CEL expressions over the request, evaluated by the CEL runtime of the language's authors.

Variables: `object`, `oldObject`, `request`. `authorizer` is not built, and an expression with it is refused.
"""

import functools
from collections.abc import Callable
from typing import Any

from albatross_sandbox.kube.value import Obj

_VARIABLES = ("object", "oldObject", "request")


class Unclear(ValueError):
    """An expression could not be evaluated, and no other one says no."""


@functools.lru_cache(maxsize=256)
def compiled(text: str) -> Callable[[Obj], Any]:
    """An expression as a function of its variables. ValueError with the reason where it is no CEL."""
    from cel_expr_python import cel  # imported here: most clusters have no such webhook

    env = _environment()
    try:
        program = env.compile(text)
    except Exception as problem:
        raise ValueError(str(problem)) from problem

    def evaluate(values: Obj) -> Any:
        found = program.eval(data=values)
        if found.type() == cel.Type.ERROR:
            raise ValueError(str(found.value()))
        return found.value()

    return evaluate


@functools.lru_cache(maxsize=1)
def _environment() -> Any:
    from cel_expr_python import cel

    return cel.NewEnv(variables=dict.fromkeys(_VARIABLES, cel.Type.DYN))


def matches(hook: Obj, request: Obj) -> bool:
    """Whether all conditions of a webhook are true. One that is false decides, even where another fails; otherwise Unclear."""
    values = {"object": request["object"], "oldObject": request["oldObject"], "request": request}
    failed = ""
    for condition in hook.get("matchConditions") or ():
        try:
            if compiled(condition["expression"])(values) is not True:
                return False
        except ValueError as problem:
            failed = failed or f"expression '{condition['expression']}' resulted in error: {problem}"
    if failed:
        raise Unclear(failed)
    return True
