# why: what is a path, a URL, a search path, a division or an update
{ a, b, x }:
[
  ./a ../a /a a/b a.b/c-d+e_f ./. ../. .../a ~/a ~/a/b ./a/b/c.nix
  <nixpkgs> <nixpkgs/lib> <a-b+c_d.e/f>
  http://example.org https://example.org/a?b=c&d=%20 a:b git+ssh://x mailto:a@b.c a+b:c
  (a / b) (a // b) (a/b) (a /b) (1/2) (-1/2) (a -1) (a-1) (a - 1) (a<b>a) (a < b)
  ./${a} ./${a}/b ./x${a}y/${b}z /${a} ~/${a} a/${b} a/b/${x}/c ./${a}b${x} ./${a}${b} a/b/c${a}
  (./a + "/b") (./${a}.nix)
]
