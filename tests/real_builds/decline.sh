#!/bin/sh
# SPDX-License-Identifier: MIT
# Nix's build hook on a machine without remote builders: every build that it is offered is declined. The hook of a Nix
# that is started through another loader (tools/sid-start) would not start.
echo "# decline-permanently" >&2
exec cat >/dev/null
