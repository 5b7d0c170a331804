"""What a team expects of its routing, held against what the stacks do: `alertpath test`.

Takes files of *cases* (an alert, and who must be told), gives for each case whether it holds, and why not.
"""
