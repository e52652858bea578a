# why: every escape of "…" and ''…'', also those that are no escapes
{ x ? "a" }:
[
  "plain" "" "\n\r\t\\\"\${x}" "$${x}" "$x" "$" "a$" "$$" "\a\z" "${x}${x}" "a${x}b${"c${x}d"}e"
  "two
lines	and a tab"
  '''' ''a'' ''  a'' ''a
  b''
  ''
    first
      second ${x} third
    ''${x} ''$ ''' ''\n ''\t ''\x $${x} $ ' "quoted" \n
  ''
  ''

    after an empty line
	a tab is no indentation
  ''
  ''
    ${x}
      ${x}''
  ''${x}''
  ''${"constant"}''
  ''    ''
  ''$''
  '''''''
  ''it's $'s''
]
