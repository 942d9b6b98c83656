import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.view.anatomy import anatomy

REQUEST = (
    b"GET /channels/news/socket?after=7f3a.3 HTTP/1.1\r\n"
    b"Host: 127.0.0.1:8765\r\n"
    b"Upgrade: websocket\r\n"
    b"Connection: keep-alive, Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
    b"\r\n"
)
RESPONSE = (
    b"HTTP/1.1 101 Switching Protocols\r\n"
    b"Upgrade: websocket\r\n"
    b"Connection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    b"\r\n"
)
SECRET = "s3cr3t-value-of-some-length"


def head(*lines: str) -> bytes:
    return "\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode("latin-1")


class TestWhatIsSaid:
    def test_each_line_of_a_request_is_followed_by_its_sentence(self):
        text = anatomy(REQUEST).text
        first = "GET /channels/news/socket?after=7f3a.3 HTTP/1.1"
        assert text.startswith(f"The head of a request, {len(REQUEST)} bytes\n{first}\\r\\n\n")
        assert "Host: 127.0.0.1:8765\\r\\n\n    Which of the sites at this address is meant" in text
        assert "keep-alive: the next request may use it too. Upgrade: the" in " ".join(text.split())
        assert text.endswith("\\r\\n\n    The empty line: the head ends here. [RFC 9112 §2.1]")

    def test_a_response_is_told_from_a_request(self):
        text = anatomy(RESPONSE).text
        assert text.startswith(
            f"The head of a response, {len(RESPONSE)} bytes\nHTTP/1.1 101 Switching Protocols"
        )
        assert "Agreed: behind this head, both sides speak the other protocol. [RFC" in text

    def test_the_same_field_is_explained_for_its_side(self):
        assert "subprotocols that the client can speak" in anatomy(head("Sec-WebSocket-Protocol: chat")).text
        answer = anatomy(b"HTTP/1.1 101 X\r\nSec-WebSocket-Protocol: chat\r\n\r\n").text
        assert "one subprotocol that the server chose" in answer

    def test_a_field_on_the_wrong_side_is_named(self):
        assert "Belongs in a response" in anatomy(head("ETag: x")).text

    def test_names_are_read_whatever_their_case(self):
        assert "Which of the sites" in anatomy(head("hOsT: x")).text

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "No bytes, so no head"),
            (b"hello\r\n\r\n", "Not a request line"),
            (b"BREW / HTTP/1.1\r\n\r\n", "A method that this table does not know"),
            (b"HTTP/1.1 299 Odd\r\n\r\n", "A status of the class 2xx"),
            (b"HTTP/1.1\r\n\r\n", "The status line."),
            (b"GET / HTTP/1.1\nHost: x\n\n", "The line should end with CR LF"),
            (head("Host : x"), "Not a field"),
            (head("Host"), "Not a field"),
            (head("A: b", " folded"), "A folded line"),
            (b"GET / HTTP/1.1\r\nHost: x\r\n", "The head is not whole"),
            (b"GET / HTTP/1.1\r\nHo", "The head is not whole"),
            (REQUEST + b"\x81\x00", "2 bytes of body follow."),
            (head("X-Odd: \xff\x00\t|"), r"X-Odd: \xff\x00\t|"),
            (head(*["A: b"] * 500), "302 lines more"),
        ],
    )
    def test_faults_are_shown_and_said(self, data: bytes, said: str):
        text = anatomy(data).text
        assert said in " ".join(text.split()) or said in text

    def test_the_size_is_that_of_the_original(self):
        data = head(f"Cookie: sid={SECRET}")
        assert f"{len(data)} bytes" in anatomy(data).text
        assert f"{len(data)} bytes" in anatomy(data + b"body").text


