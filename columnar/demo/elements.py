"""The elements a loan document is made of, attribute by attribute; contract.yaml reads most of these.

Keys, and the dates that some documents break on purpose, are written by assembly.py in front of these attributes.
"""

from __future__ import annotations

from random import Random

from columnar.demo.values import (
    Field,
    amount,
    birth_date,
    code,
    company,
    date,
    digits,
    dollars,
    moment,
    name,
    number,
    of,
    phone,
    pick,
    postal_code,
    state,
    street,
    tax_id,
    unused,
    words,
)

FLAG = code("Y", "N")
LOGICAL = code("true", "false")

REQUEST = (
    *of(code("WEB", "BRANCH", "PHONE", "DEALER"), "channel"),
    *of(code("4.1", "4.2", "5.0"), "schemaVersion", exact=True),
    *of(moment, "queuedAt"),
    *unused("replyTo clientBuild nodeName"),
)
APPLICATION = (
    *of(code("APPROVED", "DECLINED", "COUNTER", "PENDING", "WITHDRAWN"), "status", empty=0.05, exact=True),
    *of(code("AUTO", "BOAT", "RV", "CYCLE"), "product", empty=0.02, exact=True),
    *of(code("NEW", "USED", "REFI"), "purpose"),
    *of(moment, "createdAt completedAt"),
    *of(date, "quoteExpires", empty=0.4),
    *of(number(1, 9999, zeros=6), "branchNumber officerNumber", empty=0.1),
    *of(digits(8), "campaignCode", empty=0.5),
    *of(FLAG, "electronicConsent jointCredit employeeLoan", empty=0.2, exact=True),
    *of(LOGICAL, "rushed manualReview", empty=0.3),
    *of(dollars, "statedIncome statedRent"),
    *of(amount(0, 90, 3), "debtToIncome paymentToIncome"),
    *of(number(0, 40), "priorApplications", empty=0.4),
    *of(name, "branchCity officerLastName"),
    *of(words(10, 40), "comment", empty=0.3),
    *of(code("EN", "ES", "FR"), "language"),
    *unused("legacyRef batchRef promoRef segmentA segmentB segmentC operatorNote altChannel routeCode trackCode"),
)
TERMS = (
    *of(amount(2_000, 95_000), "requestedAmount financedAmount", empty=0.05),
    *of(amount(0, 20_000), "downPayment tradeAllowance rebate payoffAmount", empty=0.3),
    *of(amount(100, 1_900), "monthlyPayment"),
    *of(amount(1, 24, 3), "noteRate buyRate", empty=0.1),
    *of(number(12, 84, zeros=3), "termMonths", empty=0.05),
    *of(number(1, 31), "dueDay", empty=0.2),
    *of(amount(0, 900), "originationFee documentFee titleFee lateFee", empty=0.4),
    *of(date, "firstPaymentDate maturityDate"),
    *of(code("F", "V"), "rateKind", exact=True),
    *of(amount(10, 150), "advancePercent"),
    *of(FLAG, "balloon autoPay", exact=True),
    *unused("feeCodeA feeCodeB feeCodeC rateTable rateTier"),
)
CONTACT = (
    *of(name, "firstName lastName", empty=0.02),
    *of(code("A", "B", "J", "M"), "middleInitial", empty=0.5),
    *of(code("JR", "SR", "III"), "suffix", empty=0.9),
    *of(tax_id, "taxId"),
    *of(phone, "homePhone mobilePhone", empty=0.3),
    *of(code("M.Orel@example.net", "loans@example.org", "x_y@example.com"), "email", empty=0.4),
    *of(code("US", "RES", "NON"), "citizenship"),
    *of(code("S", "M", "D", "W"), "maritalStatus", empty=0.4),
    *of(number(0, 8, zeros=2), "dependents", empty=0.4),
    *of(code("DL", "PP", "ST"), "documentKind"),
    *of(digits(9), "documentNumber"),
    *of(state, "documentState"),
    *of(date, "documentExpires", empty=0.3),
    *of(FLAG, "bankruptcy military textConsent", empty=0.2, exact=True),
    *of(date, "customerSince", empty=0.5),
    *of(number(300, 850), "statedScore", empty=0.5),
    *unused("nickname alias salutation previousLastName faxNumber"),
)
ADDRESS = (
    *of(code("HOME", "MAIL", "PREV"), "kind", empty=0.0, exact=True),
    *of(street, "line1", empty=0.03),
    *of(code("Apt 4", "Unit 12B", "Lot 7"), "line2", empty=0.7),
    *of(name, "city", empty=0.03),
    *of(state, "state", empty=0.03),
    *of(postal_code, "postalCode", empty=0.05),
    *of(name, "county", empty=0.4),
    *of(code("OWN", "RENT", "FAMILY", "OTHER"), "occupancy", exact=True),
    *of(amount(0, 4_000), "monthlyCost"),
    *of(number(0, 40), "yearsAt", empty=0.1),
    *of(number(0, 11, zeros=2), "monthsAt", empty=0.1),
    *of(date, "movedIn", empty=0.5),
    *of(amount(-179, 179, 6), "longitude", empty=0.6),
    *unused("carrierRoute deliveryPoint censusTract"),
)
EMPLOYMENT = (
    *of(code("CURRENT", "PRIOR"), "status", exact=True),
    *of(company, "employer", empty=0.03),
    *of(words(2), "jobTitle"),
    *of(date, "startedOn"),
    *of(date, "endedOn", empty=0.7),
    *of(amount(900, 19_000), "grossMonthly"),
    *of(phone, "workPhone", empty=0.4),
    *of(name, "city", empty=0.2),
    *of(state, "state", empty=0.2),
    *of(number(0, 40), "yearsThere"),
    *of(FLAG, "selfEmployed verified", exact=True),
    *unused("industryCode unionCode supervisor"),
)
INCOME = (
    *of(code("WAGE", "PENSION", "RENTAL", "OTHER"), "kind", exact=True),
    *of(dollars, "amount", empty=0.03),
    *of(code("M", "W", "A"), "frequency", exact=True),
    *of(FLAG, "taxable", exact=True),
    *of(words(8, 20), "description", empty=0.3),
    *of(date, "verifiedOn", empty=0.5),
    *unused("proofCode"),
)
REPORT = (
    *of(code("NORTH", "SOUTH", "EAST"), "bureau", empty=0.0, exact=True),
    *of(moment, "pulledAt"),
    *of(digits(10), "reference", empty=0.05),
    *of(number(0, 60), "openTrades closedTrades inquiries publicRecords collections", empty=0.1),
    *of(number(0, 30, zeros=2), "late30 late60 late90", empty=0.2),
    *of(amount(0, 400_000), "totalBalance totalLimit revolvingBalance monthlyObligations"),
    *of(amount(0, 120, 1), "utilization", empty=0.2),
    *of(date, "oldestTrade newestTrade", empty=0.2),
    *of(FLAG, "frozen fraudAlert", exact=True),
    *of(words(140, 250), "narrative", empty=0.05),
    *unused("hitCode subjectCode rawCode memberCode"),
)
SCORE = (
    *of(code("GEN8", "AUTO5", "VANT"), "model", empty=0.0, exact=True),
    *of(number(300, 900, zeros=4), "value", empty=0.05),
    *of(digits(2), "reason1 reason2 reason3 reason4", empty=0.2),
    *of(amount(0, 100, 2), "percentile", empty=0.3),
    *unused("card"),
)
COLLATERAL = (
    *of(code("PRIMARY", "ADDITIONAL"), "usage", exact=True),
    *of(code("VEHICLE", "VESSEL", "TRAILER"), "category", exact=True),
    *of(amount(1_000, 120_000), "retailValue wholesaleValue purchasePrice", empty=0.2),
    *of(code("BOOK-A", "BOOK-B", "APPRAISAL"), "valueSource"),
    *of(date, "valuedOn"),
    *of(state, "titleState"),
    *of(digits(12), "titleNumber", empty=0.5),
    *of(company, "lienHolder", empty=0.6),
    *of(amount(10, 160), "loanToValue"),
    *unused("lotNumber stockNumber"),
)
VEHICLE = (
    *of(digits(17), "vin", empty=0.1),
    *of(number(1998, 2026), "modelYear", empty=0.02),
    *of(name, "make model", empty=0.02),
    *of(code("LX", "Sport", "4x4", "Touring"), "trim", empty=0.3),
    *of(code("SEDAN", "TRUCK", "SUV", "VAN"), "body", exact=True),
    *of(number(0, 180_000, zeros=7), "odometer", empty=0.1),
    *of(code("MI", "KM"), "odometerUnit", exact=True),
    *of(code("GAS", "DIESEL", "HYBRID", "EV"), "fuel", exact=True),
    *of(code("BLU", "RED", "BLK"), "color", empty=0.5),
    *of(number(2, 12), "cylinders", empty=0.4),
    *of(FLAG, "certified salvage", exact=True),
    *of(words(30, 80), "equipment", empty=0.1),
    *unused("packageCode"),
)
INSURANCE = (
    *of(company, "carrier"),
    *of(digits(11), "policyNumber"),
    *of(amount(100, 4_000), "annualPremium deductible"),
    *of(date, "effectiveOn expiresOn"),
    *of(code("FULL", "LIABILITY", "GAP"), "coverage", exact=True),
    *of(phone, "agentPhone", empty=0.4),
    *of(FLAG, "financed", exact=True),
    *unused("binder"),
)
DEALER = (
    *of(digits(6), "number", empty=0.0, exact=True),
    *of(company, "name", empty=0.02),
    *of(name, "city"),
    *of(state, "state"),
    *of(postal_code, "postalCode"),
    *of(phone, "phone"),
    *of(amount(0, 5, 3), "reservePercent", empty=0.3),
    *of(dollars, "flatFee", empty=0.3),
    *of(FLAG, "franchise", exact=True),
    *of(name, "contactName", empty=0.4),
    *of(date, "agreementDate", empty=0.4),
    *unused("lotCode regionCode"),
)
DECISION = (
    *of(code("APPROVED", "DECLINED", "COUNTER", "REFERRED", "AUTO-APPROVED"), "outcome", empty=0.03, exact=True),
    *of(moment, "decidedAt"),
    *of(code("ENGINE", "ANALYST", "COMMITTEE"), "decidedBy"),
    *of(amount(0, 95_000), "approvedAmount", empty=0.2),
    *of(amount(1, 24, 3), "approvedRate", empty=0.2),
    *of(number(12, 84), "approvedTerm", empty=0.2),
    *of(code("A1", "A2", "B1", "C3"), "tier"),
    *of(digits(3), "adverseReason1 adverseReason2 adverseReason3", empty=0.5),
    *of(number(0, 999), "engineScore", empty=0.1),
    *of(words(30, 90), "explanation", empty=0.3),
    *of(FLAG, "final", exact=True),
    *unused("modelRun overrideCode"),
)
EXCEPTION = (
    *of(code("LTV", "DTI", "SCORE", "TERM", "AGE"), "rule", empty=0.02, exact=True),
    *of(number(1, 5), "severity", empty=0.1),
    *of(amount(0, 150, 3), "limit actual", empty=0.1),
    *of(name, "approvedBy", empty=0.3),
    *of(date, "approvedOn", empty=0.3),
    *of(words(15, 40), "reason", empty=0.1),
)
EVENT = (
    *of(code("CREATED", "SUBMITTED", "PULLED", "DECIDED", "EDITED", "FUNDED"), "type", empty=0.02, exact=True),
    *of(moment, "at", empty=0.02),
    *of(name, "user", empty=0.1),
    *of(words(6, 20), "oldValue newValue", empty=0.2),
    *of(digits(4), "workstation", empty=0.3),
    *unused("screen"),
)


def attributes(fields: tuple[Field, ...], rng: Random) -> str:
    """All attributes of an element, each with the space before it."""
    return "".join([field.render(rng) for field in fields])


def note(rng: Random) -> str:
    """A note: element text with mixed content, a comment and CDATA."""
    body = pick(rng, (
        "{} <b>{}</b> {}",
        "{}<!-- internal --> {} <![CDATA[<rate> & {}]]>",
        "<![CDATA[{}]]>{}<b>{}</b>",
        "  {} &amp; {}\n{}  ",
        "{} {} \U0001f697 {}",
    )).format(*[words(25, 60)(rng).replace("&", "+") for _ in range(3)])  # fmt: skip
    fields = (*of(name, "author"), *of(moment, "at"), *of(code("CREDIT", "FUNDING", "SERVICE"), "topic", exact=True))
    return f"<note{attributes(fields, rng)}>{body}</note>\n"


def birth_dates(rng: Random) -> str:
    """The birth date of a contact, or nothing."""
    return Field("birthDate", birth_date, 0.05).value(rng)


def submission_moments(rng: Random) -> str:
    """When an application was submitted, or nothing."""
    return Field("submittedAt", moment, 0.05).value(rng)
