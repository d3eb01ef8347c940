"""Ways to write a reader's weights in fewer bits; the vision tower and the words' own weights stay as they are."""
