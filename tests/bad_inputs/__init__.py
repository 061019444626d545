"""Bad input, drawn by the hundred: the answer is right, or it is an error that says what to try.

An oracle with one backward pass a point says what is right: the one in the record of the method. A raw error
of torch, numpy or Python fails these tests, and so does a model that is not as it was.

examples.py      what somebody may hand over in place of a picture, a row, a text, …
models.py        networks that can be explained, and networks that cannot
options.py       what somebody may say in place of each option
answers.py       what must come of it
test_methods.py  drawn examples, options and models
test_numbers.py  every number and every tensor of an option, one by one
test_metrics.py  the same for the metrics
"""
