"""Fewer samples, for tests of what is made of an explanation (a widget, a page) and not of its numbers."""

FEWER = {
    "kernel_shap": {"n_samples": 300},
    "lime_image": {"n_samples": 300},
    "rise": {"n_samples": 200},
    "shapley_sampling": {"n_permutations": 10},
}
