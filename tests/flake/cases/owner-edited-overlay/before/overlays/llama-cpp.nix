# Written by llama-fleet 0.0.1; sha256 of what follows: 0000000000000000000000000000000000000000000000000000000000000000
{ inputs, plan ? null }:
final: prev: { mine = true; }
