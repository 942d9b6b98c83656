"""What the bytes mean: no sockets, no clocks. Bytes go in and events come out, or the reverse.

==============  ======================================================  ==============================
`handshake`     how an HTTP request becomes a WebSocket                 RFC 6455, section 4
`frames`        a WebSocket frame, bit by bit                           RFC 6455, section 5.2 and 5.3
`messages`      one end of a WebSocket: fragments to messages, pings    RFC 6455, sections 5.4 to 6, 8
`closing`       how a WebSocket ends                                    RFC 6455, section 7
`event_stream`  the format of server-sent events                        WHATWG HTML, section 9.2
`problem`       what was wrong with a request                           RFC 9457
==============  ======================================================  ==============================

Each reader takes bytes in pieces of any size (`receive_data`) and returns a list of what they complete: all
lists together are the same however the bytes were cut.
"""
