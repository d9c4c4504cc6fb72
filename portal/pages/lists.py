"""A list whose state is its URL: search, filters, sort and page; unknown values are ignored, never an error."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa
from flask import request, url_for

from portal.extensions import db
from portal.i18n import _

PER_PAGE = (10, 25, 50, 100)
PAGING = ("page", "per_page")


@dataclass(frozen=True)
class Column:
    """One column of a list, declared once (D8): its key, heading, what it sorts by, and how it reads.

    `value` takes from a row what a file of the list holds; without it the column is on the page alone. A column that
    is not `shown` is in the file alone.
    """

    key: str
    label: str
    sort: object = None
    numeric: bool = False
    value: Callable | None = None
    shown: bool = True

    @property
    def sortable(self) -> bool:
        """People may sort by this column."""
        return self.sort is not None


@dataclass
class Listing:
    """One page of a query, with the URLs of its neighbours.

    `noun` gives the words for “one” and “many”; `kept` names the parameters that stay when others change.
    """

    query: sa.Select
    columns: Sequence[Column]
    noun: tuple[str, str]
    default_sort: str
    tie: object
    default_per_page: int = 25
    kept: Sequence[str] = ("q", "status", "sort", "page", "per_page")
    q: str = ""
    rows: Callable = field(default=lambda query: db.session.scalars(query))
    words_in_url = True

    @cached_property
    def total(self) -> int:
        """How many rows match, on all pages."""
        return db.session.scalar(sa.select(sa.func.count()).select_from(self.query.order_by(None).subquery()))

    @cached_property
    def per_page(self) -> int:
        """Rows on a page, one of `PER_PAGE`."""
        wanted = request.args.get("per_page", type=int)
        return wanted if wanted in PER_PAGE else self.default_per_page

    @cached_property
    def pages(self) -> int:
        """How many pages there are; one when nothing matches."""
        return max(1, math.ceil(self.total / self.per_page))

    @cached_property
    def page(self) -> int:
        """The page shown, from 1 to `pages`."""
        return min(max(1, request.args.get("page", 1, type=int)), self.pages)

    @cached_property
    def sort(self) -> str:
        """The key of the column sorted by, with “-” before it when descending."""
        wanted = request.args.get("sort", self.default_sort)
        keys = {column.key for column in self.columns if column.sortable}
        return wanted if wanted.removeprefix("-") in keys else self.default_sort

    @property
    def ordered(self) -> sa.Select:
        """All rows in the order people chose."""
        column = next(column for column in self.columns if column.key == self.sort.removeprefix("-"))
        order = column.sort.desc() if self.sort.startswith("-") else column.sort.asc()
        return self.query.order_by(order.nulls_last(), self.tie)

    @cached_property
    def items(self) -> list:
        """The rows of this page."""
        return list(self.rows(self.ordered.limit(self.per_page).offset((self.page - 1) * self.per_page)))

    @property
    def shown(self) -> list[Column]:
        """The columns of the page."""
        return [column for column in self.columns if column.shown]

    @property
    def first(self) -> int:
        """The number of the first row shown, 0 when there is none."""
        return (self.page - 1) * self.per_page + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The number of the last row shown."""
        return min(self.page * self.per_page, self.total)

    @property
    def per_page_choices(self) -> tuple[int, ...]:
        """The page sizes people may choose."""
        return PER_PAGE

    @property
    def showing(self) -> str:
        """“Showing 1 to 10 of 24 hospitals”."""
        noun = self.noun[0] if self.total == 1 else self.noun[1]
        shown = {"first": f"{self.first:,}", "last": f"{self.last:,}", "total": f"{self.total:,}", "noun": noun}
        return _("Showing {first} to {last} of {total} {noun}", **shown)

    def url(self, **changes) -> str:
        """The address of this list with some parameters changed; None takes one away, a change goes to page 1."""
        kept = {key: request.args[key] for key in self.kept if request.args.get(key)}
        if "page" not in changes:
            kept.pop("page", None)
        merged = {key: value for key, value in (kept | changes).items() if value not in (None, "")}
        return url_for(request.endpoint, **(request.view_args or {}), **merged)

    def file_url(self, endpoint: str) -> str:
        """The address that gives all rows of this list as a file, with the same filters and order."""
        return url_for(endpoint, **(request.view_args or {}), **self.chosen)

    @property
    def chosen(self) -> dict[str, str]:
        """The filters and the order in the address, without the page."""
        return {key: request.args[key] for key in self.kept if request.args.get(key) and key not in PAGING}

    def sort_url(self, column: Column) -> str:
        """The address that sorts by this column, the other way round when it is the one sorted by."""
        return self.url(sort=f"-{column.key}" if self.sort == column.key else column.key)

    def page_numbers(self) -> list[int | None]:
        """The pages to offer, None for a gap: 1 … 4 5 6 … 120."""
        near = {1, self.pages, *range(self.page - 1, self.page + 2)}
        shown = sorted(number for number in near if 1 <= number <= self.pages)
        numbers: list[int | None] = []
        for number in shown:
            if numbers and number - (numbers[-1] or 0) > 1:
                numbers.append(None)
            numbers.append(number)
        return numbers
