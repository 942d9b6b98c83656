"""What the bytes mean: no sockets, no clocks. Bytes go in and events come out, or the reverse.

==================  ===========================================================  ===================
`handshake`         how an HTTP request becomes a WebSocket                      RFC 6455, section 4
`frames`            a WebSocket frame, bit by bit                                RFC 6455, section 5
`messages`          one end of a WebSocket: messages, pings, the closing         RFC 6455, 5.4 to 8
`event_stream`      the format of server-sent events                             WHATWG HTML
`problem`           what was wrong with a request                                RFC 9457
==================  ===========================================================  ===================

Each reader takes bytes in pieces of any size (`receive_data`) and returns a list of what they complete: the
list is the same however the bytes were cut.
"""
