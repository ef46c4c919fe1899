# SPDX-License-Identifier: MIT
#
# Compilers for processors that are not this one, and what runs their programs here.

foreach(processor IN ITEMS aarch64 s390x)
  find_program(CrossTools_${processor}_PROGRAM ${processor}-linux-gnu-g++)
  find_program(CrossTools_${processor}_EMULATOR qemu-${processor})
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CrossTools REQUIRED_VARS
  CrossTools_aarch64_PROGRAM CrossTools_aarch64_EMULATOR
  CrossTools_s390x_PROGRAM CrossTools_s390x_EMULATOR)
