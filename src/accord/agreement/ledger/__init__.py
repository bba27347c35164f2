"""The privacy ledger: what may be spent on each data set, and what was, durably.

Values: `account` (what is charged, and its cap), `lease` (what is charged, and the right to spend
it). Privacy, by the figures of `accord.accounting`: `filter` (what is refused), `cost` (what a plan
would cost, and how to make it fit), `rehearsal` (charges tried on a copy).
Record: `event`, `chain`, `book` (the fold of the events), `store` (SQLite or PostgreSQL),
`ledger` (what callers open), `verify`, `export`.
"""
