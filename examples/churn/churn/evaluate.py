"""Metrics, by hand, so that a test can check them by hand."""


def roc_auc(labels, scores):
    """Probability that a churner scores above a stayer; ties count half. Raises ValueError without both classes."""
    churners = sum(labels)
    stayers = len(labels) - churners
    if churners == 0 or stayers == 0:
        raise ValueError("ROC AUC needs both classes")
    ranked = sorted(zip(scores, labels))
    wins, index, below = 0.0, 0, 0
    while index < len(ranked):
        end = index
        while end < len(ranked) and ranked[end][0] == ranked[index][0]:
            end += 1
        tied = [label for _, label in ranked[index:end]]
        wins += sum(tied) * (below + (len(tied) - sum(tied)) / 2)
        below += len(tied) - sum(tied)
        index = end
    return wins / (churners * stayers)
