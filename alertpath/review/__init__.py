"""What a change does to every stack, as one text: `alertpath review`.

Takes the configurations before and after, puts together what diff, checks and expectations say of them.
"""
