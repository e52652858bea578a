# why: an argument twice · says: 2:9 the function has two arguments 'a'
{ a, b, a }: a
