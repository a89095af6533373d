"""Score networks with all layers trained by stochastic gradients, in torch."""
