"""Sensors and actuators: client processes of their own that report, obey, go off the air and catch up.

The application is in `source`; what its processes run is in `__main__` and `client`, and needs no server.
"""
