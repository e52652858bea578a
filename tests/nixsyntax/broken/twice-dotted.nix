# why: a value and something below it · says: 4:3 attribute 'a' is already defined
{
  a.b = 1;
  a = f;
}
