/* why: comments and blanks wherever they may stand */ # and here
/**/ /***/ /* /* */ /* * / */
{ # after the brace
  a /* 1 */ . /* 2 */ b /* 3 */ = /* 4 */ 1 /* 5 */ ; # 6

  # before a closing brace
  c = [ # in a list
    1 # one
    # two
    2 /* three */ 3
  ] /* after */ ;
  d = "# no comment /* neither */"; e = ''# nor here'';
	f	=	1;   
  # last
}
# at the end without a newline: «ünïcödé»