"""HTTP: routes in the shapes of ct_kit.contracts.ai."""
