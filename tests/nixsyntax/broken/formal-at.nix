# why: the name of the whole is also an argument · says: 2:7 the function has two arguments 'a'
{ a }@a: a
