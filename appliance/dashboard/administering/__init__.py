"""What administrators and auditors look at: how the box is, what fills it, whether its chains hold, evidence."""
