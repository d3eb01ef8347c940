"""Looking back at what was judged: taking it out as evidence."""
