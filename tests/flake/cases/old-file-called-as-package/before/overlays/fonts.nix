final: prev: { iosevka-fleet = prev.iosevka.override { set = "fleet"; }; }
