# why: no dynamic attribute in inherit · says: 2:20 'inherit' takes no dynamic attributes
x: { inherit ({ }) "${x}"; }
