# SPDX-License-Identifier: MIT
# A stand-in for std: types of blocks, which flakes that use hive name. It makes no hosts, as the real one does not.
{
  description = "stand-in for std";

  outputs = { self }: { blockTypes = { }; };
}
