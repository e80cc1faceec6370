"""Values of attributes as such documents hold them: dates in a dozen spellings, leading zeros, padding, null words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

T = TypeVar("T")
Maker = Callable[[Random], str]

# Every draw goes through Random.random(): the one method whose sequence Python promises to keep between versions.


def pick(rng: Random, choices: Sequence[T]) -> T:
    """One of the choices, each as likely as the others."""
    return choices[int(rng.random() * len(choices))]


def between(rng: Random, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return low + int(rng.random() * (high - low + 1))


_SYLLABLES = (
    *("bar", "cor", "den", "el", "fen", "gar", "hol", "ir", "jor", "kel", "lam", "mor"),
    *("nev", "or", "pel", "quin", "ros", "sel", "tor", "ul", "ver", "wal", "yor", "zan"),
)
_ENDINGS = ("ton", "wick", "man", "sen", "ski", "ra", "lo", "é", "ña", "ing")
_WORDS = (
    *("rate", "term", "review", "stip", "income", "proof", "pending", "score", "tier", "queue", "manual", "rule"),
    *("matched", "offer", "policy", "limit", "ratio", "value", "check", "hold", "release", "branch", "counter"),
    *("payoff", "title", "lien", "fraud", "alert", "ok", "&amp;", "&lt;5%", "n/a", "—", "größer"),
)
_COMPANY_KINDS = ("&amp; Sons", "Motors", "Credit Co.", "&#38; Partners", "Holdings", "D&#39;Or Group")
_STREETS = ("Mill", "Harbor", "Juniper", "Quarry", "Lakeview", "Orchard", "Foundry", "Meadow", "Granite", "Willow")
_STREET_KINDS = ("St", "Ave", "Rd", "Ln", "Blvd", "Ct")
_STATES = ("AL", "AZ", "CO", "FL", "GA", "IL", "KS", "ME", "NJ", "NY", "OH", "OR", "PA", "TX", "UT", "WA")


def name(rng: Random) -> str:
    """An invented proper name."""
    return (pick(rng, _SYLLABLES) + pick(rng, _SYLLABLES) + pick(rng, _ENDINGS)).capitalize()


def company(rng: Random) -> str:
    """An invented company; an ampersand or apostrophe is escaped as the document must have it."""
    return f"{name(rng)} {pick(rng, _COMPANY_KINDS)}"


def words(low: int, high: int = 0) -> Maker:
    """So many words of office prose, or between so many, escaped."""
    return lambda rng: " ".join([pick(rng, _WORDS) for _ in range(between(rng, low, max(low, high)))])


def street(rng: Random) -> str:
    """A street address."""
    return f"{between(rng, 1, 9999)} {pick(rng, _STREETS)} {pick(rng, _STREET_KINDS)}"


def state(rng: Random) -> str:
    """A two-letter state, now and then in lower case."""
    letters = pick(rng, _STATES)
    return letters.lower() if rng.random() < 0.05 else letters


def code(*choices: str) -> Maker:
    """One of these codes."""
    return lambda rng: pick(rng, choices)


def number(low: int, high: int, *, zeros: int = 0) -> Maker:
    """A whole number; with `zeros`, one in four is filled to so many digits."""

    def make(rng: Random) -> str:
        value = between(rng, low, high)
        return str(value).zfill(zeros) if zeros and rng.random() < 0.25 else str(value)

    return make


def amount(low: int, high: int, scale: int = 2) -> Maker:
    """A decimal number with up to `scale` places."""

    def make(rng: Random) -> str:
        whole = between(rng, low, high)
        places = between(rng, 0, scale)
        return f"{whole}.{between(rng, 0, 10**places - 1):0{places}}" if places else str(whole)

    return make


def dollars(rng: Random) -> str:
    """An amount as people type it: $1,234.50, or bare."""
    value = between(rng, 100, 99_999_99) / 100
    return pick(rng, (f"${value:,.2f}", f"{value:,.2f}", f"{value:.2f}", f"$ {value:.2f}"))


def digits(length: int) -> Maker:
    """A number that is really a code, leading zeros included."""
    return lambda rng: str(between(rng, 0, 10**length - 1)).zfill(length)


def tax_id(rng: Random) -> str:
    """A made-up number of a shape no authority issues (it begins with 000), with or without hyphens."""
    middle, last = between(rng, 10, 99), between(rng, 0, 9999)
    return f"000-{middle}-{last:04}" if rng.random() < 0.5 else f"000{middle}{last:04}"


def phone(rng: Random) -> str:
    """A telephone number in one of four spellings, of the exchange kept for fiction (555)."""
    area, last = between(rng, 200, 989), between(rng, 0, 199)
    return pick(
        rng, (f"({area}) 555-{last:04}", f"{area}-555-{last:04}", f"{area}555{last:04}", f"+1 {area} 555 {last:04}")
    )


def postal_code(rng: Random) -> str:
    """Five digits, or nine with a hyphen."""
    text = f"{between(rng, 500, 99950):05}"
    return f"{text}-{between(rng, 1, 9999):04}" if rng.random() < 0.3 else text


def date(rng: Random, first: int = 2015, last: int = 2025) -> str:
    """A day: ISO, or m/d/Y with and without leading zeros."""
    year, month, day = between(rng, first, last), between(rng, 1, 12), between(rng, 1, 28)
    return pick(rng, (f"{year}-{month:02}-{day:02}", f"{month:02}/{day:02}/{year}", f"{month}/{day}/{year}"))


def birth_date(rng: Random) -> str:
    """A day a borrower may be born on."""
    return date(rng, 1940, 2004)


def moment(rng: Random) -> str:
    """A day, or a day and time: ISO with 0 to 3 fraction digits, ISO with T, m/d/Y with and without time."""
    year, month, day = between(rng, 2015, 2025), between(rng, 1, 12), between(rng, 1, 28)
    time = f"{between(rng, 0, 23):02}:{between(rng, 0, 59):02}:{between(rng, 0, 59):02}"
    fraction = str(between(rng, 0, 999)).zfill(3)[: between(rng, 1, 3)]
    iso, american = f"{year}-{month:02}-{day:02}", f"{month:02}/{day:02}/{year}"
    return pick(rng, (f"{iso} {time}", f"{iso} {time}.{fraction}", iso, f"{iso}T{time}", f"{iso}T{time}.{fraction}",
                      f"{american} {time}", american, f"{month}/{day}/{year}"))  # fmt: skip


def impossible_moment(rng: Random) -> str:
    """A day the calendar does not have."""
    year = between(rng, 2015, 2025)
    return pick(
        rng,
        (
            f"{year}-02-30",
            f"{year}-13-05 10:20:30",
            f"02/31/{year}",
            f"13/45/{year}",
            "0000-00-00",
            f"{year}-06-31T08:00:00",
        ),
    )


def long_second(rng: Random) -> str:
    """A time whose seconds pass 59."""
    return f"{between(rng, 2015, 2025)}-{between(rng, 1, 12):02}-{between(rng, 1, 28):02} 10:15:{between(rng, 60, 99)}"


def day_first(rng: Random) -> str:
    """d/m/Y, with a day past 12, so that it cannot be read month first."""
    day, month, year = between(rng, 13, 28), between(rng, 1, 12), between(rng, 2015, 2025)
    return f"{day:02}/{month:02}/{year}" + pick(rng, ("", " 14:03:07"))


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute: its name, how values are made, and how often there is none (`empty`: a share of 1)."""

    name: str
    make: Maker
    empty: float = 0.15
    exact: bool = False  # never padded, blank or a null word

    def render(self, rng: Random) -> str:
        """The attribute as the document has it, the space before it included."""
        return f' {self.name}="{self.value(rng)}"'

    def value(self, rng: Random) -> str:
        """A value, or nothing; now and then padded, only blanks, or a word that means nothing."""
        if rng.random() < self.empty:
            return ""
        if not self.exact:
            noise = rng.random()
            if noise < 0.01:
                return pick(rng, ("null", "none", "NULL", "None"))
            if noise < 0.015:
                return pick(rng, (" ", "   "))
            if noise < 0.04:
                return pick(rng, (" {}", "{}  ", " {} ")).format(self.make(rng))
        return self.make(rng)


def of(make: Maker, names: str, *, empty: float = 0.15, exact: bool = False) -> tuple[Field, ...]:
    """Fields that share a maker; names are separated by spaces."""
    return tuple(Field(name, make, empty, exact) for name in names.split())


def unused(names: str) -> tuple[Field, ...]:
    """Attributes that are there and, two times in three, empty."""
    return of(words(1), names, empty=0.67)
