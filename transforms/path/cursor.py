"""A reading position in a path's text: tokens, names with their namespaces, and errors that say where."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import NoReturn

from transforms.errors import PathError
from transforms.path.model import ANY, NameTest

XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"  # `xml:` needs no declaration, in documents or in paths

# Namespaces in XML 1.0, NCName: what XML allows in a name, without the colon.
_START = (
    "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(f"[{_START}][{_START}\\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]*")
_BLANKS = re.compile(r"[ \t\r\n]*")
_INTEGER = re.compile(r"[0-9]+")

USE_XPATH = "the path language is a small part of XPath; write it under `xpath:` instead of `path:`"


class Cursor:
    """Reads one path from left to right. Blanks between tokens mean nothing, as in XPath."""

    def __init__(self, text: str, namespaces: Mapping[str, str]) -> None:
        self.text = text
        self.at = 0
        self._namespaces = namespaces

    def fail(self, message: str, *, offset: int | None = None, expected: str = "", hint: str = "") -> NoReturn:
        """Raise a PathError at `offset`, by default where the cursor stands."""
        offset = self.at if offset is None else offset
        where = f"at character {offset + 1} of" if offset < len(self.text) else "at the end of"
        raise PathError(f"{message} {where} {self.text!r}", offset=offset, expected=expected, hint=hint)

    def skip_blanks(self) -> None:
        """Move to the next token."""
        match = _BLANKS.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def ended(self) -> bool:
        """Whether nothing but blanks is left."""
        self.skip_blanks()
        return self.at >= len(self.text)

    def sees(self, token: str) -> bool:
        """Whether `token` is next; it is not taken."""
        self.skip_blanks()
        return self.text.startswith(token, self.at)

    def take(self, token: str) -> bool:
        """Take `token` if it is next."""
        if not self.sees(token):
            return False
        self.at += len(token)
        return True

    def require(self, token: str, expected: str = "") -> None:
        """Take `token`, or fail."""
        if not self.take(token):
            self.fail_here("is not allowed", expected=expected or f"`{token}`")

    def fail_here(self, complaint: str, *, expected: str, hint: str = "") -> NoReturn:
        """Fail because of what is next, or because nothing is."""
        if self.ended():
            self.fail("the path ends too early", expected=expected, hint=hint)
        self.fail(f"{self.described()} {complaint}", expected=expected, hint=hint)

    def described(self) -> str:
        """What is next, for a message; there is something."""
        self.skip_blanks()
        match = _NAME.match(self.text, self.at) or _INTEGER.match(self.text, self.at)
        return f"{match.group()!r}" if match else f"{self.text[self.at]!r}"

    def peek_word(self) -> str:
        """The name that is next, without its prefix, or ''; it is not taken."""
        self.skip_blanks()
        match = _NAME.match(self.text, self.at)
        return match.group() if match else ""

    def peek_call(self) -> str:
        """The name that is next if a parenthesis follows it, or ''; neither is taken."""
        word = self.peek_word()
        after = _BLANKS.match(self.text, self.at + len(word))
        return word if word and after and self.text.startswith("(", after.end()) else ""

    def peek_axis(self) -> str:
        """The name that is next if `::` follows it, or ''."""
        word = self.peek_word()
        after = _BLANKS.match(self.text, self.at + len(word))
        return word if word and after and self.text.startswith("::", after.end()) else ""

    def take_call(self, name: str) -> bool:
        """Take `name()` if it is next."""
        if self.peek_call() != name:
            return False
        self.take(name)
        self.take("(")
        self.require(")", f"`{name}()` without arguments")
        return True

    def take_integer(self) -> int | None:
        """Take a whole number if one is next."""
        self.skip_blanks()
        match = _INTEGER.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return int(match.group()) if len(match.group()) <= 18 else 10**18  # more digits mean the same: out of range

    def take_literal(self) -> str | None:
        """Take text in single or double quotes if it is next. There are no escapes, as in XPath."""
        self.skip_blanks()
        quote = self.text[self.at : self.at + 1]
        if quote not in ("'", '"'):
            return None
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            self.fail("the quoted text does not end", expected=f"a closing {quote}")
        literal = self.text[self.at + 1 : end]
        self.at = end + 1
        return literal

    def take_word(self, expected: str) -> str:
        """Take one name without a prefix."""
        word = self.peek_word()
        if not word:
            self.fail_here("is not a name", expected=expected)
        self.at += len(word)
        return word

    def take_element_test(self, expected: str) -> NameTest:
        """Take `name`, `p:name`, `p:*` or `*`; a bare name is in the default namespace, if there is one."""
        if self.take("*"):
            if self.sees(":"):
                self.fail("a name in any namespace cannot be written like this", expected="`*` or `prefix:name`")
            return NameTest(ANY, ANY)
        start, prefix, local = self._qualified(expected, any_local=True)
        if prefix is None:
            return NameTest(local, self._namespaces.get("") or None)
        return NameTest(local, self._uri(prefix, start))

    def take_attribute_test(self) -> NameTest:
        """Take `name` or `p:name` after an `@`; a bare name is in no namespace, whatever the default."""
        if self.sees("*"):
            self.fail("`@*` is not in the path language", expected="an attribute's name", hint=USE_XPATH)
        start, prefix, local = self._qualified("an attribute's name", any_local=False)
        return NameTest(local, None if prefix is None else self._uri(prefix, start))

    def _qualified(self, expected: str, *, any_local: bool) -> tuple[int, str | None, str]:
        first = self.take_word(expected)
        start = self.at - len(first)
        if not self.text.startswith(":", self.at) or self.text.startswith("::", self.at):
            return start, None, first
        self.at += 1
        if any_local and self.text.startswith("*", self.at):
            self.at += 1
            return start, first, ANY
        match = _NAME.match(self.text, self.at)
        if match is None:
            self.fail("a prefix without a name", expected=f"a name right after `{first}:`")
        self.at = match.end()
        return start, first, match.group()

    def _uri(self, prefix: str, offset: int) -> str:
        if prefix == "xml":
            return XML_NAMESPACE
        uri = self._namespaces.get(prefix)
        if not uri:
            self._undeclared(prefix, offset)
        return uri

    def _undeclared(self, prefix: str, offset: int) -> NoReturn:
        declared = sorted(name for name in self._namespaces if name)
        nearest = difflib.get_close_matches(prefix, declared, n=1, cutoff=0.5)
        if nearest:
            hint = f"did you mean {nearest[0]!r}?"
        elif declared:
            hint = f"declared are: {', '.join(declared)}"
        else:
            hint = f"declare it under `namespaces`: {prefix}: <the namespace's URI>"
        self.fail(f"prefix {prefix!r} is not declared", offset=offset, expected="a declared prefix", hint=hint)
