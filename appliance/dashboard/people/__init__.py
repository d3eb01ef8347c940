"""People and machines at the door: sign in and out, accounts, tokens, second factors, what everybody did."""
