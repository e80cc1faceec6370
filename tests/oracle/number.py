"""The cleaning step `number`, by taking a text apart at its one number."""

from __future__ import annotations

import re
import unicodedata

MINUS = "-\N{MINUS SIGN}"


def the_number(text: str, *, decimal: str, group: str, unsigned: bool) -> str:
    """The one number of a text as digits with a point; the text itself where there is none, several, or a doubt."""
    found = re.search(f"[{re.escape(decimal)}]?[0-9](?:[0-9{re.escape(decimal + group)}]*[0-9])?", text)
    if not found:
        return text
    before, number, after = text[: found.start()], found[0], text[found.end() :]
    if (
        number[0] == decimal
        and before
        and not (before[-1].isspace() or _is_currency(before[-1]) or before[-1] in MINUS)
    ):
        return text  # `No.5`
    if re.search("[0-9]", after):
        return text
    # A separator that touches the number from outside: by another locale it would be another number.
    separators = set(".," + decimal + group.strip())
    rest = after[1:] if after[:1] == decimal else after
    if before[-1:] in separators or rest[:1] in separators:
        return text
    point = re.escape(decimal)
    grouped = rf"[0-9]{{1,3}}({re.escape(group)}[0-9]{{3}})+|" if group else ""
    if not re.fullmatch(rf"({grouped}[0-9]+)({point}[0-9]+)?|{point}[0-9]+", number):
        return text
    negative = _is_negative(before, after)
    if negative is None:
        return text
    plain = (number.replace(group, "") if group else number).replace(decimal, ".")
    plain = "0" + plain if plain.startswith(".") else plain
    return "-" + plain if negative and not unsigned else plain


def _is_negative(before: str, after: str) -> bool | None:
    """Whether what stands around a number says so; None: it cannot be told."""
    signs = [[mark for mark in part if mark in "+()" + MINUS] for part in (before, after)]
    if signs == [[], []]:
        return False
    if signs == [["("], [")"]]:
        return True
    if not signs[1] and len(signs[0]) == 1 and signs[0][0] not in "()":
        sign = signs[0][0]
        ahead = before[: before.index(sign)]
        return None if ahead and (ahead[-1].isalpha() or ahead[-1].isnumeric()) else sign in MINUS
    if not signs[0] and len(signs[1]) == 1 and after[0] in MINUS:
        rest = after[1:].strip()
        currency = not rest or re.fullmatch("[A-Z]{3}", rest) or (len(rest) == 1 and _is_currency(rest))
        return True if currency else None
    return None


def _is_currency(character: str) -> bool:
    return unicodedata.category(character) == "Sc"
