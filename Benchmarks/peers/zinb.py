"""The loss of counts that the field's programs share, in eager PyTorch."""
import torch

EPSILON = 1e-10


def zinb(x, pi, mean, theta):
    """Mean of −log ZINB(x | π, μ, θ)."""
    first = torch.lgamma(theta + EPSILON) + torch.lgamma(x + 1) - torch.lgamma(x + theta + EPSILON)
    second = (theta + x) * torch.log(1 + mean / (theta + EPSILON)) + x * (torch.log(theta + EPSILON) - torch.log(mean + EPSILON))
    some = first + second - torch.log(1 - pi + EPSILON)
    none = -torch.log(pi + (1 - pi) * torch.pow(theta / (theta + mean + EPSILON), theta) + EPSILON)
    return torch.mean(torch.where(x < 1e-8, none, some))
