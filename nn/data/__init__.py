"""Data: data sets, samplers and loaders that make mini-batches, and readers of well-known image files.

Batches are plain arrays. Where a whole batch can be had by indexing arrays, no sample is touched one by one.

>>> import nn
>>> loader = nn.data.DataLoader([[1.0], [2.0], [3.0]], [0, 1, 0], batch_size=2)
>>> [x.shape for x, y in loader]
[(2, 1), (1, 1)]
"""

from __future__ import annotations

from nn.data._cifar import CIFAR10, CIFAR100
from nn.data._collate import default_collate
from nn.data._dataset import ConcatDataset, Dataset, DictDataset, Subset, TensorDataset, random_split
from nn.data._idx import read_idx
from nn.data._loader import DataLoader
from nn.data._mnist import MNIST, FashionMNIST
from nn.data._sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler, WeightedRandomSampler
from nn.data._scale import Standardize, scale_pixels

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "MNIST",
    "BatchSampler",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "DictDataset",
    "FashionMNIST",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Standardize",
    "Subset",
    "TensorDataset",
    "WeightedRandomSampler",
    "default_collate",
    "random_split",
    "read_idx",
    "scale_pixels",
]
