"""What a person looks at: diagrams of time, bytes explained, charts.

Nothing is imported here, so that matplotlib is loaded only by a module that draws with it.
"""