class TestRedaction:
    @pytest.mark.parametrize(
        ("line", "shown"),
        [
            (f"Authorization: Bearer {SECRET}", "Authorization: Bearer [hidden]"),
            (f"Authorization: token {SECRET}", "Authorization: token [hidden]"),
            (f"Authorization: {SECRET}", "Authorization: [hidden]"),
            (f"Proxy-Authorization: Basic {SECRET}", "Proxy-Authorization: Basic [hidden]"),
            (f"Cookie: a={SECRET}; b={SECRET}", "Cookie: a=[hidden]; b=[hidden]"),
            (f"Cookie: {SECRET}", "Cookie: [hidden]"),
            (f"cookie:{SECRET}", "cookie:[hidden]"),
            (f"X-XSRFToken: {SECRET}", "X-XSRFToken: [hidden]"),
            (f"X-Api-Key: {SECRET}", "X-Api-Key: [hidden]"),
            (f"Referer: http://h/lab?token={SECRET}&reset", "Referer: http://h/lab?token=[hidden]&reset"),
            (f"Referer: http://h/?access_token={SECRET}", "?access_token=[hidden]"),
            (f"Referer: http://h/?to%6ben={SECRET}", "?to%6ben=[hidden]"),
            (f"Origin: http://me:{SECRET}@h", "Origin: http://[hidden]@h"),
            (
                f"Sec-WebSocket-Protocol: v1.kernel.websocket.jupyter.org, v1.token.websocket.jupyter.org.{SECRET}",
                "v1.kernel.websocket.jupyter.org, v1.token.websocket.jupyter.org.[hidden]",
            ),
            (f"Authorization {SECRET}", "[hidden]"),
            (f" {SECRET}", "[hidden]"),
        ],
    )
    def test_secrets_are_hidden(self, line: str, shown: str):
        panel = anatomy(head(line))
        assert SECRET not in panel.html
        assert SECRET not in panel.text
        assert shown in panel.text

    def test_the_request_line_too(self):
        for line in (f"GET /api?token={SECRET}&x=1 HTTP/1.1", f"GET /api?token={SECRET}"):
            panel = anatomy(f"{line}\r\n\r\n".encode())
            assert SECRET not in panel.html + panel.text
            assert "GET /api?token=[hidden]" in panel.text

    def test_a_cookie_that_is_set_keeps_its_name_and_attributes(self):
        panel = anatomy(f"HTTP/1.1 200 OK\r\nSet-Cookie: sid={SECRET}; HttpOnly\r\n\r\n".encode())
        assert "Set-Cookie: sid=[hidden]; HttpOnly" in panel.text
        assert SECRET not in panel.html

    @pytest.mark.parametrize(
        "line",
        [
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: v1.kernel.websocket.jupyter.org, v1.token.websocket.jupyter.org",
            "Referer: http://h/?after=7f3a.3",
            "Last-Event-ID: 7f3a.3",
        ],
    )
    def test_what_is_no_secret_stays(self, line: str):
        assert line in anatomy(head(line)).text

    def test_it_can_be_left_out(self):
        panel = anatomy(head(f"Cookie: a={SECRET}", f"Authorization: Bearer {SECRET}"), redact=False)
        assert panel.text.count(SECRET) == 2


class TestHtml:
    def test_nothing_in_the_bytes_becomes_markup(self):
        panel = anatomy(head("X: <script>alert(1)</script>", "<b>: &amp; \" '", 'Y: "onmouseover="x'))
        assert "<script" not in panel.html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in panel.html
        assert "&amp;amp; &quot;" in panel.html

    def test_the_end_of_each_line_is_shown_faintly(self):
        assert anatomy(REQUEST).html.count(r'<span class="end">\r\n</span>') == 7

    def test_it_is_a_table_that_can_be_read_aloud(self):
        html = anatomy(REQUEST).html
        assert html.count('<th scope="row">') == 7
        assert html.count('<th scope="col">') == 3
        assert f"<caption>The head of a request, {len(REQUEST)} bytes</caption>" in html

    def test_its_rules_win_against_the_notebooks_own(self):
        html = anatomy(REQUEST).html
        assert ":is(.rtlab,#rtlab) td{" in html
        assert ".rtlab td" not in html

    def test_sources_are_linked(self):
        assert 'href="https://www.rfc-editor.org/rfc/rfc6455#section-11.3.1"' in anatomy(REQUEST).html

    def test_the_same_bytes_give_the_same_view(self):
        assert anatomy(REQUEST).html == anatomy(REQUEST).html
        assert not re.search(r"\bid=", anatomy(REQUEST).html)

    def test_a_notebook_gets_both(self):
        panel = anatomy(REQUEST)
        assert panel._repr_mimebundle_() == {"text/html": panel.html, "text/plain": panel.text}
        assert repr(panel) == panel.text


@given(
    st.binary(max_size=300) | st.builds(lambda data: b"GET / HTTP/1.1\r\n" + data, st.binary(max_size=300))
)
def test_whatever_the_bytes_are_it_is_shown(data: bytes):
    panel = anatomy(data)
    assert panel.html.count("<tr") == panel.html.count("</tr>")
    assert panel.text.isascii() or "§" in panel.text
