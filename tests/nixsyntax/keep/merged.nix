# why: sets in sets are merged (nix-2.8: differs, it does not)
{
  a = { b = { c = 1; }; };
  a = { b = { d = 2; }; b.e = 3; };
}
