"""What supervisors do: the rulebook in force and what takes its place, and officers' words against verdicts."""
