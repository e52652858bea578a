# why: every form of parameters, defaults, trailing commas, comments in odd places
[
  (x: x) (x:x: x) (_: 1) ({ }: 1) ({}: 1) ({ ... }: 1) ({ a }: a) ({ a, }: a) ({ a, b }: a) ({ a, b, ... }: a)
  ({ a ? 1, b ? a, c ? { d, e }: d }: a) (p@{ a, ... }: p) ({ a, ... }@p: p) (p @ { }: p) ({ } @ p: p)
  ({ a /* first */
   , b # second
     ? # what it is
     1
   , ...
   }: a)
  (a: { b }: c@{ d }: { e }@f: a)
  ({ lib }: with lib; { inherit (lib) types; })
  ({ a }: { inherit a; })
]
