{ lib, ... }: {
  options.test.flag = lib.mkEnableOption "the flag";
  config = {
    networking.hostName = "strong";
    test = {
      flag = true;
      list = [ "first" ];
      forced = "weak";
      both.c = 3;
    };
  };
}
