"""Writes one document: splices pieces of the pool as its blueprint says."""

from __future__ import annotations

from random import Random

from columnar.demo.blueprint import Blueprint
from columnar.demo.broken import broken_element, other_declaration, truncated
from columnar.demo.pool import LARGE, MIDDLE, Pool
from columnar.demo.profile import Kind
from columnar.demo.values import day_first, impossible_moment, long_second, pick

BOM = "\ufeff".encode()
_DECLARATIONS = (
    b'<?xml version="1.0" encoding="utf-8"?>\n',
    b'<?xml version="1.0" encoding="UTF-8"?>\n',
    b'<?xml version="1.0"?>',
    b"",
)
_DOCTYPE = b'<!DOCTYPE LoanRequest [<!ENTITY lender "Example Lending">]>\n'
EXTENSION = b"urn:example:loan:extension"  # contract.yaml reads one element of this namespace
_BROKEN_MOMENTS = {Kind.IMPOSSIBLE_DATE: impossible_moment, Kind.LONG_SECOND: long_second, Kind.DAY_FIRST: day_first}


def write(plan: Blueprint, pool: Pool, rng: Random) -> bytes | None:
    """The document as UTF-8; `rng` as `blueprint` left it. None: NULL."""
    kind = plan.kind
    if kind is Kind.NULL:
        return None
    if kind is Kind.EMPTY:
        return pick(rng, (b"", BOM, b" \n"))
    root = b"LoanReply" if kind is Kind.WRONG_ROOT else b"LoanRequest"
    parts = [BOM] if plan.bom else []
    parts.append(other_declaration(rng) if kind is Kind.OTHER_ENCODING else pick(rng, _DECLARATIONS))
    if kind is Kind.DOCTYPE:
        parts.append(_DOCTYPE)
    prefix = pick(rng, (b"ext", b"x", b"ns1")) if plan.namespaced else b""
    parts += [b"<", root, b' xmlns:%b="%b"' % (prefix, EXTENSION) if prefix else b"", b">\n"]
    _request(parts, plan, pool, rng, prefix)
    parts.append(b"<Trace>\n")
    parts += _filler(plan.size - sum(map(len, parts)) - len(root) - 15, plan.size, pool, rng)
    if kind in (Kind.NOT_WELL_FORMED, Kind.UNDECLARED_PREFIX):
        parts.append(broken_element(kind, rng))
    parts += [b"</Trace>\n</", root, b">\n"]
    document = b"".join(parts)
    return truncated(document, rng) if kind is Kind.TRUNCATED else document


def _request(parts: list[bytes], plan: Blueprint, pool: Pool, rng: Random, prefix: bytes) -> None:
    """The part that the contract reads."""
    make_moment = _BROKEN_MOMENTS.get(plan.kind)
    submitted = make_moment(rng).encode() if make_moment else pick(rng, pool.submitted)
    parts += [
        b'<Request ID="%d"' % plan.application_id,
        pick(rng, pool.request),
        b'>\n<Data>\n<application submittedAt="%b"' % submitted,
        pick(rng, pool.application),
        b">\n",
        pick(rng, pool.terms),
    ]
    _contacts(parts, plan, pool, rng)
    for number, scores in enumerate(plan.reports):
        parts += [b'<bureau>\n<report sequence="%d"' % (number + 1), pick(rng, pool.report), b">\n"]
        parts += [pick(rng, pool.score) for _ in range(scores)]
        parts += _filler(plan.size // 8, plan.size, pool, rng)
        parts.append(b"</report>\n</bureau>\n")
    for _ in range(plan.collaterals):
        parts += [b"<collateral", pick(rng, pool.collateral), b">\n", pick(rng, pool.vehicle)]
        if plan.insured:
            parts.append(pick(rng, pool.insurance))
        parts.append(b"</collateral>\n")
    parts += [pick(rng, pool.dealer) for _ in range(plan.dealers)]
    parts += [pick(rng, pool.decision) for _ in range(plan.decisions)]
    if plan.exceptions:
        parts.append(b'<policy set="STD" edition="%d">\n' % (plan.original % 9 + 1))
        parts += [pick(rng, pool.exception) for _ in range(plan.exceptions)]
        parts.append(b"</policy>\n")
    if plan.events:
        parts += [b"<history>\n", *[pick(rng, pool.event) for _ in range(plan.events)], b"</history>\n"]
    parts += [pick(rng, pool.note) for _ in range(plan.notes)]
    if prefix:
        parts.append(b'<%b:partner code="P-%04d" %b:tier="gold"/>\n' % (prefix, plan.original % 10_000, prefix))
    parts.append(b"</application>\n</Data>\n</Request>\n")


def _contacts(parts: list[bytes], plan: Blueprint, pool: Pool, rng: Random) -> None:
    first = plan.application_id * 10 + 1
    for number, contact in enumerate(plan.contacts):
        role = b"PR" if number == 0 else pick(rng, (b"CO", b"AUTH"))
        _start_contact(parts, b"%d" % (first + number), role, pool, rng)
        parts.append(b">\n")
        parts += [pick(rng, pool.address) for _ in range(contact.addresses)]
        parts += [pick(rng, pool.employment) for _ in range(contact.employments)]
        parts += [pick(rng, pool.income) for _ in range(contact.incomes)]
        parts.append(b"</contact>\n")
    if plan.kind is Kind.REPEATED_CONTACT:
        _start_contact(parts, b"%d" % first, b"CO", pool, rng)
        parts.append(b"/>\n")
    if plan.reference:
        _start_contact(parts, b"%d" % (first + 5), b"REF", pool, rng)
        parts += [b">\n", pick(rng, pool.address), b"</contact>\n"]
    if plan.blank_contact:
        _start_contact(parts, pick(rng, (b"", b"  ")), b"CO", pool, rng)
        parts.append(b"/>\n")


def _start_contact(parts: list[bytes], key: bytes, role: bytes, pool: Pool, rng: Random) -> None:
    parts += [b'<contact id="%b" role="%b" birthDate="%b"' % (key, role, pick(rng, pool.born)), pick(rng, pool.contact)]


def _filler(room: int, size: int, pool: Pool, rng: Random) -> list[bytes]:
    """Elements of about `room` bytes for a document of `size` bytes.

    The smallest documents are few elements with many empty attributes, the others many with few, as measured.
    """
    verbose = 0.25 + 0.75 * rng.random()
    parts: list[bytes] = []
    while room > LARGE:
        parts.append(pick(rng, pool.large[rng.random() < verbose]))
        room -= len(parts[-1])
    while room > MIDDLE and size > LARGE:
        parts.append(pick(rng, pool.middle[rng.random() < verbose]))
        room -= len(parts[-1])
    while room > 0:
        parts.append(
            pick(rng, pool.sparse if size < LARGE and rng.random() < 0.7 else pool.tiny[rng.random() < verbose])
        )
        room -= len(parts[-1])
    return parts
