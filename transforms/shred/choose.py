"""Which shredder serves: the native one where it is there, else lxml, which returns the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from transforms.contract.extracts import extracts_of
from transforms.contract.plan import ContractPlan
from transforms.errors import TransformError
from transforms.shred.lxml_shredder import LxmlShredder
from transforms.shred.native.columns import is_left_to_lxml
from transforms.shred.native.encode import MAGIC
from transforms.shred.shredder import Shredder, Trees, no_budget

_KERNEL, _AROUND_IT = "transforms._kernel", "transforms.shred.native.native_shredder"


class ShredderKind(StrEnum):
    """What may be asked for. AUTO: the native shredder where it is there, else lxml."""

    AUTO = "auto"
    NATIVE = "native"
    LXML = "lxml"

    @classmethod
    def _missing_(cls, value: object) -> ShredderKind:
        raise ValueError(f"there is no shredder {value!r}; there are {', '.join(cls)}")


class NoKernelError(TransformError):
    """The native shredder was asked for, and is not there."""

    code = "no_kernel"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which shredder serves a contract.

    way: `native` or `lxml`. why: lxml serves, one of WHYS; '' where it does not. xpath: columns, as `table.column`,
    that lxml reads beside the native shredder, each from a tree of the document.
    """

    way: str
    why: str = ""
    xpath: tuple[str, ...] = ()

    @property
    def trees(self) -> bool:
        """Whether lxml makes a tree of every document; else only of those that the native shredder leaves to it."""
        return self.way == ShredderKind.LXML or bool(self.xpath)


def choose(plan: ContractPlan, which: ShredderKind | str = ShredderKind.AUTO) -> Choice:
    """Decide it. A contract that the native shredder cannot hold is lxml's, whatever is asked for.

    NoKernelError where `native` is asked for and is not there; ValueError for another name.
    """
    which = ShredderKind(which)
    if which is ShredderKind.LXML:
        return Choice("lxml", "by_choice")
    missing = why_not_native()
    if not missing:
        why = _unsupported(plan)
        return Choice("lxml", why) if why else Choice("native", xpath=tuple(dict.fromkeys(_xpath_columns(plan))))
    if which is ShredderKind.AUTO:
        return Choice("lxml", "no_kernel")
    hint = "`auto` takes lxml instead, which returns the same; docs/native.md says how the native one is built"
    raise NoKernelError(f"the native shredder is not there: {missing}", hint=hint)


def make_shredder(
    plan: ContractPlan, which: ShredderKind | str = ShredderKind.AUTO, threads: int = 1, *, trees: Trees = no_budget
) -> Shredder:
    """The shredder for a contract.

    threads: that share one batch; lxml has no use for more than one. trees: memory for what lxml parses, whichever
    shredder serves. Raises as `choose` does.
    """
    return shredder_of(plan, choose(plan, which), threads, trees=trees)


def shredder_of(
    plan: ContractPlan, choice: Choice, threads: int = 1, *, trees: Trees = no_budget, typed: bool = False
) -> Shredder:
    """The same, decided before.

    typed: cells may be read as their type, with texts beside them (convert.beside); lxml reads all as text.
    """
    if choice.way == ShredderKind.LXML:
        return LxmlShredder(plan, why=choice.why, trees=trees)
    from transforms.shred.native.native_shredder import NativeShredder

    return NativeShredder(plan, threads=threads, trees=trees, typed=typed)


def why_not_native() -> str:
    """Why the native shredder is not there, in words; '' where it is."""
    try:
        built = import_module(_KERNEL).build_info()
        import_module(_AROUND_IT)
    except ModuleNotFoundError as error:
        if error.name != _KERNEL:
            return f"it cannot be loaded: {error}"
        return "it was not built when this program was installed"
    except ImportError as error:
        return f"it cannot be loaded: {error}"
    if built.get("plan") != MAGIC.decode():
        return "it was built for another version of this program: `make kernel` or installing again builds it anew"
    return ""


def _unsupported(plan: ContractPlan) -> str:
    """Why the native shredder cannot hold a plan, one of WHYS; '' where it can."""
    from transforms.shred.native.encode import UnsupportedPlanError
    from transforms.shred.native.native_shredder import NativeShredder

    try:
        NativeShredder(plan)
    except UnsupportedPlanError as error:
        return error.why
    return ""


def _xpath_columns(plan: ContractPlan) -> Iterator[str]:
    for extract in extracts_of(plan):
        for column in extract.columns:
            if is_left_to_lxml(column):
                yield f"{extract.table}.{column.column or column.name}"
