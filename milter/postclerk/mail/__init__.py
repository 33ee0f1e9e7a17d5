"""Messages as bytes become values, pure: header fields, parts, kinds of mail."""
