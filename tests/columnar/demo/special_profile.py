"""A profile of small documents with many special ones, so that a thousand documents hold enough of each kind."""

from dataclasses import replace

from columnar.demo import Kind, Profile

MANY_SPECIAL = replace(
    Profile.small(),
    namespaces=0.2,
    second_contact=0.5,
    blank_contact_key=0.2,
    reference=0.2,
    **{kind.value: 20 for kind in Kind if kind is not Kind.ORDINARY},
)
