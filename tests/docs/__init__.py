"""What the pages say, held against what is so."""
