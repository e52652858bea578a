# why: an if as operand · says: 2:8 expected an operand, got 'if'
[ ] ++ if true then [ ] else [ ]
