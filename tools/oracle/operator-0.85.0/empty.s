// Go wants a file like this one beside a function without a body.
