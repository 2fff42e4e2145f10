"""Review by people: a queue of rows, verdicts saved one by one, agreement of two readers, and one new version."""
