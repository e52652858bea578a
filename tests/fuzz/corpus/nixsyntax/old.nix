# why: what only old files have: the word `or` as an argument, let { }
f: x:
[
  (x.or or f) (x.or) ({ or = 1; }.or)
  (let { a = 1; body = a; }).b
]
