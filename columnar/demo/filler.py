"""Subtrees that no contract reads: 96% of such a document is a decision engine's trace and raw bureau data."""

from __future__ import annotations

from random import Random

from columnar.demo.values import amount, between, code, company, digits, moment, name, number, of, pick, words

# Elements inside each other in one subtree. Raw bureau data begins at depth 7, so that no document is deeper than 20.
DEEPEST = 14

_TRADELINE = (
    *of(company, "subscriber", empty=0.3),
    *of(moment, "opened", empty=0.3),
    *of(digits(9), "acct balance highCredit limit terms pastDue chargeOff closed reported", empty=0.67),
    *of(code("I", "R", "M", "O"), "kind ecoa status rating remark1 remark2 remark3 dispute", empty=0.67),
    *of(number(0, 99), "m30 m60 m90 m120 hist scheduled actual", empty=0.67),
)
_CODES = digits(5)
_RATIO = amount(0, 900, 5)


def tradeline(rng: Random) -> str:
    """Many attributes, two thirds of them empty."""
    return f"<tradeline{''.join([field.render(rng) for field in _TRADELINE])}/>\n"


def variable(rng: Random) -> str:
    """A small element with two values: what large traces are mostly made of."""
    source = pick(
        rng, ("bureau.summary.inquiries", "applicant.income.total", "collateral.value.book", "engine.ratio.payment")
    )
    return f'<variable name="{source}.{name(rng)}.{_CODES(rng)}.{_CODES(rng)}" value="{_RATIO(rng)}"/>\n'


def message(rng: Random) -> str:
    """A log line: one long attribute."""
    return f'<msg at="{moment(rng)}" text="{words(between(rng, 30, 80))(rng)}"/>\n'


def rules(rng: Random) -> str:
    """Rules inside rules."""
    depth = between(rng, 2, DEEPEST - 1)
    opening = "".join(
        [f'<rule id="{_CODES(rng)}" result="{pick(rng, ("pass", "fail", "skip"))}">\n' for _ in range(depth)]
    )
    return f"{opening}{variable(rng)}{'</rule>' * depth}\n"


def remark(rng: Random) -> str:
    """Text, markup inside it, a comment, a processing instruction."""
    return pick(rng, (
        f"<remark>{words(6)(rng)}<![CDATA[ a < b && c ]]><i>{words(2)(rng)}</i></remark>\n",
        f"<!-- {name(rng)} {_CODES(rng)} -->\n",
        f'<?trace level="{between(rng, 1, 5)}"?>\n',
    ))  # fmt: skip


def fragment(rng: Random, style: str, size: int) -> bytes:
    """Well-formed elements of one style (`sparse`, `dense` or `verbose`), `size` bytes or a little more."""
    pieces: list[str] = []
    length = 0
    while length < size:
        draw = rng.random()
        if style == "sparse":
            piece = tradeline(rng)
        elif draw < 0.01:
            piece = remark(rng)
        elif draw < 0.03:
            piece = rules(rng)
        elif draw < 0.035:
            piece = tradeline(rng)
        else:
            piece = message(rng) if style == "verbose" else variable(rng)
        pieces.append(piece)
        length += len(piece)
    return "".join(pieces).encode()
