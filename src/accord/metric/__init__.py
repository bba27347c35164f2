"""What a model is worth, in numbers: pure functions on arrays, and a scorer per problem."""
