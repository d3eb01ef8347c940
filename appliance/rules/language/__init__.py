"""The language of rules: CEL, its types made from the facts, checked when a book is read and bounded when it judges."""
