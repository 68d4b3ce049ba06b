"""The pages: both economies in a browser, and the same services as a typed JSON interface.

:func:`twocurves.serve.app.create_app` builds the application; ``twocurves serve`` runs it. Nothing above this
room is imported by it except through the public functions of the other rooms, and nothing imports this room
but the command.
"""
