"""Looking back: what was judged is judged again, as it was or by other rules, and taken out as evidence. Reads only."""
