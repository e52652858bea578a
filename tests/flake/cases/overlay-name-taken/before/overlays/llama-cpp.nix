{ fetchurl, runCommand }:
{
  models = runCommand "models" { src = fetchurl { url = "https://example.org/small.gguf"; }; } "ln -s $src $out";
}
