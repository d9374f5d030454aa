"""The audit: who changed what on this node, written down before it is done and after.

A deed is *begun* in `node.db` before anything changes, and its outcome is added afterwards: what
was cut off in between stands as begun. Nothing is ever changed in it but the outcome, and lines
go only with age (`[retention] audit_days`).
"""

from collector.audit.book import AuditBook

__all__ = ["AuditBook"]
