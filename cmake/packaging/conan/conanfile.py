# SPDX-License-Identifier: MIT
# conan create cmake/packaging/conan -s compiler.cppstd=20
import re
from pathlib import Path

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy


class Fokker(ConanFile):
    name = "fokker"
    description = "Diffusion mathematics for C++20"
    license = "MIT"
    topics = ("diffusion-models", "sampling", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    @property
    def _root(self):
        return Path(self.recipe_folder).parents[2]

    def set_version(self):
        text = (self._root / "include/fokker/version.hpp").read_text()
        self.version = ".".join(re.findall(r"= (\d+);", text))

    def export_sources(self):
        for pattern in "CMakeLists.txt", "LICENSE", "cmake/*", "include/*":
            copy(self, pattern, self._root, self.export_sources_folder)

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["FOKKER_TESTS"] = False
        toolchain.cache_variables["FOKKER_EXAMPLES"] = False
        toolchain.generate()

    def build(self):
        CMake(self).configure()

    def package(self):
        CMake(self).install()

    def package_id(self):
        self.info.clear()  # one package for every machine

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        # The package that CMake installed is the one to find, with its components.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = ["share/cmake/fokker"]
