"""How commands answer: exit codes that scripts can rely on, and JSON where it was asked for (tenancy.md T28)."""

import json
from datetime import date, datetime
from typing import NoReturn

import click

USAGE, EXISTS, FAILED = 2, 3, 4


def refuse(code: int, *sentences: str) -> NoReturn:
    """End with an exit code after saying why on standard error."""
    for sentence in sentences:
        click.echo(sentence, err=True)
    raise click.exceptions.Exit(code)


def show_json(value) -> None:
    """Print a value as JSON; times and days in ISO 8601."""
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False, indent=2))


def _plain(value) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"not for JSON: {value!r}")
