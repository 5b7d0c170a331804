"""What a team expects of its routing, held against what the stacks do."""
