"""The processes of an experiment: `python -m rtlab.measure.processes server | publisher | load | readers | dead`.

Each begins with its settings, one line of JSON on standard input, and answers one line when it is ready. Then it
answers questions, `[name, argument…]` a line, until its input ends: so none outlives the one who started it.
"""
