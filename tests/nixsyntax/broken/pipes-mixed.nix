# why: |> and <| in one chain · says: 2:14 '|>' and '<|' cannot stand in one chain
f: x: x |> f <| x
