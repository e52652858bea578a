final: prev: { tools = prev.hello; }
