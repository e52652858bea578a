# why: precedence and associativity of every operator, prefix ones in the middle too
a: b: c: d:
[
  (a -> b -> c) (a || b || c && d) (a && b || c) (a == b && c != d) (a < b == c > d) (a <= b -> c >= d)
  (a // b // c) (a ++ b ++ c) (a + b - c + d) (a * b / c * d) (a + b * c ++ d) (a // b + c)
  (!a) (!!a) (- a) (- - a) (-a.b) (!a ? b) (-a ? b) (!a == b) (!a && b) (a * !b + c) (a + -b) (a - -b)
  (a ? b) (a ? b.c."d".${c}) (a ? b ? c) (a.b ? c || d) (a b ? c) (!a b) (- a b) (a ++ b ? c)
  (a.b or c) (a.b or c.d or d) (a.b or c d) (a b.c or d) (a.b.c or (d)) (a.${b}.c or "d") (a.b or [ ] ++ c)
  (a b c) (a (b c) d) ((a b) c) (a { } [ ] "" '''' ./a 1 1.5 rec { } (x: x))
  (1 + 2) (01) (1.5) (.5) (10.) (1.5e3) (1.e-2) (2.E+3)
  (assert a; b) (with a; b) (if a then b else c) (let x = a; in x) (let { body = a; })
  (if a then if b then c else d else d) (x: y: x y) (x: with x; assert a; let z = 1; in if z then x else a)
]
