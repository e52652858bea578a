final: prev: { myfont = prev.iosevka; }
