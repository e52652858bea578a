# why: no dynamic attribute in let · says: 2:8 'let' takes no dynamic attributes
x: let ${x} = 1; in 1
