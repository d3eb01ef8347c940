"""What can lie in a bag: every kind of thing, with what it is made of. `catalogue.py` lists them all."""
