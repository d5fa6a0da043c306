"""Who did it: the actor that every move, decision and posting names."""

from dataclasses import dataclass

KINDS = ("customer", "merchant", "centre", "support", "token", "rule", "courier", "channel", "system")
PEOPLE = frozenset({"customer", "merchant", "support", "token"})  # a return centre decides nothing


@dataclass(frozen=True, slots=True)
class Actor:
    """One acting party.

    kind: one of KINDS. id: key of the user, token or rule as text. name: what people are shown.
    """

    kind: str
    id: str = ""
    name: str = ""

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of actor: {self.kind}")

    @property
    def person(self) -> bool:
        """A token's decision counts as one person's."""
        return self.kind in PEOPLE

    def same_person(self, other: "Actor") -> bool:
        return self.person and (self.kind, self.id) == (other.kind, other.id)


SYSTEM = Actor("system")


def rule(name: str, version: int) -> Actor:
    """The rules alone decided: which rule, which version."""
    return Actor("rule", id=f"{name}@{version}", name=name)
