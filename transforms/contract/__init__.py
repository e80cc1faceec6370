"""The contract: the declarative mapping from documents to tables, its schema and its compiler."""

from transforms.contract.locate import locate
from transforms.contract.plan import ContractPlan
from transforms.contract.read import read_contract
from transforms.contract.schema import contract_schema

__all__ = ["ContractPlan", "contract_schema", "locate", "read_contract"]
