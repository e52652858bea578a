# why: lines that end in CR LF, in strings and comments too
{
  a = "x
  y";
  b = ''
    c
  ''; /* d
  */ e = 1; # f
}
