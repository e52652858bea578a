{ config }:
{
  networking.hostName = "argon";
}
