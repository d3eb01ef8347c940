"""What is carried between the centre and the boxes, both ways, and how it is trusted."""
