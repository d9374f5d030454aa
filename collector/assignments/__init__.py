"""Assignments on the node: who held which unit, system, role, link, rating and account, and when.

The words and what can be asked of them are in `collector.model.assignment`. Here are the facts
that a registry states (`facts`), what must be said so that they are known (`tell`), the statements
in `node.db`, each put into the outbox in the transaction that keeps it (`table`), and the book that
writes them (`book`): what changes in the registry, by whatever way, is stated with its person and
reason; so is what is told later of the past.
"""

from collector.assignments.book import AssignmentBook
from collector.assignments.facts import assignments_of, facts_of

__all__ = ["AssignmentBook", "assignments_of", "facts_of"]
