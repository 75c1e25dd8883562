"""Wire shapes shared by the services, the gateway and, through OpenAPI, the frontend.

One file per area of the public API. A shape here is a contract: a change that breaks it
breaks the committed OpenAPI documents and fails the contract tests.
"""
