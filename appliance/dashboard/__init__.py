"""The HTTP side: pictures in, verdicts out, a page to watch them, and a control door for the box's own commands."""
