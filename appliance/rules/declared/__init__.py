"""A declaration held against what was seen: words folded, lines understood, four columns filled."""
