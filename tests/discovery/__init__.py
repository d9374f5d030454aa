"""Discovery: only what may be asked is asked, and what answers is told right."""
