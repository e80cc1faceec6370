"""What a parsed path is. The grammar and its meaning are in docs/paths.md."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

ANY = "*"


@dataclass(frozen=True, slots=True)
class NameTest:
    """A name as the path means it: `local` and namespace `uri` (None: in none). `*` stands for any of either."""

    local: str
    uri: str | None = None


class Axis(Enum):
    """How a step leaves its context node."""

    CHILD = "child"
    DESCENDANT = "descendant"  # `//name`, exactly XPath's /descendant-or-self::node()/child::name


class OperandKind(Enum):
    """What a predicate looks at, always from the step's own element."""

    ATTRIBUTE = "attribute"  # @name
    CHILD = "child"  # name: any child element of that name; its string value
    TEXT = "text"  # text(): the element's own text
    SELF = "self"  # `.`: the element's string value


@dataclass(frozen=True, slots=True)
class Operand:
    """One side of a comparison; `name` is None for TEXT and SELF."""

    kind: OperandKind
    name: NameTest | None = None


@dataclass(frozen=True, slots=True)
class AtPosition:
    """`[3]`: the third of the nodes this step selects below one context node, after the predicates before it."""

    position: int  # 1-based


@dataclass(frozen=True, slots=True)
class AtLast:
    """`[last()]`."""


@dataclass(frozen=True, slots=True)
class Exists:
    """`[@role]`, `[child]`, `[text()]`: there is one (for TEXT: the own text is not empty)."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class Compare:
    """`[@role='PR']`, `[@role!='PR']`: text compared exactly; true if any node of the operand makes it true."""

    operand: Operand
    equal: bool
    literal: str


@dataclass(frozen=True, slots=True)
class Not:
    """`[not(…)]`."""

    of: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """`[a and b]`."""

    of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`[a or b]`."""

    of: tuple[Condition, ...]


Condition = Exists | Compare | Not | AllOf | AnyOf
Predicate = AtPosition | AtLast | Condition


@dataclass(frozen=True, slots=True)
class Step:
    """One element step of a path."""

    axis: Axis
    test: NameTest
    predicates: tuple[Predicate, ...] = ()


@dataclass(frozen=True, slots=True)
class Parents:
    """`../../`: so many elements up from the row's element."""

    levels: int


@dataclass(frozen=True, slots=True)
class Ancestor:
    """`ancestor::name[1]/`: the nearest ancestor element of that name."""

    test: NameTest


@dataclass(frozen=True, slots=True)
class FromRoot:
    """A path that begins with `/` or `//`: from the document, whatever the row."""


Start = Parents | Ancestor | FromRoot  # Parents(0): from the row's own element


class TerminalKind(Enum):
    """What is read at the end of a path."""

    STRING = "string"  # a bare element path or `.`: the string value, all text below it
    TEXT = "text"  # text(): own text, joined across comments, processing instructions and CDATA
    ATTRIBUTE = "attribute"  # @name
    XML = "xml"  # xml(): the subtree as XML text
    POSITION = "position"  # position(): 1-based place of the row among its siblings in the extract
    CONSTANT = "constant"  # 'text'
    KEY = "key"  # $key, or $name for one column of a composite source key


@dataclass(frozen=True, slots=True)
class Terminal:
    """The end of a value path: `name` for ATTRIBUTE, `text` for CONSTANT (the text) and KEY (the key column)."""

    kind: TerminalKind
    name: NameTest | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ValuePath:
    """Where a column's value is, from the row's element. POSITION, CONSTANT and KEY have Parents(0) and no steps."""

    source: str
    start: Start
    steps: tuple[Step, ...]
    terminal: Terminal


@dataclass(frozen=True, slots=True)
class XPath:
    """An `xpath:` column: XPath 1.0, run by lxml with the contract's prefixes, from the row's element."""

    source: str
    namespaces: tuple[tuple[str, str], ...]  # prefix, URI


@dataclass(frozen=True, slots=True)
class RowPath:
    """Which elements are rows: absolute, element steps only; one row per selected element, in document order."""

    source: str
    steps: tuple[Step, ...]
