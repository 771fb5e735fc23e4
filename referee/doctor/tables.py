"""What `referee doctor` shows: a table of findings, also as JSON."""

import json
from dataclasses import asdict

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from referee.doctor.finding import OK, PROBLEM, WARNING, Finding


def print_findings(console: Console, findings: list[Finding]) -> None:
    """Print the table of what `referee doctor` found, and below each problem what to do."""
    signs = {OK: "✓", WARNING: "!", PROBLEM: "✗"}
    if not console.encoding.startswith("utf"):
        signs = {OK: "ok", WARNING: "!", PROBLEM: "X"}
    styles = {OK: "green", WARNING: "yellow", PROBLEM: "bold red"}
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for column in ("", "check", "found"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        style = styles[finding.outcome]
        sign = Text(signs[finding.outcome], style)
        table.add_row(sign, Text(finding.name), Text(finding.found))
        if finding.remedy:
            table.add_row("", "", Text(finding.remedy, style))
    console.print(table)
    problems = sum(finding.outcome == PROBLEM for finding in findings)
    warnings = sum(finding.outcome == WARNING for finding in findings)
    if problems:
        fix = "1 problem" if problems == 1 else f"{problems} problems"
        console.print(f"This machine cannot grade yet: {fix} to fix.", style="bold red")
    else:
        also = f", {warnings} warning{'s' * (warnings > 1)}" if warnings else ""
        console.print(f"This machine can grade{also}.", style="green")


def findings_as_json(findings: list[Finding]) -> str:
    """What `referee doctor` found as a JSON list, one entry a check."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)
