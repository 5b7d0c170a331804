"""Two lists of conditions compared: for which label sets do they emit something else?

Takes two lists in which each entry has conditions on labels and a value that it emits, gives classes of label sets.
It knows nothing of Alertmanager. A *cell* is a label with a set of its values.
"""
