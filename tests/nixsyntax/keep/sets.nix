# why: names of attributes, what Nix merges, inherit in all its forms
{ x, y }:
rec {
  a = 1; "b c" = 2; ${"d"} = 3; "${x}" = 4; ${y} = 5; e.f.g = 6; e.f.h = 7; e."f" = { i = 8; }; e = { j = 9; };
  or = 10; or1.or = 11; k.or = 12; "" = 13; "if" = 14; l'-_2 = 15;
  m.${x}.n = 16; m.${x}.o = 17; "esc\"aped" = 18; ${''p''} = 19; q = ({ r = 1; }); q.s = 20;
  inherit x y; inherit; inherit (x) aa "bb" ${"cc"}; inherit (x.y) dd; inherit ({ ee = 1; }) ee;
  t = { }; u = rec { }; u.v = 1;
  w = let inherit (x) a; inherit y; b.c = 1; b.d = 2; in a.b.c or y;
  z = let { body = 1; };
}.e."f".g or { }
