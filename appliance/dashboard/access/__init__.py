"""Who asks, and may they: keys, passwords, and how often somebody may guess."""
