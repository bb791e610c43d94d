"""The network runs again, to answer a question that one reading leaves open.

``interventions`` (hold a gate or a state), ``gradients`` (how far back an answer reaches), ``evaluation`` (how often a
classifier is right), ``negation`` (whether *not* turns its answer round).
"""
