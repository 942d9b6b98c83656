"""The science of the laboratory: workloads, closed forms, simulations, and measurements to set beside them."""
