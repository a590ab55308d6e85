"""What a reply is made of: its plain text, its fenced blocks, and the files that they are."""
