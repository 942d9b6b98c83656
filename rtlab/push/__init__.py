"""Push notifications: nobody is connected to your server, and the message arrives all the same.

Four parties, each in a module that can be read alone:

    application server   encrypts, signs, sends            application.py · encryption.py · vapid.py
    push service         keeps what the device misses      service.py · routes.py · store.py   (RFC 8030)
    device               one connection for all its apps   device.py
    the application      on the device: decrypts, shows    device.py; in a browser a service worker
"""
