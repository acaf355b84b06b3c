"""Data sets to learn and to compare with. The table of contents."""

from . import boston_housing, cifar10, cifar100, digits, fashion_mnist, imdb, mnist, reuters
