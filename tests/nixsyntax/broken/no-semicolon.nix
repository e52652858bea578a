# why: a binding without ; · says: 4:1 expected ';' after the binding, got '}'
{
  a = 1
}
