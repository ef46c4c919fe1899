# SPDX-License-Identifier: MIT
#
# FashionMNIST_PATH: the folder with the four gzipped IDX files of Fashion-MNIST.

find_path(FashionMNIST_PATH train-images-idx3-ubyte.gz
          PATH_SUFFIXES share/datasets/fashion-mnist datasets/fashion-mnist)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(FashionMNIST REQUIRED_VARS FashionMNIST_PATH)
