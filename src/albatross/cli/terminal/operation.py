"""One line for each operation of a plan as it runs."""

from typing import assert_never

from rich.text import Text

from albatross.model.plan import Done, Failed, Result, Skipped
from albatross.wording.operation import sign, subject

COLOURS = {"+": "green", "~": "yellow", "-/+": "magenta", "-": "red"}


def line(result: Result, named: str, seconds: float | None = None) -> Text:
    """The result of one step: done, failed with its error, or not done with the reason. `named` is the name of its resource."""
    operation = result.step.operation
    noun = subject(operation)[0]
    mark = sign(operation)
    took = f"  {seconds:.1f} s" if seconds is not None else ""
    match result:
        case Done():
            return Text.assemble(("  ✓ ", "green"), (f"{mark:>3} ", COLOURS[mark]), f"{noun} {named}", (took, "dim"))
        case Failed():
            return Text.assemble(("  ✗ ", "red"), (f"{mark:>3} ", COLOURS[mark]), f"{noun} {named}: {result.error}")
        case Skipped():
            reason = f"it needs {result.because}" if result.because else "stopped"
            return Text.assemble(("  · ", "dim"), (f"{mark:>3} ", COLOURS[mark]), (f"{noun} {named}: not done, {reason}", "dim"))
        case _:
            assert_never(result)
