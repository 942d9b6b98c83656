"""A multiple-choice question as its author writes it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One choice: what it says, why somebody would choose it, and the experiment that puts it to the test."""

    letter: str
    says: str
    because: str
    test: str


@dataclass(frozen=True)
class Asked:
    """A question as its author writes it: exactly one letter is right, and `explains` says why."""

    id: str
    asks: str
    choices: tuple[Choice, ...]
    right: str
    explains: str
