"""The server's own number of an error that a driver tells in its text, or not at all.

The bulk copy writes it in front of the message; else the message is known by its English text.
"""

from __future__ import annotations

import re

# Texts of sys.messages, as far as what follows depends on the number. Login errors come before the session's language
# is set; a server that tells them in another one leaves the SQLSTATE.
_TEXTS = (
    (18487, r"password of the account has expired"),
    (18488, r"password of the account must be changed"),
    (18486, r"account is currently locked out"),
    (18470, r"account is disabled"),
    (18452, r"login is from an untrusted domain"),
    (18401, r"Login failed.*(script upgrade mode|Only administrators can connect)"),
    (4060, r"Cannot open database"),
    (18461, r"Login failed.*Only one administrator can connect"),
    (18456, r"Login failed for user"),
    (17809, r"maximum number of .*user connections.* has already been reached"),
    (40532, r"Cannot open server .*The login failed"),
    (40197, r"service has encountered an error processing your request"),
    (10928, r"limit for the (database|elastic pool) is .* and has been reached"),
    (49918, r"Not enough resources to process"),
    (49920, r"Too many operations in progress"),
    (40615, r"is not allowed to access the server"),
    (40613, r"is not currently available"),
    (2627, r"Violation of (PRIMARY|UNIQUE) KEY constraint"),
    (2601, r"Cannot insert duplicate key row"),
    (547, r"conflicted with the .*constraint"),
    (515, r"Cannot insert the value NULL"),
    (2628, r"would be truncated"),
    (8115, r"Arithmetic overflow"),
    (245, r"Conversion failed when converting|Error converting data type"),
    (9002, r"The transaction log for database"),
    (1105, r"Could not allocate (space|a new page)"),
    (3906, r"because the database is read-only"),
    (1205, r"deadlocked on .* resources|deadlock victim"),
    (1222, r"Lock request time out period exceeded"),
    (3960, r"Snapshot isolation transaction aborted due to update conflict"),
    (229, r"permission was denied on the object"),
    (262, r"permission denied in database"),
    (208, r"Invalid object name"),
)
_KNOWN = [(number, re.compile(text)) for number, text in _TEXTS]


# "Sql Error: 2627: Class 14: State 1: Violation of … on SERVER in PROCEDURE at line 1"
_BULK = re.compile(r"Sql Error: (\d+): Class \d+: State \d+: (.*?)(?: on \S* in \S* at line \d+)?$", re.DOTALL)


def told_number(message: str) -> tuple[int, str]:
    """The number, 0 where it is not known, and the message without it."""
    found = _BULK.search(message)
    if found:
        return int(found[1]), found[2]
    return next((number for number, text in _KNOWN if text.search(message)), 0), message
