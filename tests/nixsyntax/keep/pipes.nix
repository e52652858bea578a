# why: pipe operators (nix-2.8: differs, it does not know them)
f: g: x: [ (x |> f |> g) (f <| g <| x) (x // x |> f) (f <| !x -> x) (x |> f g) (f x |> g x) (f g <| x) ]
