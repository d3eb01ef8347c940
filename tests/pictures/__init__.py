"""The pictures of the pages in the documents, made again from a box of rehearsals: `./dev pictures`."""
