"""What a walk is and how a model is asked; no family of methods is known here.

steps          Step and Check, what a method yields
stack, sums    values that are computed when somebody looks, in bounded batches
walk, notes    a method at work, and what its tools must know about each other
method, registry   `@method`, `@metric`, and everything by name
roles, admit   what a method may be given, and how that is looked at
explanation, saving   what a walk leaves behind, and its file
model, score   a model that is asked and counted; F, the number that is explained
blackbox, preprocessed, targets   functions and estimators as models; pictures in [0, 1]; classes
sampling, papers, errors, types   random numbers, the bibliography, what can go wrong, words of signatures
"""
