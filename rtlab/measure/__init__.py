"""The science of the laboratory: workloads, closed forms and simulations, to set beside what is measured."""
