# why: CR LF behind the opening of an indented string, a lone CR ends a comment{
  a = ''
    b
      c'';
}
