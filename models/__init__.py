"""What a model is and what it says: the ground floor, importing nothing of ours."""
