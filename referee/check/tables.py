"""What `referee check` shows: a table of remarks, and whether there are any."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from referee.check.masters import CellRemarks


def print_remarks(console: Console, cells: list[CellRemarks]) -> None:
    """Print the remarks on an assignment's test cells, and how many there are."""
    several = len({cell.notebook for cell in cells}) > 1
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    table.add_column("cell", overflow="fold")
    table.add_column("line", justify="right")
    table.add_column("message", overflow="fold")
    table.add_column("what to do", overflow="fold")
    for cell in cells:
        name = f"{cell.notebook}: {cell.cell}" if several else cell.cell
        for remark in cell.remarks:
            table.add_row(
                Text(name), str(remark.line), Text(remark.message), Text(remark.advice, "yellow")
            )
    number = sum(len(cell.remarks) for cell in cells)
    if number:
        console.print(table)
        flagged = sum(bool(cell.remarks) for cell in cells)
        console.print(
            f"{number} messages in {flagged} of {len(cells)} test cells do not help the student "
            "who reads them. docs/writing-messages.md has good and bad examples.",
            style="yellow",
        )
    else:
        console.print(f"The messages of {len(cells)} test cells say what is wrong.", style="green")
