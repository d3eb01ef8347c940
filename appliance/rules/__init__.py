"""From an answer to a verdict: what counts as evidence, what the book says, which action follows. Values only."""
