# why: an attribute defined twice · says: 4:3 attribute 'a' is already defined
{
  a = 1;
  a = 2;
}
