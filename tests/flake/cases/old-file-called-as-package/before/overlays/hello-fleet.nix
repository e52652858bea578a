{ writeShellScriptBin }:
writeShellScriptBin "hello-fleet" "echo hello"
