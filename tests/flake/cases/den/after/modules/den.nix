{ inputs, ... }:
{
  imports = [ inputs.den.flakeModule ];
  systems = [ "x86_64-linux" ];
}
