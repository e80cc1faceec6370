"""Reading a contract: from YAML or JSON text to a plan, or to every problem in it."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from transforms.contract.canonical import canonical_text, text_hash
from transforms.contract.column_plan import Shared, check_formats
from transforms.contract.model import Contract
from transforms.contract.nodes import NodeError
from transforms.contract.plan import ContractPlan, Declaration, Limits, TypeKind
from transforms.contract.problems import HINT, Problems
from transforms.contract.report import Report
from transforms.contract.salvage import salvage
from transforms.contract.shape import report_shape
from transforms.contract.source import read_source
from transforms.contract.table_plan import plan_columns, plan_tables
from transforms.contract.target_tables import check_target_tables
from transforms.errors import ContractError, PathError
from transforms.path.model import ANY, Axis, NameTest, Parents, TerminalKind
from transforms.path.parse import parse_value_path

_ANY_URI = "urn:none"


def read_contract(text: str, *, name: str) -> ContractPlan:
    """Compile the contract in `text`.

    name: the file's name, for messages.
    Raises ContractError with every problem found. Where keys are unknown or values of the wrong kind, the rules
    between tables are not judged until that is mended; everything within one column is.
    """
    problems = Problems(name)
    try:
        source = read_source(text, problems=problems)
    except NodeError as error:
        raise ContractError([error.problem], hint=HINT) from error
    report = Report(source, problems)
    try:
        contract = Contract.model_validate(source.value)
    except ValidationError as error:
        report_shape(error.errors(include_url=False), report)
        _check_rest(salvage(source.value), report)
        problems.raise_any()
        raise  # unreachable: each of pydantic's errors is a problem
    plan = _plan(contract, report)
    problems.raise_any()
    return plan


def _check_rest(contract: Contract | None, report: Report) -> None:
    """The columns of a contract whose broken parts were taken out."""
    if contract is None:
        return
    shared = _shared(contract, report)
    for name, table in contract.tables.items():
        plan_columns(name, table, shared)


def _plan(contract: Contract, report: Report) -> ContractPlan:
    shared = _shared(contract, report)
    root = _root(contract, report)
    tables = plan_tables(contract, root, shared)
    if not report.count:
        check_target_tables(tables, report)
    decode = _decode(contract, report)
    limits = contract.document.limits
    text = canonical_text(contract)
    return ContractPlan(
        root=root or NameTest(contract.root),
        tables=tables,
        limits=Limits(
            document_bytes=limits.bytes,
            depth=limits.depth,
            text_bytes=limits.text,
            attributes=limits.attributes,
            name_bytes=limits.name,
        ),
        declaration=Declaration(contract.document.declaration),
        decode=decode,
        sha256=text_hash(text),
        text=text,
    )


def _shared(contract: Contract, report: Report) -> Shared:
    formats = contract.defaults.formats
    for kind in formats.model_fields_set:
        check_formats(getattr(formats, kind), TypeKind(kind), ("defaults", "formats", kind), report)
    return Shared(_namespaces(contract, report), contract.lookups, contract.defaults, report)


def _namespaces(contract: Contract, report: Report) -> Mapping[str, str]:
    """The prefixes; one without a namespace stands for some other, so that its paths can still be judged."""
    for prefix, uri in contract.namespaces.items():
        place = ("namespaces", prefix)
        if prefix and (
            not prefix.replace("-", "_").replace(".", "_").isidentifier() or prefix.lower().startswith("xml")
        ):
            report.key(place, f"{prefix!r} cannot be a prefix", expected="a name such as ln, not beginning with xml")
        if not uri.strip() and prefix:
            report.value(place, f"the prefix {prefix!r} has no namespace", expected="the namespace's URI")
    return {prefix: (uri.strip() or _ANY_URI) if prefix else uri for prefix, uri in contract.namespaces.items()}


def _root(contract: Contract, report: Report) -> NameTest | None:
    """The root element's name, read as a path of one step."""
    try:
        path = parse_value_path(contract.root, contract.namespaces)
    except PathError as error:
        report.path_error(("root",), error)
        return None
    one_name = path.start == Parents(0) and len(path.steps) == 1 and path.terminal.kind is TerminalKind.STRING
    step = path.steps[0] if one_name else None
    if step is None or step.predicates or step.axis is not Axis.CHILD or ANY in (step.test.local, step.test.uri):
        message = f"{contract.root!r} is not one name"
        report.value(("root",), message, expected="the root element's name, such as LoanRequest")
        return None
    return step.test


def _decode(contract: Contract, report: Report) -> tuple[str, ...]:
    steps = contract.document.decode
    place = ("document", "decode")
    for index, step in enumerate(steps):
        if step in steps[:index]:
            report.value((*place, index), f"{step!r} is here twice", expected="each once")
        elif step == "gzip" and "utf-16" in steps[:index]:
            report.value((*place, index), "text is not gzip", expected="[gzip, utf-16]: the outermost coding first")
    return tuple(steps)
